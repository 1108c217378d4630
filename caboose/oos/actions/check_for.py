"""``ACS::CheckFor``."""

from caboose.oos.actions.declaration import API, Action
from caboose.oos.actions.expectation import EXPECTATION, RESULT, check_expectation
from caboose.oos.actions.risk import call_is_high_risk

CHECK_FOR = Action(
    name="ACS::CheckFor",
    kind=API,
    summary="Calls an API once, or as often as Retries says, and fails when its answer doesn't show what is wanted.",
    source="https://help.aliyun.com/document_detail/120841.html",
    properties=EXPECTATION,
    result=RESULT,
    may_loop=True,
    polls=True,
    retries=0,
    runs_here=True,
    check=check_expectation,
    high_risk=call_is_high_risk,
)
