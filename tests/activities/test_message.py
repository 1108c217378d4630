"""What is changed in a message, and that the link survives every cut."""

import json
from typing import Any

import pytest

from activities.notifications.message import MAX_BODY_BYTES, Link, adapt

LINK = "http://127.0.0.1:8000/approvals/a-token"


def to(link: str) -> Link | None:
    return Link("Approve or reject", link) if link else None


def adapted(content: Any, link: str = LINK) -> dict[str, Any]:
    made = adapt(content, link=to(link), uuid="u-1")
    body: dict[str, Any] = json.loads(made.body)
    return body


def text(content: str, **at: Any) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}, "at": at}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("false", False), ("true", True), ("True", True), (True, True), (False, False), ("", False), ("yes", False)],
)
def test_is_at_all_becomes_a_boolean(given: Any, expected: bool) -> None:
    assert adapted(text("hello", isAtAll=given))["at"]["isAtAll"] is expected


@pytest.mark.parametrize(
    ("content", "mobiles", "expected"),
    [
        ("hello", ["13800000001", "13800000002"], "hello @13800000001 @13800000002"),
        ("hello @13800000001.", ["13800000001"], "hello @13800000001."),
        ("hello @138000000011", ["13800000001"], "hello @138000000011 @13800000001"),
        ("hello", ["1390000****", "", None, {}], "hello"),
        ("hello", ["13800000001", "13800000001"], "hello @13800000001"),
        ("hello", [13800000001], "hello @13800000001"),
        ("hello", "13800000001", "hello"),
    ],
)
def test_mobiles_are_mentioned_in_the_text(content: str, mobiles: Any, expected: str) -> None:
    assert adapted(text(content, atMobiles=mobiles), link="")["text"]["content"] == expected


def test_mobiles_are_texts_to_dingtalk() -> None:
    assert adapted(text("hello", atMobiles=[13800000001, "1390000****"]))["at"]["atMobiles"] == [
        "13800000001",
        "1390000****",
    ]


@pytest.mark.parametrize("kind", ["markdown", "actionCard"])
def test_mentions_in_markdown(kind: str) -> None:
    body = adapted({"msgtype": kind, kind: {"title": "t", "text": "hello"}, "at": {"atMobiles": ["13800000001"]}})
    assert body[kind]["text"] == f"hello @13800000001\n\n[Approve or reject]({LINK})"


def test_the_link_of_a_text_is_a_line_at_its_end() -> None:
    assert adapted(text("hello"))["text"]["content"] == f"hello\nApprove or reject: {LINK}"


def test_the_link_of_a_link_is_its_address_or_stands_in_its_text() -> None:
    empty = {"msgtype": "link", "link": {"title": "t", "text": "hello", "messageUrl": ""}}
    assert adapted(empty)["link"] == {"title": "t", "text": "hello", "messageUrl": LINK}
    own = {"msgtype": "link", "link": {"title": "t", "text": "hello", "messageUrl": "https://example.com"}}
    assert adapted(own)["link"]["messageUrl"] == "https://example.com"
    assert adapted(own)["link"]["text"].endswith(LINK)


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "feedCard", "feedCard": {"links": []}},
        {"msg_type": "text", "content": {"text": "hello"}},
        {"msgtype": "text", "text": "hello"},
        {"msgtype": "text", "text": {"content": ["hello"]}},
        {"msgtype": ["text"]},
        "hello",
        ["hello"],
        None,
    ],
)
def test_any_other_body_goes_as_written_with_a_warning(content: Any) -> None:
    made = adapt(content, link=to(LINK), uuid="u-1")
    body = json.loads(made.body)
    if isinstance(body, dict):
        assert body.pop("msgUuid") == "u-1"
    assert body == content
    assert "has no link" in made.warning


def test_without_a_link_nothing_is_added_and_nothing_is_warned_of() -> None:
    made = adapt(text("hello"), link=None, uuid="u-1")
    assert json.loads(made.body)["text"] == {"content": "hello"}
    assert made.warning == ""


def test_the_content_of_the_caller_is_not_changed() -> None:
    content = text("hello", isAtAll="false", atMobiles=["13800000001"])
    before = json.dumps(content)
    adapt(content, link=to(LINK), uuid="u-1")
    assert json.dumps(content) == before


def test_members_without_a_value_are_left_out() -> None:
    assert "at" not in adapted({"msgtype": "text", "text": {"content": "hello"}, "at": None, "markdown": None})


@pytest.mark.parametrize("filling", ["审批", "a", '"\n\\', "\U0001f680", "\x01", "\ud800"])
@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_long_message_is_cut_and_its_link_is_not(filling: str, kind: str) -> None:
    member = "content" if kind == "text" else "text"
    content = {"msgtype": kind, kind: {"title": "t", member: filling * 30_000}, "at": {"atMobiles": ["13800000001"]}}
    made = adapt(content, link=to(LINK), uuid="u-1")
    assert MAX_BODY_BYTES - 100 < len(made.body) <= MAX_BODY_BYTES
    shown = json.loads(made.body)[kind][member]
    assert LINK in shown
    assert "@13800000001" in shown
    assert "…" in shown


def test_a_message_of_the_largest_size_is_not_cut() -> None:
    overhead = len(adapt(text(""), link=to(LINK), uuid="u-1").body)
    whole = adapt(text("x" * (MAX_BODY_BYTES - overhead)), link=to(LINK), uuid="u-1")
    assert len(whole.body) == MAX_BODY_BYTES
    assert "…" not in whole.body.decode()
