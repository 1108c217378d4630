"""The workflow's current details: a short Markdown table of tasks and loop counters for the Temporal UI."""

from caboose.engine.state import ExecutionState, TaskRun
from caboose.oos.redact import redact_text

_MAX_ROWS = 50
_MAX_BYTES = 18_000
"""The server takes 20,000."""


def details(state: ExecutionState) -> str:
    """The table, and above it what the execution waits for."""
    runs = list(state.top_runs())
    lines = [f"**{state.status}**", ""]
    lines += [f"- {_cell(wait.message)}" for wait in list(state.waits.values())[:5] if wait.answer is None]
    lines += ["", "| task | status | progress |", "|---|---|---|"]
    lines += [f"| {run.name} | {run.status} | {_progress(run)} |" for run in runs[-_MAX_ROWS:]]
    return cut_bytes(redact_text("\n".join(lines)), _MAX_BYTES)


def cut_bytes(text: str, limit: int) -> str:
    """The text in at most ``limit`` bytes of UTF-8: the server measures details and summaries in bytes."""
    return text.encode(errors="replace")[:limit].decode(errors="ignore")


def _progress(run: TaskRun) -> str:
    if run.loop:
        done = run.loop.success + run.loop.failed
        return f"{done} of {run.loop.total}, {run.loop.failed} failed, {run.loop.running} running"
    return _cell(run.message)


def _cell(text: str) -> str:
    return text[:200].replace("|", "\\|").replace("\n", " ")
