"""Asks the server to cancel the workflow that runs this activity: the one way for a workflow to end as Canceled."""

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities import contracts


class CancelActivities:
    """Holds the worker's client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=contracts.CANCEL_OWN_WORKFLOW)
    async def cancel_own_workflow(self, reason: str) -> None:
        """Requests the cancellation with its reason, which the server keeps in the history.

        Asking again is harmless, and so is asking for a workflow that is closed already.
        """
        me = activity.info()
        if me.workflow_id is None:
            return  # started on its own, by hand: there is no workflow to cancel
        handle = self._client.get_workflow_handle(me.workflow_id, run_id=me.workflow_run_id)
        try:
            await handle.cancel(reason=reason)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
