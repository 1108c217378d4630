"""``ACS::Pause``: in no documentation; a public template waits with it until a person has done something by hand."""

from caboose.oos.actions.declaration import CONTROL, Action

PAUSE = Action(
    name="ACS::Pause",
    kind=CONTROL,
    summary="Waits until somebody lets the execution go on.",
    complete=False,
    runs_here=True,
)
