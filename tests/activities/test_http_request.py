"""The activity ``http_request`` against real HTTP: what travels, what an answer means, what a failure proves."""

import dataclasses
import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.contracts import CARRIED_OUT, NOT_SENT, REFUSED, RETRIABLE, UNKNOWN, CallFailure, HttpRequestInput
from activities.http_request import MAX_ANSWER_BYTES, HttpRequestActivities
from activities.polling import READ_TRIES
from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec, Retry
from tests.activities.harness import failure, proof, run, settings_for, specs
from tests.activities.wire import Wire, answer, wire
from tests.support.programs import PROGRAMS
from tests.support.receiver import Receiver, Reply, receiver


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


def requests(**settings: Any) -> HttpRequestActivities:
    values = {"reachable_hosts": ["127.0.0.1"], **settings}
    return HttpRequestActivities(settings_for(**values), PROGRAMS, answer_seconds=0.5)


def get(server: Receiver, path: str = "/", **fields: Any) -> HttpRequestInput:
    return HttpRequestInput("GET", f"{server.url}{path}", read=True, **fields)


def post(server: Receiver | Wire, path: str = "/", **fields: Any) -> HttpRequestInput:
    return HttpRequestInput("POST", f"http://{server.endpoint}{path}", poll=1, **fields)


def outputs_of(error: ApplicationError) -> dict[str, Any] | None:
    (detail,) = error.details
    assert isinstance(detail, CallFailure)
    return detail.outputs


ALL = {"all": OutputSpec("Json", ".")}


def test_a_get_travels_with_query_and_headers(server: Receiver) -> None:
    server.replies = [Reply({"state": "ok"}, headers={"X-Request-Id": "R-7"})]
    wanted = get(
        server,
        "/v1/jobs?a=1#top",
        query={"b": "ä b", "c": ["x", 2, None], "d": True, "e": {"f": 1}, "g": None, "h": ""},
        headers={"X-Own": 5, "Accept": "application/json", "X-Not": None},
        body={"left": "out"},
        outputs={"state": OutputSpec("String", ".state")},
    )
    result = run(requests().http_request, wanted)
    assert (result.outputs, result.request_id, result.not_yet) == ({"state": "ok"}, "R-7", "")
    (arrived,) = server.arrived
    assert (arrived.method, arrived.body) == ("GET", b"")
    assert arrived.path == "/v1/jobs?a=1&b=%C3%A4+b&c=x&c=2&d=true&e=%7B%22f%22%3A+1%7D&h="
    assert arrived.headers["x-own"] == "5"
    assert arrived.headers["accept"] == "application/json"
    assert "x-not" not in arrived.headers


@pytest.mark.parametrize(
    ("body", "headers", "sent", "kind"),
    [
        ({"a": ["ü", 1]}, {}, '{"a": ["ü", 1]}', "application/json; charset=utf-8"),
        ([1], {"Content-Type": "application/vnd.api+json"}, "[1]", "application/vnd.api+json"),
        ("plain ü", {}, "plain ü", "text/plain; charset=utf-8"),
        ("<a/>", {"content-type": "application/xml"}, "<a/>", "application/xml"),
        ({"a": "b c", "d": [1, 2]}, {"Content-Type": "application/x-www-form-urlencoded"}, "a=b+c&d=1&d=2", None),
        (5, {}, "5", "application/json; charset=utf-8"),
        (None, {}, "", ""),
    ],
)
def test_a_post_travels_with_its_body(
    server: Receiver, body: Any, headers: dict[str, Any], sent: str, kind: str | None
) -> None:
    run(requests().http_request, post(server, body=body, headers=headers))
    (arrived,) = server.arrived
    assert (arrived.method, arrived.body.decode()) == ("POST", sent)
    assert arrived.headers.get("content-type", "") == (headers["Content-Type"] if kind is None else kind)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ({"a": [1, None]}, {"a": [1, None]}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b"true", True),
        (b"all is well\n", "all is well\n"),
        (b"<html>\x00</html>", "<html>\ufffd</html>"),
        (b"", None),
        (b" \n", None),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": 1e999}', '{"a": 1e999}'),
        (b'{"a": "\\ud800"}', {"a": "\ufffd"}),
        ("größe".encode(), "größe"),
        (b"[" * 100_000, "[" * 100_000),
    ],
)
def test_selectors_see_json_or_a_text_or_null(server: Receiver, content: Any, seen: Any) -> None:
    server.replies = [Reply(content)]
    assert run(requests().http_request, get(server, outputs=ALL)).outputs == {"all": seen}


