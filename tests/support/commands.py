"""What workflow code asks Temporal for, with the arguments: replaying compares only the kinds and names of commands.

An interceptor hears each request on its way out, in a replay as in a first run.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import (
    ContinueAsNewInput,
    Interceptor,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

Command = dict[str, Any]


class Commands(Interceptor):
    """Keeps the commands of the workflows that a replayer runs; only without the workflow sandbox, which would keep
    them to itself."""

    def __init__(self) -> None:
        self.kept: list[Command] = []

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """The class of which every workflow gets an instance."""
        del input
        kept = self.kept

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(_Outbound(outbound, kept))

        return Inbound


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, following: WorkflowOutboundInterceptor, kept: list[Command]) -> None:
        super().__init__(following)
        self._kept = kept

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        self._keep("activity", input.activity, input.args, input.summary)
        return super().start_activity(input)

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> workflow.ChildWorkflowHandle[Any, Any]:
        self._keep("child workflow", input.workflow, input.args, input.static_summary)
        return await super().start_child_workflow(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:
        self._keep("signal", input.signal, input.args)
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        self._keep("continue as new", "", input.args)
        super().continue_as_new(input)

    def _keep(self, kind: str, name: str, arguments: Any, summary: str | None = None) -> None:
        command = {"kind": kind, "name": name, "arguments": _plain(list(arguments))}
        self._kept.append({**command, "summary": summary} if summary else command)


def _plain(value: Any) -> Any:
    """A value as the JSON that travels, at the moment when it is sent: it may change afterwards."""
    return json.loads(json.dumps(value, default=_fields))


def _fields(value: Any) -> Any:
    if isinstance(value, RawValue):
        return json.loads(value.payload.data)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
