"""The approval page without a worker: what a link opens, what is refused, and that only a form decides."""

import asyncio
import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from caboose.links import LinkClaims, make_token
from tests.api.conftest import KEYS, Api, free_port, served, settings_of
from tests.api.waiting import WaitingExecution, waiting_execution

BOTS = (
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp/faquestions/ftpfeu)",
    "DingTalkBot-SecurityService",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
)


def title_of(response: httpx.Response) -> str:
    """The page's heading in plain text."""
    found = re.search(r"<title>(.*?) · Caboose</title>", response.text)
    assert found, response.text
    return html.unescape(found[1])


def assert_page(response: httpx.Response, status: int, title: str) -> None:
    """Status, title, and that it is one of our pages with all its protection."""
    assert (response.status_code, title_of(response)) == (status, title)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert response.headers["referrer-policy"] == "same-origin"
    assert "<script" not in response.text
    assert "style=" not in response.text


def hidden_of(response: httpx.Response) -> dict[str, str]:
    """The form's hidden fields."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', response.text))


async def filled(anonymous: httpx.AsyncClient, waiting: WaitingExecution, **fields: str) -> dict[str, str]:
    """A form of the page, filled in."""
    hidden = hidden_of(await anonymous.get(waiting.link))
    return {"decision": "Approve", "approver": "bob", "note": "", **hidden, **fields}


async def test_links_that_were_never_made(anonymous: httpx.AsyncClient) -> None:
    token = make_token(LinkClaims("exec-1", "run", "exec-1.t0002", 1), KEYS)
    stranger = make_token(LinkClaims("exec-1", "run", "exec-1.t0002", 1), ["another key"])
    payload, issued, signature = token.rsplit(".", 2)
    for forged in (
        "x",
        "%00",
        "%F0%9F%9A%83",
        stranger,
        token[:-1],
        token[:40],
        token[1:],
        f"{payload[:-2]}AA.{issued}.{signature}",
        f"{payload}.AAAAAA.{signature}",
        payload,
        "x" * 5000,
    ):
        for method in ("GET", "POST"):
            assert_page(await anonymous.request(method, f"/approvals/{forged}"), 404, "This link is not valid")


async def test_addresses_beside_the_page(anonymous: httpx.AsyncClient) -> None:
    for path in ("/approvals/", "/approvals/a/b", "/approvals/../executions", "/approvals/assets/../../app.py"):
        response = await anonymous.get(path)
        assert response.status_code in (401, 404), path
        assert "import" not in response.text
    response = await anonymous.put("/approvals/x")
    assert response.status_code == 405
    assert title_of(response) == "This didn't work"


async def test_an_older_key_still_opens(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    link = make_token(waiting.claims, KEYS[1:])
    assert_page(await anonymous.get(f"/approvals/{link}"), 200, "Approval needed: reboot-with-approval")


async def test_an_expired_link(temporal_server: WorkflowEnvironment, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, free_port(), link_days=1 / 86_400)
    async with served(settings, temporal_server.client) as api:
        waiting = await waiting_execution(api)
        await asyncio.sleep(2.1)  # links are dated in whole seconds
        for method in ("GET", "POST"):
            assert_page(await api.client.request(method, waiting.link), 410, "This link has expired")
        assert await waiting.signals() == []


async def test_an_unknown_execution(anonymous: httpx.AsyncClient) -> None:
    token = make_token(LinkClaims("exec-of-nobody", "run", "exec-of-nobody.t0002", 1), KEYS)
    assert_page(await anonymous.get(f"/approvals/{token}"), 404, "This execution is not known")


async def test_what_it_shows(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api, Description="weekly restart", RegionId="cn-hangzhou")
    response = await anonymous.get(waiting.link)
    assert_page(response, 200, "Approval needed: reboot-with-approval")
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.text))
    for shown in (
        "reboot-with-approval",
        "v1",
        waiting.claims.execution_id,
        "alice",
        "2026-11-20 03:15:00 UTC",
        "weekly restart",
        "Notify: please approve instances restart",
        "i-gone",
        "web-2",
        "Stopped",
        "rebootInstance",
        "ACS::ECS::RebootInstance",
        "Restarts them.",
        "No worker answers at the moment",
        "You can decide now",
    ):
        assert shown in text, shown
    assert text.index("i-gone") < text.index("i-1")
    assert "first" not in text
    assert set(hidden_of(response)) == {"form_token"}
    assert response.text.count('name="decision"') == 2


async def test_many_targets_and_a_lost_message(api: Api, anonymous: httpx.AsyncClient) -> None:
    items = [{"Id": f"i-{number}", "Name": "", "Status": "Running"} for number in range(200)]
    failed = {"Delivered": False, "Message": "310000 keywords not in content", "Warning": "", "Number": 1}
    entry = {"Targets": {"Items": items, "Count": 1000, "Missing": [], "MissingCount": 0}, "Notification": failed}
    waiting = await waiting_execution(api, entry)
    text = (await anonymous.get(waiting.link)).text
    assert "The first 200 of 1000 are shown; 800 more are selected." in text
    assert "could not be delivered: <bdi>310000 keywords not in content</bdi>" in text


async def test_everything_is_escaped(api: Api, anonymous: httpx.AsyncClient) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\ud800"
    entry: dict[str, Any] = {
        "TaskName": evil,
        "Message": evil,
        "Targets": {
            "Items": [{"Id": evil, "Name": evil, "Status": evil}],
            "Count": 1,
            "Missing": [evil],
            "MissingCount": 1,
        },
        "NextTasks": [{"TaskName": evil, "TaskAction": evil, "Description": evil}],
        "Notification": {"Delivered": False, "Message": evil, "Warning": evil, "Number": 1},
    }
    waiting = await waiting_execution(
        api, entry, TemplateName=evil, TemplateVersion=evil, ExecutedBy=evil, Description=evil, RegionId=evil
    )
    response = await anonymous.get(waiting.link)
    assert response.status_code == 200
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert response.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 14
    assert "{{ 7*7 }}" in response.text


async def test_a_secret_in_a_text_is_masked(api: Api, anonymous: httpx.AsyncClient) -> None:
    url = "https://oapi.dingtalk.com/robot/send?access_token=canary-91bc"
    failed = {"Delivered": False, "Message": url, "Warning": url, "Number": 1}
    waiting = await waiting_execution(api, {"Message": url, "Notification": failed}, StatusMessage=url)
    text = (await anonymous.get(waiting.link)).text
    assert "access_token=***" in text
    assert "canary-91bc" not in text


async def test_looking_never_decides(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    handle = api.temporal.get_workflow_handle(waiting.claims.execution_id)
    before = (await handle.describe()).history_length
    looks = [
        anonymous.request(method, f"{waiting.link}{query}", headers={"User-Agent": bot})
        for method in ("GET", "HEAD", "OPTIONS")
        for bot in BOTS
        for query in ("", "?decision=Approve", f"?decision={'a' * 32}-approve&approver=x&note=y")
    ]
    responses = await asyncio.gather(*looks)
    assert {response.status_code for response in responses} == {200, 204}
    assert (await handle.describe()).history_length == before
    assert api.store.get_execution(waiting.claims.execution_id) == waiting.record


async def test_options_says_what_can_be_done(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    response = await anonymous.options(waiting.link)
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_a_decision_while_no_worker_runs(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    form = await filled(anonymous, waiting, note="looks fine")
    response = await anonymous.post(waiting.link, data=form, headers={"Origin": api.url})
    assert response.status_code == 303
    (signal,) = await waiting.signals()
    decision = signal.pop("DecisionId")
    assert signal == {
        "NotifyType": "Approve",
        "NotifyNote": "looks fine",
        "Approver": "bob",
        "TaskExecutionId": waiting.claims.task_execution_id,
        "Attempt": 1,
        "Via": "link",
    }
    assert response.headers["location"].endswith(f"?decision={decision}")
    after = await anonymous.get(urljoin(f"{api.url}{waiting.link}", response.headers["location"]))
    assert_page(after, 200, "Approval needed: reboot-with-approval")
    assert "Your decision is received, but no worker answers yet." in after.text
    assert 'http-equiv="refresh"' in after.text
    assert "<form" not in after.text
    assert len(await waiting.signals()) == 1


async def test_a_double_click_sends_one_id(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    form = await filled(anonymous, waiting)
    await asyncio.gather(*(anonymous.post(waiting.link, data=form) for _ in range(2)))
    await anonymous.post(waiting.link, data={**form, "decision": "Reject"})
    ids = [signal["DecisionId"] for signal in await waiting.signals()]
    assert ids[0] == ids[1]
    assert ids[2].endswith("-reject")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"approver": ""}, "Please give your name"),
        ({"approver": " \u200b "}, "Please give your name"),
        ({"decision": ""}, "Please press Approve or Reject."),
        ({"decision": "RetryTask"}, "Please press Approve or Reject."),
        ({"form_token": ""}, "This page was open for too long"),
        ({"form_token": "forged"}, "This page was open for too long"),
    ],
)
async def test_incomplete_forms(api: Api, anonymous: httpx.AsyncClient, changed: dict[str, str], said: str) -> None:
    waiting = await waiting_execution(api)
    form = {**await filled(anonymous, waiting, note="<my note>"), **changed}
    response = await anonymous.post(waiting.link, data=form)
    assert_page(response, 400, "Approval needed: reboot-with-approval")
    assert said in response.text
    assert "Nothing was sent." in response.text
    assert "&lt;my note&gt;</textarea>" in response.text
    assert hidden_of(response)["form_token"] != form["form_token"]
    assert await waiting.signals() == []


async def test_the_form_of_another_link(api: Api, anonymous: httpx.AsyncClient) -> None:
    mine, other = await waiting_execution(api), await waiting_execution(api)
    response = await anonymous.post(mine.link, data=await filled(anonymous, other))
    assert response.status_code == 400
    assert await mine.signals() == await other.signals() == []


async def test_a_form_that_is_too_large(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    response = await anonymous.post(waiting.link, data=await filled(anonymous, waiting, note="x" * 70_000))
    assert response.status_code == 413
    assert await waiting.signals() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_forms_of_other_sites(api: Api, anonymous: httpx.AsyncClient, headers: dict[str, str]) -> None:
    waiting = await waiting_execution(api)
    response = await anonymous.post(waiting.link, data=await filled(anonymous, waiting), headers=headers)
    assert_page(response, 403, "This was refused")
    assert await waiting.signals() == []


async def test_the_link_of_another_run(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    claims = LinkClaims(waiting.claims.execution_id, "an-earlier-run", waiting.claims.task_execution_id, 1)
    path = f"/approvals/{make_token(claims, KEYS)}"
    assert_page(await anonymous.get(path), 410, "This link is for an earlier execution")
    hidden = {"form_token": (await anonymous.get(waiting.link)).text}
    response = await anonymous.post(path, data={**hidden, "decision": "Approve", "approver": "bob"})
    assert_page(response, 410, "This link is for an earlier execution")
    assert await waiting.signals() == []


async def test_the_link_of_an_earlier_attempt(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api, {"Attempt": 2})
    assert_page(await anonymous.get(waiting.link), 410, "This link is for an earlier attempt")


async def test_an_approval_that_was_never_recorded(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api, {"TaskExecutionId": "exec-1.t0009"}, Waiting=[])
    assert_page(await anonymous.get(waiting.link), 503, "This approval can't be shown at the moment")


async def test_an_approval_beside_too_many_others(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api, {"TaskExecutionId": "exec-1.t0009"})
    assert_page(await anonymous.get(waiting.link), 503, "Too many approvals wait at once")


async def test_after_the_decision(api: Api, anonymous: httpx.AsyncClient) -> None:
    decision = {
        "Decision": "Reject",
        "By": 'by link, gave the name "carol"',
        "Note": "not during the fair",
        "At": "2026-11-20T04:00:00Z",
        "DecisionId": "x",
    }
    waiting = await waiting_execution(
        api,
        {"Status": "Reject", "Decision": decision},
        Status="Cancelled",
        StatusMessage='Rejected by link, gave the name "carol": not during the fair',
        EndDate="2026-11-20T04:00:01Z",
    )
    response = await anonymous.get(waiting.link)
    assert_page(response, 200, "Decided: reboot-with-approval")
    text = html.unescape(response.text)
    for shown in ("Rejected", 'by link, gave the name "carol"', "not during the fair", "2026-11-20 04:00:00 UTC"):
        assert shown in text, shown
    assert "How the execution ended" in text
    assert "<form" not in text


async def test_too_late(api: Api, anonymous: httpx.AsyncClient) -> None:
    waiting = await waiting_execution(api)
    form = await filled(anonymous, waiting)
    await api.temporal.get_workflow_handle(waiting.claims.execution_id).terminate("stop")
    response = await anonymous.post(waiting.link, data=form)
    assert_page(response, 409, "No longer waiting: reboot-with-approval")
    assert "Too late: the execution has already ended." in response.text
    assert "terminated in Temporal" in response.text
    assert await waiting.signals() == []


async def test_temporal_is_away(lonely_api: Api, api: Api) -> None:
    waiting = await waiting_execution(api)
    lonely_api.store.save_execution(waiting.record, [])
    title = "Temporal can't be reached"
    assert_page(await lonely_api.client.get(waiting.link), 503, title)
    form = {**hidden_of(await api.client.get(waiting.link)), "decision": "Approve", "approver": "bob"}
    assert_page(await lonely_api.client.post(waiting.link, data=form), 503, title)
    assert await waiting.signals() == []


async def test_a_final_page_needs_no_temporal(lonely_api: Api, api: Api) -> None:
    waiting = await waiting_execution(api, Status="Success", Revision=9, EndDate="2026-11-20T04:00:01Z")
    lonely_api.store.save_execution(waiting.record, [])
    assert_page(await lonely_api.client.get(waiting.link), 200, "No longer waiting: reboot-with-approval")
