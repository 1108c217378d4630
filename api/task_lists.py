"""Lists of task executions made of what several know: the execution, the workflows of its large loops, and the store.

Items of a large loop that have ended are in the store, those that run are in the loop's workflow, everything else is in
the execution while it can be asked. Each of them gives a page that goes on after the same key, in the same order; the
list is their union. Workflows are asked before the store: an item that ends in between is then found twice, and not
never.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from api.context import Context, in_thread
from api.loops import LoopWorkflow, loop_around, loops_of, running_loops
from api.records import Known, Record
from api.temporal import NoAnswer, NotFound, Unreachable
from caboose.oos.task_ids import position
from caboose.store import TaskFilter
from caboose.store.paging import make_token, read_token
from caboose.store.tasks import BY_PLACE, BY_TIME, task_key
from workflows.messages import LIST_TASK_EXECUTIONS

_BY_TIME = "CreateDate"


@dataclass(frozen=True)
class TaskPage:
    """Some task executions in order, and the token of the page after them ('' on the last page)."""

    tasks: list[Record]
    next_token: str


@dataclass(frozen=True)
class _Part:
    """What one of them gave: a page, and whether it has more after it."""

    tasks: list[Record]
    more: bool


async def list_tasks(ctx: Context, known: Known, only: TaskFilter, size: int, token: str) -> TaskPage:
    """A page of the task executions of an execution.

    Args:
        ctx: the API's parts.
        known: the execution's record, which says who has to be asked.
        only: which of them, in which order.
        size: how many at most.
        token: that of an earlier page; '' for the first.

    Raises:
        InvalidNextToken: the token isn't one of this list.
    """
    execution_id = known.record["ExecutionId"]
    after = read_token(BY_TIME if only.by_time else BY_PLACE, token, 2 if only.by_time else 1) if token else ()
    parts: list[_Part] = []
    stored = True
    if not known.stored and not known.as_of:
        workflows, stored = await _workflows(ctx, known.record, only)
        answers = await asyncio.gather(
            *(_ask(ctx, workflow_id, {**query, **_page(only, size, after)}) for workflow_id, query in workflows)
        )
        parts = [answer for answer in answers if answer]
        stored = stored or len(parts) < len(answers)  # the worker went away between two questions
    if stored:
        page = await in_thread(ctx.store.list_task_executions, execution_id, only, max_results=size, next_token=token)
        parts.insert(0, _Part(page.items, bool(page.next_token)))
    return _merged(execution_id, only, size, parts)


async def _workflows(ctx: Context, record: Record, only: TaskFilter) -> tuple[list[tuple[str, Record]], bool]:
    """Which workflows to ask, each with what to ask for, and whether the store has some of it."""
    execution_id, wanted = record["ExecutionId"], only.parent or only.within
    if not loops_of(record) or not (wanted or only.include_children):
        return [(execution_id, _query(only))], False
    around = await loop_around(ctx, record, wanted) if wanted else None
    itself = around is not None and around.task_execution_id == only.within  # which the execution knows, not the loop
    asked: list[tuple[str, Record]] = []
    if around is None or itself:
        asked.append((execution_id, _query(only)))
    if around is not None and around.running:
        asked.append((around.workflow_id, _query(only, around if itself else None)))
    if only.include_children or only.within:
        inner = [loop for loop in await running_loops(ctx, record, wanted) if loop != around]
        asked += [(loop.workflow_id, _query(only, loop)) for loop in inner]
    return asked, True


def _query(only: TaskFilter, loop: LoopWorkflow | None = None) -> Record:
    """What a workflow is asked for; a loop below what is wanted gives all of its items."""
    return {
        "ParentTaskExecutionId": loop.task_execution_id if loop else only.parent,
        "IncludeChildTaskExecution": loop is not None or only.include_children,
        "WithinTaskExecutionId": "" if loop else only.within,
        "NotEndedBefore": only.not_ended_before,
        "OrderBy": _BY_TIME if only.by_time else "",
    }


def _page(only: TaskFilter, size: int, after: tuple[str, ...]) -> Record:
    return {"MaxResults": size, "NextToken": " ".join(after)}


async def _ask(ctx: Context, workflow_id: str, query: Record) -> _Part | None:
    try:
        answer: Any = await ctx.gateway.query(workflow_id, LIST_TASK_EXECUTIONS, query)
    except (NoAnswer, NotFound, Unreachable):
        return None
    return _Part(answer["TaskExecutions"], bool(answer["NextToken"]))


def _merged(execution_id: str, only: TaskFilter, size: int, parts: list[_Part]) -> TaskPage:
    """The union in order, as far as every part reaches; of a task execution that is there twice the later part's."""

    def key(task: Record) -> tuple[str, ...]:
        *created, identifier = task_key(task, only)
        return (*created, position(execution_id, identifier))

    found = {task["TaskExecutionId"]: task for part in parts for task in part.tasks}
    reach = min((key(part.tasks[-1]) for part in parts if part.more and part.tasks), default=None)
    listed = sorted(found.values(), key=key)
    certain = listed if reach is None else [task for task in listed if key(task) <= reach]
    shown = certain[:size]
    more = bool(shown) and (len(shown) < len(listed) or any(part.more for part in parts))
    listing = BY_TIME if only.by_time else BY_PLACE
    return TaskPage(shown, make_token(listing, task_key(shown[-1], only)) if more else "")
