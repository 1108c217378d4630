"""``Fn::Base64Decode``."""

from base64 import b64decode
from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import text, unexpected
from caboose.oos.kinds import TEXT
from caboose.oos.text import clean_text


def call(value: Any) -> str | None:
    """The string whose Base64 form is given.

    Line ends within it are fine. The bytes are UTF-8; others, which commands print on older systems, become U+FFFD, as
    do control characters: an output that can't be read is no reason to fail. Null stays null: the output of a command
    that never ran.

    Source: built-in functions (120677).
    """
    if value is None:
        return None
    encoded = "".join(text("text", value).split())
    try:
        content = b64decode(encoded.encode("ascii"), validate=True)
    except ValueError:  # also what isn't ASCII
        raise unexpected("text", "Base64", value) from None
    return clean_text(content.decode("utf-8", "replace"))


BASE64_DECODE = Function(
    "Fn::Base64Decode", call, (Argument("text", TEXT),), VALUE, result=TEXT, example=("aGVsbG8=", "hello")
)
