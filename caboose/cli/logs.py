"""``caboose executions logs``: what has happened, in sentences, and with ``--follow`` what happens."""

import json
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from caboose.cli.arguments import ExecutionId
from caboose.cli.client import Client, connect, execution_path
from caboose.cli.errors import ApiError, Unreachable
from caboose.cli.events import FINAL, Patience
from caboose.cli.output import JsonOption, console, entry, print_json

Line = dict[str, str]

_PAGE = 1_000
_FOLLOWED_PAGE = 200
_POLL_SECONDS = 1.0


def logs(
    execution_id: ExecutionId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends; Ctrl-C stops.")] = False,
    task: Annotated[str, typer.Option("--task", help="Only this TaskExecutionId and what is below it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show what has happened: what ran, what was called with which RequestId, what failed and why."""
    with connect() as client:
        if as_json and not follow:
            print_json(list(_all(client, execution_id, task)))
            return
        lines = _followed(client, execution_id, task) if follow else _all(client, execution_id, task)
        out = console()
        try:
            for line in lines:
                _print(out, line, execution_id, as_json=as_json)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def _print(out: Console, line: Line, execution_id: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return
    task = line["TaskExecutionId"].removeprefix(f"{execution_id}.")
    about = f"{task}  " if task else ""
    out.print(Text(entry(f"{line['Timestamp']}  {about}{line['Message']}")), soft_wrap=True)


def _all(client: Client, execution_id: str, task: str) -> Iterator[Line]:
    for page, _ in _pages(client, execution_id, task, "", _PAGE):
        yield from page


def _pages(client: Client, execution_id: str, task: str, token: str, size: int) -> Iterator[tuple[list[Line], str]]:
    """The pages from a token on, each with its own token."""
    while True:
        path = f"{execution_path(execution_id)}/logs"
        answer = client.get(path, MaxResults=size, NextToken=token, TaskExecutionId=task)
        yield answer["ExecutionLogs"], token
        token = answer["NextToken"]
        if not token:
            return


def _followed(client: Client, execution_id: str, task: str) -> Iterator[Line]:
    """Every line, each once. What happens at the same time may be told a little later than what came after it: so the
    last two pages are read again."""
    patience = Patience(execution_id)
    begin, seen = "", set()
    while True:
        try:
            ended = client.get(execution_path(execution_id))["Execution"]["Status"] in FINAL
            pages = []
            for page, token in _pages(client, execution_id, task, begin, _FOLLOWED_PAGE):
                pages.append((page, token))
                for line in page:
                    if _key(line) not in seen:
                        seen.add(_key(line))
                        yield line
        except (Unreachable, ApiError) as error:
            patience.spend(error)
            continue
        patience.renew()
        if ended:
            return
        begin = pages[-2:][0][1]
        seen = {_key(line) for page, _ in pages[-2:] for line in page}
        time.sleep(_POLL_SECONDS)


def _key(line: Line) -> tuple[Any, ...]:
    return line["Timestamp"], line["TaskExecutionId"], line["Message"]
