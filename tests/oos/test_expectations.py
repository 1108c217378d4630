"""Whether an answer is as wanted, and how long to wait: the rules of WaitFor and CheckFor, and the worked examples."""

from typing import Any

import pytest

from caboose.oos.expectations import DESIRED, NOT_YET, STOPPED, Rule, delay, judge, takes_the_error, wanted
from caboose.oos.plan import Retry


@pytest.mark.parametrize(
    ("fields", "results", "expected"),
    [
        ({"desired": ["a"]}, ["a", "a"], DESIRED),
        ({"desired": ["a"]}, ["a", "b"], NOT_YET),
        ({"desired": ["a"], "stop": ["b"]}, ["a", "b"], STOPPED),
        ({"desired": [None]}, [], DESIRED),
        ({"desired": [None]}, [None], DESIRED),
        ({"desired": [""]}, [None], NOT_YET),
        ({"desired": ["true"]}, [True], DESIRED),
        ({"desired": ["1"]}, [1], DESIRED),
        ({"desired": [1]}, [True], NOT_YET),
        ({"desired": [[True]]}, [[1]], NOT_YET),
        ({"desired": [{"a": [1]}]}, [{"a": [1]}], DESIRED),
        ({"not_desired": [[]]}, [[]], NOT_YET),
        ({"not_desired": [[]]}, [["x"]], DESIRED),
        ({"not_desired": ["a"], "desired": []}, ["b"], DESIRED),
        ({"not_desired": ["a"], "desired": ["a", "b"]}, ["a"], NOT_YET),
        ({"desired": []}, ["a"], DESIRED),
    ],
)
def test_judge(fields: dict[str, Any], results: list[Any], expected: str) -> None:
    assert judge(Rule("S", **fields), results).kind == expected


@pytest.mark.parametrize(("value", "expected"), [(2, DESIRED), (3, STOPPED), (4, NOT_YET)])
def test_desired_values_come_before_stop_values(value: int, expected: str) -> None:
    assert judge(Rule("S", desired=[2], stop=[2, 3, 6, 10]), [value]).kind == expected


def test_all_of_several_results_must_be_desired() -> None:
    rule = Rule("Instances.Instance[].Status", ["Running"])
    assert judge(rule, ["Running", "Running"]).kind == DESIRED
    assert judge(rule, ["Running", "Starting"]).kind == NOT_YET


def test_a_large_value_is_shown_in_part() -> None:
    assert len(judge(Rule("S", ["a"]), ["x" * 5_000]).value) == 300


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("S", ["a", 1]), '"a" or 1'),
        (Rule("S", None, [None, []]), "anything but null or []"),
        (Rule("S", ["a"], ["b"]), '"a" and anything but "b"'),
        (Rule("S", [], []), "any answer"),
    ],
)
def test_what_is_wanted_in_words(rule: Rule, expected: str) -> None:
    assert wanted(rule) == expected


@pytest.mark.parametrize(
    ("selector", "takes"),
    [
        ("Code", True),
        (".Message", True),
        (".", True),
        ('.|if .Code==null then "none" else "some" end', True),
        (".Code|tostring", True),
        ("[?Code=='x']", True),
        ("Instances.Instance[0].Code", False),
        ("[0]", False),
        (".Instances.Instance|length == 0", False),
        ('.Instances.Instance|map(select(.Text == "Code"))|length', False),
    ],
)
def test_what_looks_at_an_error(selector: str, takes: bool) -> None:
    assert takes_the_error(selector) is takes


def waits(retry: Retry) -> list[float]:
    """The waits between all polls, when none of them sees what is wanted."""
    return [delay(retry, poll) for poll in range(1, retry.retries + 1)]


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        (Retry(retries=4), [2, 4, 8, 16]),
        (Retry(retries=4, max_interval=5), [2, 4, 5, 5]),
        (Retry(retries=4, delay_type="Constant", delay=7), [7, 7, 7, 7]),
        (Retry(retries=3, delay_type="Constant", delay=3600), [1800, 1800, 1800]),
        (Retry(retries=4, delay_type="Linear", delay=3, back_off=5), [8, 13, 18, 23]),
        (Retry(retries=3, delay_type="Linear", delay=3, back_off=5, max_interval=10), [8, 10, 10]),
        (Retry(retries=0), []),
    ],
)
def test_each_delay_type(retry: Retry, expected: list[float]) -> None:
    assert waits(retry) == expected


def test_worked_example_all_defaults_wait_34_minutes() -> None:
    assert (len(waits(Retry())), sum(waits(Retry()))) == (10, 2046)


def test_worked_example_296_retries_capped_at_300_seconds_wait_24_hours_and_510_seconds() -> None:
    found = waits(Retry(retries=296, max_interval=300))
    assert (sum(found[:8]), found[8:]) == (510, [300] * 288)
    assert sum(found) == 24 * 3600 + 510


def test_worked_example_57_retries_wait_about_24_hours() -> None:
    found = waits(Retry(retries=57))
    assert (sum(found[:10]), found[10:]) == (2046, [1800] * 47)


def test_the_largest_number_of_retries_has_no_larger_wait() -> None:
    assert max(waits(Retry(retries=300))) == 1800
