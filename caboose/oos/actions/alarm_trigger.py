"""``ACS::AlarmTrigger``."""

import json

from caboose.oos.actions.declaration import TRIGGER, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, NUMBER, TEXT

_OPERATORS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
    "NotEqualToThreshold",
    "GreaterThanYesterday",
    "LessThanYesterday",
    "GreaterThanLastWeek",
    "LessThanLastWeek",
    "GreaterThanLastPeriod",
    "LessThanLastPeriod",
)


def _check(given: Given) -> None:
    resources = given.literal("Resources")
    if isinstance(resources, str) and not _is_json_list(resources):
        message = f"Resources is a list of resources as JSON text, not {resources!r:.80}"
        given.error("InvalidProperty", message, "Resources", 'As in [{"instanceId": "i-x"}].')
    if given.literal("Tags") and given.literal("ResourceGroup"):
        message = "Tags and ResourceGroup are both given, and only one of them can be meant"
        given.error("InvalidProperty", message, "ResourceGroup", "Take one of them out.")


def _is_json_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


ALARM_TRIGGER = Action(
    name="ACS::AlarmTrigger",
    kind=TRIGGER,
    summary="Runs the rest of the template whenever a metric of CloudMonitor crosses its threshold.",
    source="https://help.aliyun.com/document_detail/144278.html",
    properties={
        "Namespace": Property(TEXT, required=True, description="The product's metrics, such as acs_ecs_dashboard."),
        "MetricName": Property(TEXT, required=True, description="The metric, such as cpu_total."),
        "ComparisonOperator": Property(
            TEXT, required=True, values=_OPERATORS, complete=False, description="How the metric is compared."
        ),
        "Statistics": Property(TEXT, description="How the metric is summed up: Average, Maximum …"),
        "Threshold": Property(NUMBER, description="What the metric is compared with."),
        "Times": Property(NUMBER, description="How often in a row before it counts."),
        "Period": Property(NUMBER, description="The seconds that one value of the metric stands for."),
        "Interval": Property(NUMBER, description="The seconds between two looks at the metric."),
        "SilenceTime": Property(NUMBER, description="The seconds in which it doesn't count again."),
        "EffectiveInterval": Property(TEXT, description="The time of day in which it counts."),
        "Resources": Property(ANY, description='What is watched, as JSON text: [{"instanceId": "i-x"}].'),
        "Tags": Property(ANY, description="Watches what has these tags."),
        "ResourceGroup": Property(TEXT, description="Watches what is in this resource group."),
        "OutputTransformer": Property(ANY, description="Reshapes the alarm before selectors see it."),
    },
    result="The alarm, such as instanceId of the machine.",
    first_only=True,
    check=_check,
)
