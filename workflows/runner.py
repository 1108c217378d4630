"""The sandbox in which workflow code runs: the SDK's own, entered only for workflow code.

The SDK asks each instance, several times for every payload of a workflow task, in which context the payload is
converted and stored, and its sandboxed instance goes into the sandbox for each answer: a quarter of the worker's
processor time in a loop (``benchmarks/README.md``). Our data converter looks at no context, and what an activity is
given is stored for the workflow that gives it, so these answers are given outside.

Road not taken: no sandbox. It is what makes a forbidden import or a clock in workflow code fail at once.
"""

from typing import Any

from temporalio.api.enums.v1 import CommandType
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext, StorageDriverWorkflowInfo
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

PASSED_THROUGH = ("caboose", "activities", "yaml", "jmespath", "regex")
"""Packages that the workflow sandbox doesn't import again for each execution; import-linter keeps them pure."""
_OWN = (CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,)
"""Commands whose payloads surely stay with the workflow that gives them."""


class Runner(SandboxedWorkflowRunner):
    """The SDK's sandbox with what may pass through it, and instances that are cheap to ask."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One for each workflow run in the worker's cache."""
        return _Instance(super().create_instance(det))


def runner() -> Runner:
    """The sandbox in which workflow code runs, here and in replay tests."""
    return Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


class _Instance(WorkflowInstance):
    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed
        info = sandboxed.get_info()
        target = StorageDriverWorkflowInfo(
            namespace=info.namespace, id=info.workflow_id, run_id=info.run_id, type=info.workflow_type
        )
        self._own = StorageDriverStoreContext(target=target)

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """In the sandbox."""
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        """None: ``caboose.payloads.Json`` converts everything in the same way."""
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        """For whom a large payload is kept: most are the workflow's own; the SDK knows the others."""
        if command_info is None or command_info.command_type in _OWN:
            return self._own
        return self._sandboxed.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """As the SDK has it."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """As the SDK has it, for the stack of one that hangs."""
        return self._sandboxed.get_thread_id()
