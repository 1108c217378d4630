"""What an atomic action is: its properties, the result that selectors see, and what it may do in a template.

Declarations are data, so that one check fits all, the reference page is made from them, and an action is one small
file. What data can't say (``exactly one of Duration and EndDate``) is the action's own ``check``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY

API = "Atomic.API"
TRIGGER = "Atomic.Trigger"
CONTROL = "Atomic.Control"
EMBEDDED = "Atomic.Embedded"
CICD = "Atomic.CICD"
"""The groups of actions, as ListActions names them."""


@dataclass(frozen=True)
class Property:
    """One property of an action, a key of a map in it, or an element of a list.

    A reference or a function in its place is always allowed, unless ``literal`` says that it has to be written out.
    ``values`` are the texts that may stand here and ``fields`` the keys of a map; ``complete`` is false where the
    documentation could be read in part only, so that others may exist. ``element`` is what a list consists of.
    ``single`` allows one value in place of a list of one. ``default`` is what OOS takes when nothing is given.
    ``runs_here`` is false for what this version doesn't carry out yet.
    """

    kind: str = ANY
    required: bool = False
    description: str = ""
    values: tuple[str, ...] = ()
    fields: "Mapping[str, Property]" = field(default_factory=dict)
    element: "Property | None" = None
    complete: bool = True
    literal: bool = False
    single: bool = False
    default: Any = None
    runs_here: bool = True


def _nothing(_: Given) -> None:
    """Most actions need no more than their declaration."""


def _never(_: Mapping[str, Any]) -> bool:
    """Most actions call no API of a cloud product."""
    return False


@dataclass(frozen=True)
class Action:
    """An atomic action.

    Attributes:
        name: ``ACS::Sleep``.
        kind: one of the groups above.
        summary: what it does, in a sentence.
        source: the page of Alibaba's documentation that describes it, '' when none does.
        properties: what it takes, by name.
        complete: whether those are all; false where documentation is missing or could be read in part only.
        result: what selectors see, in a sentence for people.
        result_fields: the names in the result, where they are fixed.
        may_loop: whether a task of it may have a Loop.
        first_only: a trigger: one a template, its first task, and not in a child template.
        polls: whether the attributes of repeating (Retries, Delay …) mean something.
        retries: how often it is repeated when Retries doesn't say.
        runs_here: whether this version's engine carries it out.
        check: what its declaration can't say.
        high_risk: whether a task with these properties needs somebody's confirmation (reference: risk control).
    """

    name: str
    kind: str
    summary: str
    source: str = ""
    properties: Mapping[str, Property] = field(default_factory=dict)
    complete: bool = True
    result: str = "Nothing."
    result_fields: tuple[str, ...] = ()
    may_loop: bool = False
    first_only: bool = False
    polls: bool = False
    retries: int = 10
    runs_here: bool = False
    check: Callable[[Given], None] = _nothing
    high_risk: Callable[[Mapping[str, Any]], bool] = _never
