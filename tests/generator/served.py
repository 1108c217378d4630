"""Runs cases with the real server, the real worker and the real simulator, many of them at once.

What a case says of the world is made as far as the world can be made so (``corner``). People do their part by signals,
updates and the API; what waits then is decided, and what is too slow is cancelled. Everything has to come to an end.

Road not taken: cases one by one. An execution mostly waits, and what many of them do to one worker, one store and one
server is a part of what is looked for.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from caboose.store import StoreError
from tests.generator.author import case
from tests.generator.case import Case
from tests.generator.corner import Corner, replies
from tests.generator.odd_starts import odd_start
from tests.generator.people_served import Execution
from tests.generator.recorded import run
from tests.generator.told import (
    STATUS,
    assert_no_trouble,
    assert_nothing_twice,
    assert_record_adds_up,
    tasks_of,
)
from tests.generator.words import SECRET
from tests.support.receiver import receiver
from tests.support.replay import replayer
from tests.support.stack import TOKEN, Stack
from workflows.messages import EXECUTION_TYPE, LOOP_TYPE, NOTIFY_EXECUTION, OOS_STATUS

AT_ONCE = 12
PATIENCE = 20.0
"""Seconds after which people cancel what goes on."""
LIMIT = 90.0
"""Seconds that an execution may then take to end, and one that is asked to go on may need for that."""
_QUIET = 3.0
"""Seconds for which people wait, at most, that something is asked of them."""
_LOOKS = 30
_MOST_DECISIONS = 25
_LIVELY, _ONE_DULL_OF = 3, 6
_REPLAYED_EVENTS = 4_000
_QUEUE = "caboose"


@dataclass
class Ran:
    """What came of a case."""

    seed: int
    execution_id: str = ""
    status: str = ""
    reason: str = ""
    seconds: float = 0.0
    problem: str = ""
    waits: set[str] = field(default_factory=set)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    changes: int = 0
    events: int = 0
    slow: list[str] = field(default_factory=list)
    histories: list[WorkflowHistory] = field(default_factory=list)


class Serving:
    """The parts of a running stack that the cases share."""

    def __init__(self, stack: Stack, client: Client, http: httpx.AsyncClient, anywhere: str) -> None:
        self.stack = stack
        self.client = client
        self.http = http
        self._anywhere = anywhere

    async def run(self, seeds: list[int], cases: list[Case] | None = None, *, at_once: int = AT_ONCE) -> list[Ran]:
        """Runs the cases of these seeds, or these, to their ends, and looks at what is left of them.

        Returns:
            what came of each; a ``problem`` says what doesn't hold of it.
        """
        written = cases or [case(seed, real=True) for seed in seeds]
        robot = f"{self.stack.simulator.url}/robot/send"
        corners = [
            Corner(f"g{seed:x}", each, robot=robot, anywhere=self._anywhere)
            for seed, each in zip(seeds, written, strict=True)
        ]
        self._furnish(corners)
        gate = asyncio.Semaphore(at_once)

        async def one(seed: int, corner: Corner) -> Ran:
            ran = Ran(seed)
            async with gate:
                try:
                    await _Running(self, corner, ran).to_the_end()
                except Exception as error:
                    ran.problem = f"{type(error).__name__}: {error}"
            return ran

        ran = list(await asyncio.gather(*(one(*each) for each in zip(seeds, corners, strict=True))))
        await self._look_at_what_is_left(ran, corners)
        return ran

    def _furnish(self, corners: list[Corner]) -> None:
        """Makes the machines, groups, faults and stored templates of all of them."""
        simulator = self.stack.simulator
        simulator.reset(transition_seconds=0)
        simulator.put_instances([each for corner in corners for each in corner.instances()])
        simulator.put_groups({corner.group: corner.settings_of_group() for corner in corners})
        for corner in corners:
            for fault in corner.faults():
                simulator.fault(**fault)
            for name, text in corner.stored().items():
                self.stack.store.put_template(name, text)

    async def _look_at_what_is_left(self, ran: list[Ran], corners: list[Corner]) -> None:
        """Nothing is open, nothing has a problem that Temporal reports, nothing was done twice, no log has a secret."""
        ours = {each.execution_id: each for each in ran if each.execution_id}
        for query, what in (
            ('ExecutionStatus = "Running"', "is still open"),
            ("TemporalReportedProblems IS NOT NULL", "has TemporalReportedProblems"),
        ):
            for name in await self._left(query, ours):
                ours[name.split(".")[0]].problem += f"{name} {what}\n"
        log = self.stack.simulator.calls()
        for each, corner in zip(ran, corners, strict=True):
            if each.histories:
                try:
                    calls = [call for call in log if corner.owns(call)]
                    each.changes = await assert_nothing_twice(self.client, each.histories, each.tasks, calls)
                except AssertionError as error:
                    each.problem += f"{error}\n"
        for process in (self.stack.worker, self.stack.api):
            assert SECRET not in process.read_log(), f"the log of the {process.name} shows a secret"

    async def _left(self, query: str, ours: dict[str, Ran]) -> list[str]:
        """The ids of our workflows that a query finds, when it has found the same ones for a while: it lags behind."""
        found: list[str] = []
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            listed = [each.id async for each in self.client.list_workflows(query)]
            found = [each for each in listed if each.split(".")[0] in ours]
            if not found:
                break
            await asyncio.sleep(0.5)
        return found

    async def replay(self, ran: list[Ran], most: int) -> int:
        """Replays the histories of some of them with today's code, the longest first; how many."""
        histories = sorted((each for one in ran for each in one.histories), key=lambda each: -len(each.events))
        chosen = [each for each in histories if len(each.events) <= _REPLAYED_EVENTS][:most]
        for history in chosen:
            result = await replayer(self.stack.store).replay_workflow(history, raise_on_replay_failure=False)
            assert result.replay_failure is None, f"{history.workflow_id}: {result.replay_failure!r}"
        return len(chosen)


