"""The outputs of a template: made at its end, whatever path it took (design section 4).

What a task that never ran would have given is null. Together the outputs have at most as many bytes as one value may
have: one that doesn't fit, or can't be made, is null, and a note of the execution says so.
"""

from typing import Any

from caboose.engine.errors import TaskFailed
from caboose.engine.frame import Frame
from caboose.oos.selectors import Engine, SelectorError
from caboose.oos.values import Room


async def template_outputs(frame: Frame, programs: Engine | None = None, *, noted: bool = True) -> dict[str, Any]:
    """The declared outputs of the frame's template; ``programs`` runs programs in place of the execution's own.

    ``noted``: what is left out is worth a note; not where the template failed, and much of it is missing anyway.
    """
    values: dict[str, Any] = {}
    room = Room()
    for name, output in frame.body.outputs.items():
        try:
            values[name] = await frame.evaluate(output.value, room=room, programs=programs)
        except TaskFailed as failure:
            values[name] = None
            if noted:
                frame.run.state.notes.append(f"the output {name} was left out: {frame.run.hide(failure.message)}")
    return values


class NoPrograms:
    """``selectors.Engine`` of an execution that has been cancelled: nothing new begins."""

    async def run(self, program: str, value: Any) -> list[Any]:
        """Refuses every program."""
        raise SelectorError("the execution was cancelled before it was made")

    async def matches(self, pattern: str, text: str) -> bool:
        """Refuses every pattern."""
        raise SelectorError("the execution was cancelled before it was checked")
