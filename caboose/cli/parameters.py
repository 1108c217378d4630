"""``-p name=value``: from a command line's text to a parameter's value.

A value that is a JSON object or list is sent as one; everything else is sent as text, because only the
template knows whether ``false`` or ``123`` is meant as a String, and binding converts text to Number and
Boolean but can't give a number its leading zeros back. ``-p name=@file`` reads the value from a file, by the
same rule.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from caboose.cli.errors import UsageError


def parse_parameters(given: Sequence[str]) -> dict[str, Any]:
    """The parameters of ``-p`` options.

    Raises:
        UsageError: for an option without ``=``, a name given twice, a file that can't be read.
    """
    parameters: dict[str, Any] = {}
    for option in given:
        name, separator, text = option.partition("=")
        name = name.strip()
        if not separator or not name:
            raise UsageError(f"-p {option}: expected name=value, name=JSON or name=@file")
        if name in parameters:
            raise UsageError(f'-p {name}: the parameter is given twice; a list is written as JSON: {name}=["a","b"]')
        parameters[name] = parse_value(text, option=f"-p {name}")
    return parameters


def parse_value(text: str, *, option: str) -> Any:
    """One value: ``@file`` (``@@`` for a text that begins with @), a JSON object or list, or text."""
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        text = _read_file(Path(text[1:]), option)
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text, parse_constant=_no_constant)
        except ValueError:
            pass  # "[prod] restart" is a text as good as any; a Json parameter is refused when it is bound
    return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _read_file(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except UnicodeDecodeError:
        raise UsageError(f"{option}: {path} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(
            f"{option}: {path}: {error.strerror}. A text that begins with @ is written with two: @@{path}"
        ) from None
