"""Templates over HTTP."""

from hashlib import sha256

import pytest

from tests.api.conftest import TEMPLATE, Api
from tests.api.test_errors import assert_shape


async def test_versions(api: Api) -> None:
    put = {"TemplateName": "versions", "Content": TEMPLATE}
    first = await api.client.post("/templates", json=put)
    assert first.status_code == 201
    about = first.json()["Template"]
    assert (about["TemplateName"], about["TemplateVersion"], about["CreatedBy"]) == ("versions", "v1", "tester")
    assert about["Hash"] == sha256(TEMPLATE.encode()).hexdigest()
    assert about["Description"] == "Looks at one instance."
    same = await api.client.post("/templates", json=put)
    assert same.json()["Template"] == about
    changed = TEMPLATE.replace("one instance", "an instance")
    second = await api.client.post("/templates", json={**put, "Content": changed})
    assert second.json()["Template"]["TemplateVersion"] == "v2"

    latest = (await api.client.get("/templates/versions")).json()
    assert latest["Content"] == changed
    assert [each["TemplateVersion"] for each in latest["Versions"]] == ["v2", "v1"]
    assert (await api.client.get("/templates/versions?version=v1")).json()["Content"] == TEMPLATE
    answer = assert_shape(await api.client.get("/templates/versions?version=v3"), 404, "EntityNotExists.Template")
    assert "v3" in answer["Message"]


async def test_list(lonely_api: Api) -> None:
    for name in ("list-c", "list-a", "list-b"):
        await lonely_api.client.post("/templates", json={"TemplateName": name, "Content": TEMPLATE})
    page = (await lonely_api.client.get("/templates?TemplateName=LIST-&MaxResults=2")).json()
    assert [each["TemplateName"] for each in page["Templates"]] == ["list-a", "list-b"]
    query = {"TemplateName": "list-", "NextToken": page["NextToken"]}
    rest = (await lonely_api.client.get("/templates", params=query)).json()
    assert [each["TemplateName"] for each in rest["Templates"]] == ["list-c"]


async def test_delete(api: Api) -> None:
    await api.client.post("/templates", json={"TemplateName": "deleted", "Content": TEMPLATE})
    assert (await api.client.delete("/templates/deleted")).status_code == 200
    for response in (await api.client.get("/templates/deleted"), await api.client.delete("/templates/deleted")):
        assert_shape(response, 404, "EntityNotExists.Template")


async def test_a_faulty_template_is_not_stored(api: Api) -> None:
    content = TEMPLATE.replace("{{ instanceId }}", "{{ instanceIdd }}").replace(
        "Action: ACS::ExecuteAPI", "Action: ACS::Nope"
    )
    body = {"TemplateName": "ACS-own", "Content": content}
    answer = assert_shape(await api.client.post("/templates", json=body), 400, "ValidationFailed")
    assert {"InvalidTemplateName", "UnknownAction"} <= {problem["Id"] for problem in answer["Problems"]}
    assert all(problem["Line"] for problem in answer["Problems"] if problem["Path"] != "TemplateName")
    assert_shape(await api.client.get("/templates/ACS-own"), 404, "EntityNotExists.Template")


async def test_validate(api: Api) -> None:
    declared = (await api.client.post("/templates/validate", json={"Content": TEMPLATE})).json()
    assert declared["Parameters"] == {"instanceId": {"Type": "String", "Description": ""}}
    assert declared["Tasks"] == [{"TaskName": "look", "TaskAction": "ACS::ExecuteAPI", "Description": ""}]
    assert declared["Warnings"] == []
    unknown = await api.client.post("/templates/validate", json={"Content": TEMPLATE + "Colour: red\n"})
    assert [problem["Severity"] for problem in unknown.json()["Warnings"]] == ["warning"]


@pytest.mark.parametrize("content", ["", "{", "Tasks: [", "- a", "a: \x00", "&a [*a]", "!!python/object:os.system {}"])
async def test_what_is_no_template(api: Api, content: str) -> None:
    answer = assert_shape(
        await api.client.post("/templates/validate", json={"Content": content}), 400, "ValidationFailed"
    )
    assert answer["Problems"]


@pytest.mark.parametrize("body", [{}, {"Content": 5}, {"Content": TEMPLATE, "Name": "x"}, [], "x"])
async def test_wrong_fields(api: Api, body: object) -> None:
    assert assert_shape(await api.client.post("/templates", json=body), 400, "ValidationFailed")["Problems"]


async def test_a_name_as_an_address(api: Api) -> None:
    for name in ("validate", "a%2Fb", "..%2F..", "%00"):
        assert (await api.client.get(f"/templates/{name}")).status_code == 404
