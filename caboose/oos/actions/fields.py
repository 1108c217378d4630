"""Values held against declared properties: names, required ones, kinds, closed sets; down into maps and lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from caboose.oos.actions.declaration import Property
from caboose.oos.actions.given import Given, is_set
from caboose.oos.actions.kinds import LIST, MAP, READ, fault_of, is_computed
from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean


class Fields:
    """Reads values of one template for one action; ``owner`` is what messages call it."""

    def __init__(self, reader: Reader, owner: str, *, complete: bool = True) -> None:
        self._reader = reader
        self._owner = owner
        self._complete = complete

    def properties(self, declared: Mapping[str, Property], given: dict[str, Any], path: Path) -> Given:
        """The properties of a task in their declared spelling; an unknown one stops a start."""
        written: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name, value in given.items():
            found = spell(self._reader, name, declared, written, path)
            if found:
                values[found] = value
            elif self._complete:
                report_unknown(self._reader, self._owner, name, list(declared), path)
            else:
                self._undocumented(name, self._owner, path)
                values[name] = value
        result = Given(self._reader, self._owner, path, values, written)
        self._check(declared, result, self._owner)
        return result

    def _keys(self, declared: Property, given: dict[str, Any], path: Path, name: str) -> dict[str, Any]:
        """A map within a property; an unknown key has no effect."""
        written: dict[str, str] = {}
        values: dict[str, Any] = {}
        for key, value in given.items():
            found = spell(self._reader, key, declared.fields, written, path)
            values[found or key] = value
            if not found and declared.complete:
                self._reader.unknown_keys({key: value}, tuple(declared.fields), path)
            elif not found:
                self._undocumented(key, name, path)
        self._check(declared.fields, Given(self._reader, name, path, values, written), name)
        return values

    def _undocumented(self, name: str, owner: str, path: Path) -> None:
        message = f'"{name}" is not among what is documented of {owner}; nothing is done with it here'
        self._reader.warning("UndocumentedProperty", message, (*path, name))

    def _check(self, declared: Mapping[str, Property], given: Given, owner: str) -> None:
        for name, expected in declared.items():
            if name in given:
                given.values[name] = self._value(expected, given.values[name], given.place(name), name)
                if not expected.runs_here:
                    given.not_supported(f"{name} of {self._owner}", name)
            elif expected.required:
                given.error("MissingProperty", f"{owner} needs {name}", hint=expected.description)

    def _value(self, expected: Property, value: Any, path: Path, name: str) -> Any:
        if is_computed(value):
            if expected.literal:
                message = f"{name} is written out: a reference or a function can't stand here"
                self._reader.error("InvalidProperty", message, path)
            return value
        if expected.single and not isinstance(value, (list, dict)):
            message = f"{name} is a list; {value!r:.80} is taken as a list of one"
            self._reader.warning("SingleValue", message, path, "Write it as a list.")
            return [value]
        fault = fault_of(expected.kind, value)
        if fault:
            id = "InvalidProperty" if expected.kind in READ else "InvalidType"
            self._reader.error(id, f"{name}{fault}", path)
        elif expected.values:
            return self._one_of(expected, value, path, name)
        elif expected.kind == MAP and expected.fields:
            return self._keys(expected, value, path, name)
        elif expected.kind == LIST and expected.element:
            element = expected.element
            return [self._value(element, each, (*path, index), f"{name}[{index}]") for index, each in enumerate(value)]
        return value

    def _one_of(self, expected: Property, value: str, path: Path, name: str) -> Any:
        found = resolve_name(value, expected.values)
        if found is None:
            message = f"{name} is one of {', '.join(expected.values)}, not {value!r:.80}"
            report = self._reader.error if expected.complete else self._reader.warning
            report("InvalidProperty" if expected.complete else "UnknownValue", message, path)
        else:
            self._reader.warn_of_case(value, found, path)
        return found or value


def spell(reader: Reader, name: str, declared: Mapping[str, Any], written: dict[str, str], path: Path) -> str | None:
    """The declared spelling of a name that a template gives; what it is written as is noted in ``written``."""
    found = resolve_name(name, declared)
    if found is None:
        return None
    if found in written:
        reader.error("AmbiguousName", f'the property "{found}" is given twice', (*path, name))
    else:
        reader.warn_of_case(name, found, (*path, name))
    written[found] = name
    return found


def report_unknown(reader: Reader, owner: str, name: str, known: list[str], path: Path) -> None:
    """An unknown property, with the one that may have been meant."""
    hint = did_you_mean(name, known) or (f"It has {', '.join(known)}." if known else "It has none.")
    reader.error("UnknownProperty", f'{owner} has no property "{name}"', (*path, name), hint)


def of_kind(kind: str, declared: Mapping[str, Property], values: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every value of a kind within checked properties, with its path: the selectors of an action, its conditions."""
    for name, expected in declared.items():
        if is_set(values.get(name)):
            yield from _of_kind(kind, expected, values[name], (name,))


def _of_kind(kind: str, expected: Property, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if expected.kind == kind:
        yield path, value
    elif expected.fields and isinstance(value, dict):
        for key, each in of_kind(kind, expected.fields, value):
            yield (*path, *key), each
    elif expected.element and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _of_kind(kind, expected.element, each, (*path, index))
