"""Plain paths: parsed by jmespath, walked by our own visitor with jq's treatment of nulls.

Deterministic and quick, so workflow code may walk them itself. A path says the same as the jq program of the same text,
with the leading dot that may be left out. So ``length`` is no path (it is the size of the value, ``.length`` its
member), and neither is what begins with a quote or a bracket (a string and a list for jq).

Roads not taken: JMESPath's own evaluation (it drops nulls that jq keeps and turns a missing list into null where jq
gives none), and the jq library in this process (it can't be interrupted and aborts the process when memory runs out).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from caboose.oos.selectors.port import SelectorError

_JQ = """
    abs acos acosh add all any arrays ascii_downcase ascii_upcase asin asinh atan atanh booleans builtins cbrt ceil
    combinations cos cosh debug empty env erf erfc error exp exp10 exp2 explode expm1 fabs false finites first flatten
    floor frexp from_entries fromdate fromdateiso8601 fromjson gamma get_jq_origin get_prog_origin get_search_list
    gmtime halt halt_error have_decnum have_literal_numbers implode infinite input input_filename input_line_number
    inputs isfinite isinfinite isnan isnormal iterables j0 j1 keys keys_unsorted last length lgamma lgamma_r localtime
    log log10 log1p log2 logb ltrim max min mktime modf modulemeta nan nearbyint normals not now null nulls numbers
    objects paths recurse reverse rint round rtrim scalars significand sin sinh sort sqrt stderr strings tan tanh tgamma
    to_entries toboolean todate todateiso8601 tojson tonumber tostream tostring transpose trim true trunc type unique
    utf8bytelength values y0 y1
"""
JQ_WORDS = frozenset(_JQ.split())
"""What jq takes as a program when it stands alone: its functions without arguments, and its constants."""

_BEGINNING = re.compile(r"\.|[A-Za-z_][A-Za-z0-9_]*")
_MAX_LENGTH = 1_000
_MAX_RESULTS = 1_000_000


@dataclass(frozen=True)
class Step:
    """One step of a path: a member's name, an index, or (both None) every element."""

    name: str | None = None
    index: int | None = None


def parse(selector: str) -> list[Step]:
    """The steps of a plain path; ``.`` and the empty text are the whole value.

    Raises:
        SelectorError: when the text is anything but a plain path.
    """
    steps = _parsed(selector) if len(selector) <= _MAX_LENGTH else None
    if steps is None:
        raise SelectorError(f"{selector!r:.100} is not a plain path such as Instances.Instance[].InstanceId")
    return list(steps)


def is_plain(selector: str) -> bool:
    """Whether the text is a plain path, and so needs no engine."""
    return len(selector) <= _MAX_LENGTH and _parsed(selector) is not None


@lru_cache(maxsize=2_048)
def _parsed(selector: str) -> tuple[Step, ...] | None:
    text = selector.strip()
    if text in ("", "."):
        return ()
    beginning = _BEGINNING.match(text)
    if not beginning or beginning[0] in JQ_WORDS:
        return None
    try:
        return tuple(_steps(Parser().parse(text.removeprefix(".")).parsed))
    except (JMESPathError, SelectorError, RecursionError):
        return None


def _steps(node: Mapping[str, Any]) -> list[Step]:
    """Flattens jmespath's tree of a path into its steps; anything else in the tree is no plain path."""
    children: list[Any] = node["children"]
    match node["type"]:
        case "identity":
            return []
        case "field":
            return [Step(name=node["value"])]
        case "index":
            return [Step(index=node["value"])]
        case "subexpression" | "index_expression":
            return [step for child in children for step in _steps(child)]
        case "projection" if children[0]["type"] == "flatten":
            return [*_steps(children[0]["children"][0]), Step(), *_steps(children[1])]
    raise SelectorError(node["type"])


def walk(steps: list[Step], value: Any) -> list[Any]:
    """All results of the path, in order, nulls kept (jq's rules).

    Raises:
        SelectorError: where jq would fail too: a member of a list, an index of an object, iterating over null.
    """
    results = [value]
    for step in steps:
        found: list[Any] = []
        for current in results:
            found.extend(_apply(step, current))
        if len(found) > _MAX_RESULTS:
            raise SelectorError(f"more than {_MAX_RESULTS} results")
        results = found
    return results


def _apply(step: Step, value: Any) -> list[Any]:
    if step.name is not None:
        if value is None:
            return [None]
        if type(value) is dict or isinstance(value, dict):
            return [value.get(step.name)]
        raise SelectorError(f"cannot take {step.name!r} of {_kind(value)}")
    if step.index is not None:
        if value is None:
            return [None]
        if isinstance(value, list):
            inside = -len(value) <= step.index < len(value)
            return [value[step.index] if inside else None]
        raise SelectorError(f"cannot take element {step.index} of {_kind(value)}")
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    raise SelectorError(f"cannot iterate over {_kind(value)}")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
