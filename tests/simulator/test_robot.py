"""The DingTalk robot: what it refuses, what it limits and whom it notifies."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from caboose.simulator.robot import Group, GroupSettings, RobotError, sign
from tests.simulator.client import http
from tests.support.simulator import Simulator

TOKEN = "group-0001"


def text(content: str = "hello", **more: Any) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}, **more}


def send(simulator: Simulator, body: Any, query: dict[str, str] | None = None, token: str = TOKEN) -> dict[str, Any]:
    url = simulator.webhook(token) + (f"&{urlencode(query)}" if query else "")
    answer = (
        http.post(url, json=body)
        if not isinstance(body, bytes)
        else http.post(url, content=body, headers={"content-type": "application/json"})
    )
    assert answer.status_code == 200
    content: dict[str, Any] = answer.json()
    return content


ACCEPTED: list[dict[str, Any]] = [
    text(),
    {"msgtype": "markdown", "markdown": {"title": "t", "text": "*x*"}},
    {"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "https://example.com"}},
    {"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": []}},
    {"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "https://example.com"}]}},
    # Unused parts of other types are ignored, as the OOS action sends them.
    text(link={}, markdown=None, at={"atMobiles": [], "isAtAll": False}),
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_messages(simulator: Simulator, body: dict[str, Any]) -> None:
    assert send(simulator, body) == {"errcode": 0, "errmsg": "ok"}
    (message,) = simulator.messages()
    assert message["body"] == body
    assert (message["access_token"], message["group"]) == (TOKEN, "Group 1 (…0001)")
    (logged,) = simulator.calls("robot")
    assert (logged["outcome"], logged["carried_out"]) == ("answered", True)
    assert TOKEN not in json.dumps(logged)


REFUSED: list[tuple[Any, int]] = [
    (b"not json", 40035),
    ([], 40035),
    ({}, 40035),
    ({"msgtype": "text"}, 40035),
    ({"msgtype": "text", "text": {"content": ""}}, 40035),
    ({"msgtype": "markdown", "markdown": {"text": "no title"}}, 40035),
    ({"msgtype": "image", "image": {}}, 400105),
    (text(at={"isAtAll": "false"}), 40035),
    (text(at={"atMobiles": "13800000000"}), 40035),
    (text(at={"atMobiles": [13800000000]}), 40035),
    (text("x" * 20_000), 460101),
    (json.dumps(text("批" * 6_666), ensure_ascii=False).encode(), 460101),
]


@pytest.mark.parametrize(("body", "errcode"), REFUSED)
def test_refusals(simulator: Simulator, body: Any, errcode: int) -> None:
    assert send(simulator, body)["errcode"] == errcode
    assert simulator.messages() == []
    assert simulator.calls("robot")[0]["outcome"] == f"error:{errcode}"


def test_the_limit_counts_bytes(simulator: Simulator) -> None:
    overhead = len(json.dumps(text("")))
    raw = json.dumps(text("x" * (20_000 - overhead))).encode()
    assert len(raw) == 20_000
    assert send(simulator, raw)["errcode"] == 0


def test_content_type_and_token(simulator: Simulator) -> None:
    answer = http.post(simulator.webhook(), content=json.dumps(text()), headers={"content-type": "text/plain"})
    assert answer.json()["errcode"] == 43004
    assert http.post(f"{simulator.url}/robot/send", json=text()).json()["errcode"] == 300005
    assert http.get(simulator.webhook()).status_code == 405


def test_a_mention_needs_the_text_too(simulator: Simulator) -> None:
    at = {"atMobiles": ["13800000000", "13900000000", "1390000", "1370000****"]}
    send(simulator, text("please @13800000000, @139000001 and @1370000****", at=at))
    send(simulator, {"msgtype": "markdown", "markdown": {"title": "@13800000000", "text": "@13900000000"}, "at": at})
    send(simulator, text("@13800000000", at={"isAtAll": True}))
    first, second, third = simulator.messages()
    assert (first["mentioned"], first["mentioned_all"]) == (["13800000000"], False)
    assert second["mentioned"] == ["13900000000"]
    assert (third["mentioned"], third["mentioned_all"]) == ([], True)


def test_the_same_uuid_is_posted_once(simulator: Simulator) -> None:
    for _ in range(3):
        assert send(simulator, text(msgUuid="exec-1/approve/1"))["errcode"] == 0
    assert send(simulator, text(msgUuid="exec-1/approve/1"), token="group-0002")["errcode"] == 0
    assert [message["access_token"] for message in simulator.messages()] == [TOKEN, "group-0002"]
    assert simulator.messages()[0]["uuid"] == "exec-1/approve/1"


def test_twenty_in_a_minute(simulator: Simulator) -> None:
    codes = [send(simulator, text(str(number)))["errcode"] for number in range(22)]
    assert codes == [0] * 20 + [410100] * 2
    assert send(simulator, text(), token="group-0002")["errcode"] == 0  # each group for itself
    simulator.put_groups({TOKEN: {"rate_limit": None}})
    assert send(simulator, text())["errcode"] == 0


def test_a_throttled_group_is_silent_for_ten_minutes() -> None:
    now = [0.0]
    group = Group("g", GroupSettings(), clock=lambda: now[0])
    for _ in range(20):
        group.check_pace()
    for moment in (59.0, 120.0, 658.0):
        now[0] = moment
        with pytest.raises(RobotError, match="410100"):
            group.check_pace()
    now[0] = 660.0
    group.check_pace()


# timestamp, secret, signature: computed with openssl.
SIGNATURES = [
    (1577262236757, "this is secret", "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="),
    (1700000000000, "SEC" + "0" * 63 + "a", "PX3eX9+Ae6bSAkx4m/HWjY0h/Ncu4ywN5LX+u7LfWgc="),
]


@pytest.mark.parametrize(("timestamp", "secret", "expected"), SIGNATURES)
def test_signature_vectors(timestamp: int, secret: str, expected: str) -> None:
    assert sign(str(timestamp), secret) == expected
    group = Group("g", GroupSettings(secret=secret), clock=lambda: timestamp / 1000 + 3599)
    group.check_signature({"timestamp": str(timestamp), "sign": expected})


def test_a_group_with_a_secret(simulator: Simulator) -> None:
    simulator.put_groups({TOKEN: {"secret": "SECdemo"}})
    now = str(int(time.time() * 1000))
    old = str(int(time.time() * 1000) - 3_700_000)
    stale = {"errcode": 310000, "errmsg": "invalid timestamp"}
    wrong = {"errcode": 310000, "errmsg": "sign not match"}
    assert send(simulator, text()) == stale
    assert send(simulator, text(), {"timestamp": old, "sign": sign(old, "SECdemo")}) == stale
    assert send(simulator, text(), {"timestamp": now}) == wrong
    assert send(simulator, text(), {"timestamp": now, "sign": sign(now, "SECother")}) == wrong
    assert send(simulator, text(), {"timestamp": now, "sign": sign(now, "SECdemo")})["errcode"] == 0
    assert send(simulator, text(), token="group-0002")["errcode"] == 0
    assert len(simulator.messages()) == 2


def test_keywords(simulator: Simulator) -> None:
    simulator.put_groups({TOKEN: {"keywords": ["审批"]}})
    assert send(simulator, text("hello")) == {"errcode": 310000, "errmsg": "keywords not in content"}
    assert send(simulator, text("请审批"))["errcode"] == 0
