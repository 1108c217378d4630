"""Actions that are templates: product actions, and ``ACS::Template`` with a literal name or inline content.

Their bodies are compiled with the template that uses them; ``Bodies`` is the door through which tasks ask for that, so
that reading a task knows nothing of libraries, caches and limits. A template whose name is computed is compiled when it
is reached (design section 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from caboose.oos.compiling.properties import check_parameters as check_given
from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.plan import Body
from caboose.oos.references import function_of, is_open, whole


@dataclass(frozen=True)
class Found:
    """A compiled body: the name as it is declared, the hash in the plan, the body."""

    name: str
    hash: str
    body: Body


class Bodies(Protocol):
    """Compiles what a task's action names. Each method reports to ``reader`` why there is no body."""

    def product(self, name: str, reader: Reader, path: Path) -> Found | None:
        """A product action by name."""

    def template(self, name: str, version: str, reader: Reader, path: Path) -> Found | None:
        """A template by name and version ('' = the latest): from the store, then from the library."""

    def inline(self, content: Any, reader: Reader, path: Path) -> Found | None:
        """A template that is written into the task: a map, or its text."""

    def used(self) -> Mapping[str, Body]:
        """The bodies that the template under compilation uses so far, by hash."""


def template_body(reader: Reader, properties: dict[str, Any], path: Path, bodies: Bodies) -> Found | None:
    """The body that ``ACS::Template`` runs, None when it is known only when it is reached, or after reporting why."""
    content, name = properties.get("TemplateContent"), properties.get("TemplateName")
    version = properties.get("TemplateVersion")
    if content not in (None, ""):
        if comes_later(content):
            return None
        return bodies.inline(content, reader, (*path, "TemplateContent"))
    if not isinstance(name, str) or not name or is_open(name) or is_open(version):
        return None
    return bodies.template(name, str(version or ""), reader, (*path, "TemplateName"))


def comes_later(value: Any) -> bool:
    """Whether a value is one reference or a function, and so known only when it is reached.

    References within an inline template, or within its text, are the inner template's own.
    """
    return bool(whole(value)) if isinstance(value, str) else isinstance(value, dict) and bool(function_of(value))


def check_parameters(reader: Reader, found: Found, properties: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties of ``ACS::Template`` with its ``Parameters`` checked against the template that they are for."""
    given = properties.get("Parameters")
    if given is None:
        given = {}
    if not isinstance(given, dict) or comes_later(given):
        return properties  # one reference or function that gives the map
    checked = check_given(reader, found.name or "the template", found.body, given, (*path, "Parameters"))
    return {**properties, "Parameters": checked}
