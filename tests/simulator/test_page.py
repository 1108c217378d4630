"""The page for people: what is shown, and that a message can't do anything but be read."""

import pytest

from caboose.simulator.page import Piece, pieces
from tests.simulator.client import call, http
from tests.support.simulator import Simulator

LINK = "http://127.0.0.1:8000/approvals/a.B-c_d"

CUT: list[tuple[str, list[Piece]]] = [
    ("plain", [Piece("plain")]),
    ("", []),
    (f"see {LINK}.", [Piece("see "), Piece(LINK, LINK), Piece(".")]),
    (f"请打开{LINK}，谢谢", [Piece("请打开"), Piece(LINK, LINK), Piece("，谢谢")]),
    (f"[Review]({LINK})\nnow", [Piece("Review", LINK), Piece("\nnow")]),
    ("[x](javascript:alert(1))", [Piece("[x](javascript:alert(1))")]),
    ('http://x/"onclick=1', [Piece("http://x/", "http://x/"), Piece('"onclick=1')]),
    ('[x](http://x/"y)', [Piece('[x](http://x/"y)')]),
    ("http://a http://b", [Piece("http://a", "http://a"), Piece(" "), Piece("http://b", "http://b")]),
]


@pytest.mark.parametrize(("text", "expected"), CUT)
def test_links_in_a_text(text: str, expected: list[Piece]) -> None:
    assert list(pieces(text)) == expected


def test_page(simulator: Simulator) -> None:
    assert "No message yet" in http.get(simulator.url).text
    simulator.put_instances([{"InstanceId": "i-1", "InstanceName": "<b>web</b>"}, {"InstanceId": "i-2"}])
    call(simulator, "StopInstance", {"InstanceId": "i-2"})
    bodies = [
        {"msgtype": "text", "text": {"content": f"<script>alert(1)</script> {LINK}"}},
        {
            "msgtype": "actionCard",
            "actionCard": {
                "title": "Approve?",
                "text": "x",
                "btns": [
                    {"title": "Review", "actionURL": LINK},
                    {"title": "Bad", "actionURL": "javascript:alert(2)"},
                ],
            },
        },
        {"msgtype": "link", "link": {"title": "Open", "text": "y", "messageUrl": "data:text/html,z"}},
        {"msgtype": "feedCard", "feedCard": {"links": [{"title": "Feed", "messageURL": LINK}]}},
        {"msgtype": "text", "text": {"content": "@13800000000"}, "at": {"atMobiles": ["13800000000"]}},
    ]
    for body in bodies:
        http.post(simulator.webhook("very-secret-token"), json=body)
    answer = http.get(simulator.url)
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert page.count(f'href="{LINK}"') == 3
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "&lt;b&gt;web" in page
    assert "javascript:" not in page
    assert "data:text" not in page
    assert "Notified: 13800000000" in page
    assert "very-secret-token" not in page
    assert 'http-equiv="refresh"' in page
    assert "1 Running" in page


def test_many_instances_are_counted_and_not_all_listed(simulator: Simulator) -> None:
    simulator.put_instances(1000)
    page = http.get(simulator.url).text
    assert "1000 Running" in page
    assert "… and 800 more." in page


def test_who_gets_the_page(simulator: Simulator) -> None:
    assert http.head(simulator.url).status_code == 200
    for answer in (
        http.get(simulator.url, params={"Action": "DescribeInstances"}),
        http.get(simulator.url, headers={"x-acs-action": "DescribeInstances"}),
        http.post(simulator.url),
    ):
        assert (answer.status_code, answer.json()["Code"]) == (400, "IncompleteSignature")
