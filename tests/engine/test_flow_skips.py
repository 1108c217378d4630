"""Tasks that are left out: by a condition, or by somebody's decision."""

from typing import Any

from caboose.engine.errors import OutcomeUnknown
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import act, called, fails
from tests.oos.templates import template

HANDLED: list[dict[str, Any]] = [act("a", OnSuccess="c", OnError="b"), act("b", OnSuccess="ACS::END"), act("c")]
"""What stands after ``a`` in the list is its handler."""


async def test_who_skips_a_failed_task_goes_on_as_if_it_had_gone_well_and_not_with_its_handler() -> None:
    going = Execution(template(HANDLED), Recording(fails("a")), fields={"Mode": "FailurePause"}).start()
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert called(going) == "a c"
    assert going.statuses() == [("a", "Skipped"), ("c", "Success")]
    assert going.state.status == "Success"


async def test_who_skips_a_call_whose_outcome_is_unknown_does_too() -> None:
    going = Execution(template(HANDLED), Recording({"Modify-a": OutcomeUnknown("lost")})).start()
    await going.answer("OutcomeUnknown", "SkipTask")
    await going.end()
    assert called(going) == "a c"
    assert going.run_of("a").message.startswith("skipped by a Temporal client; OutcomeUnknown: a Modify-a: lost.")


async def test_an_item_that_was_skipped_says_why() -> None:
    item = "{{ ACS::TaskLoopItem }}"
    when = {"Fn::Equals": [item, 1]}
    looped = act("a", {"X": item}, Loop={"Items": [1, 2]}, When=when)
    going = Execution(template([looped]), Recording({"Modify-a": OutcomeUnknown("lost")})).start()
    await going.answer("OutcomeUnknown", "SkipTask")
    await going.end()
    assert going.state.status == "Success"
    left_out, unfit = [run.message for run in going.state.runs.values() if run.has_item]
    assert left_out.startswith("skipped by a Temporal client; OutcomeUnknown: ")
    assert unfit == "When is false"
