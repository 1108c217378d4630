"""Effects for tests: what the engine asks for is kept, and answered from a script."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from caboose.engine.apart import LoopInput, LoopOutcome
from caboose.engine.effects import (
    Answered,
    Call,
    Delivered,
    HttpRequest,
    Mail,
    Message,
    Poll,
    Selected,
    Selection,
)
from caboose.engine.errors import TaskFailed
from caboose.engine.progress import Progress
from caboose.engine.state import TaskRun
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.plan import OutputSpec, Plan
from caboose.oos.selectors import Engine, SelectorError, select_all
from tests.support.programs import PROGRAMS

Script = dict[str, Any]
"""By API: a body, an error to raise, a function of the call that gives one or awaits it, or a list of these in turn."""


class Recording:
    """Effects that keep a list of what was asked and answer by script; an API without an entry answers ``{}``."""

    def __init__(self, script: Script | None = None) -> None:
        self.calls: list[Call] = []
        self.polls: list[Poll] = []
        self.selections: list[Selection] = []
        self.messages: list[Message] = []
        self.sleeps: list[tuple[float, str]] = []
        self.requests: list[HttpRequest] = []
        self.mails: list[Mail] = []
        self.reports = 0
        self.worked_on = 0
        self.programs: Engine = PROGRAMS
        self._script = {api: _turns(answers) for api, answers in (script or {}).items()}
        self._happened = asyncio.Event()

    async def call(self, call: Call) -> Answered:
        """Answers with the selected outputs of the scripted body."""
        self.calls.append(call)
        number = len(self.calls)
        return Answered(await self._outputs(call.outputs, await self._answer(call.api, call)), f"request-{number}")

    async def poll(self, poll: Poll) -> Answered:
        """Answers like a call: the script says what came of the polling."""
        self.polls.append(poll)
        return Answered(
            await self._outputs(poll.call.outputs, await self._answer(poll.call.api, poll)),
            "request-of-poll",
        )

    async def select(self, selection: Selection) -> Selected:
        """Selects by the script's ``select``: ``{"Targets": ..., "Body": ...}``."""
        self.selections.append(selection)
        answer = await self._answer("select", selection)
        targets = {"Items": [], "Count": 0, "Missing": [], **answer.get("Targets", {})}
        targets.setdefault("MissingCount", len(targets["Missing"]))
        return Selected(await self._outputs(selection.outputs, answer.get("Body", {})), targets)

    async def notify(self, message: Message) -> Delivered:
        """Delivers, unless the script's ``notify`` says otherwise."""
        self.messages.append(message)
        answer = await self._answer("notify", message)
        return answer if isinstance(answer, Delivered) else Delivered(True)

    async def request(self, request: HttpRequest) -> Answered:
        """Answers by the script's ``request``, a body."""
        self.requests.append(request)
        answer = await self._answer("request", request)
        return Answered(await self._outputs(request.outputs, answer), "request-of-http")

    async def mail(self, mail: Mail) -> Delivered:
        """Delivers, unless the script's ``mail`` says otherwise."""
        self.mails.append(mail)
        answer = await self._answer("mail", mail)
        return answer if isinstance(answer, Delivered) else Delivered(True)

    def go_on(self) -> None:
        """Is never cancelled behind a call's back."""

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Asks again whenever something has happened."""
        while not condition():
            await self._happened.wait()

    async def sleep(self, seconds: float, summary: str) -> None:
        """Is over at once, unless the script's ``sleep`` says otherwise."""
        self.sleeps.append((seconds, summary))
        await self._answer("sleep", seconds)

    async def breathe(self) -> None:
        """Lets everything be made at once."""

    def worked(self, size: int) -> None:
        """Counts what was made."""
        self.worked_on += size

    async def turn(self) -> None:
        """Lets every item begin at once."""

    def runs_apart(self, calls: int) -> bool:
        """Runs every loop here."""
        return False

    async def run_apart(self, loop: tuple[LoopInput, Progress], run: TaskRun) -> LoopOutcome:
        """Isn't asked: every loop runs here."""
        raise AssertionError(loop, run)

    async def compile(self, name: str, version: str, content: str | None) -> Plan:
        """Compiles the text, or the script's entry for a name."""
        text = content if content is not None else await self._answer(f"template {name}", version)
        compiled = compile_template(text, Library())
        assert compiled.plan, compiled.problems
        return compiled.plan

    def cancellation(self) -> str:
        """Says no reason."""
        return "cancelled"

    def now(self) -> datetime:
        """Always the same moment."""
        return datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)

    def report(self) -> None:
        """Something has happened."""
        self.reports += 1
        self._wake()

    def _wake(self) -> None:
        self._happened.set()
        self._happened = asyncio.Event()

    async def _outputs(self, specs: dict[str, OutputSpec], body: Any) -> dict[str, Any]:
        try:
            return await select_all(specs, body, self.programs)
        except SelectorError as error:
            raise TaskFailed("SelectorError", str(error)) from None

    async def _answer(self, name: str, asked: Any) -> Any:
        self._wake()
        await asyncio.sleep(0)
        answer = next(self._script[name], None) if name in self._script else None
        if callable(answer):
            answer = answer(asked)
        if asyncio.iscoroutine(answer) or asyncio.isfuture(answer):
            answer = await answer
        if isinstance(answer, BaseException):
            raise answer
        return {} if answer is None else answer


def _turns(answers: Any) -> Iterator[Any]:
    """A list's entries in turn, the last one again and again."""
    turns = answers if isinstance(answers, list) else [answers]
    yield from turns
    while True:
        yield turns[-1]
