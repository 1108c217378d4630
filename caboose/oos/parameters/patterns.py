"""Regular expressions of AllowedPattern, looked at while compiling: is it one, and can it be compiled in reason.

``regex`` unfolds counts: ``a{1000000000}`` takes gigabytes to compile and ``((a{100}){100}){100}`` half a second. So a
pattern's length and depth and what its counts unfold to are bounded before anything is compiled. Whether it takes too
long to match can't be seen in it; that is stopped when it happens.
"""

import regex

MAX_PATTERN = 1_000
MAX_UNFOLDED = 100_000
MAX_UNFOLDED_TOGETHER = 300_000
MAX_GROUPS = 50
"""Groups within groups: the compiler recurses."""
_TOKEN = regex.compile(
    r"(?P<comment>\(\?\#[^)]*\)?)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<count>[0-9]+)[^{}]*\}|.", regex.DOTALL
)
_VERBOSE = regex.compile(r"\(\?[A-Za-z0-9-]*x")
"""The flag with which blanks and comments may stand everywhere, so that nothing could be said of the counts."""
_MANY = 10**9


class Patterns:
    """The patterns of one template, which are compiled while it is read; together they have bounds too."""

    def __init__(self) -> None:
        self._left = MAX_UNFOLDED_TOGETHER

    def fault(self, pattern: str) -> str:
        """Why a text is no pattern for AllowedPattern; nothing when it is one."""
        if len(pattern) > MAX_PATTERN:
            return f"the pattern has {len(pattern)} characters, at most {MAX_PATTERN}"
        if "{" in pattern and _VERBOSE.search(pattern):
            return "the pattern has counts and the flag x; write it without the flag"
        unfolded, depth = _measure(pattern)
        if depth > MAX_GROUPS:
            return f"the pattern has groups in groups {depth} deep, at most {MAX_GROUPS}"
        if unfolded > MAX_UNFOLDED:
            return f"the counts in the pattern unfold to more than {MAX_UNFOLDED} characters"
        self._left -= unfolded
        if self._left < 0:
            return f"with this one the template's patterns unfold to more than {MAX_UNFOLDED_TOGETHER} characters"
        try:
            compiled(pattern)
        except (regex.error, RecursionError, MemoryError, OverflowError) as error:
            return f"not a regular expression: {error}"
        return ""


def compiled(pattern: str) -> "regex.Pattern[str]":
    """The pattern, not kept: ``regex`` would hold on to five hundred of them, and one may have 20 MB.

    Raises:
        regex.error: it is none.
    """
    found: regex.Pattern[str] = regex.compile(pattern, cache_pattern=False)
    return found


def _measure(pattern: str) -> tuple[int, int]:
    """How many characters and classes a pattern has when each ``x{n}`` is written out as n times x; and how deep its
    groups are."""
    groups = [0]
    item = deepest = 0
    for token in _TOKEN.finditer(pattern):
        if token["comment"]:
            continue
        if token["count"]:
            count = min(int(token["count"]), _MANY)
            groups[-1] += item * max(0, count - 1)
            item *= count
        elif token[0] == "(":
            groups.append(0)
            deepest = max(deepest, len(groups) - 1)
            item = 0
        elif token[0] == ")" and len(groups) > 1:
            item = groups.pop() + 1
            groups[-1] += item
        else:
            item = 1
            groups[-1] += 1
    return sum(groups), deepest
