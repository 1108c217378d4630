"""``ACS::Loop``. The tasks in it and the rate control are read like those of a template."""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.kinds import LIST, MAP

LOOP = Action(
    name="ACS::Loop",
    kind=CONTROL,
    summary="Runs a list of tasks once for each item.",
    source="https://help.aliyun.com/zh/oos/user-guide/acs-loop",
    properties={
        "LoopItems": Property(LIST, required=True, description="The items; ACS::TaskLoopItem is the current one."),
        "LoopRateControl": Property(MAP, description="How many items at once, and how many may fail: as in Loop."),
        "LoopTasks": Property(
            LIST, required=True, literal=True, element=Property(MAP, literal=True), description="The tasks, in order."
        ),
    },
    result="The outputs of the tasks in it: a selector is a reference to one, and gives a list, a value for each item.",
    runs_here=True,
)
