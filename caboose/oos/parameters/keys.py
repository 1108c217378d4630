"""What the declaration of a parameter may say: each key once, with the type it has an effect on.

The reference page of parameters is made of this table and of ``convert.ACCEPTED``. To add a key, declare it here, and
let ``declarations`` read it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """A key: what may stand there, and what it means. ``only`` is the one type it has an effect on, '' for all."""

    name: str
    value: str
    meaning: str
    only: str = ""


_DECLARED = (
    Key("Type", "String, Number, Boolean, List or Json", "The type of the value; String when it is left out."),
    Key(
        "Default",
        "a value of the type, or one that converts to it",
        "Makes the parameter optional. May refer to other parameters, in any order, and to pseudo parameters; "
        "functions aren't evaluated.",
    ),
    Key("Description", "a string, or a map of strings by language", "What the parameter is for."),
    Key("Label", "a string, or a map of strings by language", "Its name in forms."),
    Key(
        "AllowedValues",
        "a list",
        "The value is one of these; of a List, each element is.",
    ),
    Key(
        "AllowedPattern",
        "a regular expression, with look-ahead and look-behind, of at most 1,000 characters",
        "The whole value matches it. A match that takes too long is an error.",
        "String",
    ),
    Key("MinLength", "a whole number, 0 or more", "The value has at least so many characters.", "String"),
    Key("MaxLength", "a whole number, 0 or more", "The value has at most so many characters.", "String"),
    Key("MinValue", "a number", "The value is at least this.", "Number"),
    Key("MaxValue", "a number", "The value is at most this.", "Number"),
    Key(
        "ConstraintDescription",
        "a string, or a map of strings by language",
        "Stands in the message when a constraint is violated.",
    ),
    Key("NoEcho", "true or false", "The value is never shown."),
    Key("AssociationProperty", "a string", "How a console's form asks for the value; no effect here."),
    Key("AssociationPropertyMetadata", "a map", "More for a console's form; no effect here."),
)

KEYS = {key.name: key for key in _DECLARED}
