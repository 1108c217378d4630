"""Finding the template of a start: in the store, then in the library folders in order.

Names that begin with ACS are the names of public templates and product actions; only the library has them, so that
nobody can put something else into the store under such a name (design section 2).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from caboose.oos.library import Library
from caboose.oos.problems import Problem, did_you_mean

_PUBLIC = "acs"


@dataclass(frozen=True)
class StoredTemplate:
    """One immutable version of a template in the store; ``hash`` is the SHA-256 of its content in hex.

    A template of the library has no version.
    """

    name: str
    version: str
    content: str
    hash: str


class TemplateSource(Protocol):
    """Where stored templates are looked up."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """A template by name and version; the latest version when none is named."""

    def names(self) -> list[str]:
        """The names of all stored templates."""


def find_template(
    request: dict[str, Any], templates: TemplateSource, library: Library
) -> tuple[StoredTemplate | None, list[Problem]]:
    """The template that a start names or brings along; or why there is none."""
    name, version, content = (request.get(key) or "" for key in ("TemplateName", "TemplateVersion", "TemplateContent"))
    if not all(isinstance(each, str) for each in (name, version, content)):
        return None, []  # reported as a field of the wrong type
    if bool(name) == bool(content):
        hint = "TemplateName for a stored template, TemplateContent for the text of one."
        return None, [Problem("InvalidField", "give either TemplateName or TemplateContent", "TemplateName", hint=hint)]
    if content:
        return StoredTemplate("", "", content, ""), []
    public = name.casefold().startswith(_PUBLIC)
    found = None if public else templates.find(name, version or None)
    if found:
        return found, []
    known = [] if public else templates.names()
    if name in known:
        return None, [_unknown(f'the template "{name}" has no version "{version}"', "TemplateVersion")]
    return _in_library(name, version, known, library)


def find_nested_text(templates: TemplateSource) -> Callable[[str, str], str | None]:
    """Gives the text of a stored template that another one names, by name and version ('' = the latest)."""

    def find(name: str, version: str) -> str | None:
        found = templates.find(name, version or None)
        return found.content if found else None

    return find


def _in_library(
    name: str, version: str, known: list[str], library: Library
) -> tuple[StoredTemplate | None, list[Problem]]:
    source = library.find(name)
    if source is None:
        hint = did_you_mean(name, [*known, *library.templates(), *library.names()])
        hint = hint or "Store it with: caboose templates put. Or put it into a folder that CABOOSE_LIBRARY_PATH names."
        return None, [_unknown(f'there is no template "{name}"', "TemplateName", hint)]
    if source.fault:
        return None, [source.fault]
    if version:
        hint = "Leave TemplateVersion out."
        message = f'the template "{source.name}" is a file of the library, which has no versions'
        return None, [_unknown(message, "TemplateVersion", hint)]
    return StoredTemplate(source.name, "", source.text, sha256(source.text.encode()).hexdigest()), []


def _unknown(message: str, path: str, hint: str = "") -> Problem:
    return Problem("UnknownTemplate", message, path, hint=hint)