def test_a_text_in_another_encoding(server: Receiver) -> None:
    for charset in ("iso-8859-1", "nonsense"):
        server.replies = [Reply("größe".encode("latin-1"), headers={"Content-Type": f"text/plain; charset={charset}"})]
        seen = run(requests().http_request, get(server, outputs=ALL)).outputs["all"]
        assert seen == ("größe" if charset == "iso-8859-1" else "gr\ufffd\ufffde")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_fails_at_once_with_its_outputs(server: Receiver, status: int) -> None:
    server.replies = [Reply({"error": "no such job"}, status)]
    for wanted in (get(server), post(server)):
        error = failure(requests().http_request, dataclasses.replace(wanted, outputs=specs(why=".error")))
        assert (error.type, proof(error), error.non_retryable) == (f"HTTP{status}", REFUSED, True)
        assert str(error).endswith(f'HTTP {status}: {{"error": "no such job"}}')
        assert outputs_of(error) == {"why": ["no such job"]}


def test_a_refusal_that_quotes_a_header_is_not_quoted(server: Receiver) -> None:
    server.replies = [Reply(b"Bearer CANARY-0123 is no good, token=CANARY-4567", 401)]
    error = failure(requests().http_request, get(server, headers={"Authorization": "Bearer CANARY-0123"}))
    assert str(error).endswith("HTTP 401: *** is no good, token=***")


def test_redirects_are_not_followed(server: Receiver) -> None:
    server.replies = [Reply(b"", 302, {"Location": f"{server.url}/elsewhere"})]
    error = failure(requests().http_request, get(server))
    assert (error.type, proof(error)) == ("HTTP302", REFUSED)
    assert "a redirect, which isn't followed" in str(error)
    assert len(server.arrived) == 1


@pytest.mark.parametrize(("status", "expected"), [(429, RETRIABLE), (500, UNKNOWN), (503, UNKNOWN)])
def test_throttling_and_faults_prove_what_they_prove(server: Receiver, status: int, expected: str) -> None:
    server.replies = [Reply(b"busy", status, {"Retry-After": "7"})]
    error = failure(requests().http_request, post(server))
    assert (error.type, proof(error), error.non_retryable) == (f"HTTP{status}", expected, True)
    error = failure(requests().http_request, get(server))
    assert (error.type, error.non_retryable) == ("NotYet", False)
    assert error.next_retry_delay == timedelta(seconds=7)
    last = failure(requests().http_request, get(server), attempt=READ_TRIES)
    assert (last.type, last.non_retryable, proof(last)) == (f"HTTP{status}", True, expected)


def test_a_wait_of_the_other_side_that_is_no_number_counts_for_nothing(server: Receiver) -> None:
    server.replies = [Reply(b"", 503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})]
    error = failure(requests().http_request, get(server))
    assert error.next_retry_delay is not None
    assert error.next_retry_delay < timedelta(seconds=1)


def test_gets_that_are_all_lost_come_to_an_end(server: Receiver) -> None:
    error = failure(requests().http_request, get(server), attempt=READ_TRIES + 1)
    assert (error.type, error.non_retryable) == ("TimedOut", True)
    assert not server.arrived


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (None, "ConnectionLost"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "ReadTimeout"),
        (b"nonsense\r\n\r\n", "ConnectionLost"),
    ],
)
def test_a_lost_answer_proves_nothing(reply: bytes | None, code: str) -> None:
    with wire(lambda _: reply) as server:
        error = failure(requests().http_request, post(server))
        assert (error.type, proof(error)) == (code, UNKNOWN)
        assert len(server.requests) == 1


def test_a_connection_that_is_refused_proves_that_nothing_was_carried_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(requests().http_request, HttpRequestInput("POST", f"http://127.0.0.1:{port}/", poll=1))
    assert (error.type, proof(error)) == ("ConnectionFailed", RETRIABLE)
    unknown = HttpRequestInput("POST", "http://no-such-host.invalid/", poll=1)
    error = failure(requests().http_request, unknown)
    assert (error.type, proof(error)) == ("ConnectionFailed", RETRIABLE)
    assert "no host no-such-host.invalid is known" in str(error)


def test_a_post_whose_attempt_is_over_is_not_sent(server: Receiver) -> None:
    started = datetime.now(UTC) - timedelta(seconds=9)
    error = failure(requests().http_request, post(server), started_time=started, heartbeat_timeout=timedelta(seconds=5))
    assert (error.type, proof(error)) == (NOT_SENT, RETRIABLE)
    assert not server.arrived


