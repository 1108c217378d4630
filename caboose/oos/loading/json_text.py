"""Reading JSON with places, told to a builder.

JSON is not read as YAML, although most of it could be: ``1e3`` is a number only here, a tab may stand between tokens
only here, and a key may be as long as it likes. What begins like JSON and isn't (a comma too many, a comment, single
quotes) is read as YAML's flow style by the loader, which takes most of that.
"""

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any

from caboose.oos.loading.builder import Builder
from caboose.oos.loading.document import Mark
from caboose.oos.loading.scalars import known_to_json, whole_characters

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where a line ends, in JSON as in YAML."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null")
_STRINGS = JSONDecoder()
_NAMED = {"true": True, "false": False, "null": None}


class NotJson(ValueError):
    """The text isn't JSON; says what was expected and where."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.mark = mark


def read_json(text: str) -> Builder:
    """The builder that read this text, a map or a list.

    Raises:
        NotJson: it isn't JSON.
        Refused: a bound is passed.
    """
    reader = _Reader(text)
    end = reader.value(reader.blanks(1 if text.startswith("\ufeff") else 0))
    end = reader.blanks(end)
    if end < len(text):
        raise NotJson("expected the end of the text", reader.mark(end))
    return reader.builder


class _Reader:
    """Each method reads at a position and returns the one behind; recursion is held by the builder's depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.builder = Builder()
        first = 1 if text.startswith("\ufeff") else 0
        self._lines = [first, *(match.end() for match in LINE_END.finditer(text))]
        self._line = 0

    def mark(self, position: int) -> Mark:
        """The place of a position that isn't before the last one asked for."""
        while self._line + 1 < len(self._lines) and self._lines[self._line + 1] <= position:
            self._line += 1
        return Mark(self._line + 1, position - self._lines[self._line] + 1)

    def blanks(self, position: int) -> int:
        match = _BLANKS.match(self.text, position)
        return match.end() if match else position

    def value(self, position: int) -> int:
        first = self.text[position : position + 1]
        if first == "{":
            return self._container({}, position)
        if first == "[":
            return self._container([], position)
        mark = self.mark(position)
        if first == '"':
            text, end = self._string(position)
            self.builder.scalar(text, mark)
            return end
        return self._word(position, mark)

    def _container(self, container: dict[str, Any] | list[Any], position: int) -> int:
        self.builder.begin(container, self.mark(position))
        close = "}" if isinstance(container, dict) else "]"
        position = self.blanks(position + 1)
        if self.text[position : position + 1] != close:
            position = self._members(position, close)
        self.builder.end()
        return position + 1

    def _members(self, position: int, close: str) -> int:
        while True:
            if close == "}":
                position = self._key(position)
            position = self.blanks(self.value(position))
            following = self.text[position : position + 1]
            if following == close:
                return position
            if following != ",":
                raise NotJson(f'expected "," or "{close}"', self.mark(position))
            position = self.blanks(position + 1)

    def _key(self, position: int) -> int:
        if self.text[position : position + 1] != '"':
            raise NotJson("expected a key in double quotes", self.mark(position))
        key, end = self._string(position)
        self.builder.key(key, self.mark(position))
        end = self.blanks(end)
        if self.text[end : end + 1] != ":":
            raise NotJson('expected ":" behind the key', self.mark(end))
        return self.blanks(end + 1)

    def _string(self, position: int) -> tuple[str, int]:
        try:
            text, end = _STRINGS.raw_decode(self.text, position)
        except JSONDecodeError as error:
            raise NotJson(error.msg.removesuffix(" starting at").removesuffix(" at"), self.mark(error.pos)) from None
        return whole_characters(text), end

    def _word(self, position: int, mark: Mark) -> int:
        match = _WORD.match(self.text, position)
        if match is None:
            raise NotJson("expected a value", mark)
        word, (whole, fraction, exponent) = match[0], match.groups()
        if whole is None:
            self.builder.scalar(_NAMED[word], mark)
            return match.end()
        value: float | None = None
        try:
            value = known_to_json(float(word) if fraction or exponent else int(word), word)
        except ValueError as error:
            self.builder.problem("InvalidYaml", str(error), mark)
        self.builder.scalar(value, mark)
        return match.end()
