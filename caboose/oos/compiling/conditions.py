"""The Conditions section: named conditions, evaluated when they are used (reference section 1.6).

What a condition needs (tasks that have run, a loop item) is collected here and held against each place that names it,
because a condition itself stands nowhere in the order of tasks.
"""

from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

from caboose.oos.compiling.expressions import check_condition
from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.scope import LOOP_ITEM, Needs, Scope
from caboose.oos.functions import FUNCTIONS
from caboose.oos.kinds import CONDITION
from caboose.oos.loading import MAX_DEPTH, Path
from caboose.oos.names import PARAMETER_NAME, resolve_name
from caboose.oos.parameters.defaults import circles, in_order
from caboose.oos.problems import did_you_mean
from caboose.oos.references import OUTPUT, PSEUDO, RAW, function_of, references
from caboose.oos.values import depth_of

_HERE = ("Conditions",)
_OUTERMOST = ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals")


def needs_of(reader: Reader, value: Any) -> dict[str, Needs]:
    """The conditions that can be named, with what each needs, by way of others too; read before the tasks are."""
    section = reader.mapping(value, _HERE)
    reader.no_case_twins(section, _HERE, "conditions")
    named = _named(section)
    needs: dict[str, Needs] = {}
    for name in [*in_order(_names(named)), *section]:  # those in a circle have no place in the order
        if name not in needs:
            needs[name] = _needs(
                section[name], [(needs[each], at) for each, at in named[name].items() if each in needs]
            )
            if needs[name].depth > MAX_DEPTH - 1:  # two maps are above it, and its last level is no map or list
                message = f'with those that it names the condition "{name}" is nested more than {MAX_DEPTH} levels'
                reader.error("TooDeep", message, (*_HERE, name), "Make it of fewer others.")
                needs[name] = replace(needs[name], depth=0)  # said once, and not of all that are made of it
    return {name: needs[name] for name in section}


def read_conditions(reader: Reader, value: Any, scope: Scope) -> dict[str, Any]:
    """The conditions by name, in a scope where every task has run and a loop item exists."""
    section = value if isinstance(value, dict) else {}
    everywhere = replace(scope.with_item(), conditions={name: Needs() for name in section})
    conditions = {}
    for name, each in section.items():
        path: Path = (*_HERE, name)
        if not PARAMETER_NAME.fullmatch(name):
            message = f'"{name}" is no condition name: letters, digits, hyphens and underscores'
            reader.error("InvalidName", message, path)
        outermost = function_of(each) if isinstance(each, dict) else ""
        if resolve_name(outermost, _OUTERMOST) is None:
            hint = did_you_mean(outermost, _OUTERMOST) or f"Begin with {', '.join(_OUTERMOST)}."
            reader.error("InvalidCondition", f'the condition "{name}" is none of the functions that decide', path, hint)
        else:
            conditions[name] = check_condition(reader, each, path, everywhere)
    _no_circles(reader, conditions)
    return conditions


def _needs(value: Any, others: list[tuple[Needs, int]]) -> Needs:
    """What a condition needs by itself, and what those need that it names, at their level in it."""
    tasks: dict[str, None] = {}
    item = any(other.item for other, _ in others)
    for _, reference in references(value):
        if reference.kind in (OUTPUT, RAW):
            tasks[reference.name] = None
        item = item or (reference.kind == PSEUDO and resolve_name(reference.name, (LOOP_ITEM,)) is not None)
    for other, _ in others:
        tasks.update(dict.fromkeys(other.tasks))
    return Needs(tuple(tasks), item, max([depth_of(value), *(level + other.depth for other, level in others)]))


def _named(conditions: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The conditions, those that each of them names, and how deep in it they are named."""
    return {name: dict(sorted(_names_in(value, conditions), key=itemgetter(1))) for name, value in conditions.items()}


def _names_in(
    value: Any, conditions: dict[str, Any], level: int = 0, *, asked: bool = True
) -> Iterator[tuple[str, int]]:
    """Conditions that a value names; ``asked`` tells whether it stands where a condition does: elsewhere a text that
    happens to be the name of one is only a text."""
    if isinstance(value, str):
        name = resolve_name(value, conditions) if asked else None
        if name is not None:
            yield name, level
    elif isinstance(value, dict):
        function = FUNCTIONS.get(resolve_name(function_of(value), FUNCTIONS) or "")
        kinds = [each.kind for each in function.arguments] if function else []
        for child in value.values():
            below = level + 1 + isinstance(child, list)
            for index, each in enumerate(child if isinstance(child, list) else [child]):
                kind = kinds[min(index, len(kinds) - 1)] if kinds else ""
                yield from _names_in(each, conditions, below, asked=kind == CONDITION)
    elif isinstance(value, list):
        for each in value:
            yield from _names_in(each, conditions, level + 1, asked=False)


def _names(named: dict[str, dict[str, int]]) -> dict[str, list[str]]:
    return {name: list(others) for name, others in named.items()}


def _no_circles(reader: Reader, conditions: dict[str, Any]) -> None:
    around = dict.fromkeys(name for circle in circles(_names(_named(conditions))) for name in circle)
    for name in conditions:
        if name in around:
            message = f'the condition "{name}" is made of itself, by way of others or not'
            reader.error("ConditionCycle", message, (*_HERE, name))