def test_each_post_goes_out_on_a_connection_of_its_own() -> None:
    with wire(lambda _: answer()) as server:
        sending = requests()
        for _ in range(2):
            run(sending.http_request, post(server))
        assert (server.connections, len(server.requests)) == (2, 2)


def test_an_answer_has_a_largest_size() -> None:
    large = b'"' + b"x" * MAX_ANSWER_BYTES + b'"'
    with wire(lambda _: answer(large)) as server:
        reading = dataclasses.replace(post(server), method="GET", read=True, poll=0)
        for wanted, proven in ((post(server), CARRIED_OUT), (reading, REFUSED)):
            error = failure(requests().http_request, wanted)
            assert (error.type, proof(error)) == ("UnreadableAnswer", proven)
            assert f"more than {MAX_ANSWER_BYTES} bytes" in str(error)


def test_a_compressed_or_bottomless_answer_is_not_read(server: Receiver) -> None:
    server.replies = [Reply(b"x", headers={"Content-Encoding": "gzip"})]
    assert "compressed answer (gzip)" in str(failure(requests().http_request, get(server)))
    server.replies = [Reply(b"[" * 200 + b"]" * 200)]
    assert "nested more than 100 levels" in str(failure(requests().http_request, get(server)))


@pytest.mark.parametrize(
    "reply", [Reply(b"x", headers={"Content-Encoding": "gzip", "X-Request-Id": "R-1"}), Reply(b"[" * 200 + b"]" * 200)]
)
def test_a_post_whose_answer_can_not_be_read_was_carried_out_all_the_same(server: Receiver, reply: Reply) -> None:
    for status, proven in ((200, CARRIED_OUT), (303, UNKNOWN), (404, REFUSED)):
        server.replies = [dataclasses.replace(reply, status=status)]
        error = failure(requests().http_request, post(server))
        assert (error.type, proof(error), error.non_retryable) == ("UnreadableAnswer", proven, True)
        assert ("the POST was carried out, but " in str(error)) == (status == 200)


@pytest.mark.parametrize("rules", [[], [Rule(".state", ["ok"])]])
def test_a_redirect_after_a_post_proves_nothing(server: Receiver, rules: list[Rule]) -> None:
    for status in (301, 302, 303):
        server.replies = [Reply(b"", status, {"Location": f"{server.url}/done"})]
        error = failure(requests().http_request, post(server, wait_for=rules))
        assert (error.type, proof(error), error.non_retryable) == (f"HTTP{status}", UNKNOWN, True)
        assert "it may mean that the POST was carried out" in str(error)
    assert len(server.arrived) == 3


CHECK = [Rule(".state", ["ok"]), Rule(".code", None, [1, 2])]


def test_a_check_holds_all_of_its_rules(server: Receiver) -> None:
    server.replies = [
        Reply({"state": "ok", "code": 3}),
        Reply({"state": "ok", "code": 2}),
        Reply({"state": "no", "code": 3}),
    ]
    wanted = post(server, check_for=CHECK, outputs=specs(code=".code"), retry=Retry(retries=5))
    assert run(requests().http_request, wanted).outputs == {"code": [3]}
    for message, code in (("wanted anything but 1 or 2, it is 2", 2), ('wanted "ok", it is "no"', 3)):
        error = failure(requests().http_request, wanted)
        assert (error.type, proof(error)) == ("CheckForFailed", CARRIED_OUT)
        assert str(error).endswith(message)
        assert outputs_of(error) == {"code": [code]}


def test_a_get_waits_by_the_servers_retries(server: Receiver) -> None:
    server.replies = [Reply({"state": "busy"})]
    rule = Rule(".state", ["ok"], stop=["broken"])
    wanted = get(server, wait_for=[rule], retry=Retry(retries=3), outputs=specs(state=".state"))
    error = failure(requests().http_request, wanted, attempt=3)
    assert (error.type, error.next_retry_delay) == ("NotYet", timedelta(seconds=8))
    error = failure(requests().http_request, wanted, attempt=4)
    assert (error.type, error.non_retryable, proof(error)) == ("WaitForRetriesExhausted", True, REFUSED)
    assert outputs_of(error) == {"state": ["busy"]}
    server.replies = [Reply({"state": "broken"})]
    assert failure(requests().http_request, wanted).type == "WaitForStopped"
    server.replies = [Reply({"state": "ok"})]
    assert run(requests().http_request, wanted, attempt=4).outputs == {"state": ["ok"]}


