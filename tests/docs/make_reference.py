"""Makes ``docs/reference/*.md``: ``make docs``. A test says when that was forgotten."""

from collections.abc import Callable

from tests.architecture.source import ROOT
from tests.docs.actions_page import actions_page
from tests.docs.checks_page import checks_page
from tests.docs.functions_page import functions_page
from tests.docs.parameters_page import parameters_page

FOLDER = ROOT / "docs" / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "functions.md": functions_page,
    "actions.md": actions_page,
    "checks.md": checks_page,
    "parameters.md": parameters_page,
}


def main() -> None:
    """Writes every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
