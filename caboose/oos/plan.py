"""The Plan: what a template becomes when it is compiled.

Plain data, so that it travels through Temporal's history and back unchanged (JSON round trip is identity): lists
instead of tuples, no sets, no objects with behaviour. A task names the body of its product action by hash, so a body
that ten tasks use is there once. The plan of an execution is pinned in its history: a later change of the store or
of a library folder can't change what runs.
"""

from dataclasses import dataclass, field
from typing import Any

NEXT = "ACS::NEXT"
END = "ACS::END"
"""Where a task can jump beside other tasks: on to the next one, or to the end of the template."""

PLAN_VERSION = 0
"""Stays 0 until the first release; stored histories are recorded again in the commit that changes the plan."""


@dataclass(frozen=True)
class OutputSpec:
    """A declared task output: its OOS type and the selector that cuts it out of the action's result.

    A selector is a text, in which references may stand, or a function whose result is the text; with ``Fn::Jq``
    outermost the result is the output itself.
    """

    type: str
    selector: Any = "."


@dataclass(frozen=True)
class Aggregate:
    """A declared loop output: how (``Fn::ListJoin``, ``Fn::Sum``) and which task output it collects over the items."""

    type: str
    field: str


@dataclass(frozen=True)
class Loop:
    """A task's loop, with its references still in it: items and rate control are known when the task is reached."""

    items: Any
    rate_control: Any
    outputs: dict[str, Aggregate] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """The polling attributes of a task; seconds (reference: common task attributes)."""

    retries: int = 10
    delay_type: str = "Exponential"
    delay: float = 2
    back_off: float = 2
    max_interval: float = 1800


@dataclass(frozen=True)
class Task:
    """One task, with its references and functions still in it.

    ``action`` is the declared spelling; ``body`` the hash of a product action's or nested template's body, '' if the
    action is atomic or its template is known only when it is reached. Jumps are names of tasks of the same list,
    ``ACS::NEXT`` or ``ACS::END``. ``raw_outputs`` are the paths that direct selections (``{{ task.A[].B }}``) take from
    the raw result, under themselves as names. ``tasks`` are the inner tasks of ``ACS::Loop``.
    """

    name: str
    action: str
    properties: dict[str, Any]
    body: str = ""
    description: str = ""
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    raw_outputs: dict[str, OutputSpec] = field(default_factory=dict)
    loop: Loop | None = None
    retry: Retry = field(default_factory=Retry)
    when: Any = None
    on_success: str = NEXT
    on_error: str = END
    on_cancel: str = END
    is_critical: bool = True
    high_risk: bool = False
    tasks: list["Task"] = field(default_factory=list)


@dataclass(frozen=True)
class Parameter:
    """A declared parameter. ``has_default`` tells a default of null from none."""

    name: str
    type: str = "String"
    has_default: bool = False
    default: Any = None
    allowed_values: list[Any] = field(default_factory=list)
    allowed_pattern: str = ""
    min_length: int | None = None
    max_length: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    no_echo: bool = False
    constraint_description: str = ""
    description: str = ""


@dataclass(frozen=True)
class Output:
    """A declared output of a template: its type and its value with references."""

    type: str
    value: Any


@dataclass(frozen=True)
class Body:
    """One compiled template: the started one, or a product action's."""

    name: str
    tasks: list[Task]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    ram_role: Any = ""
    description: str = ""


@dataclass(frozen=True)
class Plan:
    """A compiled template with every body that it can reach: ``bodies[root]`` is the template itself."""

    root: str
    bodies: dict[str, Body]
    version: int = PLAN_VERSION

    @property
    def body(self) -> Body:
        """The body of the template that is started."""
        return self.bodies[self.root]
