"""``ACS::WaitFor``."""

from caboose.oos.actions.declaration import API, Action
from caboose.oos.actions.expectation import EXPECTATION, RESULT, check_expectation
from caboose.oos.actions.given import Given
from caboose.oos.actions.risk import call_is_high_risk, is_read


def _check(given: Given) -> None:
    """Real templates wait with writing calls too (``EnterStandby`` until it is accepted); here only reads repeat."""
    check_expectation(given)
    api = given.literal("API")
    if isinstance(api, str) and not is_read(api):
        given.not_supported(f"waiting by {api}, which changes something and would be called again and again,", "API")


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
    check=_check,
    high_risk=call_is_high_risk,
)
