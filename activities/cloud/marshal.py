"""From a template's parameters to a typed request of the SDK, by OOS's naming rules.

Templates name parameters in several ways that all work in OOS: exactly (``InstanceId``), without the dots of the API
(``SystemDiskCategory``), in the plural of a repeated parameter (``Tags``), with a number (``Filter2Key``), and give
lists where the API wants JSON text (``InstanceIds``). The annotations of the SDK's model say what each field is.
Names are compared without regard to case. What isn't set ('', null, an empty list or map) is dropped; an unknown
name is an error, because a filter with a typo would silently select everything.
"""

import json
import re
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any

from caboose.oos.problems import did_you_mean

IGNORED = ("regionid", "accountid")
"""Parameters that choose the endpoint and that an API need not have itself."""
_NUMBERED = re.compile(r"(?P<name>.*?[^\d])(?P<index>\d+)(?P<rest>[^\d].*)?")
_NOT_SET: tuple[Any, ...] = ("", None, [], {})


class MarshalError(ValueError):
    """A parameter that the API doesn't have, or a value that doesn't fit it."""


@dataclass(frozen=True)
class Field:
    """A field of a model: its attribute, its type, and for lists the type of the elements."""

    attribute: str
    type: Any
    element: Any = None

    @property
    def is_model(self) -> bool:
        """Whether it holds one nested model."""
        return hasattr(self.type, "to_map")


def build(model: Any, parameters: dict[str, Any], path: str = "") -> Any:
    """An instance of ``model`` with the parameters in it.

    Source: the naming rules of ExecuteAPI as the official templates use them.

    Raises:
        MarshalError: names the parameter that is unknown or doesn't fit.
    """
    known = fields(model)
    values: dict[str, Any] = {}
    # exact names first: where a template gives a parameter twice (InstanceIds and InstanceId), the exact one counts
    for name, value in sorted(parameters.items(), key=lambda item: _plain(item[0]) not in known):
        # an empty text inside an object can be meant: a tag's value, for instance
        if value in _NOT_SET and not (path and value == ""):
            continue
        _put(values, known, name, value, f"{path}{name}")
    return model(**{attribute: value for attribute, value in values.items() if value is not None})


@cache
def fields(model: Any) -> dict[str, Field]:
    """The fields of a model by their plain name (lower case, no dots or underscores)."""
    found: dict[str, Field] = {}
    for attribute, hint in typing.get_type_hints(model.__init__).items():
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is list:
            found[_plain(attribute)] = Field(attribute, list, arguments[0])
        else:
            found[_plain(attribute)] = Field(attribute, dict if origin is dict else hint)
    return found


def _put(values: dict[str, Any], known: dict[str, Field], name: str, value: Any, path: str) -> None:
    plain = _plain(name)
    if plain in known:
        spec = known[plain]
        values[spec.attribute] = _fit(spec, value, path)
        return
    if (repeated := _singular(known, plain)) is not None:
        values.setdefault(repeated.attribute, _fit(repeated, value, path))
        return
    if (ids := known.get(f"{plain}s")) is not None and ids.type is str and plain.endswith("id"):
        values.setdefault(ids.attribute, _fit(ids, value if isinstance(value, list) else [value], path))
        return
    if _put_numbered(values, known, name, value, path) or _put_nested(values, known, plain, value, path):
        return
    if plain not in IGNORED:
        hint = did_you_mean(name, [_wire(spec) for spec in known.values()])
        raise MarshalError(f"unknown parameter {path}. {hint}".strip())


def _singular(known: dict[str, Field], plain: str) -> Field | None:
    """The repeated parameter that a plural name means: Tags is Tag.N, SecurityGroupIds is SecurityGroupId.N."""
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        candidate = known.get(plain.removesuffix(ending) + singular) if plain.endswith(ending) else None
        if candidate is not None and candidate.type is list:
            return candidate
    return None


def _put_numbered(values: dict[str, Any], known: dict[str, Field], name: str, value: Any, path: str) -> bool:
    """``InstanceId1`` and ``Filter.2.Key``: one element of a repeated parameter, or one member of it."""
    match = _NUMBERED.fullmatch(name)
    spec = known.get(_plain(match["name"])) if match else None
    if match is None or spec is None or spec.type is not list:
        return False
    elements = values.setdefault(spec.attribute, [])
    index = int(match["index"])
    if not 1 <= index <= 1_000:
        raise MarshalError(f"{path}: elements are numbered from 1")
    rest = (match["rest"] or "").strip(".")
    is_model = hasattr(spec.element, "to_map")
    while len(elements) < index:
        elements.append(spec.element() if is_model else "")
    if not rest:
        elements[index - 1] = _element(spec.element, value, path)
        return True
    member = fields(spec.element).get(_plain(rest)) if is_model else None
    if member is None:
        return False
    setattr(elements[index - 1], member.attribute, _fit(member, value, path))
    return True


def _put_nested(values: dict[str, Any], known: dict[str, Field], plain: str, value: Any, path: str) -> bool:
    """``SystemDiskCategory``: the member Category of the nested parameter SystemDisk."""
    prefixes = [name for name, spec in known.items() if spec.is_model and plain.startswith(name)]
    for prefix in sorted(prefixes, key=len, reverse=True):
        spec = known[prefix]
        member = fields(spec.type).get(plain.removeprefix(prefix))
        if member is not None:
            nested = values.setdefault(spec.attribute, spec.type())
            setattr(nested, member.attribute, _fit(member, value, path))
            return True
    return False


def _fit(spec: Field, value: Any, path: str) -> Any:
    """The value as the field wants it."""
    if value is None or (value == "" and spec.type is not str):
        return None
    if spec.type is list:
        return [_element(spec.element, one, path) for one in (value if isinstance(value, list) else [value])]
    return _element(spec.type, value, path)


def _element(wanted: Any, value: Any, path: str) -> Any:
    if hasattr(wanted, "to_map"):
        value = _parsed(value) if isinstance(value, str) else value
        if not isinstance(value, dict):
            raise MarshalError(f"{path} must be an object")
        return build(wanted, value, f"{path}.")
    if wanted is str:
        return _text(value)
    if wanted is bool:
        return _boolean(value, path)
    if wanted in (int, float):
        return _number(wanted, value, path)
    if wanted is dict:
        value = _parsed(value) if isinstance(value, str) else value
        if not isinstance(value, dict):
            raise MarshalError(f"{path} must be an object")
    return value


def _text(value: Any) -> str:
    """Text as it is; lists and objects as JSON, which is how the API wants them in a string."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise MarshalError(f"{path} must be true or false, not {_text(value)[:100]!r}")


def _number(wanted: Any, value: Any, path: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise MarshalError(f"{path} must be a number, not {_text(value)[:100]!r}")
    try:
        return int(value) if wanted is int and float(value) == int(float(value)) else float(value)
    except (ValueError, OverflowError):
        raise MarshalError(f"{path} must be a number, not {_text(value)[:100]!r}") from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(name: str) -> str:
    return name.replace(".", "").replace("_", "").lower()


def _wire(spec: Field) -> str:
    return "".join(part[:1].upper() + part[1:] for part in spec.attribute.split("_"))
