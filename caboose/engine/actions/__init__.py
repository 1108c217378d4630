"""What the atomic actions do, one module each, by the name under which ``caboose.oos.actions`` declares them."""

from collections.abc import Awaitable, Callable
from typing import Any

from caboose.engine.actions.approve import approve
from caboose.engine.actions.choice import choice
from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.execute_api import execute_api
from caboose.engine.actions.execute_http_request import execute_http_request
from caboose.engine.actions.notify import notify
from caboose.engine.actions.pause import pause
from caboose.engine.actions.select_targets import select_targets
from caboose.engine.actions.sleep import sleep
from caboose.engine.actions.wait_for import check_for, wait_for

Handler = Callable[[TaskContext, dict[str, Any]], Awaitable[dict[str, Any]]]

HANDLERS: dict[str, Handler] = {
    "ACS::SelectTargets": select_targets,
    "ACS::Approve": approve,
    "ACS::ExecuteAPI": execute_api,
    "ACS::WaitFor": wait_for,
    "ACS::CheckFor": check_for,
    "ACS::Choice": choice,
    "ACS::Sleep": sleep,
    "ACS::Pause": pause,
    "ACS::Notify": notify,
    "ACS::ExecuteHttpRequest": execute_http_request,
}

RAW_PROPERTIES = frozenset({"ACS::Choice"})
"""Actions whose handler is given the properties as they are written, to evaluate them itself, when their turn comes."""

__all__ = ["HANDLERS", "RAW_PROPERTIES", "TaskContext"]
