"""The atomic actions, declared: one file each, registered by one line below.

A product action (``ACS::ECS::RebootInstance``, ``ACS::Notify::DingTalkWebhook``) is no entry here: it is a template in
a library folder. To add an atomic action, declare it in a file of its own, name it below, and give it a handler in
``caboose/engine/actions``.
"""

from caboose.oos.actions.alarm_trigger import ALARM_TRIGGER
from caboose.oos.actions.approve import APPROVE
from caboose.oos.actions.check_for import CHECK_FOR
from caboose.oos.actions.choice import CHOICE
from caboose.oos.actions.client_tokens import takes_client_token
from caboose.oos.actions.declaration import Action, Property
from caboose.oos.actions.ecs_status_change_trigger import ECS_STATUS_CHANGE_TRIGGER
from caboose.oos.actions.event_trigger import EVENT_TRIGGER
from caboose.oos.actions.execute_api import EXECUTE_API
from caboose.oos.actions.execute_http_request import EXECUTE_HTTP_REQUEST
from caboose.oos.actions.git_code_repo import GIT_CODE_REPO
from caboose.oos.actions.loop import LOOP
from caboose.oos.actions.notify import NOTIFY
from caboose.oos.actions.pause import PAUSE
from caboose.oos.actions.risk import HIGH_RISK_PREFIXES, call_is_high_risk, is_high_risk, is_read
from caboose.oos.actions.select_targets import SELECT_TARGETS
from caboose.oos.actions.sleep import SLEEP
from caboose.oos.actions.template import TEMPLATE
from caboose.oos.actions.timer_trigger import TIMER_TRIGGER
from caboose.oos.actions.wait_for import WAIT_FOR

__all__ = [
    "ACTIONS",
    "HIGH_RISK_PREFIXES",
    "Action",
    "Property",
    "call_is_high_risk",
    "is_high_risk",
    "is_read",
    "takes_client_token",
]

_DECLARED = (
    EXECUTE_API,
    WAIT_FOR,
    CHECK_FOR,
    EXECUTE_HTTP_REQUEST,
    SELECT_TARGETS,
    APPROVE,
    CHOICE,
    SLEEP,
    NOTIFY,
    PAUSE,
    LOOP,
    TEMPLATE,
    TIMER_TRIGGER,
    ALARM_TRIGGER,
    EVENT_TRIGGER,
    ECS_STATUS_CHANGE_TRIGGER,
    GIT_CODE_REPO,
)

ACTIONS = {action.name: action for action in _DECLARED}
"""Every atomic action of OOS by its name; those that this version runs have ``runs_here``."""
