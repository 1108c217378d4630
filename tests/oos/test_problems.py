"""Problems: how they read, and that a list of them never grows without end."""

import json
from collections import Counter
from dataclasses import replace

from caboose.oos.problems import MAX_PROBLEMS, Problem, bounded, did_you_mean, errors, shortened, summary, warnings
from tests.oos.templates import compiled, task, template

ERROR = Problem("UnknownAction", "there is no action", "Tasks.a.Action", 3, 5, "Did you mean it?")
WARNING = Problem("LetterCase", "is declared otherwise", severity="warning")


def test_a_problem_reads_with_its_place_and_its_way_out() -> None:
    assert str(ERROR) == "UnknownAction line 3, column 5: Tasks.a.Action: there is no action. Did you mean it?"
    assert str(WARNING) == "LetterCase is declared otherwise"
    assert ERROR.as_record() == {
        "Id": "UnknownAction",
        "Severity": "error",
        "Message": "there is no action",
        "Path": "Tasks.a.Action",
        "Line": 3,
        "Column": 5,
        "Hint": "Did you mean it?",
    }


def test_errors_stop_and_warnings_do_not() -> None:
    assert errors([ERROR, WARNING]) == [ERROR]
    assert warnings([ERROR, WARNING]) == [WARNING]


def test_a_summary_names_every_problem() -> None:
    assert summary([ERROR]) == str(ERROR)
    assert summary([ERROR, WARNING]) == f"2 problems:\n- {ERROR}\n- {WARNING}"


def test_no_problem_shows_a_webhook_or_grows_without_end() -> None:
    problem = Problem("X", "got https://h/?access_token=canary" + "y" * 5_000, "p" * 5_000, hint="sign=canary")
    assert "canary" not in str(problem)
    assert len(str(problem)) < 3_000


def test_the_nearest_name() -> None:
    assert did_you_mean("instanceid", ["regionId", "instanceId"]) == 'Did you mean "instanceId"?'
    assert did_you_mean("x", ["regionId"]) == ""
    assert did_you_mean("x" * 1_000, ["x" * 1_000]) == ""


def test_shortened() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"


def test_of_one_warning_there_are_two_hundred_and_every_other_is_told() -> None:
    found = compiled(template([task(**{f"Unknown{n}": 1 for n in range(500)}, When=True)]))
    assert found.plan is not None
    told = Counter(problem.id for problem in found.problems)
    assert told == {"UnknownKey": MAX_PROBLEMS, "ConstantCondition": 1}


def test_reading_stops_at_two_hundred_errors() -> None:
    found = compiled(template([task(Properties={"Service": "ECS", "API": "ListX", "Parameters": ["{{ x }}"] * 500})]))
    assert len(errors(found.problems)) == MAX_PROBLEMS + 1
    assert found.plan is None, "a template that was not read to its end has no plan"
    assert found.problems[-1].id == "TooManyProblems", "and says why"


def test_as_many_problems_as_travel_in_one_message_errors_first() -> None:
    assert bounded([WARNING, ERROR]) == [WARNING, ERROR]
    large = [replace(WARNING, message="界" * 1_000)] * 500 + [ERROR]
    kept = bounded(large)
    assert kept[0] == ERROR
    assert kept[-1].id == "TooManyProblems"
    assert kept[-1].message == f"{501 - (len(kept) - 1)} more problems are not shown"
    assert len(json.dumps([problem.as_record() for problem in kept])) < 600_000
