"""``ACS::EcsStatusChangeTrigger``: an older trigger without documentation; ``ACS::EventTrigger`` does its work now."""

from caboose.oos.actions.declaration import TRIGGER, Action

ECS_STATUS_CHANGE_TRIGGER = Action(
    name="ACS::EcsStatusChangeTrigger",
    kind=TRIGGER,
    summary="Runs the rest of the template whenever the state of an ECS instance changes.",
    complete=False,
    result="The event.",
    first_only=True,
)
