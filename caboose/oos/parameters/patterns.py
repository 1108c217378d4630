"""Regular expressions of AllowedPattern, looked at while compiling: is it one, and can it be compiled in reason.

``regex`` unfolds counts: ``a{1000000000}`` takes gigabytes to compile and ``((a{100}){100}){100}`` half a second. So a
pattern's length and depth and what its counts unfold to are bounded before anything is compiled. Whether it takes too
long to match can't be seen in it; that is stopped when it happens.
"""

import regex

MAX_PATTERN = 1_000
MAX_UNFOLDED = 100_000
MAX_GROUPS = 50
"""Groups within groups: the compiler recurses."""
_TOKEN = regex.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<count>[0-9]+)[^{}]*\}|.", regex.DOTALL)


def pattern_fault(pattern: str) -> str:
    """Why a text is no pattern for AllowedPattern; nothing when it is one."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern has {len(pattern)} characters, at most {MAX_PATTERN}"
    unfolded, depth = _measure(pattern)
    if depth > MAX_GROUPS:
        return f"the pattern has groups in groups {depth} deep, at most {MAX_GROUPS}"
    if unfolded > MAX_UNFOLDED:
        return f"the counts in the pattern unfold to more than {MAX_UNFOLDED} characters"
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        return f"not a regular expression: {error}"
    return ""


def _measure(pattern: str) -> tuple[int, int]:
    """How many characters and classes a pattern has when each ``x{n}`` is written out as n times x; and how deep its
    groups are."""
    groups = [0]
    item = deepest = 0
    for token in _TOKEN.finditer(pattern):
        if token["count"]:
            groups[-1] += item * max(0, int(token["count"][:9]) - 1)
            item *= int(token["count"][:9])
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
