"""``ACS::Choice``. Whether its targets exist is checked with the other jumps of a template."""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.kinds import CONDITION, LIST, MAP, TEXT

_CHOICE = Property(
    MAP,
    fields={
        "When": Property(CONDITION, required=True, description="When this is true, the execution goes on at NextTask."),
        "NextTask": Property(TEXT, required=True, literal=True, description="A task, or ACS::END."),
    },
)

CHOICE = Action(
    name="ACS::Choice",
    kind=CONTROL,
    summary="Goes on at the task of the first condition that is true.",
    source="https://help.aliyun.com/document_detail/140534.html",
    properties={
        "DefaultTask": Property(
            TEXT, required=True, literal=True, description="Where to go on when no condition is true."
        ),
        "Choices": Property(LIST, required=True, literal=True, element=_CHOICE, description="Tried in this order."),
    },
    runs_here=True,
)
