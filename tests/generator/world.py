"""The world of a case: a ``Recording`` that answers as the case says, and stops as the Temporal shell does.

A call that changes something is let finish when the execution is cancelled; everything else ends at once, and nothing
begins any more (``workflows/calls.py``). ``moves`` counts what goes on, so that a driver knows when nothing does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from caboose.engine.apart import LoopInput, LoopOutcome
from caboose.engine.effects import Answered, Call, Delivered, HttpRequest, Mail, Message, Poll, Selected, Selection
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.engine.progress import Progress
from caboose.engine.state import TaskRun
from caboose.oos.expectations import DESIRED, STOPPED, Rule, judge
from caboose.oos.library import Library
from caboose.oos.plan import OutputSpec, Plan
from caboose.oos.problems import summary
from caboose.oos.selectors import SelectorError, results_of, select_all
from caboose.oos.start import StoredTemplate, compile_nested
from caboose.oos.values import MAX_VALUE_BYTES, json_size
from tests.engine.recording import Recording
from tests.generator.case import Case, made, text_of
from tests.generator.cloud import MAIL, NOTIFY, REQUEST, SELECT, SLEEP
from tests.support.programs import PROGRAMS

if TYPE_CHECKING:
    from tests.generator.apart import Aparts

Result = TypeVar("Result")
_EVENTS_A_CALL, _MOST_EVENTS = 6, 2_000
_MOST_POLLS = 5
_BREATH = 3


class Stored:
    """The stored templates of a case."""

    def __init__(self, templates: dict[str, Any]) -> None:
        self._templates = {name: text_of(each) for name, each in templates.items()}

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """A template; each has one version."""
        text = self._templates.get(name) if version in (None, "v1") else None
        return StoredTemplate(name, "v1", text, f"hash of {name}") if text is not None else None

    def names(self) -> list[str]:
        """All names."""
        return list(self._templates)


class Script:
    """What the cloud answers, in turn; shared by an execution and its loops that run apart."""

    def __init__(self, case: Case) -> None:
        self._turns = {api: _turns(answers) for api, answers in case.cloud.items()}
        self.held: list[asyncio.Event] = []

    async def next(self, api: str) -> dict[str, Any]:
        """The next answer of an API, when it is let go."""
        answer: dict[str, Any] = next(self._turns[api]) if api in self._turns else {"Body": {}}
        if "Held" in answer:
            gate = asyncio.Event()
            self.held.append(gate)
            await gate.wait()
            answer = answer["Held"]
        return answer

    def release(self) -> bool:
        """Lets go of what is held; False when there is nothing."""
        held, self.held = self.held, []
        for gate in held:
            gate.set()
        return bool(held)


def _turns(answers: list[Any]) -> Iterator[Any]:
    yield from answers
    while True:
        yield answers[-1]


class World(Recording):
    """Effects of one execution, or of one loop that runs apart."""

    def __init__(self, case: Case, library: Library, script: Script, aparts: "Aparts") -> None:
        super().__init__()
        self.case = case
        self.library = library
        self.script = script
        self.aparts = aparts
        self.moves = 0
        self.thinking = 0
        self.in_flight = 0
        self.stopped = False
        self.programs = self
        self._breaths = 0
        self._templates = Stored(case.stored)

    async def run(self, program: str, value: Any) -> list[Any]:
        """``selectors.Engine``: a program, in its child process."""
        self.go_on()
        return await self._thought(PROGRAMS.run(program, value))

    async def matches(self, pattern: str, text: str) -> bool:
        """``selectors.Engine``: a pattern."""
        self.go_on()
        return await self._thought(PROGRAMS.matches(pattern, text))

    async def _thought(self, work: Awaitable[Result]) -> Result:
        self.aparts.root.thinking += 1
        try:
            return await work
        finally:
            self.aparts.root.thinking -= 1
            self._moved()

    async def call(self, call: Call) -> Answered:
        """As the case says; a call that changes something is let finish."""
        self._begin()
        self.calls.append(call)
        return await self._carried(self._called(call), changes=not call.read)

    async def _called(self, call: Call) -> Answered:
        body = await self._body(call.api, read=call.read)
        return Answered(await self._selected(call.outputs, body), _request_id(body))

    async def poll(self, poll: Poll) -> Answered:
        """The answers in turn until one is desired, a stop value, or the last retry."""
        self._begin()
        self.polls.append(poll)
        return await self._carried(self._polled(poll), changes=not poll.call.read)

    async def _polled(self, poll: Poll) -> Answered:
        outputs: dict[str, Any] = {}
        for _ in range(min(poll.retry.retries, _MOST_POLLS) + 1):
            body = await self._body(poll.call.api, read=poll.call.read)
            outputs = await self._selected(poll.call.outputs, body)
            verdict = await self._judged(poll.rule, body)
            if verdict == DESIRED:
                return Answered(outputs, _request_id(body))
            if verdict == STOPPED:
                break
        raise TaskFailed("CheckForFailed" if poll.check else "WaitForRetriesExhausted", "it is not so", "r", outputs)

    async def request(self, request: HttpRequest) -> Answered:
        """As the case says."""
        self._begin()
        self.requests.append(request)
        return await self._carried(self._requested(request), changes=request.method != "GET")

    async def _requested(self, request: HttpRequest) -> Answered:
        body = await self._body(REQUEST, read=request.method == "GET")
        for rule in (*request.wait_for, *request.check_for):
            if await self._judged(rule, body) != DESIRED:
                raise TaskFailed("CheckForFailed", "it is not so", "", await self._selected(request.outputs, body))
        return Answered(await self._selected(request.outputs, body))

    async def select(self, selection: Selection) -> Selected:
        """As the case says."""
        self._begin()
        self.selections.append(selection)
        answer = await self._next(SELECT)
        _raise_failure(answer, read=True)
        targets = {"Items": [], "Count": 0, "Missing": [], **answer.get("Targets", {})}
        outputs = await self._selected(selection.outputs, made(answer.get("Body", {})))
        return Selected(outputs, {**targets, "MissingCount": len(targets["Missing"])})

    async def notify(self, message: Message) -> Delivered:
        """As the case says."""
        self.messages.append(message)
        return await self._delivered(NOTIFY)

    async def mail(self, mail: Mail) -> Delivered:
        """As the case says."""
        self.mails.append(mail)
        return await self._delivered(MAIL)

    async def _delivered(self, name: str) -> Delivered:
        self._begin()
        refused = (await self._next(name)).get("Refused", "")
        return Delivered(not refused, refused)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Nobody begins to wait once it was cancelled."""
        self.go_on()
        self._moved()
        await super().wait_until(condition)
        self._moved()

    async def sleep(self, seconds: float, summary: str) -> None:
        """Is over at once, unless the case holds it."""
        self._begin()
        self.sleeps.append((seconds, summary))
        await self._next(SLEEP)

    async def breathe(self) -> None:
        """Now and then something else comes first."""
        self._breaths += 1
        if self._breaths % _BREATH == 0:
            self._moved()
            await asyncio.sleep(0)

    async def turn(self) -> None:
        """Items begin one after another."""
        self.go_on()
        await asyncio.sleep(0)

    def runs_apart(self, calls: int) -> bool:
        """By the number of calls that the case says, else as in the Temporal shell."""
        apart = self.case.apart
        return calls * _EVENTS_A_CALL > _MOST_EVENTS if apart is None else calls > apart

    async def run_apart(self, loop: tuple[LoopInput, Progress], run: TaskRun) -> LoopOutcome:
        """Runs it with a state and a world of its own."""
        self._begin()
        return await self.aparts.run(self, *loop, run)

    async def compile(self, name: str, version: str, content: str | None) -> Plan:
        """Compiles as the activity does."""
        self._begin()
        self._moved()
        asked = (name, version, content)
        plan, problems = await self._thought(compile_nested(asked, self._templates, self.library, PROGRAMS))
        if plan is None:
            raise TaskFailed("BrokenTemplate", summary(problems))
        return plan

    def now(self) -> Any:
        """Something goes on."""
        self._moved()
        return super().now()

    def report(self) -> None:
        """Something goes on, and somebody may have to be told."""
        self._moved()
        super().report()
        self.aparts.changed(self)

    def stop(self) -> None:
        """It is cancelled: nothing begins any more."""
        self.stopped = True

    def _moved(self) -> None:
        self.aparts.root.moves += 1

    def go_on(self) -> None:
        """Nothing begins for whoever was cancelled."""
        asking = asyncio.current_task()
        if self.stopped or (asking and asking.cancelling()):
            raise asyncio.CancelledError

    def _begin(self) -> None:
        self.go_on()
        self._moved()

    async def _carried(self, work: Any, *, changes: bool) -> Answered:
        """The answer; of a call that changes something also when it is cancelled meanwhile."""
        sent: asyncio.Future[Answered] = asyncio.ensure_future(work)
        if not changes:
            return await sent
        self.in_flight += 1
        try:
            while not sent.done():
                try:
                    await asyncio.wait([sent])
                except asyncio.CancelledError:
                    self._moved()  # what is known of it must not be lost
        finally:
            self.in_flight -= 1
        return sent.result()

    async def _next(self, api: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        answer = await self.script.next(api)
        self._moved()
        self._wake()
        return answer

    async def _body(self, api: str, *, read: bool) -> Any:
        answer = await self._next(api)
        _raise_failure(answer, read=read)
        return made(answer.get("Body", {}))

    async def _selected(self, specs: dict[str, OutputSpec], body: Any) -> dict[str, Any]:
        try:
            outputs = await self._thought(select_all(specs, body, PROGRAMS))
        except SelectorError as error:
            raise TaskFailed("SelectorError", str(error)) from None
        if json_size(outputs) > MAX_VALUE_BYTES:
            raise TaskFailed("OutputTooLarge", "the result has too many bytes")
        return outputs

    async def _judged(self, rule: Rule, body: Any) -> str:
        try:
            return judge(rule, await self._thought(results_of(rule.selector, body, PROGRAMS))).kind
        except SelectorError as error:
            raise TaskFailed("SelectorError", str(error)) from None


def _raise_failure(answer: dict[str, Any], *, read: bool) -> None:
    if "Fail" in answer:
        code, message = answer["Fail"]
        raise TaskFailed(code, message, "request-1")
    if "Throttled" in answer:
        raise TaskFailed(answer["Throttled"], "too many requests")
    if "Unknown" in answer or "Garbage" in answer:
        told = str(answer.get("Unknown") or f"unreadable: {answer.get('Garbage')}")
        raise TaskFailed("TimedOut", told) if read else OutcomeUnknown(told)


def _request_id(body: Any) -> str:
    return str(body.get("RequestId") or "") if isinstance(body, dict) else ""
