"""Templates over HTTP."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.api.conftest import TEMPLATE, Api
from tests.api.test_errors import assert_shape
from tests.cli.program import caboose


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


async def test_every_problem_is_shown_as_the_command_line_shows_it(api: Api, tmp_path: Path) -> None:
    outputs = "Outputs: {x: {Type: String, ValueSelector: '.a | map('}, y: {ValueSelector: '.a | length'}}"
    content = TEMPLATE.replace("    Properties:", f"    Colour: red\n    {outputs}\n    Properties:", 1)
    assert content != TEMPLATE
    answer = assert_shape(
        await api.client.post("/templates/validate", json={"Content": content}), 400, "ValidationFailed"
    )
    assert {"UnknownKey", "InvalidSelector"} <= {problem["Id"] for problem in answer["Problems"]}
    (tmp_path / "same.yml").write_text(content)
    (shown,) = json.loads(caboose("validate", "--json", "same.yml", env={}, cwd=tmp_path).out)
    assert answer["Problems"] == shown["Problems"]
    places = [(problem["Line"], problem["Column"]) for problem in answer["Problems"]]
    assert places == sorted(places)


async def test_warnings_are_returned_and_stop_nothing(api: Api) -> None:
    content = TEMPLATE.replace("    Properties:", "    OnError: ACS::END\n    Properties:", 1) + "Colour: red\n"
    put = await api.client.post("/templates", json={"TemplateName": "warned", "Content": content})
    assert put.status_code == 201
    assert [problem["Severity"] for problem in put.json()["Warnings"]] == ["warning"] * len(put.json()["Warnings"])
    validated = await api.client.post("/templates/validate", json={"Content": content})
    assert validated.json()["Warnings"] == put.json()["Warnings"]
    assert "UnknownKey" in {problem["Id"] for problem in put.json()["Warnings"]}


async def test_nested_templates_are_looked_up_in_the_store(api: Api) -> None:
    inner = "{Name: inner, Action: 'ACS::Template', Properties: {TemplateName: nested-here, Parameters: {}}}"
    content = f"FormatVersion: OOS-2019-06-01\nTasks:\n  - {inner}\n"
    before = (await api.client.post("/templates/validate", json={"Content": content})).json()
    assert "UnknownTemplate" in {problem["Id"] for problem in before["Warnings"]}
    nested = (
        "FormatVersion: OOS-2019-06-01\nTasks:\n  - {Name: a, Action: 'ACS::Sleep', Properties: {Duration: PT1M}}\n"
    )
    await api.client.post("/templates", json={"TemplateName": "nested-here", "Content": nested})
    after = (await api.client.post("/templates/validate", json={"Content": content})).json()
    assert "UnknownTemplate" not in {problem["Id"] for problem in after["Warnings"]}


@pytest.mark.parametrize(
    "content", ["", "{", "Tasks: [", "- a", "a: \x00", "&a [*a]", "!!python/object:os.system {}", "#" * 70_000]
)
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
