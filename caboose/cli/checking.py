"""Checking templates for ``caboose validate``, with the compiler and the rules that starts use.

Problems come one a line as ``file:line:column: severity id path: message``, the form that editors and CI systems turn
into links, each with the line that it is about. Every file is checked before anything can stop the command: one that
can't be read is named at the end.
"""

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from caboose.cli.errors import CliError, UsageError
from caboose.cli.excerpt import Source
from caboose.cli.explain import explain
from caboose.cli.library import open_library
from caboose.cli.output import clean, console, print_json
from caboose.library_folders import LibraryFolderError, decoded, template_files
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.problems import Problem, errors, warnings
from caboose.oos.validation import validated
from caboose.sandbox import Sandbox, SandboxError

STDIN = "-"
_LOOKS_LIKE_A_TEMPLATE = re.compile(rb"\b(FormatVersion|Tasks)\b")
_STYLES = {"error": "red", "warning": "yellow"}


@dataclass(frozen=True)
class _File:
    """A file to check: what it is called, and its text or why it has none."""

    shown: str
    name: str
    text: str
    fault: Problem | None = None


@dataclass(frozen=True)
class _Checked:
    file: _File
    problems: list[Problem]
    valid: bool


def check(files: list[str], rule: str, *, strict: bool, as_json: bool) -> None:
    """Prints what is wrong with templates, or explains a rule; the arguments are those of the command.

    Raises:
        CliError: programs can't be checked.
        UsageError: the arguments don't fit, or a file can't be read.
        Exit: with 1, when a template is invalid.
    """
    if rule:
        if files:
            raise UsageError("--explain takes no FILE")
        explain(rule, as_json=as_json)
        return
    if not files:
        raise UsageError("name a FILE or a folder, - for standard input, or a problem's id with --explain")
    library = open_library()
    found, skipped, unreadable = _read_all(files, library.max_bytes)
    if not found and not unreadable:
        raise UsageError(f"no template in {', '.join(files)}")
    try:
        checked = asyncio.run(_check_all(found, library, strict))
    except SandboxError as error:
        raise CliError(str(error)) from None
    if as_json:
        print_json([_record(each) for each in checked])
    else:
        _print_all(checked, skipped)
    if unreadable:
        raise UsageError("\n".join(unreadable))
    if not all(each.valid for each in checked):
        raise typer.Exit(1)


def _read_all(names: list[str], max_bytes: int) -> tuple[list[_File], int, list[str]]:
    """The files to check, how many of the folders' files look like no template, and what can't be read."""
    found: list[_File] = []
    unreadable: list[str] = []
    skipped = 0
    for path, walked in _paths(names, unreadable).items():
        try:
            raw, size = _bytes(path, max_bytes)
        except OSError as error:
            unreadable.append(f"{_shown(path)}: {error.strerror}")
            continue
        if walked and not _LOOKS_LIKE_A_TEMPLATE.search(raw):
            skipped += 1
            continue
        text, fault = decoded(raw, size, max_bytes)
        if fault and len(raw) <= max_bytes:
            text = raw.decode("utf-8", "replace")  # to show the place
        shown = "<stdin>" if path == STDIN else _shown(path)
        found.append(_File(shown, "" if path == STDIN else Path(path).stem, text, fault))
    return found, skipped, unreadable


def _paths(names: list[str], unreadable: list[str]) -> dict[str, bool]:
    """Every file that is meant, once, and whether it was only found in a folder."""
    paths: dict[str, bool] = {}
    for name in names:
        if name == STDIN or not Path(name).is_dir():
            paths[name] = False
            continue
        try:
            for path in template_files(Path(name)):
                paths.setdefault(str(path), True)
        except LibraryFolderError as error:
            unreadable.append(str(error))
    return paths


def _bytes(path: str, max_bytes: int) -> tuple[bytes, int]:
    if path == STDIN:
        raw = sys.stdin.buffer.read(max_bytes + 1)
        return raw, len(raw)
    with Path(path).open("rb") as file:
        return file.read(max_bytes + 1), os.fstat(file.fileno()).st_size


async def _check_all(files: list[_File], library: Library, strict: bool) -> list[_Checked]:
    with Sandbox() as sandbox:
        checked = []
        for file in files:
            problems = [file.fault] if file.fault else await _problems(file, library, sandbox)
            checked.append(_Checked(file, problems, not (problems if strict else errors(problems))))
        return checked


async def _problems(file: _File, library: Library, sandbox: Sandbox) -> list[Problem]:
    return (await validated(compile_template(file.text, library, file.name), sandbox)).problems


def _record(checked: _Checked) -> dict[str, Any]:
    problems = [problem.as_record() for problem in checked.problems]
    return {"File": checked.file.shown, "Valid": checked.valid, "Problems": problems}


def _print_all(checked: list[_Checked], skipped: int) -> None:
    out = console()
    for each in checked:
        source = Source(each.file.text, out.width)
        for problem in each.problems:
            for line in _lines(each.file.shown, problem, source):
                out.print(line, soft_wrap=True)
        if each.valid:
            out.print(f"{each.file.shown}: valid", soft_wrap=True)
    problems = [problem for each in checked for problem in each.problems]
    counted = [_count(len(checked), "template")]
    counted += [_count(len(errors(problems)), "error"), _count(len(warnings(problems)), "warning")]
    if skipped:
        counted.append(f"{_count(skipped, 'other file')} skipped")
    out.print(", ".join(counted), soft_wrap=True)


def _lines(file: str, problem: Problem, source: Source) -> Iterator[Text]:
    """A problem for people: where and what, the line that it is about, and the way out."""
    place = f"{file}:{problem.line}:{problem.column}" if problem.line else file
    path = f"{problem.path}: " if problem.path else ""
    message = clean(f" {problem.id} {path}{problem.message}").replace("\n", " ")
    yield Text.assemble(f"{place}: ", (problem.severity, _STYLES[problem.severity]), message)
    excerpt = source.excerpt(problem.line, problem.column)
    yield from (Text(line, "dim") for line in excerpt)
    if problem.hint:
        yield Text(f"      = {clean(problem.hint)}".replace("\n", " "))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _shown(path: str) -> str:
    return clean(os.fsencode(path).decode("utf-8", "replace"))
