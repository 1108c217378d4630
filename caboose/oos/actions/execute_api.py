"""``ACS::ExecuteAPI``."""

from caboose.oos.actions.api_call import CALL, RESULT, check_call
from caboose.oos.actions.declaration import API, Action
from caboose.oos.actions.risk import call_is_high_risk

EXECUTE_API = Action(
    name="ACS::ExecuteAPI",
    kind=API,
    summary="Calls an API of a cloud product.",
    source="https://help.aliyun.com/document_detail/120838.html",
    properties=CALL,
    result=RESULT,
    may_loop=True,
    runs_here=True,
    check=check_call,
    high_risk=call_is_high_risk,
)
