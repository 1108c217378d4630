"""A task's Loop: its items, its rate control, and what is collected over the items (reference section 2.6)."""

from typing import Any

from caboose.oos import rate_control
from caboose.oos.compiling.expressions import check_value
from caboose.oos.compiling.outputs import check_output_name
from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.scope import Scope
from caboose.oos.functions import AGGREGATES
from caboose.oos.loading import Path
from caboose.oos.names import PARAMETER_NAME, resolve_name
from caboose.oos.plan import Aggregate, Body, Loop
from caboose.oos.problems import did_you_mean
from caboose.oos.references import is_open

MAX_ITEMS = 100_000
"""OOS itself stops at 1,000. A template that is written out has room for fewer."""
_KEYS = ("Items", "RateControl", "Outputs")
_OLDER_KEYS = rate_control.KEYS
"""The keys of a rate control may stand directly under Loop."""


def read_loop(reader: Reader, value: Any, declared: list[str], path: Path, scope: Scope, nested: Body | None) -> Loop:
    """The loop. ``declared`` names the outputs of the task that can be collected; so can those of ``nested``, the
    template behind its action (one without tasks while it isn't known)."""
    fields = reader.mapping(value, path)
    reader.unknown_keys(fields, (*_KEYS, *_OLDER_KEYS), path)
    if fields.get("Items") is None:
        reader.error("MissingKey", "a Loop needs Items", path)
    return Loop(
        read_items(reader, fields.get("Items", []), (*path, "Items"), scope),
        _rate_control(reader, fields, path, scope),
        _aggregates(reader, fields.get("Outputs"), declared, (*path, "Outputs"), nested),
    )


def read_items(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """The items of a loop: a list, or what gives one."""
    items = check_value(reader, value, path, scope)
    if items is not None and not isinstance(items, list) and not is_open(items):
        reader.error("InvalidType", f"Items is a list, not {items!r:.80}", path)
    return items


def read_rate_control(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """A rate control; one that is written out is checked now."""
    control = check_value(reader, value, path, scope)
    if not is_open(control):
        try:
            rate_control.parse(control)
        except rate_control.RateControlError as error:
            reader.error(error.code, str(error), path)
    return control


def _rate_control(reader: Reader, fields: dict[str, Any], path: Path, scope: Scope) -> Any:
    """``RateControl``, or the older form: the same keys beside Items."""
    older = {key: fields[key] for key in _OLDER_KEYS if key in fields}
    if "RateControl" not in fields:
        return read_rate_control(reader, older or None, path, scope)
    if older:
        message = f"RateControl has the same keys as what stands beside it ({', '.join(older)}); write them there alone"
        reader.error("InvalidRateControl", message, path)
    return read_rate_control(reader, fields["RateControl"], (*path, "RateControl"), scope)


def _aggregates(
    reader: Reader, value: Any, declared: list[str], path: Path, nested: Body | None
) -> dict[str, Aggregate]:
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "outputs")
    aggregates = {}
    known = [*declared, *(nested.outputs if nested else ())]
    for name, each in section.items():
        here = (*path, name)
        check_output_name(reader, name, here)
        fields = reader.mapping(each, here)
        reader.unknown_keys(fields, ("AggregateType", "AggregateField"), here)
        kind = _aggregate_type(reader, fields.get("AggregateType"), (*here, "AggregateType"))
        place = (*here, "AggregateField")
        field = reader.text(fields.get("AggregateField"), place)
        found = resolve_name(field, known)
        if found is not None:
            reader.warn_of_case(field, found, place)
        elif nested and PARAMETER_NAME.fullmatch(field):
            if nested.tasks:
                message = f'the template behind this task gives no output "{field}": null is collected'
                reader.warning("UndeclaredOutput", message, place, did_you_mean(field, known))
        else:
            hint = did_you_mean(field, known) or "Declare it under the task's Outputs."
            reader.error("UnknownReference", f'AggregateField names no output of this task: "{field}"', place, hint)
        aggregates[name] = Aggregate(kind, found or field)
    return aggregates


def _aggregate_type(reader: Reader, value: Any, path: Path) -> str:
    found = resolve_name(value, AGGREGATES) if isinstance(value, str) else None
    if found is None:
        hint = did_you_mean(str(value), AGGREGATES)
        reader.error("InvalidType", f"AggregateType is {' or '.join(AGGREGATES)}, not {value!r:.80}", path, hint)
        return next(iter(AGGREGATES))
    reader.warn_of_case(value, found, path)
    return found
