"""Library folders: product actions and public templates, read from disk.

A file's name and its folder say what it is, wherever a path of ``CABOOSE_LIBRARY_PATH`` begins:

    ACS::ECS::RebootInstance.yml, ACS--ECS--RebootInstance.yml   the action ACS::ECS::RebootInstance, in any folder
    ECS/RebootInstance.yml                                       the same: a product's folder, as in our own library
    YAML/restart-all.yml, templates/restart-all.yml              the template restart-all
    restart-all.yml                                              the same, in any folder that isn't a product's

So a checkout of the official repository works as a whole or in parts (``CloudProductActions/ECS/YAML``,
``PublicTemplates/JSON`` …), and so does a flat folder. Of twins the YAML file is taken. Files are read once, when a
process starts: an execution's plan is pinned anyway, and a file that changes under a running worker would make two
starts differ for no visible reason. A file that can't be read is in the library with its fault.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from caboose.oos.library import ACTION_SIGN, Library, Source
from caboose.oos.loading import MAX_BYTES, load, too_large
from caboose.oos.names import TEMPLATE_NAME
from caboose.oos.problems import Problem

BUILT_IN = Path(__file__).resolve().parent.parent / "library"
SUFFIXES = (".yml", ".yaml", ".json")
MAX_FILES = 20_000
"""More than this below one folder is taken for a mistake, such as naming the root of a disk."""

_TEMPLATES = "templates"
_SKIPPED_FOLDERS = ("node_modules", "__pycache__")
_ACTION_PART = re.compile(r"[A-Za-z0-9_-]+")
_PRODUCT = re.compile(r"[A-Z][A-Za-z0-9]*")
_ACTION_IN_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_NO_PRODUCTS = ("YAML", "JSON", "PublicTemplates", "CloudProductActions", "Templates")
_FORMAT_VERSION = re.compile(r"\bFormatVersion\b")


class LibraryFolderError(ValueError):
    """A folder can't be used; says which and why."""


def load_library(extra: Sequence[Path] = (), max_bytes: int = MAX_BYTES) -> Library:
    """The templates of the project's own library and of more folders, in this order.

    Who wants another folder's actions to win over ours names our own library behind it (``others:library``).

    Args:
        extra: the folders of ``CABOOSE_LIBRARY_PATH``.
        max_bytes: how large a template may be.

    Raises:
        LibraryFolderError: one of the folders isn't there, isn't readable, or holds too many files.
    """
    folders = list(dict.fromkeys(Path(os.path.realpath(folder)) for folder in extra))
    if BUILT_IN not in folders:
        folders.insert(0, BUILT_IN)
    try:
        return Library((source for folder in folders for source in _sources(folder, max_bytes)), max_bytes)
    except LibraryFolderError as error:
        raise LibraryFolderError(f"CABOOSE_LIBRARY_PATH: {error}") from None


def built_in_templates() -> dict[str, str]:
    """The ready templates by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted((BUILT_IN / _TEMPLATES).glob("*.yml"))}


def template_files(folder: Path) -> list[Path]:
    """Every YAML and JSON file below a folder, in order.

    What is hidden is left out, and so is what is no file (a pipe would be waited for). Links are followed, and a
    folder that was walked isn't walked again.

    Raises:
        LibraryFolderError: it is no folder, isn't readable, or holds more than ``MAX_FILES`` of them.
    """
    try:
        next(os.scandir(folder), None)
    except OSError as error:
        raise LibraryFolderError(f"{folder} can't be used: {error.strerror}") from None
    found: list[Path] = []
    walked: set[tuple[int, int]] = set()
    for parent, folders, files in os.walk(folder, followlinks=True):
        status = Path(parent).stat()
        if (status.st_dev, status.st_ino) in walked:
            folders.clear()
            continue
        walked.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        found += [path for name in files if name[0] != "." and _may_be_read(path := Path(parent, name))]
        if len(found) > MAX_FILES:
            raise LibraryFolderError(f"{folder} can't be used: it holds more than {MAX_FILES} YAML and JSON files")
    return sorted(found)


def read_template(path: Path, max_bytes: int = MAX_BYTES) -> tuple[str, Problem | None]:
    """The text of a file; or '' and why it has none: too large, not UTF-8.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return decoded(file.read(max_bytes + 1), os.fstat(file.fileno()).st_size, max_bytes)


def decoded(raw: bytes, size: int, max_bytes: int) -> tuple[str, Problem | None]:
    """The text of a template's first ``max_bytes + 1`` bytes (it has ``size``); or '' and why it has none."""
    if len(raw) > max_bytes:
        return "", too_large(max(size, len(raw)), max_bytes)
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        _, problems = load(raw.decode("utf-8", "surrogateescape"), 3 * max_bytes)  # says which byte, and where
        return "", problems[0]


def _may_be_read(path: Path) -> bool:
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a link to nowhere: reading it says so
        return True


def _sources(folder: Path, max_bytes: int) -> Iterator[Source]:
    """What a folder holds, YAML before JSON, and no JSON twin of a YAML file."""
    taken: set[str] = set()
    for path in sorted(template_files(folder), key=lambda path: (_is_json(path), path)):
        names = [name for name in _names(path, folder) if not (_is_json(path) and name.casefold() in taken)]
        if folder == BUILT_IN:
            names = [name for name in names if ACTION_SIGN in name]  # our templates are the store's
        for source in _read(path, names, f"{folder.name}/{path.relative_to(folder).as_posix()}", max_bytes):
            taken.add(source.name.casefold())
            yield source


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _names(path: Path, folder: Path) -> list[str]:
    """What a file's template is called; two names where it can't be told whether its folder is a product's."""
    stem, product = path.stem, path.parent.name
    parts = stem.replace("--", "::").split("::")
    if len(parts) > 1 and parts[0].upper() == "ACS" and all(_ACTION_PART.fullmatch(part) for part in parts):
        return ["::".join(parts)]
    if product in _NO_PRODUCTS or not _PRODUCT.fullmatch(product) or not _ACTION_IN_PRODUCT.fullmatch(stem):
        return [stem]
    action = f"ACS::{product}::{stem}"
    return [action, stem] if path.parent == folder else [action]


def _read(path: Path, names: list[str], origin: str, max_bytes: int) -> Iterator[Source]:
    """The sources of a file. One whose name promises no product action must look like a template."""
    if not names:
        return
    try:
        text, fault = read_template(path, max_bytes)
    except OSError as error:
        hint = "Make it readable, or remove it."
        text, fault = "", Problem("InvalidYaml", f"the file can't be read: {error.strerror}", hint=hint)
    for name in names:
        source = Source(name, text, origin, str(path), fault)
        if source.is_action:
            yield source
        elif fault or _FORMAT_VERSION.search(text):
            yield source if TEMPLATE_NAME.fullmatch(name) else replace(source, text="", fault=_misnamed(name))


def _misnamed(name: str) -> Problem:
    message = f'"{name}" is no name of a template: letters, digits, hyphens and underscores'
    return Problem("InvalidTemplateName", message, hint="Rename the file.")
