"""Selectors: the jq paths that cut outputs and polled values out of an action's result.

Nine of ten selectors in real templates are plain paths (``Instances.Instance[].InstanceId``). Those are parsed by
jmespath and walked by our own visitor with jq's treatment of nulls: deterministic and quick, so workflow code may run
them. What isn't a plain path is refused for now (``NotSupportedYet``) rather than guessed at.

Roads not taken: JMESPath's own evaluation (it drops nulls that jq keeps and turns a missing list into null where jq
gives none), and the jq library in this process (it can't be interrupted and aborts the process when memory runs out).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from caboose.oos.plan import OutputSpec
from caboose.oos.resolve import MAX_VALUE_DEPTH, depth_of

_JQ = """
    abs acos acosh add all any arrays ascii ascii_downcase ascii_upcase asin asinh atan atanh booleans builtins cbrt
    ceil combinations cos cosh debug empty env error exp exp10 exp2 explode expm1 fabs false finites first flatten
    floor from_entries fromdate fromdateiso8601 fromjson gamma get_search_list gmtime halt halt_error
    implode infinite input input_filename input_line_number inputs isinfinite isnan isnormal isvalid iterables keys
    keys_unsorted last leaf_paths length lgamma localtime log log10 log1p log2 logb ltrim mktime min max modulemeta nan
    nearbyint normals not now null nulls numbers objects paths recurse reverse rint round rtrim scalars sin sinh sort
    sqrt stderr strings tan tanh tgamma to_entries toarray todate todateiso8601 tojson tonumber tostream tostring
    transpose trim true trunc type unique utf8bytelength values
"""
_JQ_WORDS = frozenset(_JQ.split())
"""Words that jq takes as programs: ``length`` is the size of the value, ``.length`` its member."""
_FIRST_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_LENGTH = 1_000
_MAX_RESULTS = 1_000_000


class SelectorError(ValueError):
    """A selector that is not a plain path, or that doesn't fit the value it meets."""


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
    text = selector.strip()
    if text in ("", "."):
        return []
    if len(text) > _MAX_LENGTH:
        raise SelectorError(f"longer than {_MAX_LENGTH} characters")
    first = _FIRST_WORD.match(text)
    if first and first[0] in _JQ_WORDS:
        raise SelectorError(f"{selector!r} begins with jq's {first[0]!r}: a program, not a plain path")
    try:
        tree = Parser().parse(text.removeprefix(".")).parsed
        return _steps(tree)
    except (JMESPathError, SelectorError, RecursionError):
        raise SelectorError(f"{selector!r} is not a plain path such as Instances.Instance[].InstanceId") from None


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
        case "flatten":
            return [*_steps(children[0]), Step()]
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
        if isinstance(value, dict):
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


def select(spec: OutputSpec, value: Any) -> Any:
    """One output: for ``List`` all results in order, else the first one unchanged, null when there is none.

    Source: design section 4 (selectors, ``Type: List``).

    Raises:
        SelectorError: as ``walk``.
    """
    results = walk(parse(spec.selector), value)
    if spec.type == "List":
        return results
    return results[0] if results else None


def select_all(outputs: dict[str, OutputSpec], value: Any) -> dict[str, Any]:
    """Every declared output of a task, cut out of its action's result.

    Raises:
        SelectorError: names the output whose selector doesn't fit the result.
    """
    selected: dict[str, Any] = {}
    for name, spec in outputs.items():
        try:
            selected[name] = select(spec, value)
            if depth_of(selected[name]) > MAX_VALUE_DEPTH:
                raise SelectorError(f"the value is nested more than {MAX_VALUE_DEPTH} levels")
        except SelectorError as error:
            raise SelectorError(f"Outputs.{name}: selector {spec.selector!r}: {error}") from error
    return selected
