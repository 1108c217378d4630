"""The activities ``record`` and ``record_tasks``: an execution's record, and the task executions of a large loop, into
the store, so that they can be read without a worker."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import contracts
from activities.contracts import RecordInput, RecordTasksInput
from caboose.oos.redact import redact
from caboose.store import RecordInvalid, Store


class RecordActivities:
    """Activities that write to the store. They block: the worker runs them in its thread pool."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name=contracts.RECORD)
    def record(self, input: RecordInput) -> None:
        """Store the record. Safe to repeat: a write that is older than what is there changes nothing.

        Raises:
            ApplicationError: ``RecordInvalid``, for good, when the store can't file the record.
            StoreError: when the store can't be used; the server tries again.
        """
        try:
            self._store.save_execution(redact(input.record), redact(input.tasks))
        except RecordInvalid as error:
            raise ApplicationError(str(error), type="RecordInvalid", non_retryable=True) from None

    @activity.defn(name=contracts.RECORD_TASKS)
    def record_tasks(self, input: RecordTasksInput) -> None:
        """Store task executions that have ended. Safe to repeat and to come late: older ones change nothing.

        Raises:
            ApplicationError: ``RecordInvalid``, for good, when one of them has no id.
            StoreError: when the store can't be used; the server tries again.
        """
        try:
            self._store.save_task_executions(input.execution_id, input.first_run_id, redact(input.tasks))
        except RecordInvalid as error:
            raise ApplicationError(str(error), type="RecordInvalid", non_retryable=True) from None
