"""Reading YAML 1.1: PyYAML's events, told to a builder.

libyaml's parser is twenty times as fast as PyYAML's own, so it reads first; what it refuses is read again by the slow
one, whose messages say more, and whose word is final. Both give the same events with the same marks, but for a mark
order character inside of a text, which is left to the slow one; libyaml alone also takes a tab at the end of a line.
No tag makes an object: only the plain kinds of YAML are known.
"""

from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from caboose.oos.loading.builder import Builder
from caboose.oos.loading.document import Mark
from caboose.oos.loading.scalars import KINDS, MERGE, STR, TAG, tag_of, value_of, whole_characters

SLOW: type[Any] = yaml.SafeLoader
FAST: type[Any] = getattr(yaml, "CSafeLoader", SLOW)
"""libyaml's parser, where PyYAML was built with it."""

_BYTE_ORDER_MARK = "\ufeff"


def read_yaml(text: str) -> Builder:
    """The builder that read this text.

    Raises:
        yaml.YAMLError: it isn't YAML, with its mark.
        Refused: a bound is passed.
    """
    if FAST is not SLOW and _BYTE_ORDER_MARK not in text[1:]:
        try:
            return read_events(text, FAST)
        except (yaml.YAMLError, ValueError):  # ValueError: half a character, which UTF-8 can't say
            pass
    return read_events(text, SLOW)


def read_events(text: str, parser: type[Any]) -> Builder:
    """The builder that read this text with one of the two parsers; raises what ``read_yaml`` does."""
    builder = Builder()
    documents = 0
    events = parser(text)
    try:
        while True:
            event = events.get_event()
            if isinstance(event, StreamEndEvent):
                return builder
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "a second document begins here; a template is one document"
                    hint = "Remove the line with ---, or put what follows into a file of its own."
                    raise builder.refused("InvalidYaml", message, _mark(event), hint)
            else:
                _tell(builder, event)
    finally:
        events.dispose()


def _tell(builder: Builder, event: Event) -> None:
    if isinstance(event, ScalarEvent):
        _scalar(builder, event)
    elif isinstance(event, MappingStartEvent):
        _check_tag(builder, event, TAG + "map")
        builder.begin({}, _mark(event), event.anchor or "")
    elif isinstance(event, SequenceStartEvent):
        _check_tag(builder, event, TAG + "seq")
        builder.begin([], _mark(event), event.anchor or "")
    elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
        builder.end()
    elif isinstance(event, AliasEvent):
        builder.alias(event.anchor or "", _mark(event))


def _scalar(builder: Builder, event: ScalarEvent) -> None:
    word, mark, anchor, as_key = event.value, _mark(event), event.anchor or "", builder.at_key
    tag = event.tag or (tag_of(word) if event.implicit[0] else STR)
    if tag == "!":
        tag = STR
    if tag == MERGE and as_key:
        builder.key(word, mark, anchor, merging=True)
        return
    if tag == MERGE:
        tag = STR
    value = None
    if tag not in KINDS:
        _unknown_tag(builder, tag, mark)
    else:
        try:
            value = value_of(word, tag)
        except ValueError as error:
            if not as_key:  # `08: x` names a key, whatever a number may look like
                builder.problem("InvalidYaml", str(error), mark)
    if as_key:
        builder.key(whole_characters(word), mark, anchor)
    else:
        builder.scalar(value, mark, anchor, word)


def _check_tag(builder: Builder, event: Any, expected: str) -> None:
    if event.tag not in (None, "!", expected):
        _unknown_tag(builder, event.tag, _mark(event))


def _unknown_tag(builder: Builder, tag: str, mark: Mark) -> None:
    shown = f"!!{tag.removeprefix(TAG)}" if tag.startswith(TAG) else tag
    hint = 'Write plain maps, lists, strings, numbers, true, false and null; a text that begins with "!" needs quotes.'
    builder.problem("UnknownTag", f"the tag {shown} is not allowed", mark, hint)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
