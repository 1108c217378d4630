"""Plain words of YAML 1.1: which are null, true, false or a number, and which are texts.

PyYAML's own patterns decide, without its timestamps (dates stay texts, as in the templates' JSON twins) and without
``=``, which is a text here. So ``No`` is false, ``0x1F`` and ``1_000`` are numbers, and ``12:30`` is 750: that is what
the publisher's loader makes of them.
"""

import re
import sys
from typing import Any

from yaml.resolver import Resolver

TAG = "tag:yaml.org,2002:"
STR, NULL, BOOL, INT, FLOAT, MERGE = (TAG + kind for kind in ("str", "null", "bool", "int", "float", "merge"))
KINDS = (STR, NULL, BOOL, INT, FLOAT)

HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters (UTF-16 surrogates): no text of their own."""

_PATTERNS: dict[str, list[tuple[str, re.Pattern[str]]]] = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (NULL, BOOL, INT, FLOAT, MERGE)]
    for first, resolvers in Resolver.yaml_implicit_resolvers.items()
}
_FLAGS = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False}


def tag_of(word: str) -> str:
    """The kind of a plain, untagged word."""
    for tag, pattern in _PATTERNS.get(word[:1], ()):
        if pattern.match(word):
            return tag
    return STR


def value_of(word: str, tag: str) -> Any:
    """The value of a word of this kind (one of ``KINDS``).

    Raises:
        ValueError: the word is no such thing (``!!int x``), or a number that JSON doesn't know.
    """
    if tag == STR:
        return whole_characters(word)
    if tag == NULL:
        return None
    if tag == BOOL:
        if word.lower() not in _FLAGS:
            raise ValueError(f"{word!r:.80} is neither true nor false")
        return _FLAGS[word.lower()]
    try:
        value = _integer(word) if tag == INT else _float(word)
    except (ValueError, OverflowError):
        raise ValueError(f"{word!r:.80} is no number") from None
    return known_to_json(value, word)


def known_to_json(value: float, word: str) -> float:
    """The number, unless it is one that JSON readers can't hold.

    Raises:
        ValueError: it is infinite, not a number, or beyond what a double holds.
    """
    if not abs(value) <= sys.float_info.max:
        raise ValueError(f"{word!r:.80} is not a number that JSON knows")
    return value


def whole_characters(text: str) -> str:
    r"""JSON's ``\ud83d\ude00`` arrives as two halves of a character; a half that stays alone becomes U+FFFD."""
    if text.isascii() or not HALVES.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(word: str) -> int:
    sign, digits = _signed(word.replace("_", ""))
    if digits.startswith(("0b", "0x")):
        return sign * int(digits[2:], 2 if digits[1] == "b" else 16)
    if ":" in digits:
        return sign * int(_base_60([int(part) for part in digits.split(":")]))
    return sign * int(digits, 8 if digits.startswith("0") and digits != "0" else 10)


def _float(word: str) -> float:
    sign, digits = _signed(word.replace("_", "").lower())
    if ":" in digits:
        return sign * _base_60([float(part) for part in digits.split(":")])
    return sign * float(digits.replace(".inf", "inf").replace(".nan", "nan"))


def _signed(word: str) -> tuple[int, str]:
    return (-1 if word.startswith("-") else 1), word[1:] if word[:1] in ("+", "-") else word


def _base_60(parts: list[int] | list[float]) -> float:
    total: float = 0
    for part in parts:
        total = total * 60 + part
    return total
