"""Approval links: they carry what they are for and nothing else, expire, and can't be forged or changed."""

import time
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.links import LinkClaims, LinkExpired, LinkInvalid, make_link, make_token, read_token

CLAIMS = LinkClaims("exec-0123456789abcdef0123", "run-1", "exec-0123456789abcdef0123.t0002", 1)
KEYS = ["the-key-that-signs", "an-older-key"]


def test_a_link_says_what_it_is_for() -> None:
    link = make_link("https://c.example", CLAIMS, KEYS)
    assert link.startswith("https://c.example/approvals/")
    assert read_token(link.rsplit("/", 1)[1], KEYS, max_age_days=30) == CLAIMS


@given(st.text(), st.text(), st.text(), st.integers(0, 10**6))
def test_any_claims_come_back(execution: str, run: str, task: str, attempt: int) -> None:
    claims = LinkClaims(execution, run, task, attempt)
    assert read_token(make_token(claims, KEYS), KEYS, max_age_days=1) == claims


def test_a_link_holds_no_decision() -> None:
    payload = make_token(CLAIMS, KEYS).split(".")[0]
    shown = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert "pprove" not in shown
    assert "eject" not in shown


def test_links_survive_a_change_of_keys_while_the_old_one_is_known() -> None:
    old = make_token(CLAIMS, ["an-older-key"])
    assert read_token(old, KEYS, max_age_days=1) == CLAIMS
    with pytest.raises(LinkInvalid):
        read_token(old, ["the-key-that-signs"], max_age_days=1)
    with pytest.raises(LinkInvalid):
        read_token(make_token(CLAIMS, KEYS), ["an-older-key"], max_age_days=1)


def test_the_first_key_signs() -> None:
    assert read_token(make_token(CLAIMS, KEYS), KEYS[:1], max_age_days=1) == CLAIMS


def test_a_link_expires() -> None:
    token = make_token(CLAIMS, KEYS)
    time.sleep(2.1)  # its time of issue counts in seconds
    with pytest.raises(LinkExpired):
        read_token(token, KEYS, max_age_days=1 / 86_400)


@given(st.text(max_size=100))
def test_no_text_is_a_link(text: str) -> None:
    with pytest.raises(LinkInvalid):
        read_token(text, KEYS, max_age_days=30)


@given(st.integers(0), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_link_that_was_changed_or_cut_is_none(position: int, character: str) -> None:
    token = make_token(CLAIMS, KEYS)
    position %= len(token) - 1  # the last character of base64 has bits that mean nothing
    if token[position] != character:
        with pytest.raises(LinkInvalid):
            read_token(token[:position] + character + token[position + 1 :], KEYS, max_age_days=30)
    with pytest.raises(LinkInvalid):
        read_token(token[:position], KEYS, max_age_days=30)


def test_a_link_has_only_characters_that_chats_leave_alone() -> None:
    token = make_token(LinkClaims("界" * 50, "r", "t" * 200, 1), KEYS)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert token[0] not in ".-_"
