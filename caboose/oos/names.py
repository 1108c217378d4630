"""Names: exact match first, then without regard to letter case (design section 4, "names").

Official templates mix spellings: the example declares ``webHookUrl`` and refers to ``webhookUrl``. The fallback is
reported as a warning by whoever asks; two declarations that differ only by case are an error of the declaring section.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

PARAMETER_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
TEMPLATE_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
RESERVED_TEMPLATE_PREFIXES = ("ALIYUN", "ACS", "ALIBABA", "ALICLOUD")
RESERVED_TEMPLATE_NAMES = ("Execution",)
"""``Execution`` is the workflow type that starts any template."""


def resolve_name(name: str, declared: Iterable[str]) -> str | None:
    """The declared spelling of ``name``, or None when nothing matches in any case."""
    if isinstance(declared, Mapping) and name in declared:
        return name
    names = tuple(declared)
    return name if name in names else _by_folded(names).get(name.casefold())


@lru_cache(maxsize=64)
def _by_folded(names: tuple[str, ...]) -> dict[str, str]:
    """The names without regard to case: a template may ask for a thousand names among a thousand."""
    return {name.casefold(): name for name in reversed(names)}


def case_twins(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of names that differ by letter case only."""
    seen: dict[str, str] = {}
    twins = []
    for name in names:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            twins.append((first, name))
    return twins


def template_name_fault(name: str) -> str:
    """Why ``name`` can't name a stored template; nothing when it can (source: CreateTemplate, oos-20190601)."""
    if not TEMPLATE_NAME.fullmatch(name):
        return "a template name has 1 to 200 letters, digits, hyphens and underscores"
    if name.upper().startswith(RESERVED_TEMPLATE_PREFIXES):
        return f"a template name doesn't begin with {', '.join(RESERVED_TEMPLATE_PREFIXES)}"
    if resolve_name(name, RESERVED_TEMPLATE_NAMES):
        return f"{name!r} is the name of a workflow type"
    return ""
