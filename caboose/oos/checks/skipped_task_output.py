"""An output of a task that may not have run, where a value is expected.

A task may not have run because of its ``When``, or because a jump leads past it. Silent where the template thinks of
it: in a condition or in ``Fn::If``; in a task whose own ``When`` looks at the same things; after a condition that asks
for an output of that very task. A task that is looped gives a list, with gaps. The template's outputs may be empty
when a jump ended it early, so for them only a ``When`` counts.

Paths aren't told apart by their conditions: two choices that always agree look like four paths. That is why the rule
says "may".
"""

from collections.abc import Iterator
from typing import Any

from caboose.oos.checks.flow import Flow
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import CONDITION, VALUE, PlacedTask, Template, Use
from caboose.oos.references import OUTPUT, RAW, references

_HINT = "Choose by Fn::If what stands there then, or guard the task with the same When."


def _check(template: Template) -> Iterator[Finding]:
    uses = [use for use in template.uses if use.reference.kind in (OUTPUT, RAW)]
    open_uses = [use for use in uses if use.text.place == VALUE]
    asked = [use for use in uses if use.text.place == CONDITION]
    for tasks, own in _by_list(open_uses, template.task_lists) if open_uses else ():
        skips = _Skips(tasks, asked)
        reported: dict[tuple[str, Any], Use] = {}
        for use in own:
            once = (use.reference.name, use.text.task or use.path[1])
            reason = "" if once in reported else skips.reason(use)
            if reason:
                reported[once] = use
                message = f'"{once[0]}" may not have run ({reason}), and {{{{ {use.reference} }}}} is null then'
                yield Finding(use.path, message, _HINT)


def _by_list(uses: list[Use], lists: list[list[PlacedTask]]) -> Iterator[tuple[list[PlacedTask], list[Use]]]:
    """The lists, with the references that name a task of each.

    Inner tasks of two loops may have the same name, which the innermost list around a reference decides.
    """
    with_name: dict[str, list[int]] = {}
    for number, tasks in enumerate(lists):
        for placed in tasks:
            with_name.setdefault(placed.task.name, []).append(number)
    found: list[list[Use]] = [[] for _ in lists]
    for use in uses:
        around = [number for number in with_name.get(use.reference.name, ()) if _stands_in(use, lists[number])]
        for number in around[-1:]:
            found[number].append(use)
    return zip(lists, found, strict=True)


def _stands_in(use: Use, tasks: list[PlacedTask]) -> bool:
    """Whether a reference stands in a list of tasks, or in the outputs of the ACS::Loop around it."""
    here = tasks[0].path[:-1]
    owner = here[:-2]
    return not owner or use.path[: len(here)] == here or use.path[: len(owner) + 1] == (*owner, "Outputs")


class _Skips:
    """Why tasks of one list may not have run when another one does."""

    def __init__(self, tasks: list[PlacedTask], asked: list[Use]) -> None:
        self.flow = Flow(tasks)
        self._asked: dict[str, int] = {}
        for use in asked:
            user = self.flow.index.get(use.text.task, -1)  # -1: a declared condition, which any task may ask for
            self._asked[use.reference.name] = min(user, self._asked.get(use.reference.name, user))
        self._ways: dict[int, dict[int, int]] = {}

    def reason(self, use: Use) -> str:
        """Why the task that a reference names may not have run; nothing when it has, or when that is thought of."""
        index = self.flow.index.get(use.reference.name)
        user = self.flow.index.get(use.text.task, self.flow.end)
        if index is None or (use.text.task and user == self.flow.end) or self._is_asked(use.reference.name, user):
            return ""
        task = self.flow.tasks[index].task
        when = self.flow.tasks[user].task.when if user != self.flow.end else None
        if task.when is not None and not task.loop and not _looks_at_the_same(when, task.when):
            return "it has a When"
        if user == self.flow.end or when is not None:
            return ""
        past = self._past(index)
        return self._jump(past, index, user) if index < user and user in past else ""

    def _is_asked(self, name: str, user: int) -> bool:
        """Whether a condition of the user, or of a task before it, asks for an output of the task."""
        return self._asked.get(name, user + 1) <= user

    def _past(self, skipped: int) -> dict[int, int]:
        """What can be reached without the task having run; that it is skipped by its When is another reason."""
        if skipped not in self._ways:
            self._ways[skipped] = self.flow.reached(
                0, lambda index: () if index == skipped else self.flow.steps[index].all
            )
        return self._ways[skipped]

    def _jump(self, past: dict[int, int], skipped: int, user: int) -> str:
        """The jump that leads past the task, on the way to the user. There is one: the way begins before the task and
        ends behind it."""
        index = user
        while not past[index] < skipped < index:
            index = past[index]
        return f'"{self.flow.tasks[past[index]].task.name}" can jump past it'


def _looks_at_the_same(user: Any, task: Any) -> bool:
    """Whether the user of an output runs or not by the same things as the task that makes it."""
    of_task = [str(reference) for _, reference in references(task)]
    return user == task or any(str(reference) in of_task for _, reference in references(user))


RULE = Rule(
    id="SkippedTaskOutput",
    severity="warning",
    title="An output of a task that may not have run",
    explanation=(
        "The task that makes this output is skipped when its When is false, or a jump can lead past it. Then the "
        "reference is null, and empty within a text; a call with an empty id may act on something else, or on all. "
        "Choose by Fn::If what is to stand there, or give the task that uses it the same When."
    ),
    bad="""\
Parameters:
  withImage: {Type: Boolean, Default: false}
Tasks:
  - Name: image
    Action: ACS::ExecuteAPI
    When: {'Fn::Equals': ['{{ withImage }}', true]}
    Properties: {Service: ECS, API: CreateImage, Parameters: {InstanceId: i-1}}
    Outputs: {id: {Type: String, ValueSelector: ImageId}}
  - Name: use
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: RunInstances, Parameters: {ImageId: '{{ image.id }}'}}""",
    good="""\
Parameters:
  withImage: {Type: Boolean, Default: false}
Tasks:
  - Name: image
    Action: ACS::ExecuteAPI
    When: {'Fn::Equals': ['{{ withImage }}', true]}
    Properties: {Service: ECS, API: CreateImage, Parameters: {InstanceId: i-1}}
    Outputs: {id: {Type: String, ValueSelector: ImageId}}
  - Name: use
    Action: ACS::ExecuteAPI
    Properties:
      Service: ECS
      API: RunInstances
      Parameters:
        ImageId: {'Fn::If': [{'Fn::Equals': ['{{ withImage }}', true]}, '{{ image.id }}', m-1]}""",
    source="https://help.aliyun.com/document_detail/120819.html",
    check=_check,
)
