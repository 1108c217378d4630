"""Defaults may refer to other parameters, in any order: which must be made first, and which go round in a circle.

Also here: a value that is made of a secret is one.
"""

from collections.abc import Container, Mapping

from caboose.oos.plan import Parameter
from caboose.oos.redact import looks_secret
from caboose.oos.references import PARAMETER, references

Needs = Mapping[str, list[str]]
"""Parameters, and the other parameters that the default of each refers to."""


def needed_by(parameter: Parameter) -> list[str]:
    """The parameters that the default refers to; compiling has put them into their declared spelling."""
    return list(dict.fromkeys(each.name for _, each in references(parameter.default) if each.kind == PARAMETER))


def in_order(needs: Needs) -> list[str]:
    """The names so that each comes after those it needs; the ones in a circle, and those behind it, are left out."""
    behind: dict[str, list[str]] = {name: [] for name in needs}
    missing = {name: sum(each in needs for each in needed) for name, needed in needs.items()}
    for name, needed in needs.items():
        for each in needed:
            if each in needs:
                behind[each].append(name)
    order = [name for name in needs if not missing[name]]
    for done in order:  # grows while it is walked
        for name in behind[done]:
            missing[name] -= 1
            if not missing[name]:
                order.append(name)
    return order


def circles(needs: Needs) -> list[list[str]]:
    """The circles that keep defaults from being made, each as its way: ``a``, ``b``, ``a``.

    Whatever has no place in the order is in a circle or leads into one: following the first need that has no place
    either ends in a circle, and every step is taken once.
    """
    ordered = frozenset(in_order(needs))
    onward = {
        name: next(each for each in needed if each in needs and each not in ordered)
        for name, needed in needs.items()
        if name not in ordered
    }
    found = []
    walk_of: dict[str, str] = {}
    for begin in onward:
        way, name = [], begin
        while name not in walk_of:
            walk_of[name] = begin
            way.append(name)
            name = onward[name]
        if walk_of[name] == begin:
            found.append([*way[way.index(name) :], name])
    return found


def circle_message(circle: list[str]) -> str:
    """What there is to say about a circle."""
    return f"the defaults refer to each other in a circle: {' -> '.join(circle)}"


def is_secret(parameter: Parameter) -> bool:
    """Whether the parameter's value is never shown."""
    return parameter.no_echo or looks_secret(parameter.name)


def secret_names(declared: Mapping[str, Parameter], given: Container[str | None]) -> list[str]:
    """The parameters whose values are never shown: those that say so, and those whose default is made of such a one."""
    secret = {name: True for name, parameter in declared.items() if is_secret(parameter)}
    needs = {name: needed_by(parameter) for name, parameter in declared.items() if name not in given}
    for name in in_order(needs):
        if any(each in secret for each in needs[name]):
            secret[name] = True
    return list(secret)
