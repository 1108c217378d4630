"""What a page shows of the other things that people decide: high-risk calls, votes of several people, pauses.

No worker runs: the record is what one would have written. The engine's side is in ``tests/engine``.
"""

import html
import re
from typing import Any

import httpx
import pytest

from api.approval_view import outcome_notice, tally
from tests.api.conftest import Api
from tests.api.waiting import SINCE, waiting_execution

CALL = {
    "Service": "ECS",
    "API": "DeleteInstance",
    "RegionId": "cn-hangzhou",
    "RamRole": "",
    "Parameters": {"InstanceId": "i-1", "Force": True, "Tags": [{"Key": "env", "Value": "prod"}], "Password": "***"},
}


def vote(name: str, note: str = "") -> dict[str, Any]:
    """One vote of an entry."""
    by = f'by link, gave the name "{name}"'
    return {"Decision": "Approve", "Approver": name, "By": by, "Note": note, "At": SINCE, "DecisionId": name}


def words(response: httpx.Response) -> str:
    """The page without its tags."""
    assert response.status_code == 200, response.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


async def shown(api: Api, anonymous: httpx.AsyncClient, **entry: Any) -> str:
    """The words of the page of an approval like this."""
    return words(await anonymous.get((await waiting_execution(api, entry)).link))


async def test_a_high_risk_call_is_shown_with_all_its_parameters(api: Api, anonymous: httpx.AsyncClient) -> None:
    text = await shown(
        api,
        anonymous,
        Kind="HighRisk",
        Call=CALL,
        Message="",
        Targets=None,
        NextTasks=[],
        LoopItem={"id": "i-1"},
        LoopBatchNumber=2,
    )
    assert text.startswith("A high-risk call waits: reboot-with-approval")
    for expected in (
        "What would be called Product ECS API DeleteInstance Region cn-hangzhou Parameters",
        "InstanceId i-1 Force true",
        'Tags [{"Key":"env","Value":"prod"}]',
        "Password ***",
        'Loop item {"id":"i-1"}',
        "Batch 2",
        "Approving lets exactly this call be made.",
        "Rejecting ends the execution",
    ):
        assert expected in text, expected
    assert "As role" not in text
    assert "Message" not in text


async def test_a_call_without_parameters_and_as_a_role(api: Api, anonymous: httpx.AsyncClient) -> None:
    call = {**CALL, "RamRole": "cleaner", "Parameters": {}}
    text = await shown(api, anonymous, Kind="HighRisk", Call=call)
    assert "As role cleaner It has no parameters." in text


async def test_the_tally_and_who_may_decide(api: Api, anonymous: httpx.AsyncClient) -> None:
    text = await shown(
        api, anonymous, Required=2, Approvers=["alice", "bob", "carol"], Votes=[vote("alice", "looks right")]
    )
    for expected in (
        '1 of 2 approvals alice on 2026-11-20 03:15:04 UTC by link, gave the name "alice" looks right',
        "Who may decide: alice , bob , carol .",
        "Names are not proven",
        "Your name (one of those above)",
    ):
        assert expected in text, expected


async def test_two_of_anybody(api: Api, anonymous: httpx.AsyncClient) -> None:
    text = await shown(api, anonymous, Required=2)
    assert "0 of 2 approvals Each has to be another person's." in text


async def test_a_plain_approval_counts_nothing(api: Api, anonymous: httpx.AsyncClient) -> None:
    text = await shown(api, anonymous)
    assert "0 of 1" not in text
    assert "not proven" not in text


@pytest.mark.parametrize(("kind", "headline"), [("BatchPause", "A pause between two batches"), ("Pause", "A pause")])
async def test_a_pause_has_a_page(api: Api, anonymous: httpx.AsyncClient, kind: str, headline: str) -> None:
    reason = "batch 1 of reboot is done, 10 items are left: Approve goes on, Reject ends"
    text = await shown(api, anonymous, Kind=kind, Message=reason, WaitMessage=reason)
    assert text.startswith(f"{headline}: ")
    assert text.count(reason) == 1


async def test_everything_of_it_is_escaped(api: Api, anonymous: httpx.AsyncClient) -> None:
    evil = "<script>alert(1)</script>\"'{{ 7*7 }}\ud800"
    call = {"Service": evil, "API": evil, "RegionId": evil, "RamRole": evil, "Parameters": {evil: {evil: evil}}}
    entry = {
        "Kind": "HighRisk",
        "Call": call,
        "LoopItem": [evil],
        "Required": 2,
        "Approvers": [evil],
        "Votes": [vote(evil, evil)],
    }
    response = await anonymous.get((await waiting_execution(api, entry)).link)
    assert response.status_code == 200
    assert "<script" not in response.text
    assert response.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 11
    pause = await waiting_execution(api, {"Kind": "Pause", "WaitMessage": evil})
    assert "<script" not in (await anonymous.get(pause.link)).text


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [
        ("Approve", "Approved"),
        ("Reject", "Rejected"),
        ("CancelTask", "The task was cancelled"),
        ("CompleteExecution", "The execution was completed"),
    ],
)
async def test_every_way_to_decide(api: Api, anonymous: httpx.AsyncClient, decision: str, verdict: str) -> None:
    decided = {"Decision": decision, "By": "by link", "Note": "", "At": SINCE, "DecisionId": ""}
    text = await shown(api, anonymous, Status=decision, Decision=decided)
    assert f"{verdict} Decided by link" in text


def test_what_a_vote_is_told() -> None:
    entry = {"Required": 2, "Votes": [vote("alice")]}
    approved = outcome_notice({"Accepted": True, "NotifyType": "Approve"}, entry)
    assert (approved.kind, approved.title, approved.text) == ("ok", "Your approval is recorded.", "1 of 2 approvals.")
    assert outcome_notice({"Accepted": True, "NotifyType": "Reject"}, entry).text == ""
    again = outcome_notice(
        {"Code": "AlreadyVoted", "Message": "alice approved ask already", "NotifyType": "Approve"}, entry
    )
    assert (again.kind, again.text) == ("warning", "alice approved ask already. Nothing was changed.")
    refused = outcome_notice({"Code": "NotAnApprover", "Message": "mallory may not.", "NotifyType": "Approve"}, entry)
    assert (refused.kind, refused.text) == ("error", "mallory may not. Nothing was changed.")
    assert tally({}) == "0 of 1 approval"


async def test_every_wait_that_is_answered_with_approve_has_a_link(api: Api) -> None:
    asked, again = ["Approve", "Reject"], ["RetryTask", "SkipTask"]
    accepts = {"Approve": asked, "HighRisk": asked, "BatchPause": asked, "Pause": asked, "FailurePause": again}
    waits = [
        {"Kind": kind, "TaskExecutionId": f"exec.t{number}", "Attempt": 1, "Accepts": accepted}
        for number, (kind, accepted) in enumerate(accepts.items())
    ]
    waiting = await waiting_execution(api, Waiting=waits)
    answer = await api.client.get(f"/executions/{waiting.claims.execution_id}")
    linked = [each["Kind"] for each in answer.json()["Execution"]["Waiting"] if "ApprovalLink" in each]
    assert linked == ["Approve", "HighRisk", "BatchPause", "Pause"]
