"""The form's rules, each by itself."""

from urllib.parse import urlencode

import pytest
from starlette.datastructures import Headers

from api.forms import FormFields, FormSeal, decision_id, fault_of, is_cross_site, read_fields

OURS = "https://caboose.example.com/approve"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://caboose.example.com"}, True),
        ({"origin": "https://caboose.example.com"}, False),
        ({"origin": "http://caboose.example.com"}, True),
        ({"origin": "https://caboose.example.com.evil.example"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "null", "host": ""}, True),
        ({"origin": ""}, True),
        ({"origin": "http://10.0.0.7:8000", "host": "10.0.0.7:8000"}, False),
        ({"origin": "http://evil.example", "host": "10.0.0.7:8000"}, True),
    ],
)
def test_cross_site(headers: dict[str, str], refused: bool) -> None:
    assert is_cross_site(Headers(headers), OURS) is refused


def test_a_seal_is_for_one_link() -> None:
    seal = FormSeal("link-a", ["key"], 30)
    token = seal.new()["form_token"]
    form_id = seal.form_id(token)
    assert form_id
    assert len(form_id) == 32
    assert seal.form_id(seal.new()["form_token"]) != form_id
    assert FormSeal("link-b", ["key"], 30).form_id(token) is None
    assert FormSeal("link-a", ["another"], 30).form_id(token) is None
    assert FormSeal("link-a", ["another", "key"], 30).form_id(token) == form_id
    for broken in ("", token[:-1], f"{token}x", f"x{token}", token.replace(".", "")):
        assert seal.form_id(broken) is None


def test_each_button_and_each_person_has_an_id_of_its_own() -> None:
    alice, bob = FormFields("Approve", "alice"), FormFields("Approve", "bob")
    assert decision_id("f" * 32, alice) == decision_id("f" * 32, FormFields("Approve", "alice", "another note"))
    assert decision_id("f" * 32, alice) != decision_id("f" * 32, FormFields("Reject", "alice"))
    assert decision_id("f" * 32, alice) != decision_id("f" * 32, bob), "two people on one page are two votes"
    assert decision_id("f" * 32, alice) != decision_id("e" * 32, alice)


def test_reading() -> None:
    body = urlencode({"decision": "Approve", "approver": " ali\u202ece \t b ", "note": " a\r\nb ", "form_token": "t"})
    assert read_fields(body.encode()) == FormFields("Approve", "alice b", "a\nb", "t")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"%FF%FE=%FF",
        b"decision=Approve&decision=Reject&approver=a&approver=b&note=a&note=b",
        b"&".join(b"a=%d" % number for number in range(1000)),
        b'{"decision": "Approve"}',
        b'--x\r\nContent-Disposition: form-data; name="decision"\r\n\r\nApprove\r\n--x--',
    ],
)
def test_odd_bodies_are_empty_forms(body: bytes) -> None:
    assert read_fields(body) == FormFields()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        (FormFields("Approve", "", "note", "t"), "name"),
        (FormFields("Approve", "x" * 101, "", "t"), "100"),
        (FormFields("Approve", "alice", "x" * 1001, "t"), "1001"),
        (FormFields("", "alice", "", "t"), "Approve or Reject"),
        (FormFields("approve", "alice", "", "t"), "Approve or Reject"),
        (FormFields("RetryTask", "alice", "", "t"), "Approve or Reject"),
    ],
)
def test_faults(fields: FormFields, word: str) -> None:
    assert word in fault_of(fields)


def test_complete() -> None:
    assert fault_of(FormFields("Reject", "爱丽丝", "", "t")) == ""