async def crowd(first: int, many: int) -> list[int]:
    """So many seeds from this one on. Most of them are of executions that call and ask, as a recording tells; of the
    others, which are refused or over at once, there are only some."""
    seeds: list[int] = []
    dull = 0
    for seed in itertools.count(first):
        recorded = await run(case(seed, real=True))
        if recorded.calls + 3 * len(recorded.waits) < _LIVELY:
            dull += 1
            if dull % _ONE_DULL_OF:
                continue
        seeds.append(seed)
        if len(seeds) == many:
            break
    return seeds


@asynccontextmanager
async def serving(stack: Stack) -> AsyncIterator[Serving]:
    """The stack, and what else cases need."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with receiver() as anywhere:
        anywhere.replies = replies()
        async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as http:
            yield Serving(stack, await stack.temporal_client(), http, anywhere.url)


class _Running:
    """One execution that runs."""

    def __init__(self, serving: Serving, corner: Corner, ran: Ran) -> None:
        self._serving = serving
        self._corner = corner
        self._case = corner.case
        self._ran = ran
        self._random = Random(corner.tag)
        self._began = time.monotonic()
        self._type = EXECUTION_TYPE
        self._people = Execution(serving.client, serving.http, "", self._random)

    async def to_the_end(self) -> None:
        """Starts it, lets people do what they do, and looks at it when it has ended."""
        await self._start()
        self._ran.execution_id = self._people.id
        for step in self._case.people:
            await self._pause(step["After"])
            await self._people.do(step)
        await self._decide_what_waits()
        self._ran.seconds = time.monotonic() - self._began
        await self._people.notify({"NotifyType": "Approve"})
        await self._people.cancel()
        await self._look()

    async def _start(self) -> None:
        way = self._random.random()
        if way < 0.1:
            self._type, inputs = odd_start(self._case, self._random)
            await self._start_workflow(inputs)
        elif way < 0.2 and self._stored():
            self._type = f"generated-{self._corner.tag}"
            await self._start_workflow([self._case.request.get("Parameters")])
        elif way < 0.4 or not await self._posted():
            await self._start_workflow([self._case.request])

    def _stored(self) -> bool:
        """Whether the template could be stored, to be started by its name."""
        try:
            self._serving.stack.store.put_template(f"generated-{self._corner.tag}", self._case.text)
        except StoreError:
            return False
        return True

    async def _start_workflow(self, inputs: list[Any]) -> None:
        """As any Temporal client does; now and then with a decision that is there before anything else."""
        early: dict[str, Any] = {}
        if self._random.random() < 0.3:
            early = {"start_signal": NOTIFY_EXECUTION, "start_signal_args": [{"NotifyType": "Approve"}]}
        self._people.id = f"exec-{self._corner.tag}"
        await self._serving.client.start_workflow(
            self._type, args=inputs, id=self._people.id, task_queue=_QUEUE, **early
        )

    async def _posted(self) -> bool:
        """Whether the API has taken it; what it refuses has a reason, and is started all the same to see it fail."""
        body = json.dumps(self._case.request).encode()
        headers = {"Content-Type": "application/json"}
        answer = await self._serving.http.post("/executions", content=body, headers=headers)
        told = answer.json()
        if answer.status_code == 201:
            self._people.id = told["Execution"]["ExecutionId"]
            return True
        assert answer.status_code in (400, 413), answer.text
        assert told["Code"], answer.text
        assert told["Message"], answer.text
        assert SECRET not in answer.text, "a refusal shows a secret"
        return False

    async def _pause(self, moments: int | None) -> None:
        if moments is not None:
            await asyncio.sleep(self._people.seconds(moments))
            return
        for _ in range(_LOOKS):
            if await self._status() != ("RUNNING", False):
                return
            await asyncio.sleep(_QUIET / _LOOKS)

    async def _status(self) -> tuple[str, bool]:
        """Temporal's status, and whether it waits for somebody."""
        description = await self._people.handle.describe()
        assert description.status
        attributes = {pair.key.name: pair.value for pair in description.typed_search_attributes}
        return description.status.name, attributes.get(OOS_STATUS) == "Waiting"

    async def _decide_what_waits(self) -> None:
        """Answers what waits until it ends; cancels it after many answers, or when it takes long."""
        asked, pause = 0, 0.05
        while True:
            status, waits = await self._status()
            if status != "RUNNING":
                self._ran.status = status
                return
            age = time.monotonic() - self._began
            assert age < PATIENCE + LIMIT, (
                f"it is older than its limit: {json.dumps(await self._people.record()):.3000}"
            )
            late = asked > _MOST_DECISIONS or age > PATIENCE
            if late and not self._people.cancelled:
                await self._people.cancel()
            elif waits and not self._people.cancelled:
                asked += await self._decide(asked)
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.5)

    async def _decide(self, asked: int) -> int:
        """Answers some of what waits; how much."""
        waiting = (await self._people.record()).get("Waiting", [])
        decisions = self._case.decisions or [0]
        for number, wait in enumerate(waiting[:5]):
            self._ran.waits.add(wait["Kind"])
            await self._people.answer(wait, {"Type": decisions[(asked + number) % len(decisions)]})
        return min(len(waiting), 5)

    async def _look(self) -> None:
        """What holds at the end."""
        assert self._ran.status in STATUS, f"Temporal says {self._ran.status}"
        names = [self._people.id]
        if self._type != LOOP_TYPE:
            record, tasks = await self._told()
            assert_record_adds_up(record, tasks, self._ran.status)
            self._ran.tasks, self._ran.reason = tasks, record["StatusReason"]
            names += [each["WorkflowId"] for each in record["LoopWorkflows"]]
        for name in names:
            await self._take_history(name)

    async def _told(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        http, address = self._serving.http, f"/executions/{self._people.id}"
        answer = await http.get(address)
        assert answer.status_code == 200, answer.text
        logs = await http.get(f"{address}/logs")
        assert logs.status_code == 200, logs.text
        assert SECRET not in logs.text, "the log shows a secret"
        return answer.json()["Execution"], await tasks_of(http, self._people.id)

    async def _take_history(self, name: str) -> None:
        try:
            history = await self._serving.client.get_workflow_handle(name).fetch_history()
        except RPCError as error:
            raise AssertionError(f"{name}: {error}") from error
        self._ran.histories.append(history)
        self._ran.events += len(history.events)
        self._ran.slow += assert_no_trouble(history)
