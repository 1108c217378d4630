"""What can be done about a failed execution that another one retries, or has retried."""

from typing import Any


def after_the_other(holder: str, first_run_id: str, record: dict[str, Any] | None) -> str:
    """What whoever wants to retry an execution can do when another one has its retry.

    Args:
        holder: the id of the other one.
        first_run_id: its first run; a record of another one says nothing of it.
        record: the record that was kept last of that id, if any.
    """
    known = record if record and record.get("FirstRunId") == first_run_id else {}
    status, retry = known.get("Status"), known.get("Retry") or {}
    if status == "Success":
        return f"{holder} has ended as Success: nothing is left to retry."
    if status == "Cancelled":
        return f"{holder} was Cancelled: start a new execution with what is left."
    if status == "Failed" and retry.get("Possible") is False:
        return f"{holder} has failed and can't be retried: {retry.get('Message', '')}. {retry.get('Hint', '')}".strip()
    if status == "Failed":
        return f"{holder} has failed: retry that one."
    return f"If {holder} fails, retry that one; if it is cancelled, start a new execution with what is left."
