"""Ids of task executions: ``exec-….t0003.i0012.t0001`` says where it stands, a dot a step.

Whoever lists task executions, from a workflow's memory or from the store, sorts them by the same text, so that a page
of the one goes on where a page of the other ended.
"""

import re

_NUMBER = re.compile(r"\d+")
_WIDTH = 10


def position(execution_id: str, task_execution_id: str) -> str:
    """The part of the id after the execution's, its numbers padded: sorted as text, i10000 comes after i9999.

    What is below a task execution comes right after it: its position begins with that one's and a dot.
    """
    return _NUMBER.sub(lambda number: number[0].zfill(_WIDTH), task_execution_id.removeprefix(execution_id))
