"""Retrying a failed execution from where it failed: what the old one gives, and how the new one begins.

The old one answers a query, also long after its end: a worker replays its history for that, whichever has it in hand.
So nothing has to be kept for a retry, and what it goes on with is what history says. The answer may be large; unlike
those of our other queries it goes by external storage then, because it becomes a part of another history.
"""

from dataclasses import asdict, replace
from typing import Any

from temporalio.converter import value_to_type

from activities import contracts
from caboose.engine.progress import Checkpoint
from caboose.engine.retrying import NOTHING_TO_RETRY, Refusal, begin_note, place_to_retry
from caboose.engine.run import Run
from caboose.engine.state import ExecutionState
from caboose.oos.problems import Problem
from caboose.oos.start import Start, bound_parameters
from caboose.oos.start.retry import FAILED_ITEMS_ONLY, RETRY_OF
from caboose.oos.values import json_size

MAX_CHECKPOINT_BYTES = 16_000_000
"""Some of the largest values together: more isn't made in the time that a worker has for an answer."""


class Retryable:
    """What an execution has to give to another one that retries it."""

    def __init__(self, state: ExecutionState) -> None:
        self._state = state
        self._begun: tuple[Run, Start, dict[str, Any]] | None = None

    def begin(self, run: Run, start: Start, parameters: dict[str, Any]) -> None:
        """The execution begins with these."""
        self._begun = run, start, parameters

    def answer(self) -> contracts.CheckpointAnswer:
        """The answer to the query ``CHECKPOINT``."""
        found = place_to_retry(self._state)
        if isinstance(found, Refusal):
            return _refused(found)
        if self._begun is None:
            return _refused(Refusal(NOTHING_TO_RETRY, "it hasn't begun"))
        if _larger_than(found, MAX_CHECKPOINT_BYTES):
            message = f"its results have more than {MAX_CHECKPOINT_BYTES} bytes, too many for another one to take over"
            return _refused(Refusal(NOTHING_TO_RETRY, message, "Start a new execution with what is left to do."))
        run, start, parameters = self._begun
        resumption = contracts.Resumption(asdict(found), parameters, run.pinned, run.secrets)
        return contracts.CheckpointAnswer(None, run.plan, replace(start, parameters={}), resumption)


def _refused(refusal: Refusal) -> contracts.CheckpointAnswer:
    return contracts.CheckpointAnswer(Problem(refusal.code, refusal.message, RETRY_OF, hint=refusal.hint))


def _larger_than(checkpoint: Checkpoint, limit: int) -> bool:
    """Whether it is too large; stops where that is known."""
    parts: list[Any] = [checkpoint.targets, *checkpoint.outputs.values()]
    if checkpoint.begun:
        parts += [checkpoint.begun.items, checkpoint.begun.control, *checkpoint.begun.progress.columns.values()]
    for part in parts:
        limit -= json_size(part)
        if limit < 0:
            return True
    return False


def beginning(
    request: Any, resumption: contracts.Resumption | None, run: Run, start: Start
) -> tuple[dict[str, Any], Checkpoint | None]:
    """The bound parameters with which an execution begins, and where: None for the first task.

    Args:
        request: its start request, which was checked.
        resumption: what it takes over from the execution that it retries, if it does.
        run: the execution, which gets what it takes over.
        start: its start.
    """
    if resumption is None:
        return bound_parameters(request, run.plan, start), None
    run.pinned.update(resumption.pinned)
    run.keep_texts_secret(resumption.secrets)
    checkpoint: Checkpoint = value_to_type(Checkpoint, resumption.checkpoint)
    failed_only = bool(request.get(FAILED_ITEMS_ONLY))
    run.state.notes.append(begin_note(request[RETRY_OF], checkpoint, failed_items_only=failed_only))
    run.state.done_before = list(checkpoint.outputs)
    return resumption.parameters, checkpoint.to_retry(failed_items_only=failed_only)


def retry_of(request: Any) -> str:
    """Which execution a start request wants to retry, '' for none; the request is unchecked."""
    name = request.get(RETRY_OF) if isinstance(request, dict) else None
    return name[:200] if isinstance(name, str) else ""
