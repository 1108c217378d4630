"""docs/reference/checks.md, from ``caboose.oos.checks``."""

from collections.abc import Iterable
from types import ModuleType

from caboose.oos.checks import CHECKS, RULES, Rule
from caboose.oos.checks.catalogue import actions, conditions, loading, parameters, references, sections, starts, tasks
from tests.docs.markdown import block, link, page, prose, source, table

_INTRODUCTION = """\
Everything that Caboose can say against a template or a start. An error stops a start; a warning doesn't, and
`caboose validate --strict` counts it as an error. Two warnings become errors when the template is started:
`NotSupportedYet` and `UnknownTemplate`. `caboose validate --explain ID` prints one of these sections. The examples are
run by a test.

To add a rule, write a file in `caboose/oos/checks` and name it in that package's `__init__.py`; then `make docs`."""

_PARTS: tuple[tuple[str, ModuleType], ...] = (
    ("Loading", loading),
    ("Sections", sections),
    ("Parameters", parameters),
    ("References", references),
    ("Conditions, functions, selectors", conditions),
    ("Tasks", tasks),
    ("Actions", actions),
    ("Starts", starts),
)
_LINT = "Right by the letter, and hardly meant"


def checks_page() -> str:
    """The page."""
    parts = [(title, module.DECLARED) for title, module in _PARTS]
    parts.append((_LINT, tuple(CHECKS.values())))
    rows = [(link(rule.id), rule.severity, rule.title) for rule in RULES.values()]
    return page(
        "Checks",
        prose(_INTRODUCTION),
        table(("id", "severity", "what is wrong"), rows),
        *(text for title, rules in parts for text in _part(title, rules)),
    )


def _part(title: str, rules: Iterable[Rule]) -> list[str]:
    return [f"## {title}", *(_section(rule) for rule in rules)]


def _section(rule: Rule) -> str:
    parts = [f"### {rule.id}", f"{rule.severity.capitalize()}: {rule.title.lower()[0]}{rule.title[1:]}."]
    parts += [prose(rule.explanation), "Bad:", block(rule.bad), "Good:", block(rule.good), source(rule.source)]
    return "\n\n".join(parts)
