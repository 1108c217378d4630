"""``Fn::Escape``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import one_of, room_for, text_form, unexpected
from caboose.oos.kinds import ANY, TEXT

_POWERSHELL = str.maketrans({"`": "``", '"': '`"', "$": "`$", "\r": "`r", "\n": "`n"})
_SHELL = str.maketrans({"\\": "\\\\", '"': '\\"', "$": "\\$", "`": "\\`"})
_SHELLS = {"powershell": _POWERSHELL, "shell": _SHELL, "bash": _SHELL, "sh": _SHELL}


def call(value: Any, shell: Any) -> str | None:
    """A string such that it can stand between double quotes in a script of the given shell and be itself there.

    ``powershell`` gets its backtick before backticks, double quotes and dollars, and line ends become a backtick and an
    n; ``shell``, ``bash`` and ``sh`` get a backslash before backslashes, double quotes, dollars and backticks. Nothing
    is put round the string, so that a call within a call is for quotes within quotes. Lists and maps are escaped as
    their JSON text. Null stays null.

    Source: built-in functions (120677), which names the function only. Chosen so that options in JSON, escaped twice,
    survive a PowerShell command that starts another one.
    """
    table = _SHELLS.get(shell.lower()) if isinstance(shell, str) else None
    if table is None:
        raise unexpected("shell", one_of(tuple(_SHELLS)), shell)
    if value is None:
        return None
    escaped = text_form(value).translate(table)
    room_for(len(escaped))
    return escaped


ESCAPE = Function(
    "Fn::Escape",
    call,
    (Argument("text", ANY), Argument("shell", TEXT, choices=tuple(_SHELLS))),
    FIXED,
    result=TEXT,
    example=(['{"path": "$HOME"}', "powershell"], '{`"path`": `"`$HOME`"}'),
)
