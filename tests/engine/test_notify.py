"""``ACS::Notify``: what is asked of the world, and that a message which isn't delivered fails the task."""

from typing import Any

import pytest

from caboose.engine.effects import Delivered, Mail
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import template

WEBHOOK = {"URI": "http://h/robot", "Content": {"msgtype": "text", "text": {"content": "done"}}}
MAIL = {
    "Host": "mail.example.com",
    "From": "Ops <ops@example.com>",
    "To": ["a@example.com"],
    "Subject": "s",
    "Body": "b",
}


def telling(parameters: dict[str, Any] | None = None, **properties: Any) -> str:
    return template([{"Name": "tell", "Action": "ACS::Notify", "Properties": properties}], Parameters=parameters or {})


async def test_a_webhook_is_posted_once_without_a_link() -> None:
    done = await run(telling(WebHook={**WEBHOOK, "Headers": {"X-A": "b"}}))
    assert done.state.status == "Success"
    (message,) = done.effects.messages
    assert (message.uri, message.content, message.headers) == (WEBHOOK["URI"], WEBHOOK["Content"], {"X-A": "b"})
    assert (message.task_name, message.task_execution_id, message.attempt, message.number) == (
        "tell",
        "exec-test.t0001",
        1,
        1,
    )
    assert (message.append_link, message.approval) == (False, False)


@pytest.mark.parametrize(
    ("given", "expected"), [(True, True), ("true", True), ("True", True), (False, False), ("false", False), ("", False)]
)
async def test_the_link_is_added_where_it_is_wanted(given: Any, expected: bool) -> None:
    done = await run(telling(NotifyType="WebHook", WebHook=WEBHOOK, AppendExecutionLink=given))
    assert done.effects.messages[0].append_link is expected
    done = await run(telling(NotifyType="Mail", Mail=MAIL, AppendExecutionLink=given))
    assert done.effects.mails[0].append_link is expected


@pytest.mark.parametrize(("kind", "effect"), [("WebHook", "notify"), ("Mail", "mail")])
async def test_what_is_not_delivered_fails_with_the_receivers_answer(kind: str, effect: str) -> None:
    text = telling(NotifyType=kind, WebHook=WEBHOOK, Mail=MAIL)
    refused = Delivered(False, "the robot refused the message: errcode 310000: keywords not in content")
    done = await run(text, {effect: refused})
    assert (done.state.status, done.state.reason) == ("Failed", "NotDelivered")
    assert "errcode 310000" in done.state.message


async def test_a_second_attempt_is_another_message() -> None:
    answers = [Delivered(False, "no"), Delivered(True)]
    going = Execution(telling(WebHook=WEBHOOK), Recording({"notify": answers}), fields={"Mode": "FailurePause"})
    await going.start().until("Waiting")
    going.decide("RetryTask")
    done = await going.end()
    assert done.state.status == "Success"
    assert [message.attempt for message in done.effects.messages] == [1, 2]


async def test_a_warning_stays_with_the_task() -> None:
    done = await run(telling(WebHook=WEBHOOK), {"notify": Delivered(True, warning="the message has no link")})
    assert done.state.status == "Success"
    assert done.run_of("tell").message == "the message has no link"


async def test_a_mail_with_all_that_it_may_have() -> None:
    given = {
        **MAIL,
        "Port": "587",
        "Username": "ops",
        "Password": "{{ password }}",
        "To": "a@example.com, B <b@example.com>; ",
        "Cc": ["c@example.com"],
    }
    text = telling({"password": {"NoEcho": True}}, NotifyType="Mail", Mail=given)
    done = await run(text, parameters={"password": "open-sesame"})
    assert done.effects.mails == [
        Mail(
            task_name="tell",
            task_execution_id="exec-test.t0001",
            attempt=1,
            host="mail.example.com",
            port=587,
            sender="Ops <ops@example.com>",
            to=["a@example.com", "B <b@example.com>"],
            subject="s",
            body="b",
            cc=["c@example.com"],
            username="ops",
            password="open-sesame",
        )
    ]
    assert "open-sesame" not in repr(done.effects.mails)
    assert "open-sesame" not in repr(done.record())


async def test_a_mail_is_sent_by_port_465_from_who_logs_in() -> None:
    given = {name: value for name, value in MAIL.items() if name != "From"}
    done = await run(telling(NotifyType="Mail", Mail={**given, "Username": "me@example.com", "Password": "pass"}))
    (mail,) = done.effects.mails
    assert (mail.port, mail.sender) == (465, "me@example.com")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"From": "{{ none }}"}, "Mail needs From: the sender's address"),
        ({"To": "{{ none }}"}, "Mail needs To: the receivers"),
        ({"To": [5]}, "To of Mail is a list of addresses"),
        ({"To": ["a@example.com"] * 101}, "at most 100 receivers"),
        ({"Subject": "{{ none }}"}, "Mail needs Subject"),
        ({"Body": "{{ map }}"}, "Body of Mail is a text"),
        ({"Port": "{{ map }}"}, "Port of Mail is a number from 1 to 65535"),
        ({"Port": 0}, "Port of Mail is a number from 1 to 65535"),
        ({"Port": 70_000}, "Port of Mail is a number from 1 to 65535"),
    ],
)
async def test_a_mail_that_can_not_be_made_fails_the_task(fields: dict[str, Any], message: str) -> None:
    parameters = {"none": {"Default": ""}, "map": {"Type": "Json", "Default": {"a": 1}}}
    done = await run(telling(parameters, NotifyType="Mail", Mail={**MAIL, **fields}))
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert message in done.state.message
    assert done.effects.mails == []


async def test_a_number_is_a_text_of_a_mail_too() -> None:
    done = await run(
        telling({"n": {"Type": "Number", "Default": 7}}, NotifyType="Mail", Mail={**MAIL, "Subject": "{{ n }}"})
    )
    assert done.effects.mails[0].subject == "7"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"NotifyType": "{{ p }}", "WebHook": WEBHOOK}, "NotifyType is WebHook or Mail, not 'fax'"),
        ({"NotifyType": "Mail", "Mail": "{{ p }}"}, "Mail is a map"),
        ({"WebHook": "{{ p }}"}, "WebHook is a map with a URI and a Content"),
        ({"WebHook": {"URI": "http://h", "Content": "{{ none }}"}}, "WebHook needs a Content"),
    ],
)
async def test_what_is_known_late_and_no_message_fails_the_task(properties: dict[str, Any], message: str) -> None:
    done = await run(telling({"p": {"Default": "Fax"}, "none": {"Type": "Json", "Default": {}}}, **properties))
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert message in done.state.message
