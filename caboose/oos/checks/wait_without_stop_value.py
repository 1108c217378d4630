"""A wait that goes on although what it waits for has failed.

Not every wait needs a stop value: an ECS instance that is told to start has no state called "failed". So this rule
speaks only where a failure has a state: of APIs whose states are known, and where the desired state is the end of a
process ("Finished", "Successful"), which can end badly as well.
"""

from collections.abc import Iterator
from typing import Any

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template

_FAILURES = {
    "describeimages": ("CreateFailed",),
    "describesnapshots": ("failed",),
    "describeinvocations": ("Failed", "Stopped"),
    "describeinvocationresults": ("Failed", "Stopped"),
    "describetasks": ("Failed",),
    "describescalingactivities": ("Failed", "Rejected"),
    "getstack": ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"),
    "listexecutions": ("Failed", "Cancelled"),
    "describeclusterdetail": ("failed",),
    "describetaskinfo": ("fail",),
    "describechangeorder": (3, 6, 10),
    "getorderdetail": ("Cancelled",),
}
"""States in which the thing asked for has failed, by API. Source: each API's page at api.aliyun.com."""

_ENDINGS = ("finished", "success", "successful", "succeeded", "complete", "completed", "accomplished", "done")
_STATE_WORDS = ("status", "state")


def _check(template: Template) -> Iterator[Finding]:
    for placed in template.tasks:
        task = placed.task
        if task.action != "ACS::WaitFor" or task.properties.get("StopRetryValues") not in (None, "", []):
            continue
        desired = task.properties.get("DesiredValues")
        if not isinstance(desired, list):
            continue
        failures = _failures(task.properties, desired)
        if failures or any(_is_ending(value) for value in desired):
            known = ", ".join(map(str, failures)) or "the states of failure, such as Failed"
            message = f'"{task.name}" goes on waiting when what it waits for has failed: it has no StopRetryValues'
            yield Finding((*placed.path, "Properties"), message, f"Add StopRetryValues with {known}.")


def _failures(properties: dict[str, Any], desired: list[Any]) -> tuple[Any, ...]:
    """The known states of failure, when it is the state that the wait looks at and failure isn't what it wants."""
    selector = str(properties.get("PropertySelector")).lower()
    failures = _FAILURES.get(str(properties.get("API")).lower(), ())
    looks_at_state = selector.endswith(_STATE_WORDS) or selector.endswith("statuscode")
    return failures if looks_at_state and not any(value in failures for value in desired) else ()


def _is_ending(value: Any) -> bool:
    return isinstance(value, str) and value.lower().rpartition("_")[2] in _ENDINGS


RULE = Rule(
    id="WaitWithoutStopValue",
    severity="warning",
    title="A wait that doesn't notice a failure",
    explanation=(
        "ACS::WaitFor asks again and again until a desired value comes. What it waits for here can fail, and without "
        "StopRetryValues the wait goes on for its whole time, 34 minutes by default, before the task fails. Name the "
        "states of failure: the wait stops at once, and the execution says why. Where no state of failure exists, as "
        "for an ECS instance that starts, the rule says nothing."
    ),
    bad="""\
Name: untilImageReady
Action: ACS::WaitFor
Properties:
  Service: ECS
  API: DescribeImages
  Parameters: {ImageId: m-1}
  PropertySelector: 'Images.Image[].Status'
  DesiredValues: [Available]""",
    good="""\
Name: untilImageReady
Action: ACS::WaitFor
Properties:
  Service: ECS
  API: DescribeImages
  Parameters: {ImageId: m-1}
  PropertySelector: 'Images.Image[].Status'
  DesiredValues: [Available]
  StopRetryValues: [CreateFailed]""",
    source="https://help.aliyun.com/document_detail/120839.html",
    check=_check,
)
