"""``Fn::Sub``."""

import re
from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import mapping, text, text_form
from caboose.oos.functions.substitution import substitute
from caboose.oos.kinds import MAP, TEXT

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")


def call(whole: Any, variables: Any) -> str | None:
    """A string with each ``${name}`` whose name is in the map replaced by its value.

    Everything else that begins with a dollar stays as it is: the strings are often shell scripts, and selectors. Values
    that aren't strings become their compact JSON. Null stays null.

    Source: built-in functions (120677); what stays as in public templates.
    """
    if whole is None:
        return None
    values = mapping("variables", variables)

    def value_of(match: re.Match[str]) -> str:
        return text_form(values[match[1]]) if match[1] in values else match[0]

    return substitute(_VARIABLE, text("text", whole), value_of)


SUB = Function(
    "Fn::Sub",
    call,
    (Argument("text", TEXT), Argument("variables", MAP)),
    FIXED,
    result=TEXT,
    example=(["cd ${folder} && echo $HOME ${USER}", {"folder": "/srv"}], "cd /srv && echo $HOME ${USER}"),
)
