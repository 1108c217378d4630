"""The activity ``notify`` against the simulator's robot and against sockets that misbehave."""

import dataclasses
import logging
import re
import socket
from typing import Any

import pytest
from pydantic import SecretStr

from activities.contracts import NotifyInput
from activities.notifications.webhook import (
    THROTTLED_SECONDS,
    TRIES,
    NotificationActivities,
    headers,
    message_uuid,
    retry_delay,
)
from caboose.links import LinkClaims, read_token
from tests.activities.harness import failure, run, settings_for
from tests.activities.wire import Wire, answer, wire
from tests.support.simulator import Simulator

CANARY = "CANARY0123456789"


def notice(uri: str, content: Any = None, **fields: Any) -> NotifyInput:
    content = content or {"msgtype": "text", "text": {"content": "Please approve"}, "at": {"isAtAll": "false"}}
    return NotifyInput("exec-1", "run-1", "approve", "exec-1.t0002", 1, 1, uri, content, **fields)


def speaking_to(server: Wire) -> NotificationActivities:
    return NotificationActivities(settings_for(simulator_url=f"http://{server.endpoint}"), answer_seconds=0.3)


def address(server: Wire) -> str:
    return f"http://{server.endpoint}/robot/send?access_token={CANARY}"


def test_a_message_arrives_with_a_link_that_says_what_it_is_for(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    result = run(notifications.notify, notice(simulator.webhook()))
    assert (result.delivered, result.message, result.warning) == (True, "", "")
    (message,) = simulator.messages()
    link = re.search(r"http://127\.0\.0\.1:8000/approvals/(\S+)", message["body"]["text"]["content"])
    assert link is not None
    assert read_token(link[1], ["a-key-of-links"], max_age_days=1) == LinkClaims("exec-1", "run-1", "exec-1.t0002", 1)
    assert link[1] not in repr(result)


def test_a_message_that_asks_nobody_leads_to_the_execution(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    assert run(notifications.notify, notice(simulator.webhook(), approval=False)).delivered
    plain = notice(simulator.webhook(), append_link=False, approval=False)
    assert run(notifications.notify, dataclasses.replace(plain, message_number=2)).delivered
    linked, bare = (message["body"]["text"]["content"] for message in simulator.messages())
    assert linked == "Please approve\nSee the execution: http://127.0.0.1:8000/executions/exec-1"
    assert bare == "Please approve"


def test_people_are_really_mentioned(simulator: Simulator, notifications: NotificationActivities) -> None:
    at = {"atMobiles": ["13800000001", "1390000****"], "isAtAll": "false"}
    content = {"msgtype": "text", "text": {"content": "Please approve"}, "at": at}
    assert run(notifications.notify, notice(simulator.webhook(), content)).delivered
    (message,) = simulator.messages()
    assert message["mentioned"] == ["13800000001"]
    assert message["mentioned_all"] is False


def test_a_second_try_of_a_message_posts_nothing_twice(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    simulator.fault("robot", "drop_after")
    first = notice(simulator.webhook())
    assert not failure(notifications.notify, first).non_retryable
    assert run(notifications.notify, first, attempt=2).delivered
    assert len(simulator.messages()) == 1
    again = dataclasses.replace(first, message_number=2)
    assert run(notifications.notify, again).delivered
    assert len(simulator.messages()) == 2


def test_a_signed_robot(simulator: Simulator) -> None:
    simulator.put_groups({"signed": {"secret": "SECdemo"}})
    uri = simulator.webhook("signed")
    wrong = NotificationActivities(settings_for(simulator_url=simulator.url))
    result = run(wrong.notify, notice(uri))
    assert not result.delivered
    assert "310000" in result.message
    for key in (uri, "signed"):
        secrets = {key: SecretStr("SECdemo")}
        right = NotificationActivities(settings_for(simulator_url=simulator.url, webhook_secrets=secrets))
        # both attempts of a message are signed, each anew
        assert run(right.notify, notice(uri), attempt=1).delivered
        assert run(right.notify, notice(uri), attempt=2).delivered


def test_a_refusal_is_a_result_that_says_what_to_do(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    simulator.put_groups({"words": {"keywords": ["deploy"]}})
    result = run(notifications.notify, notice(simulator.webhook("words")))
    assert not result.delivered
    assert "310000" in result.message
    assert "keyword" in result.message
    assert not simulator.messages()


def test_throttling_is_tried_again_after_ten_minutes(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    simulator.put_groups({"busy": {"rate_limit": 1}})
    assert run(notifications.notify, notice(simulator.webhook("busy"))).delivered
    second = dataclasses.replace(notice(simulator.webhook("busy")), message_number=2)
    error = failure(notifications.notify, second)
    assert not error.non_retryable
    assert error.next_retry_delay is not None
    assert error.next_retry_delay.total_seconds() >= THROTTLED_SECONDS
    last = run(notifications.notify, second, attempt=TRIES["Throttled"])
    assert not last.delivered
    assert "410100" in last.message


def test_a_busy_robot_is_tried_three_times(simulator: Simulator, notifications: NotificationActivities) -> None:
    simulator.fault("robot", "error", errcode=-1, times=3)
    for attempt in (1, 2):
        assert not failure(notifications.notify, notice(simulator.webhook()), attempt=attempt).non_retryable
    result = run(notifications.notify, notice(simulator.webhook()), attempt=3)
    assert not result.delivered
    assert "-1" in result.message


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "http_status": 502},
        {"kind": "error", "http_status": 200, "body": "<html>"},
        {"kind": "drop_before"},
    ],
)
def test_no_answer_is_tried_again_and_ends(
    simulator: Simulator, notifications: NotificationActivities, fault: dict[str, Any]
) -> None:
    simulator.fault("robot", times=2, **fault)
    error = failure(notifications.notify, notice(simulator.webhook()))
    assert error.next_retry_delay is not None
    assert "the message is not delivered yet: the robot " in str(error)
    assert "try 1 of 6, the next one in 1 s" in str(error)
    last = run(notifications.notify, notice(simulator.webhook()), attempt=TRIES["NoAnswer"])
    assert not last.delivered
    assert "tried 6 times" in last.message


def test_tries_that_are_all_lost_come_to_an_end(simulator: Simulator, notifications: NotificationActivities) -> None:
    result = run(notifications.notify, notice(simulator.webhook()), attempt=max(TRIES.values()) + 1)
    assert not result.delivered
    assert "tried 6 times" in result.message
    assert not simulator.messages()


def test_what_a_robot_says_is_fit_to_be_kept() -> None:
    with wire(lambda _: answer(b'{"errcode": 40035, "errmsg": "bad \\ud800\\u0000 \xff"}')) as server:
        result = run(speaking_to(server).notify, notice(address(server)))
    assert "bad \ufffd\ufffd \ufffd" in result.message


def test_a_body_that_takes_no_link_is_delivered_with_a_warning(
    simulator: Simulator, notifications: NotificationActivities
) -> None:
    links = [{"title": "t", "messageURL": "https://example.com", "picURL": ""}]
    result = run(
        notifications.notify, notice(simulator.webhook(), {"msgtype": "feedCard", "feedCard": {"links": links}})
    )
    assert result.delivered
    assert "has no link" in result.warning


def test_a_message_for_information_has_no_link(simulator: Simulator, notifications: NotificationActivities) -> None:
    assert run(notifications.notify, notice(simulator.webhook(), append_link=False)).delivered
    assert "approvals" not in str(simulator.messages())


def test_another_host_gets_nothing(notifications: NotificationActivities) -> None:
    result = run(notifications.notify, notice(f"https://example.com/hook?access_token={CANARY}"))
    assert not result.delivered
    assert "example.com" in result.message
    assert CANARY not in result.message


def test_without_a_public_address_there_is_no_link_to_send(simulator: Simulator) -> None:
    activities = NotificationActivities(settings_for(simulator_url=simulator.url, api_host="0.0.0.0"))
    result = run(activities.notify, notice(simulator.webhook()))
    assert not result.delivered
    assert "CABOOSE_PUBLIC_URL" in result.message
    assert not simulator.messages()


def test_a_redirect_is_not_followed() -> None:
    with wire(lambda _: answer(b"", "302 Found", "Location: /elsewhere")) as server:
        result = run(speaking_to(server).notify, notice(address(server)))
        assert not result.delivered
        assert len(server.requests) == 1


def test_a_huge_answer_is_not_read() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n" + b"x" * 200_000
    with wire(lambda _: huge) as server:
        assert failure(speaking_to(server).notify, notice(address(server))).type == "NotDelivered"


def test_headers_of_a_template() -> None:
    given = {
        "Content-Type": "application/json",
        "X-Mine": 1,
        "HOST": "evil",
        "authorization": "x",
        "Cookie": "x",
        "Content-Length": "1",
        "Transfer-Encoding": "chunked",
        "X-Bad": "a\r\nHost: evil",
        "X-List": ["x"],
    }
    made = headers(given)
    assert made.pop("user-agent")
    assert made.pop("accept-encoding")
    assert made == {"content-type": "application/json", "x-mine": "1"}
    assert headers({})["content-type"] == "application/json; charset=utf-8"


def test_a_webhooks_address_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
    texts = []
    quotes = answer(f'{{"errcode": 40035, "errmsg": "bad {CANARY} access_token={CANARY}"}}'.encode())
    for reply in (None, b"", answer(b"<html>"), answer(b"", "500 Oops"), quotes, answer(b'{"errcode": 0}')):
        with wire(lambda _, reply=reply: reply) as server:  # type: ignore[misc] # the loop's own value
            texts.append(_outcome(speaking_to(server), address(server)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    down = NotificationActivities(settings_for(simulator_url=closed))
    texts.append(_outcome(down, f"{closed}/robot/send?access_token={CANARY}"))
    assert any("no connection" in text for text in texts)
    for text in [*texts, caplog.text]:
        assert CANARY not in text


def test_each_message_has_a_uuid_of_its_own() -> None:
    one = notice("https://oapi.dingtalk.com/robot/send")
    others = [
        dataclasses.replace(one, execution_id="exec-2"),
        dataclasses.replace(one, first_run_id="run-2"),
        dataclasses.replace(one, task_execution_id="exec-1.t0003"),
        dataclasses.replace(one, attempt=2),
        dataclasses.replace(one, message_number=2),
    ]
    assert message_uuid(one) == message_uuid(dataclasses.replace(one))
    assert len({message_uuid(each) for each in [one, *others]}) == 6
    assert all(len(message_uuid(each)) <= 32 for each in others)


def test_delays() -> None:
    assert [retry_delay("NoAnswer", attempt) for attempt in (1, 2, 3)] == [1, 2, 4]
    assert retry_delay("Throttled", 1) >= 600


def _outcome(activities: NotificationActivities, uri: str) -> str:
    """What an attempt says, whether it fails or not."""
    try:
        return repr(run(activities.notify, notice(uri)))
    except Exception as error:
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
        return f"{error} {error!r}"
