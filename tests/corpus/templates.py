"""The folder of real templates, as a library, with stand-ins for the product actions that it uses and doesn't hold."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from caboose.library_folders import load_library
from caboose.oos.library import Library, Source
from caboose.oos.loading import load

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
"""Half of the templates that are public; the product actions of the other half are used here too."""


def files(folder: Path = CORPUS) -> list[Path]:
    """Every template of a folder."""
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".json"))


@cache
def library() -> Library:
    """The product actions of the folder, and stand-ins for those that its templates use and it doesn't hold."""
    return Library(sources(CORPUS))


def sources(folder: Path) -> list[Source]:
    """What is in a folder of templates and in our own library, and stand-ins for the actions that are in neither."""
    real = load_library([folder])
    wanted: dict[str, dict[str, Any]] = {}
    for path in files(folder):
        document, _ = load(path.read_text("utf-8"))
        for action, properties in _actions(document.value if document else None):
            if action.count("::") == 2 and real.find(action) is None:
                wanted.setdefault(action, {}).update(properties)
    return [*(_source(real, name) for name in [*real.names(), *real.templates()]), *_stand_ins(wanted)]


def _source(real: Library, name: str) -> Source:
    source = real.find(name)
    assert source
    return source


def _stand_ins(wanted: dict[str, dict[str, Any]]) -> Iterator[Source]:
    for action, properties in wanted.items():
        template = {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {name: _parameter(value) for name, value in properties.items()},
            "Tasks": [{"Name": "nothing", "Action": "ACS::ExecuteAPI", "Properties": {"Service": "ECS", "API": "X"}}],
        }
        yield Source(action, json.dumps(template), "stand-in")


def _parameter(value: Any) -> dict[str, Any]:
    if isinstance(value, (dict, list)):
        return {"Type": "Json", "Default": {}}
    return {"Type": "String", "Default": ""}


def _actions(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task's action with its properties, however deep."""
    if isinstance(value, dict):
        action, properties = value.get("Action"), value.get("Properties")
        if isinstance(action, str):
            yield action, properties if isinstance(properties, dict) else {}
        for child in value.values():
            yield from _actions(child)
    elif isinstance(value, list):
        for child in value:
            yield from _actions(child)
