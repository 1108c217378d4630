"""What programs give: jq, jq without its dot, JMESPath, and what is none of them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caboose.oos.selectors import SelectorError, forbidden_word, is_plain, parse, walk
from caboose.oos.selectors.paths import JQ_WORDS
from caboose.sandbox import Sandbox

TAGS = {"Tags": {"Tag": [{"TagKey": "acs:x", "TagValue": "1"}, {"TagKey": "owner", "TagValue": "2"}]}}
DISKS = {"Disks": {"Disk": [{"DiskId": "d-1", "Type": "system", "Size": 40}, {"DiskId": "d-2", "Type": "data"}]}}


@pytest.mark.parametrize(
    ("program", "value", "results"),
    [
        ('.|(.imageId),"i-1"', {"imageId": "m-1"}, ["m-1", "i-1"]),
        ('.Disks.Disk|map(select(.Type == "system")|{"Size":.Size})[]', DISKS, [{"Size": 40}]),
        ("Disks.Disk|length|tostring", DISKS, ["2"]),
        (" Disks.Disk[] | .DiskId", DISKS, ["d-1", "d-2"]),
        ("Data.Ids | fromjson | .[]", {"Data": {"Ids": '["a","b"]'}}, ["a", "b"]),
        ('.Tags.Tag | map(select(.TagKey | test("^(?!acs).*"))) | .[].TagValue', TAGS, ["2"]),
        (
            '.Tags.Tag | map(select(.TagKey as $tagKey | ["owner","env"] | index($tagKey) >= 0)) | .[].TagKey',
            TAGS,
            ["owner"],
        ),
        ('.|["cn-b","cn-a"]|sort|.[0]', {}, ["cn-a"]),
        ('map({"Device": 1})[0] | .Device', [5], [1]),
        ('.Name | match("^WEB$"; "ig") | .string', {"Name": "web"}, ["web"]),
        ('.Data| getpath(["SystemDisk.Size"])', {"Data": {"SystemDisk.Size": 40}}, [40]),
        ('. | if .Code==null then "none" else .Code end', {}, ["none"]),
        ("[range(0; length; 2)] as $i | $i[] as $from | .[$from:$from+2]", [1, 2, 3], [[1, 2], [3]]),
        ("reduce .[] as $num (0; . + $num)", [1, 2, 3], [6]),
        ("length", [1, 2], [2]),
        ("first", [7, 8], [7]),
        ("empty", {}, []),
        (".[]", {"b": 1, "a": None}, [1, None]),
        ("def f: .a; f", {"a": 1}, [1]),
        (".a # a comment", {"a": 1}, [1]),
        (".a # goes on \\", {"a": 1}, [1]),
        ('"x\\(.a)(" # (', {"a": 1}, ["x1("]),
        ("$__loc__.line", None, [1]),
        ('0 | strflocaltime("%H %Z")', None, ["00 UTC"]),
        (".a[0:2]?", {"a": "text"}, ["te"]),
        ('{"a": {"b": 1}} | .a["b"]', None, [1]),
    ],
)
async def test_jq(sandbox: Sandbox, program: str, value: Any, results: list[Any]) -> None:
    assert await sandbox.run(program, value) == results


@pytest.mark.parametrize(
    ("program", "value", "results"),
    [
        ("Instances[?Status=='Running'].Id", {"Instances": [{"Status": "Running", "Id": "a"}, {"Id": "b"}]}, ["a"]),
        ("Instances[?Status=='Running'].Id", {"Instances": []}, []),
        ("Instances[?Status=='Running'].Id", {}, []),
        ("Instances[?env=='x'] | [0].Id", {"Instances": [{"env": "x", "Id": 5}]}, [5]),
        ("a[*].b", {"a": [{"b": None}, {"b": 1}]}, [1]),
        ("length(a) == `2`", {"a": [1, 2]}, [True]),
        ("a || b", {"b": {"c": 1}}, [{"c": 1}]),
        ("{x: a, y: 'é'}", {"a": 1}, [{"x": 1, "y": "é"}]),
    ],
)
async def test_jmespath(sandbox: Sandbox, program: str, value: Any, results: list[Any]) -> None:
    """A list's elements are its results, null is none."""
    assert await sandbox.run(program, value) == results


@pytest.mark.parametrize(
    "value",
    [
        1234567890123456789,
        [12345678901234567890123, 0.1, 1e300, -1.5],
        {"é": '中文 \U0001f600 \u0000 " \\ \n'},
        [None, True, False, "", [], {}],
        "text",
    ],
)
async def test_values_come_back_as_they_were(sandbox: Sandbox, value: Any) -> None:
    assert await sandbox.run(".|.", value) == [value]
    assert await sandbox.run("a[*]", {"a": [value, 1]}) == [value, 1]


