"""``ACS::Sleep``: waits for a while, or until a date (https://help.aliyun.com/zh/oos/user-guide/acs-sleep).

A date that has passed is no reason to fail: whatever it was to come after may begin. The time is the execution's own,
so that a replay finds it where it was.
"""

from datetime import timedelta
from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.errors import TaskFailed
from caboose.engine.state import timestamp
from caboose.oos.times.dates import moment
from caboose.oos.times.durations import MAX_SECONDS, seconds

_WORTH_SHOWING = 60.0
"""Seconds from which on people are told at once; the record of a shorter sleep would outlive it."""


async def sleep(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Returns when the time is over.

    Raises:
        TaskFailed: ``InvalidProperty``, when a reference gave no duration or date, or both are given, or neither.
    """
    wanted = _seconds(context, properties)
    if wanted <= 0:
        return {}
    effects = context.frame.run.effects
    until = timestamp(effects.now() + timedelta(seconds=wanted))
    context.run.message = f"sleeps until {until}"
    if wanted >= _WORTH_SHOWING:
        effects.report()
    await effects.sleep(wanted, f"{context.task.name} sleeps until {until}")
    context.run.message = ""
    return {}


def _seconds(context: TaskContext, properties: dict[str, Any]) -> float:
    """How long; nothing and less for a date that has passed."""
    duration, end = (properties.get(name) for name in ("Duration", "EndDate"))
    if (duration in (None, "")) == (end in (None, "")):
        raise TaskFailed("InvalidProperty", "one of Duration and EndDate is given, and only one")
    try:
        if duration not in (None, ""):
            return seconds(duration)
        wanted = (moment(end) - context.frame.run.effects.now()).total_seconds()
    except ValueError as error:
        raise TaskFailed("InvalidProperty", f"{'EndDate' if duration in (None, '') else 'Duration'}: {error}") from None
    if wanted > MAX_SECONDS:
        raise TaskFailed("InvalidProperty", f"EndDate: {end} is more than a hundred years away")
    return wanted
