"""``caboose executions retry`` of an execution that has Failed: a new one that goes on from where it failed.

Of an execution that waits the same word means another thing (RetryTask), in the same sense for whoever types it: run
again what didn't go well. So the options that belong to one of the two are refused at the other one.
"""

from caboose.cli.client import Client, execution_path
from caboose.cli.errors import CliError, UsageError
from caboose.cli.output import print_fields, print_json

FAILED = "Failed"
ENDED = ("Success", "Cancelled")


def check_status(execution_id: str, status: str, *, failed_items: bool, client_token: str) -> None:
    """Make sure that a retry of a running execution is meant.

    Raises:
        CliError: it has ended.
        UsageError: an option is for one that has Failed.
    """
    if status in ENDED:
        raise CliError(f"{execution_id} has ended as {status}; only a Failed execution can be retried")
    if failed_items or client_token:
        option = "--failed-items" if failed_items else "--client-token"
        raise UsageError(f"{option}: for an execution that has Failed; {execution_id} is {status or 'not'}")


def retry_failed(
    client: Client,
    execution_id: str,
    *,
    address: str,
    note: str,
    failed_items: bool,
    client_token: str,
    as_json: bool,
) -> None:
    """Start the execution that goes on, and print which it is.

    Args:
        client: of the API.
        execution_id: the execution that has Failed.
        address: which task or item was named: there is nothing to choose.
        note: why, as the new execution's description.
        failed_items: leave out the items that never started.
        client_token: a second request with the same one gives the first execution.
        as_json: print the new execution's record.

    Raises:
        UsageError: a task or an item was named.
        ApiError: it can't be retried.
    """
    if address:
        message = f"{execution_id} has Failed, and is retried as a whole from where it failed"
        raise UsageError(f"{address}: {message}; leave --task and --item out")
    texts = {"Description": note, "ClientToken": client_token}
    fields = {"FailedItemsOnly": failed_items, **{name: value for name, value in texts.items() if value}}
    record = client.post(f"{execution_path(execution_id)}/retry", fields)["Execution"]
    if as_json:
        print_json(record)
        return
    print_fields([(name, record.get(name)) for name in ("ExecutionId", "RetryOf", "TemplateName", "Status")])
    print(f"\nWatch it with `caboose executions watch {record['ExecutionId']}`.")
