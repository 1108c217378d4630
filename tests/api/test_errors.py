"""One error shape, whatever goes wrong, and walls that no body gets through."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from api.errors import Answer
from tests.api.conftest import Api, free_port, served, settings_of


def assert_shape(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Status, code and the shape itself; returns the answer."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    assert set(answer) - {"Problems"} == {"Code", "Message", "RequestId"}
    assert answer["Code"] == code
    assert answer["Message"]
    assert answer["RequestId"] == response.headers["x-request-id"]
    for problem in answer.get("Problems", []):
        assert set(problem) == {"Id", "Severity", "Message", "Path", "Line", "Column", "Hint"}
    return answer


async def test_unknown_address(api: Api) -> None:
    assert_shape(await api.client.get("/nothing/here"), 404, "NotFound")


async def test_unknown_method(api: Api) -> None:
    response = await api.client.put("/templates")
    assert_shape(response, 405, "MethodNotAllowed")
    assert response.headers["allow"]


@pytest.mark.parametrize(
    "query",
    [
        "Status=Running&Colour=red",
        "Status=running",
        "MaxResults=0",
        "MaxResults=101",
        "MaxResults=many",
        "NextToken=made-up",
        "StartDateAfter=yesterday",
    ],
)
async def test_unknown_query_values(api: Api, query: str) -> None:
    answer = assert_shape(await api.client.get(f"/executions?{query}"), 400, "InvalidParameter")
    assert answer["Message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"{'a': 1}",
        b'{"Parameters": NaN}',
        b'{"Parameters": Infinity}',
        b'{"Parameters": ' + b"1" * 5000 + b"}",
        b'{"a":' * 20_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"Parameters": ' + b'{"a":' * 120 + b"1" + b"}" * 121,
    ],
)
@pytest.mark.parametrize("path", ["/executions", "/templates", "/templates/validate", "/executions/exec-1/notify"])
async def test_bodies_that_are_no_json(api: Api, path: str, body: bytes) -> None:
    answer = assert_shape(await api.client.post(path, content=body), 400, "ValidationFailed")
    assert [problem["Id"] for problem in answer["Problems"]] == ["InvalidJson"] or body == b""


async def test_fields_that_must_be_there(api: Api) -> None:
    answer = assert_shape(await api.client.post("/templates", json={}), 400, "ValidationFailed")
    assert {(problem["Id"], problem["Path"]) for problem in answer["Problems"]} == {
        ("MissingField", "TemplateName"),
        ("MissingField", "Content"),
    }


async def test_syntax_errors_have_a_place(api: Api) -> None:
    response = await api.client.post("/executions", content=b'{\n  "TemplateName": \n}')
    (problem,) = assert_shape(response, 400, "ValidationFailed")["Problems"]
    assert (problem["Line"], problem["Column"]) == (3, 1)


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
async def test_parameters_as_deep_json_text(api: Api, depth: int) -> None:
    text = '{"a": ' + "[" * depth + "]" * depth + "}"
    response = await api.client.post("/executions", json={"TemplateName": "none", "Parameters": text})
    assert_shape(response, 400, "ValidationFailed")


async def test_large_bodies(api: Api) -> None:
    paths = {"/executions": 5_000_000, "/templates": 1_100_000, "/executions/exec-1/notify": 1_100_000}
    for path, size in paths.items():
        response = await api.client.post(path, content=b'"' + b"x" * size + b'"')
        assert_shape(response, 413, "RequestTooLarge")


async def test_large_bodies_of_unknown_length(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 65_536

    response = await api.client.post("/executions", content=endless())
    assert_shape(response, 413, "RequestTooLarge")


async def test_a_text_that_grows_in_history(api: Api) -> None:
    """A million Chinese characters are 3 MB of UTF-8, but six in ASCII."""
    text = "量" * 1_000_000
    response = await api.client.post("/executions", json={"TemplateContent": "x", "Description": text})
    assert response.status_code in (400, 413)
    assert_shape(response, response.status_code, response.json()["Code"])


async def test_odd_characters_come_back(api: Api) -> None:
    response = await api.client.get("/executions/%F0%9F%9A%83")
    assert "\U0001f683" in assert_shape(response, 404, "EntityNotExists.Execution")["Message"]
    response = await api.client.get("/executions/a%00b")
    assert_shape(response, 404, "EntityNotExists.Execution")
    response = await api.client.get(f"/executions/{'x' * 2000}")
    assert_shape(response, 404, "EntityNotExists.Execution")


def test_lone_surrogates_can_be_answered() -> None:
    assert json.loads(bytes(Answer({"Message": "\ud800"}).body))["Message"] == "\ud800"


async def test_without_temporal(lonely_api: Api) -> None:
    client = lonely_api.client
    notify = {"NotifyType": "Approve"}
    for response in (
        await client.get("/executions/exec-1"),
        await client.get("/executions/exec-1/tasks"),
        await client.post("/executions/exec-1/notify", json=notify),
        await client.post("/executions/exec-1/notify-again"),
        await client.post("/executions/exec-1/cancel"),
    ):
        assert_shape(response, 503, "TemporalUnreachable")
    assert_shape(await client.get("/readyz"), 503, "NotReady")
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/executions")).status_code == 200


async def test_a_store_without_tables(temporal_server: WorkflowEnvironment, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, free_port())
    async with served(settings, temporal_server.client, migrated=False) as api:
        assert_shape(await api.client.get("/executions"), 503, "StoreUnavailable")
        assert_shape(await api.client.get("/readyz"), 503, "NotReady")


async def test_what_nobody_foresaw(
    temporal_server: WorkflowEnvironment, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails() -> None:
        raise ValueError("robot/send?access_token=canary-5f1c said no")

    caplog.set_level(logging.DEBUG)
    async with served(settings_of(tmp_path, free_port()), temporal_server.client, more_routes={"/fails": fails}) as api:
        assert_shape(await api.client.get("/fails"), 500, "InternalError")
    assert "said no" in caplog.text
    assert "canary-5f1c" not in caplog.text
