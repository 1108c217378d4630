"""``Fn::MergeList``."""

from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import items
from caboose.oos.kinds import LIST
from caboose.oos.values import PLAIN


def call(values: Any) -> list[Any]:
    """The elements of a list with the lists among them taken apart, one level deep, and without nulls.

    A map of nothing but nulls counts as null: that is what an output is which a skipped task should have filled.

    Source: undocumented. Chosen so that what a loop collected, with null where an item found nothing, is fit to loop
    over, and equals ``[]`` when no item found anything: templates decide by that whether to notify somebody.
    """
    merged: list[Any] = []
    for each in items("list", values):
        merged.extend([each] if type(each) in PLAIN or not isinstance(each, list) else each)
    return [each for each in merged if not _is_nothing(each)]


def _is_nothing(value: Any) -> bool:
    if type(value) in PLAIN or not isinstance(value, dict):
        return value is None
    return bool(value) and all(each is None for each in value.values())


MERGE_LIST = Function(
    "Fn::MergeList",
    call,
    (Argument("list", LIST),),
    VALUE,
    result=LIST,
    example=([["a", None], None, "b", ["c"]], ["a", "b", "c"]),
    undocumented=True,
)
