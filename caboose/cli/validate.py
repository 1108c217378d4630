"""``caboose validate``: compile templates without a server, with the compiler that starts use.

Problems come one a line as ``file:line:column: severity id path: message``, the form that editors and CI
systems turn into links.
"""

from pathlib import Path
from typing import Annotated

import typer

from caboose.cli.environment import open_library
from caboose.cli.errors import UsageError, with_hint
from caboose.cli.output import JsonOption, clean, print_json
from caboose.oos.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.problems import Problem, errors


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Templates, YAML or JSON.")],
    as_json: JsonOption = False,
) -> None:
    """Check template files; exit code 1 when one of them can't be started."""
    library = open_library()
    checked = [(file, check_file(file, library)) for file in files]
    if as_json:
        print_json(
            [
                {
                    "File": str(file),
                    "Valid": not errors(problems),
                    "Problems": [problem.as_record() for problem in problems],
                }
                for file, problems in checked
            ]
        )
    else:
        for file, problems in checked:
            print_problems(file, problems)
    if any(errors(problems) for _, problems in checked):
        raise typer.Exit(1)


def check_file(file: Path, library: Library) -> list[Problem]:
    """The problems of one file.

    Raises:
        UsageError: when it can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    problems = compile_template(text, library, name=file.stem).problems
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def print_problems(file: Path, problems: list[Problem]) -> None:
    """One line a problem, and one that says how it went."""
    for problem in problems:
        path = f"{problem.path}: " if problem.path else ""
        place = f"{file}:{problem.line}:{problem.column}" if problem.line else str(file)
        print(clean(f"{place}: {problem.severity} {problem.id} {path}{with_hint(problem.message, problem.hint)}"))
    if not errors(problems):
        print(f"{file}: valid")
