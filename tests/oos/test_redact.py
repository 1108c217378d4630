"""Redaction: what is masked, and that masking twice changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.redact import looks_secret, redact, redact_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "https://oapi.dingtalk.com/robot/send?access_token=0123abc",
            "https://oapi.dingtalk.com/robot/send?access_token=***",
        ),
        ("x?access_token=abc&timestamp=1&sign=q%3D%3D end", "x?access_token=***&timestamp=1&sign=*** end"),
        ('{"uri": "https://h/?ACCESS_TOKEN=abc"}', '{"uri": "https://h/?ACCESS_TOKEN=***"}'),
        ("redirect=https%3A%2F%2Fh%3Faccess_token%3Dabc", "redirect=https%3A%2F%2Fh%3Faccess_token%3D***"),
        ("https://h/?key=abc)", "https://h/?key=***)"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abc-def", "https://open.feishu.cn/open-apis/bot/v2/hook/***"),
        ("https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/services/***"),
        ("signed with SEC" + "0a" * 32 + ".", "signed with ***."),
        ("https://user:abc@h/robot", "https://user:***@h/robot"),
        ("nothing to see", "nothing to see"),
        ("SECOND", "SECOND"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert redact_text(text) == shown


def test_values_keys_included() -> None:
    value: Any = {"?token=abc": ["?token=abc", 1, None, {"x": "?token=abc"}]}
    assert redact(value) == {"?token=***": ["?token=***", 1, None, {"x": "?token=***"}]}


@given(st.text(), st.text(alphabet="abcdef0123456789", min_size=1), st.text())
def test_no_token_survives_and_masking_twice_changes_nothing(before: str, token: str, after: str) -> None:
    shown = redact_text(f"{before} https://h/?access_token=Q{token}Q {after}")
    assert f"access_token=Q{token}Q" not in shown
    assert redact_text(shown) == shown


@pytest.mark.parametrize("name", ["password", "dbPasswd", "AccessKeySecret", "apiToken", "privateKey"])
def test_names_that_look_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["webHookUrl", "targets", "keyPairName", "passenger"])
def test_names_that_do_not(name: str) -> None:
    assert not looks_secret(name)
