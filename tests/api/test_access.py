"""Who gets in: the token on everything but the approval link and the health checks."""

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS
from tests.api.conftest import TOKEN, Api

OPEN = ("/healthz", "/readyz", "/approvals/assets/style.css", "/approvals/{link}")
ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each[1] not in OPEN])
async def test_closed_without_the_token(anonymous: httpx.AsyncClient, method: str, path: str) -> None:
    response = await anonymous.request(method, path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    answer = response.json()
    assert answer["Code"] == "Unauthorized"
    assert answer["RequestId"] == response.headers["x-request-id"]


def test_open_routes_are_these_and_no_others() -> None:
    assert {path for _, path in ROUTES} >= set(OPEN)


async def test_unknown_paths_are_closed_too(anonymous: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/docs", "/openapi.json", "/approvals", "/executions/", "//healthz"):
        assert (await anonymous.get(path)).status_code == 401, path


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \xff\xfe",
    ],
)
async def test_wrong_tokens(anonymous: httpx.AsyncClient, header: str) -> None:
    response = await anonymous.get("/executions", headers={b"Authorization": header.encode("latin-1").strip()})
    assert response.status_code == 401


async def test_the_scheme_is_case_insensitive(anonymous: httpx.AsyncClient) -> None:
    response = await anonymous.get("/executions", headers={"Authorization": f"bearer {TOKEN}"})
    assert response.status_code == 200


async def test_what_is_open(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/healthz")).status_code == 200
    assert (await anonymous.get("/readyz")).status_code == 200
    assert (await anonymous.head("/readyz")).status_code == 200
    style = await anonymous.get("/approvals/assets/style.css")
    assert style.status_code == 200
    assert style.headers["content-type"].startswith("text/css")
    assert (await anonymous.get("/approvals/assets/missing.css")).status_code == 404


async def test_metrics_count_routes_and_not_addresses(api: Api) -> None:
    await api.client.get("/executions/exec-of-nobody")
    text = (await api.client.get("/metrics")).text
    assert 'route="/executions/{execution_id}",status="404"' in text
    assert "exec-of-nobody" not in text


async def test_every_answer_says_how_it_may_be_used(api: Api) -> None:
    headers = (await api.client.get("/executions")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
