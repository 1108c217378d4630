"""``ACS::WaitFor``."""

from caboose.oos.actions.declaration import API, Action
from caboose.oos.actions.expectation import EXPECTATION, RESULT, check_expectation
from caboose.oos.actions.risk import call_is_high_risk

WAIT_FOR = Action(
    name="ACS::WaitFor",
    kind=API,
    summary="Calls an API until its answer shows what is wanted, and fails when it doesn't in time.",
    source="https://help.aliyun.com/document_detail/120839.html",
    properties=EXPECTATION,
    result=RESULT,
    may_loop=True,
    polls=True,
    runs_here=True,
    check=check_expectation,
    high_risk=call_is_high_risk,
)
