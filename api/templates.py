"""Templates over HTTP: put, list, show, delete, validate.

A template is checked before it is stored, with everything that ``caboose validate`` checks: what is wrong with it is
seen by the one who puts it, and not by the one who starts it. What this version can't run yet is a warning here, and
stops a start.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.body import read_object
from api.context import Context, Ctx, in_thread
from api.errors import ApiError, answer
from api.executions import NoQuery, Paging
from caboose.oos.compiling.compile import compile_template
from caboose.oos.names import template_name_fault
from caboose.oos.plan import Body, Plan
from caboose.oos.problems import Problem, errors, summary
from caboose.oos.validation import validated
from caboose.store import TemplateInfo, TemplateVersion

router = APIRouter()


class ListTemplates(Paging):
    """The filters of ListTemplates that the store has."""

    TemplateName: str = ""


class OneTemplate(NoQuery):
    """Which version: ``v2``, by default the latest."""

    version: str = Field("", max_length=20)


@router.post("/templates")
async def put_template(request: Request, ctx: Ctx) -> Response:
    """Store a new template, or the next version of one; text equal to the latest version's makes none."""
    body = await read_object(request, ("TemplateName", "Content"), ("TemplateName", "Content"))
    plan, found = await _checked(ctx, body["Content"], body["TemplateName"])
    stored = await in_thread(
        ctx.store.put_template,
        body["TemplateName"],
        body["Content"],
        created_by=ctx.settings.token_name,
        description=plan.body.description,
    )
    content = {"Template": _about(stored), "Warnings": _records(found)}
    return answer(request, content, 201)


@router.post("/templates/validate")
async def validate_template(request: Request, ctx: Ctx) -> Response:
    """What a template declares, with its warnings; 400 with every problem when it can't be started."""
    body = await read_object(request, ("Content",), ("Content",))
    plan, found = await _checked(ctx, body["Content"])
    return answer(request, {**_declared(plan.body), "Warnings": _records(found)})


@router.get("/templates")
async def list_templates(request: Request, ctx: Ctx, query: Annotated[ListTemplates, Query()]) -> Response:
    """The latest version of every template, by name."""
    page = await in_thread(
        ctx.store.list_templates,
        contains=query.TemplateName,
        max_results=query.MaxResults,
        next_token=query.NextToken,
    )
    items = [_about(info) for info in page.items]
    return answer(request, {"Templates": items, "MaxResults": query.MaxResults, "NextToken": page.next_token})


@router.get("/templates/{name}")
async def get_template(request: Request, ctx: Ctx, name: str, query: Annotated[OneTemplate, Query()]) -> Response:
    """One version with its text, and which versions there are (the newest hundred)."""
    found = await in_thread(ctx.store.find, name, query.version or None)
    if found is None:
        version = f" {query.version}" if query.version else ""
        raise ApiError(404, "EntityNotExists.Template", f'There is no template "{name}"{version}.')
    versions = await in_thread(ctx.store.list_template_versions, name, max_results=100)
    content = {
        "Template": _about(found),
        "Content": found.content,
        "Versions": [_about(info) for info in versions.items],
    }
    return answer(request, content)


@router.delete("/templates/{name}")
async def delete_template(request: Request, ctx: Ctx, name: str, _: Annotated[NoQuery, Query()]) -> Response:
    """Delete a template with all its versions; executions that run keep the plan they began with."""
    if not await in_thread(ctx.store.delete_template, name):
        raise ApiError(404, "EntityNotExists.Template", f'There is no template "{name}".')
    return answer(request, {})


async def _checked(ctx: Context, text: str, name: str | None = None) -> tuple[Plan, list[Problem]]:
    """The compiled template and its warnings; 400 with every problem, the name's among them, when there is an error."""
    fault = template_name_fault(name) if name is not None else ""

    def find_nested(nested: str, version: str) -> str | None:
        found = ctx.store.find(nested, version or None)
        return found.content if found else None

    compiled = await in_thread(compile_template, text, ctx.library, name or "", find_nested)
    checked = await validated(compiled, ctx.sandbox)
    named = [Problem("InvalidTemplateName", fault, path="TemplateName")] if fault else []
    if checked.plan is None or named:
        problems = [*named, *checked.problems]
        raise ApiError(400, "ValidationFailed", summary(errors(problems)), problems)
    return checked.plan, checked.problems


def _about(template: TemplateVersion | TemplateInfo) -> dict[str, Any]:
    return {
        "TemplateName": template.name,
        "TemplateVersion": template.version,
        "Hash": template.hash,
        "Description": template.description,
        "CreatedBy": template.created_by,
        "CreatedDate": template.created,
    }


def _declared(body: Body) -> dict[str, Any]:
    return {
        "Description": body.description,
        "RamRole": body.ram_role,
        "Parameters": {
            name: {
                "Type": parameter.type,
                "Description": parameter.description,
                **({"Default": parameter.default} if parameter.has_default else {}),
            }
            for name, parameter in body.parameters.items()
        },
        "Outputs": {name: {"Type": output.type} for name, output in body.outputs.items()},
        "Tasks": [
            {"TaskName": task.name, "TaskAction": task.action, "Description": task.description} for task in body.tasks
        ],
    }


def _records(problems: list[Problem]) -> list[dict[str, Any]]:
    return [problem.as_record() for problem in problems]
