"""``ACS::SelectTargets``."""

from typing import Any

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, LIST, MAP, TEXT, is_computed

_TARGETS = Property(
    MAP,
    complete=False,
    fields={
        "Type": Property(
            TEXT,
            required=True,
            values=("ResourceIds", "Tags", "All"),
            complete=False,
            description="How the machines are chosen.",
        ),
        "ResourceIds": Property(LIST, description="The ids; none means no machine, never all."),
        "Tags": Property(ANY, description="A list of Key and Value, or a map; a machine has all of them."),
        "Parameters": Property(MAP, description="Further parameters of the query, such as Status."),
        "RegionId": Property(TEXT, description="Where they are; else the task's region."),
        "ResourceType": Property(TEXT, description="As the task's."),
    },
)


def _check(given: Given) -> None:
    resource = given.literal("ResourceType")
    if isinstance(resource, str) and resource.lower() != "aliyun::ecs::instance":
        given.not_supported(f"the resource type {resource}", "ResourceType")
    filters = given.literal("Filters")
    for target in filters if isinstance(filters, list) else []:
        if isinstance(target, dict) and not is_computed(target):
            _check_target(given, target)


def _check_target(given: Given, target: dict[str, Any]) -> None:
    """Other ways to choose exist (application groups, an inventory); their form is described nowhere."""
    kind = target.get("Type")
    if kind is not None and not is_computed(kind) and kind not in _TARGETS.fields["Type"].values:
        given.not_supported(f"a target of Type {kind!r:.40}", "Filters")
    for key in target:
        if key not in _TARGETS.fields:
            given.not_supported(f"{key!r:.40} of a target", "Filters")


SELECT_TARGETS = Action(
    name="ACS::SelectTargets",
    kind=CONTROL,
    summary="Finds the machines that whoever starts the execution has chosen.",
    source="https://www.alibabacloud.com/help/en/oos/user-guide/acs-selecttargets",
    properties={
        "ResourceType": Property(TEXT, required=True, description="What to find: ALIYUN::ECS::Instance."),
        "RegionId": Property(TEXT, description="Where they are; else the execution's region."),
        "Filters": Property(
            LIST, required=True, element=_TARGETS, description="Targets; the result has all of them, each once."
        ),
    },
    result="The answer of the product's query, all pages in one: Instances.Instance[] for ECS.",
    runs_here=True,
    check=_check,
)
