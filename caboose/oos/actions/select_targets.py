"""``ACS::SelectTargets``."""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, LIST, MAP, TEXT

_TARGETS = Property(
    MAP,
    complete=False,
    fields={
        "Type": Property(
            TEXT, values=("ResourceIds", "Tags", "All"), complete=False, description="How the machines are chosen."
        ),
        "ResourceIds": Property(LIST, description="The ids; none means no machine, never all."),
        "Tags": Property(ANY, description="A list of Key and Value, or a map; a machine has all of them."),
        "Parameters": Property(MAP, description="Further parameters of the query, such as Status."),
        "RegionId": Property(TEXT, description="Where they are; else the task's region."),
    },
)


def _check(given: Given) -> None:
    resource = given.literal("ResourceType")
    if isinstance(resource, str) and resource.lower() != "aliyun::ecs::instance":
        given.not_supported(f"the resource type {resource}", "ResourceType")


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