@pytest.mark.parametrize(
    ("program", "value", "message"),
    [
        (".a", "x", 'the program fails on this value: Cannot index string with string ("a")'),
        ("error", "why", "the program fails on this value: why"),
        (".a[]|.b", {}, "the program fails on this value: Cannot iterate over null"),
        ("max_by(@, &a)", [{"a": 1}, {"a": "x"}], "the program fails on this value: "),
        ("foo bar", 1, "the program is neither jq nor JMESPath: as jq, syntax error, unexpected IDENT"),
        ("foo bar", 1, "as JMESPath, Unexpected token: bar: Parse error at column 4"),
        ("Items[].Name | nix(.)", 1, "as jq, nix/1 is not defined at line 1, column 16;"),
        ("a\n| nix(.)", 1, "as jq, nix/1 is not defined at line 2, column 3;"),
        ("a |", 1, "as jq, syntax error, unexpected end of file at line 1, column 3;"),
        ("1) | (2", 1, "the program is neither jq nor JMESPath"),
        ('"(" ) | (1', 1, "the program is neither jq nor JMESPath"),
        (". as $x", 1, "the program is neither jq nor JMESPath"),
        ("# nothing", 1, "the program is neither jq nor JMESPath"),
        ("(" * 5_000, 1, "the program is neither jq nor JMESPath"),
        ("[?" * 5_000, 1, "as JMESPath, it nests too deeply"),
        ("a\0b", 1, "there is a character in the program that no text has"),
        ("'\ud800'", 1, "there is half a character in the program"),
        (".|.", "\ud800", "no program can read the value: there is half a character in it"),
        (".|.", {"a": float("nan")}, "no program can read the value: there is a number in it that JSON doesn't know"),
        (".|.", float("inf"), "no program can read the value: there is a number in it that JSON doesn't know"),
        (".|.", {"a": object()}, "no program can read the value: it is not JSON"),
        ('`"\\ud800"`|[@]', 1, "the program gives half a character"),
        ("1E400", 1, "the program gives a number that is too large"),
        ("9" * 5_000, 1, "the program gives a number that is too large"),
        ("to_number('nan') | [@, @]", 1, "the program fails on this value: Out of range float"),
        ("&a", 1, "the program fails on this value"),
        ("env", 1, "the program uses env, which reads the environment of the process"),
        (".|" * 10_001, 1, "the program has 20002 characters, at most 20000 are allowed"),
    ],
)
async def test_what_fails_says_why(sandbox: Sandbox, program: str, value: Any, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        await sandbox.run(program, value)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 1_000


async def test_nan_and_infinity_of_jq_are_its_own(sandbox: Sandbox) -> None:
    assert await sandbox.run("nan, infinite, -infinite", None) == [
        None,
        1.7976931348623157e308,
        -1.7976931348623157e308,
    ]


async def test_a_program_is_checked_without_running_it(sandbox: Sandbox) -> None:
    for program in (".a|b", "a.b|map(.c)", "Items[?a=='x']", "error", "def f: f; f", "repeat(1)"):
        assert (await sandbox.check(program) == "") == (program != ".a|b"), program
    assert (await sandbox.check("a | nix(")).startswith("the program is neither jq nor JMESPath: as jq, ")
    assert (await sandbox.check("now")).startswith("the program uses now, which reads the clock")
    assert "half a character" in await sandbox.check("\ud800")


async def test_the_words_of_jq_are_those_of_this_jq(sandbox: Sandbox) -> None:
    """A path that begins with one of them is a program."""
    functions = await sandbox.run('builtins[] | select(test("^[a-z].*/0$"))[:-2]', None)
    assert sorted({*functions, "null", "true", "false", "not"}) == sorted(JQ_WORDS)


_NAMES = st.sampled_from(["a", "b", "if", "Total Count"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)
_STEP = st.sampled_from([".a", ".b", ".if", "[]", "[0]", "[-2]", "[7]", '."Total Count"'])
_PATH = st.lists(_STEP, min_size=1, max_size=4).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=_PATH.map(lambda path: path if path.startswith(".") else "." + path), value=_JSON)
async def test_a_plain_path_says_the_same_as_jq(sandbox: Sandbox, path: str, value: Any) -> None:
    assert is_plain(path)
    try:
        walked = walk(parse(path), value)
    except SelectorError:
        with pytest.raises(SelectorError, match="fails on this value"):
            await sandbox.run(path, value)
        return
    assert await sandbox.run(path, value) == walked


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.text(alphabet="ab.[](){}|,:\"\\#$?'`@&* \n01", max_size=25) | st.text(max_size=10))
async def test_any_text_gives_results_or_says_why_not(sandbox: Sandbox, program: str) -> None:
    try:
        assert isinstance(await sandbox.run(program, {"a": [{"b": 1}]}), list)
        assert await sandbox.check(program) == ""
    except SelectorError as error:
        assert str(error)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            ["env", "now", ".env", "{", "}", "(", ")", "[", "]", ":", ",", '"', '\\(', "#", "\n", "\\", " ", "|", "if ",
             " then ", " else ", " end", ".a", "1", "$x", " as "]
        ),
        max_size=10,
    ).map("".join)
)  # fmt: skip
async def test_no_program_of_jq_gets_past_the_forbidden_words(sandbox: Sandbox, program: str) -> None:
    """What the scan lets through says the same twice, and nothing of the environment (its HOME is /nonexistent)."""
    if forbidden_word(program) or await sandbox.check(program):
        return
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(await sandbox.run(program, {"a": 1, "env": 2}))
        except SelectorError as error:
            outcomes.append([str(error)])
    assert outcomes[0] == outcomes[1]
    assert "nonexistent" not in str(outcomes)
