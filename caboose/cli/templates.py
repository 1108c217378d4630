"""``caboose templates …``: the stored templates and their versions."""

from pathlib import Path
from typing import Annotated

import typer

from caboose.cli.client import connect, template_path
from caboose.cli.errors import UsageError, problem_text
from caboose.cli.executions import pages
from caboose.cli.output import JsonOption, clean, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Stored templates and their versions.")

TemplateName = Annotated[str, typer.Argument(metavar="NAME", help="The template's name.")]


@app.command("list")
def list_templates(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000, as_json: JsonOption = False
) -> None:
    """List the stored templates."""
    with connect() as client:
        rows = pages(client, "/templates", "Templates", limit)
    if as_json:
        print_json(rows)
        return
    columns = ("TemplateName", "TemplateVersion", "CreatedDate", "Description")
    print_table(columns, [[row.get(name) for name in columns] for row in rows], empty="No templates.")


@app.command()
def show(
    name: TemplateName,
    version: Annotated[str, typer.Option(help="A version such as v2; by default the newest.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print a template's content."""
    with connect() as client:
        answer = client.get(template_path(name), version=version)
    if as_json:
        print_json(answer)
    else:
        print(clean(answer["Content"]).rstrip("\n"))


@app.command()
def put(
    name: TemplateName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The template, YAML or JSON.")],
    as_json: JsonOption = False,
) -> None:
    """Store a file as a template, or as its next version when the name is known."""
    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    with connect() as client:
        answer = client.post("/templates", {"TemplateName": name, "Content": content})
    if as_json:
        print_json(answer)
        return
    for warning in answer.get("Warnings") or []:
        print(clean(f"warning: {problem_text(warning)}"))
    print(f"{name} {answer['Template']['TemplateVersion']}")


@app.command()
def delete(name: TemplateName) -> None:
    """Delete a template with all its versions. Executions that run keep their plan."""
    with connect() as client:
        client.delete(template_path(name))
    print(f"{name} is deleted.")
