"""Programs, as far as their text tells: words that reach for more than the value, and what they take of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.problems import Problem
from caboose.oos.selectors import FORBIDDEN, ProgramUse, check_programs, forbidden_word, program_fault, takes
from tests.oos.engines import Scripted


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_word_is_named_with_what_it_would_do(word: str) -> None:
    fault = program_fault(f".a | {word}")
    assert fault.startswith(f"the program uses {word}, which {FORBIDDEN[word]}")
    assert (f"a member of that name is .{word}" in fault) == (word != "$ENV")


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("env.PATH", "env"),
        ("$ENV.PATH", "$ENV"),
        ("{$ENV}", "$ENV"),
        ("map(input)", "input"),
        ('import "x" as x; .', "import"),
        ("1e3|now", "now"),
        ("..|now", "now"),
        (".env | env", "env"),
        ("{(now): 1}", "now"),
        ("{a: .x|now}", "now"),
        ("{a: 1 + now, b: 2}", "now"),
        ("{a: [1, now]}", "now"),
        ("{a: (1, now)}", "now"),
        ("{a: if .x then 1, now else 2 end}", "now"),
        ("{a: if .x then {b: 1, env} else now end}", "now"),
        ("{a: 1}, now", "now"),
        ("[.[now:1]]", "now"),
        (". as {env: $x}|$x, now", "now"),
        ('"\\(env)"', "env"),
        ('"a \\("b \\(now)") c"', "now"),
        ('"a\\"" | now', "now"),
        ('"x\\(1)" | now', "now"),
        ('@base64 "\\(now)"', "now"),
        ('"\\(now', "now"),
        (".a # text\n| now", "now"),
        (".a # text\\\\\n| now", "now"),
        ("input, env", "input"),
    ],
)
def test_found(program: str, word: str) -> None:
    assert forbidden_word(program) == word


@pytest.mark.parametrize(
    "program",
    [
        ".env | .now",
        ".a.env",
        ".[0].env?",
        "{env: 1}",
        "{env}",
        "{a: 1, env}",
        '{"a": 1, now}',
        "{a: if .x then 1 else 2 end, now}",
        "{if: 1, now}",
        ". as {env: $x} | $x",
        '"env"',
        '"x\\(1)now"',
        '"a\\"env" | 1',
        '."env"',
        '.["env"]',
        '"now',
        '"\\',
        ".a # now",
        ".a # text\\\nnow",
        ".a # text\\\r\nnow",
        "environment | nowhere | inputs_",
        "a::env",
        "$environment",
        "localtime | mktime",
        "debug",
        "Instances[?env=='now'].InstanceId",
        "input[*].a",
        "env.`now`",
        "sort_by(now, &env)",
        "",
    ],
)
def test_not_found(program: str) -> None:
    assert forbidden_word(program) == ""
    assert program_fault(program) == ""


def test_a_program_has_a_length() -> None:
    assert program_fault("." * 20_000) == ""
    assert program_fault("." * 20_001) == "the program has 20001 characters, at most 20000 are allowed"


@given(st.text(alphabet="env now.{}()[]\"\\#$:,|if end?*'\n", max_size=80) | st.text(max_size=80))
def test_any_text_is_scanned_to_its_end(program: str) -> None:
    assert forbidden_word(program) in ("", *FORBIDDEN)
    assert takes(program, ["env"]) in (True, False)


@pytest.mark.parametrize(
    ("program", "taken"),
    [
        (".Code", True),
        (".Code|tostring", True),
        ("Code | not", True),
        ('.|if .Code==null then "a" else "b" end', True),
        ("if .a then .Code else 1 end", True),
        (".a and .Code", True),
        (".Items[] | .Code", True),
        ("[.Code, 1]", True),
        ("Items[?Code=='x']", True),
        (".Items[].Code", False),
        (".Items.Code", False),
        (".Items?.Code", False),
        ("(.Items).Code", False),
        ("first.Code", False),
        ('"Code" | .x', False),
        ('{"Code": .x}', False),
        ("{Code: .x}", False),
        ("$x.Code", False),
        (". | length", False),
    ],
)
def test_what_a_program_takes_of_the_value_itself(program: str, taken: bool) -> None:
    assert takes(program, ("Message", "Code")) == taken


async def test_programs_of_a_template_are_checked_once_each_and_reported_at_every_place() -> None:
    checker = Scripted({}, {"a |": "it is no jq"})
    uses = [
        ProgramUse("a |", "Tasks.x", 3, 5),
        ProgramUse(".a|.b", "Tasks.y", 4, 5),
        ProgramUse("a |", "Tasks.z", 5, 5),
    ]
    assert await check_programs(uses, checker) == [
        Problem("InvalidSelector", "it is no jq", "Tasks.x", 3, 5),
        Problem("InvalidSelector", "it is no jq", "Tasks.z", 5, 5),
    ]
    assert checker.checked == ["a |", ".a|.b"]
