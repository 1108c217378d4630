"""``Fn::Replace``."""

import re
from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function, FunctionError
from caboose.oos.functions.reading import mapping, text, text_form, unexpected
from caboose.oos.functions.substitution import substitute
from caboose.oos.kinds import MAP, TEXT

_MAX_COMPARISONS = 20_000_000
"""Characters of the string times replacements: what a fraction of a second is enough for."""


def call(replacements: Any, whole: Any) -> str | None:
    """A string with each key of the map replaced by its value.

    All are looked for in one pass over the string, where two begin at the same place the longer one, and what was put
    in isn't searched again: the result doesn't depend on the order of the map. Null stays null.

    Source: built-in functions (120677).
    """
    if whole is None:
        return None
    by_old = mapping("replacements", replacements)
    subject = text("text", whole)
    if "" in by_old:
        raise unexpected("what is replaced", "at least one character", "")
    if not by_old:
        return subject
    if len(by_old) * len(subject) > _MAX_COMPARISONS:
        raise FunctionError(f"{len(by_old)} replacements in {len(subject)} characters would take too long")
    longest_first = sorted(by_old, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(old) for old in longest_first))
    return substitute(pattern, subject, lambda match: text_form(by_old[match[0]]))


REPLACE = Function(
    "Fn::Replace",
    call,
    (Argument("replacements", MAP), Argument("text", TEXT)),
    FIXED,
    result=TEXT,
    example=([{".": "_"}, "exec-1.2.3"], "exec-1_2_3"),
)