def test_a_post_that_waits_says_not_yet(server: Receiver) -> None:
    server.replies = [Reply({"state": "busy"}), Reply({"state": "busy"}), Reply({"state": "ok", "code": 1})]
    rules = [Rule(".state", ["ok"])]
    wanted = post(server, retry=Retry(retries=1), wait_for=rules, check_for=[Rule(".code", [0])])
    assert run(requests().http_request, wanted).not_yet == '"busy"'
    error = failure(requests().http_request, dataclasses.replace(wanted, poll=2))
    assert (error.type, proof(error)) == ("WaitForRetriesExhausted", CARRIED_OUT)
    assert failure(requests().http_request, wanted).type == "CheckForFailed", "what was waited for is checked"


def test_a_refusal_is_not_what_is_waited_for(server: Receiver) -> None:
    server.replies = [Reply({"state": "ok"}, 404)]
    rules = [Rule(".state", ["ok"])]
    error = failure(requests().http_request, get(server, wait_for=rules))
    assert (error.type, error.non_retryable) == ("NotYet", False)
    assert 'waiting for "ok", it is HTTP 404' in str(error)
    assert run(requests().http_request, post(server, wait_for=rules)).not_yet.startswith("HTTP 404")
    error = failure(requests().http_request, get(server, wait_for=rules), attempt=11)
    assert (error.type, error.non_retryable) == ("WaitForRetriesExhausted", True)


def test_outputs_that_can_not_be_selected(server: Receiver) -> None:
    server.replies = [Reply(b"no json")]
    error = failure(requests().http_request, get(server, outputs=specs(state=".state")))
    assert (error.type, proof(error)) == ("SelectorError", REFUSED)
    error = failure(requests().http_request, post(server, outputs=specs(state=".state")))
    assert (error.type, proof(error)) == ("SelectorError", CARRIED_OUT)
    assert "the POST was carried out, but" in str(error)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"url": "ftp://h/"}, "URL is not a URL"),
        ({"url": "https:///path"}, "URL is not a URL"),
        ({"url": "//h/"}, "URL is not a URL"),
        ({"url": "http://h:99999/"}, "URL is not a URL"),
        ({"url": "http://[::1/"}, "URL is not a URL"),
        ({"url": "http://\ud800/"}, "URL is not a URL"),
        ({"url": "http://me:CANARY-1@h/"}, "URL has a user name in it"),
        ({"headers": {"Host": "other"}}, "the header 'host' can't be set"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "the header 'transfer-encoding' can't be set"),
        ({"headers": {"X-aliyun-ecs-metadata-token": "x"}}, "can't be set by a template"),
        ({"headers": {"Metadata-Flavor": "x"}}, "can't be set by a template"),
        ({"headers": {"a b": "x"}}, "'a b' is no name of a header"),
        ({"headers": {"": "x"}}, "'' is no name of a header"),
        ({"headers": {"x": "a\r\nb: c"}}, "the value of the header 'x' has characters"),
        ({"headers": {"x": "ü"}}, "the value of the header 'x' has characters"),
    ],
)
def test_what_is_no_request_is_not_sent(server: Receiver, fields: dict[str, Any], message: str) -> None:
    error = failure(requests().http_request, dataclasses.replace(get(server), **fields))
    assert (error.type, proof(error)) == ("InvalidProperty", REFUSED)
    assert message in str(error)
    assert "CANARY" not in str(error)
    assert not server.arrived


def test_an_address_within_the_network_needs_leave(server: Receiver) -> None:
    for wanted in (get(server), post(server)):
        error = failure(requests(reachable_hosts=[]).http_request, wanted)
        assert (error.type, proof(error)) == ("HostNotAllowed", REFUSED)
        assert "CABOOSE_REACHABLE_HOSTS" in str(error)
    assert not server.arrived
    assert run(requests(reachable_hosts=[], simulator_url=server.url).http_request, get(server)).outputs == {}


def test_no_secret_is_logged(server: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"headers": {"Authorization": "CANARY-1"}, "query": {"key": "CANARY-2"}, "body": {"p": "CANARY-3"}}
    run(requests().http_request, post(server, "/CANARY-4", **secret))
    (arrived,) = server.arrived
    assert arrived.path == "/CANARY-4?key=CANARY-2"
    assert json.loads(arrived.body) == {"p": "CANARY-3"}
    mine = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    assert not [line for line in mine if "CANARY" in line]
