"""DingTalk's rules as pure functions: signatures, addresses, what an answer means."""

import json

import pytest

from activities.notifications import dingtalk
from activities.notifications.dingtalk import BUSY, DELIVERED, FAILED, NO_ANSWER, THROTTLED

URI = "https://oapi.dingtalk.com/robot/send?access_token=CANARY01"


@pytest.mark.parametrize(
    ("timestamp", "secret", "plain", "encoded"),
    [
        (
            1577262236757,
            "this is secret",
            "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=",
            "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D",
        ),
        (
            1700000000000,
            "SEC" + "0" * 63 + "a",
            "PX3eX9+Ae6bSAkx4m/HWjY0h/Ncu4ywN5LX+u7LfWgc=",
            "PX3eX9%2BAe6bSAkx4m%2FHWjY0h%2FNcu4ywN5LX%2Bu7LfWgc%3D",
        ),
        (
            1700000000001,
            "this is secret",
            "aOZ0Y/R7BCg4xs87AcG5MYf26YmwfVRTLD0z3X+p/mM=",
            "aOZ0Y%2FR7BCg4xs87AcG5MYf26YmwfVRTLD0z3X%2Bp%2FmM%3D",
        ),
    ],
)
def test_signatures(timestamp: int, secret: str, plain: str, encoded: str) -> None:
    assert dingtalk.sign(timestamp, secret) == plain
    assert dingtalk.signed(URI, secret, timestamp) == f"{URI}&timestamp={timestamp}&sign={encoded}"


def test_a_signature_replaces_an_older_one() -> None:
    once = dingtalk.signed(URI, "SECdemo", 1)
    assert dingtalk.signed(once, "SECdemo", 2) == dingtalk.signed(URI, "SECdemo", 2)


@pytest.mark.parametrize(
    "uri",
    [
        URI,
        "https://OAPI.dingtalk.com/robot/send?access_token=x",
        "https://oapi.dingtalk.io:443/robot/send?access_token=x",
        "http://127.0.0.1:8001/robot/send?access_token=x",
        "http://localhost:8001/robot/send?access_token=x",
    ],
)
def test_addresses_that_are_sent_to(uri: str) -> None:
    dingtalk.check_uri(uri, "http://127.0.0.1:8001")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "robot",
        "http://oapi.dingtalk.com/robot/send?access_token=x",
        "https://oapi.dingtalk.com:8443/robot/send",
        "https://oapi.dingtalk.com.evil.com/robot/send",
        "https://oapi.dingtalk.com@evil.com/robot/send",
        "https://user:pass@oapi.dingtalk.com/robot/send",
        "https://evil.com/oapi.dingtalk.com",
        "https://oapi.dingtalk.com./robot/send",
        "https://oapi.dingtalk.com/robot/send\r\nHost: evil",
        "http://100.100.100.200/latest/meta-data/",
        "http://[::ffff:100.100.100.200]/",
        "http://127.0.0.1:8002/robot/send",
        "https://127.0.0.1:8001/robot/send",
        "http://127.0.0.1/robot/send",
        "http://[bad/robot",
        "file:///etc/passwd",
        "https://oapi.dingtalk.com:port/robot",
    ],
)
def test_addresses_that_are_not_sent_to(uri: str) -> None:
    with pytest.raises(dingtalk.WebhookRefused):
        dingtalk.check_uri(uri, "http://127.0.0.1:8001")


def test_without_a_simulator_loopback_is_no_robot() -> None:
    with pytest.raises(dingtalk.WebhookRefused):
        dingtalk.check_uri("http://127.0.0.1:8001/robot/send?access_token=x", "")


@pytest.mark.parametrize(
    ("code", "text", "kind", "hint"),
    [
        (0, "ok", DELIVERED, ""),
        (-1, "系统繁忙", BUSY, ""),
        (410100, "发送速度太快而限流", THROTTLED, ""),
        (130101, "send too fast, exceed 20 times per minute", THROTTLED, ""),
        (302033, "send too fast", THROTTLED, ""),
        (310000, "keywords not in content", FAILED, "keywords"),
        (310000, "description:关键词不匹配;solution:请联系群管理员;", FAILED, "keywords"),
        (310000, "invalid timestamp", FAILED, "clock"),
        (310000, "sign not match", FAILED, "CABOOSE_WEBHOOK_SECRETS"),
        (310000, "签名不匹配", FAILED, "CABOOSE_WEBHOOK_SECRETS"),
        (310000, "ip 1.2.3.4 not in whitelist", FAILED, "1.2.3.4"),
        (300001, "token is not exist", FAILED, "access_token"),
        (300005, "token is not exist", FAILED, "access_token"),
        (400101, "access_token不存在", FAILED, "access_token"),
        (400102, "机器人已停用", FAILED, "switch the robot on"),
        (400106, "机器人不存在", FAILED, "removed"),
        (400013, "群已被解散", FAILED, "dissolved"),
        (400105, "不支持的消息类型", FAILED, "msgtype"),
        (40035, "缺少参数 json", FAILED, "Content"),
        (43004, "无效的HTTP HEADER Content-Type", FAILED, "application/json"),
        (460101, "message too long, exceed 20000 bytes", FAILED, "shorten"),
        (101002, "message is too long", FAILED, "shorten"),
        (430101, "外链不安全", FAILED, "CABOOSE_PUBLIC_URL"),
        (430102, "不合适文本", FAILED, "text"),
        (88, "ding talk error", FAILED, "88"),
        (404, "请求的URI地址不存在", FAILED, "404"),
    ],
)
def test_every_row_of_the_table(code: int, text: str, kind: str, hint: str) -> None:
    verdict = dingtalk.judge(200, json.dumps({"errcode": code, "errmsg": text}).encode())
    assert verdict.kind == kind
    assert hint in verdict.message
    if kind != DELIVERED:
        assert str(code) in verdict.message


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"", NO_ANSWER),
        (200, b"<html>", NO_ANSWER),
        (200, b"[]", NO_ANSWER),
        (200, b'{"errcode": null}', NO_ANSWER),
        (200, b'{"errcode": "0"}', DELIVERED),
        (502, b"<html>", NO_ANSWER),
        (500, b'{"errcode": 0}', NO_ANSWER),
        (302, b"", FAILED),
        (404, b"not found", FAILED),
    ],
)
def test_answers_that_are_none(status: int, content: bytes, kind: str) -> None:
    assert dingtalk.judge(status, content).kind == kind


def test_a_text_that_quotes_the_address_is_masked() -> None:
    assert "CANARY01" not in dingtalk.mask(f"no route to {URI}, token CANARY01", URI)
    no_url = "https://[::1/robot/send?access_token=CANARY01"
    assert "CANARY01" not in dingtalk.mask(f"{no_url} is not a URL, nor is CANARY01", no_url)
