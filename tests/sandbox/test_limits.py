"""Programs that go too far: each is stopped with a clear message, and the next one doesn't notice."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from caboose.oos.selectors import SelectorError
from caboose.sandbox import Sandbox
from caboose.sandbox.process import MATCH, RUN, Child, Ended

ENDLESS = [
    "def f: f; f",
    "[range(1e9)] | length",
    "last(range(1e12))",
    "[limit(1e9; repeat(0))] | length",
    "until(false; .)",
    "last(while(true; .))",
    "last(recurse(.))",
    "[range(30)] | last(combinations(20))",
    "reduce range(1e12) as $i (0; .)",
    "|".join(["[@,@]"] * 40),
    "def f: reduce range(1e9) as $i (.; .) | f; f",
]
GREEDY = [
    '"x" * 1e9',
    ".[100000000] = 1",
    "def f(g): f(g|g); f(.)",
    "def f: [f]; f",
    'reduce range(60) as $i ("x"; . + .)',
    "[limit(1e9; repeat([range(1000)]))]",
    "|".join(["[@,@][]"] * 40),
]


@pytest.fixture(scope="module")
def impatient() -> Sandbox:
    """A sandbox with the same limits but less time, so that these tests are short."""
    return Sandbox(cpu_seconds=0.3)


@pytest.mark.parametrize("program", ENDLESS)
async def test_a_program_without_end_is_stopped(impatient: Sandbox, program: str) -> None:
    with pytest.raises(SelectorError, match=r"^the program did not end within 0\.3 s of processor time$"):
        await impatient.run(program, [1])
    assert await impatient.run(".|length", [1]) == [1]


async def test_the_time_of_the_worker(sandbox: Sandbox) -> None:
    with pytest.raises(SelectorError, match=r"^the program did not end within 1 s of processor time$"):
        await sandbox.run("def f: f; f", None)


@pytest.mark.parametrize("program", GREEDY)
async def test_a_program_that_eats_memory_is_stopped(sandbox: Sandbox, program: str) -> None:
    with pytest.raises(SelectorError, match=r"^the program (needs too much memory|did not end within 1 s|nests too)"):
        await sandbox.run(program, [1])
    assert await sandbox.run(".|length", [1]) == [1]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("|".join(["(.,.)"] * 40), "the program has more than 100000 results"),
        ("repeat(1)", "the program has more than 100000 results"),
        ("[limit(200000; repeat(`1`))]", "the program is neither jq nor JMESPath"),
        ("range(100001)", "the program has more than 100000 results"),
        ("|".join(["[@,@][]"] * 17), "the program has more than 100000 results"),
        ('"x" * 4000000', "the program has results of more than 4000000 characters"),
        ('limit(100; repeat("x" * 50000))', "the program has results of more than 4000000 characters"),
        ("join('', a)", "the program has results of more than 4000000 characters"),
        ('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" | test("(a+)+$")', "Regex failure: retry-limit-in-match over"),
        ("reduce range(3e5) as $i (null; [.])", "a result of the program nests too deeply: more than 100 levels"),
        ("reduce range(2000) as $i (null; [.])", "a result of the program nests too deeply: more than 100 levels"),
        ("reduce range(100) as $i (null; {a: .}) | [.]", "a result of the program nests too deeply"),
    ],
)
async def test_results_are_bounded(sandbox: Sandbox, program: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        await sandbox.run(program, {"a": ["x" * 1_000_000] * 5} if "a)" in program else 1)
    assert message in str(caught.value)


async def test_values_are_a_hundred_levels_deep_at_most(sandbox: Sandbox) -> None:
    deep: object = 1
    for _ in range(99):
        deep = [deep]
    assert await sandbox.run(".|.", deep) == [deep]
    with pytest.raises(SelectorError, match="the value nests too deeply: more than 100 levels"):
        await sandbox.run(".|.", [[deep]])
    assert await sandbox.run("reduce range(99) as $i (1; [.])", None) == [deep]
    for _ in range(5_000):
        deep = {"a": deep}
    with pytest.raises(SelectorError, match="the value nests too deeply"):
        await sandbox.run(".|.", deep)


async def test_a_large_value_is_read_and_one_that_is_too_large_is_refused(sandbox: Sandbox) -> None:
    row = {"InstanceId": "i-0123456789", "Tags": {"Tag": [{"TagKey": "a", "TagValue": "b"}] * 3}, "Text": "x" * 200}
    value = {"Instances": {"Instance": [row] * 20_000}}
    assert await sandbox.run(".Instances.Instance|length", value) == [20_000]
    assert await sandbox.run("Instances.Instance[?Text=='x'].InstanceId", value) == []
    with pytest.raises(SelectorError, match="bytes, at most 24000000 can be given to a program"):
        await sandbox.run(".|length", ["x" * 1_000_000] * 24)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("abc", "xabc", False),
        ("^(?!acs:).*$", "acs:x", False),
        (".*(?<!-)", "a-", False),
        (r"\p{Han}+", "中文", True),
        ("(a+)+", "a" * 5_000 + "b", False),
        ("", "", True),
    ],
)
async def test_a_pattern_matches_the_whole_text(sandbox: Sandbox, pattern: str, text: str, matches: bool) -> None:
    assert await sandbox.matches(pattern, text) is matches


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        ("^(a|aa)+$", "a" * 100 + "b", "^the pattern takes too long on this value$"),
        ("^(?=.*(a|b|ab)*c$).*", "ab" * 100, "^the pattern takes too long on this value$"),
        ("(((a{1000}){1000}){1000}){1000}", "a", "^the pattern (needs too much memory|did not end within)"),
        ("(", "a", "^the pattern is none: missing"),
        ("a" * 1_001, "a", "^the pattern has 1001 characters, at most 1000 are allowed$"),
        ("(" * 499 + ")" * 499, "a", "^the pattern nests too deeply$"),
        ("a\0", "a", "^there is a character in the pattern"),
        ("a", "\udc00", "^there is half a character in the value"),
    ],
)
async def test_a_pattern_that_is_none_or_takes_too_long_is_no_answer(
    sandbox: Sandbox, pattern: str, text: str, message: str
) -> None:
    with pytest.raises(SelectorError, match=message):
        await sandbox.matches(pattern, text)


def ask(program: str, data: str = "null") -> object:
    """What a child itself says, past all checks of the text."""
    child = Child()
    try:
        good, answer = child.ask(RUN, program.encode(), data.encode(), 1.0, 20.0)
    finally:
        child.kill()
        child.end()
    return json.loads(answer) if good else answer.decode()


def test_a_child_has_no_environment_no_files_and_no_other_input(tmp_path: Path) -> None:
    """The wall behind the forbidden words."""
    (tmp_path / "secrets.json").write_text('{"key": 1}')
    assert ask("env") == ask("$ENV") == [{"TZ": "UTC", "HOME": "/nonexistent"}]
    assert "is neither jq nor JMESPath" in str(ask(f'import "secrets" as $s {{search: "{tmp_path}"}}; $s'))
    assert "is neither jq nor JMESPath" in str(ask(f'include "secrets" {{search: "{tmp_path}"}}; .'))
    assert "module not found" in str(ask('"secrets" | modulemeta'))
    assert "fails on this value" in str(ask("input"))
    assert ask("[inputs], input_filename, 1") == [[], None, 1]
    assert ask("halt, 1") == []
    assert ask("get_search_list") == [[]]


async def test_a_program_can_not_hide_a_file_behind_the_home_folder(sandbox: Sandbox) -> None:
    """jq loads definitions from ``~/.jq``."""
    assert await sandbox.check("definition_of_the_home_folder") == ""  # JMESPath: a member
    with pytest.raises(SelectorError, match="is not defined"):
        await sandbox.run(".|definition_of_the_home_folder", None)


def test_a_child_says_how_it_ended() -> None:
    for operation, program, seconds, status in [
        (RUN, b"def f: f; f", 0.2, -signal.SIGPROF),
        (RUN, b'"x" * 1e9', 9.0, -signal.SIGABRT),
        (MATCH, b"(((a{1000}){1000}){1000}){1000}", 9.0, 3),
    ]:
        child = Child()
        with pytest.raises(Ended) as caught:
            child.ask(operation, program, b"null", seconds, 60.0)
        assert caught.value.status == status
        assert not child.is_alive()


def test_a_child_keeps_its_limit_whatever_its_parent_ignores_and_blocks() -> None:
    previous = signal.signal(signal.SIGPROF, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPROF])
    try:
        child = Child()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])
        signal.signal(signal.SIGPROF, previous)
    with pytest.raises(Ended) as caught:
        child.ask(RUN, b"def f: f; f", b"null", 0.2, 60.0)
    assert caught.value.status == -signal.SIGPROF


def test_a_child_that_does_not_answer_is_killed() -> None:
    child = Child()
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        child.ask(RUN, b".", b"1", 1.0, 0.2)
    assert not child.is_alive()
    child = Child()
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        child.ask(RUN, b".", b" " * 1_000_000, 1.0, 0.2)  # more than a pipe holds
    assert not child.is_alive()


async def test_a_stopped_child_is_replaced() -> None:
    with Sandbox(children=1, cpu_seconds=0.1, patience=0.3) as sandbox:
        assert await sandbox.run(".|.", 1) == [1]
        os.kill(sandbox.pids()[0], signal.SIGSTOP)
        with pytest.raises(SelectorError, match=r"^the program did not end within 0\.4 s$"):
            await sandbox.run(".|.", 1)
        results = await asyncio.gather(*(sandbox.run(f".|.+{number}", 1) for number in range(10)))
        assert results == [[number + 1] for number in range(10)]
