"""``Fn::Base64Encode``."""

from base64 import b64encode
from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import room_for, text_form
from caboose.oos.kinds import ANY, TEXT


def call(value: Any) -> str | None:
    """The Base64 form of a string's UTF-8 bytes; lists and maps are encoded as their JSON text, null stays null.

    Source: built-in functions (120677).
    """
    if value is None:
        return None
    content = text_form(value).encode("utf-8", "replace")
    room_for(len(content) // 3 * 4)
    return b64encode(content).decode("ascii")


BASE64_ENCODE = Function(
    "Fn::Base64Encode", call, (Argument("text", ANY),), VALUE, result=TEXT, example=("hello", "aGVsbG8=")
)
