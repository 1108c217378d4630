"""References: the ``{{ … }}`` in a template's strings, found and named; and the maps that are calls of functions.

This module finds them; ``evaluate`` gives them values and ``scope`` holds them against what is declared. Inside the
braces stand names and, since 2025, paths into a task's raw result; expressions and filters don't exist in OOS.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from caboose.oos.loading import Path

PARAMETER = "parameter"
OUTPUT = "output"
RAW = "raw"
PSEUDO = "pseudo"
STORE = "store"
OTHER = "other"

PSEUDO_PARAMETERS = (
    "ACS::RegionId",
    "ACS::ExecutionId",
    "ACS::TaskLoopItem",
    "ACS::ExecuteUser",
    "ACS::CurrentUTCTime",
    "ACS::CurrentDate",
    "ACS::AccountId",
    "ACS::OOSUtilVersion",
)

_BRACES = re.compile(r"\{\{(?!\{)((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
"""The innermost braces: ``{{{ x }}}`` is a reference in braces of its own, as in a script's ``${ }``. Stops at the next
pair of braces, so that a text full of unclosed ones is searched in one pass."""
_NAME = r"[A-Za-z0-9_-]+"
_PARAMETER = re.compile(_NAME)
_OUTPUT = re.compile(rf"({_NAME})\.({_NAME})")
_STEP = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\]*")\??'
_ELEMENT = r'\[(?:-?[0-9]{1,9}|"[^"\\]*")?\]\??'
_RAW = re.compile(rf"({_NAME}?)(?:\.|(?=\[))((?:{_STEP}|{_ELEMENT})(?:\.{_STEP}|\.?{_ELEMENT})*)")
"""A task and a path of jq: ``look.Regions.Region[]?.LocalName``."""
_PSEUDO = re.compile(r"acs::\w+", re.IGNORECASE)
_STORE = re.compile(r"oos(-secret)?:", re.IGNORECASE)
_FUNCTION = "fn::"
_MAX_PATH = 1_000


@dataclass(frozen=True)
class Reference:
    """One reference.

    ``name`` is a parameter, a task, a pseudo parameter or a key of the parameter store; ``field`` the output of a task
    or, of kind RAW, the path into its raw result.
    """

    kind: str
    name: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.field}" if self.field else self.name


def classify(text: str) -> Reference:
    """The reference that the text between the braces is."""
    text = text.strip()
    if _PSEUDO.fullmatch(text):
        return Reference(PSEUDO, text)
    if _STORE.match(text):
        return Reference(STORE, text)
    if _PARAMETER.fullmatch(text):
        return Reference(PARAMETER, text)
    output = _OUTPUT.fullmatch(text)
    if output:
        return Reference(OUTPUT, output[1], output[2])
    raw = _RAW.fullmatch(text) if len(text) <= _MAX_PATH else None
    return Reference(RAW, raw[1], raw[2]) if raw else Reference(OTHER, text)


def whole(text: str) -> Reference | None:
    """The reference when the text is nothing but one (blanks round it allowed): its value keeps its type."""
    match = _BRACES.fullmatch(text.strip())
    return classify(match[1]) if match else None


def function_of(value: dict[str, Any]) -> str:
    """The key that makes a map the call of a function (``Fn::Join``, in any letter case); nothing when it is data."""
    return next((key for key in value if key[:4].lower() == _FUNCTION), "")


def is_open(value: Any) -> bool:
    """Whether a value is known only when it runs: a reference or a function is in it."""
    if isinstance(value, str):
        return "{{" in value and any(references(value))
    if isinstance(value, dict):
        return bool(function_of(value)) or any(is_open(child) for child in value.values())
    return isinstance(value, list) and any(is_open(child) for child in value)


def splice(text: str, value_of: Callable[[Reference], str]) -> str:
    """The text with each reference replaced by what ``value_of`` says."""
    return _BRACES.sub(lambda match: value_of(classify(match[1])), text)


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Every reference in every string of a value, with its path; map keys are not interpolated."""
    if isinstance(value, str):
        for match in _BRACES.finditer(value):
            yield path, classify(match[1])
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from references(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from references(child, (*path, index))


def rename(value: Any, new_name: Callable[[Reference], Reference]) -> Any:
    """The value with each reference rewritten, so that what runs needs exact names only."""
    if isinstance(value, str):
        return splice(value, lambda reference: "{{ " + str(new_name(reference)) + " }}")
    if isinstance(value, dict):
        return {key: rename(child, new_name) for key, child in value.items()}
    if isinstance(value, list):
        return [rename(child, new_name) for child in value]
    return value
