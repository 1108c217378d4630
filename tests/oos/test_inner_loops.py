"""``ACS::Loop`` while compiling: names of inner tasks are their own loop's."""

from tests.engine.samples import act, inner_loop
from tests.oos.templates import compiled, template


def test_what_is_selected_directly_belongs_to_the_inner_task_of_its_own_loop() -> None:
    using = act("use", {"X": "{{ step.Some[].Path }}"})
    tasks = [inner_loop("one", [1], act("step"), using), inner_loop("two", [1], act("step")), act("step")]
    plan = compiled(template([*tasks, act("last", {"X": "{{ step.Other[].Path }}"})])).plan
    assert plan
    one, two, step, _ = plan.body.tasks
    assert list(one.tasks[0].raw_outputs) == ["Some[].Path"]
    assert list(two.tasks[0].raw_outputs) == []
    assert list(step.raw_outputs) == ["Other[].Path"]


def test_an_inner_task_selects_directly_from_one_outside() -> None:
    inner = inner_loop("inner", [1], act("step", {"X": "{{ look.Some[].Path }}"}))
    plan = compiled(template([act("look"), inner_loop("outer", [1], act("first"), inner)])).plan
    assert plan
    assert list(plan.body.tasks[0].raw_outputs) == ["Some[].Path"]
