"""Hiding: values that are never shown (NoEcho, a parameter called password), taken out of messages.

What fails quotes what it was given, and a function doesn't know where its argument came from. So messages are searched
for the values of secret parameters before anybody sees them. Messages cut long values short, and write them as JSON or
in quotes; therefore the beginning of a value counts as the value, in each of these forms. What was made of a secret (a
piece of it, its Base64) isn't found.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import takewhile
from operator import eq
from typing import Any

from caboose.oos.redact import MASK
from caboose.oos.values import compact_json

_SHORTEST = 4
"""Shorter values would be found in every other word."""
_BEGINNING = 8
_LONGEST = 20_000
"""So much is kept of a long one: as many characters as a message has."""
MOST = 5_000
"""A list of more secrets than that isn't searched for in every message."""


def secret_texts(values: Iterable[Any]) -> list[str]:
    """The texts by which secret values show: every text and number in them, in the forms that messages have. Of more
    than are searched for there are a few more than that."""
    texts: dict[str, None] = {}
    for written in _written(values):
        if len(written) >= _SHORTEST:
            beginning = written[:_LONGEST]
            forms = (form for once in _forms(beginning) for form in _forms(once))
            texts.update(dict.fromkeys(form[:_LONGEST] for form in forms))
        if len(texts) > MOST:
            break
    return sorted(texts, key=len, reverse=True)


def _written(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, (dict, list)):
            yield from _written(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, str):
            yield value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield compact_json(value)


def hide(text: str, secrets: Collection[str]) -> str:
    """The text without these secrets, and without what begins like one of them."""
    if len(secrets) > MOST:
        return "a message that isn't shown: it may quote secret values"
    by_beginning: dict[str, list[str]] = {}
    for secret in secrets:
        if secret[:_BEGINNING] in text:
            by_beginning.setdefault(secret[:_BEGINNING], []).append(secret)
    hidden, position = "", 0
    while places := [place for each in by_beginning if (place := text.find(each, position)) >= 0]:
        found = min(places)
        hidden += text[position:found] + MASK
        length = max(
            _shared(text[found:], secret)
            for beginning, same in by_beginning.items()
            if text.startswith(beginning, found)
            for secret in same
        )
        if length == _LONGEST:
            return hidden  # where the secret ends isn't known
        position = found + length
    return hidden + text[position:]


def _shared(text: str, secret: str) -> int:
    """How many characters two texts have in common from the beginning."""
    return sum(1 for _ in takewhile(bool, map(eq, text, secret)))


def _forms(text: str) -> tuple[str, ...]:
    return text, compact_json(text)[1:-1], repr(text)[1:-1]
