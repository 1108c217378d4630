"""Kills at random moments in a world that goes wrong: loops end as they should, and nothing is done twice.

The cloud throttles, loses connections before and after it has carried a call out, and answers 5xx; meanwhile the worker
is killed again and again, and sometimes the API with it. Who is asked about a call whose outcome is unknown looks at
the machine and decides (``person``). Afterwards the cloud's log is compared with what the executions say (``books``).

``make test`` takes the same seed every time, ``make soak`` another one each time; ``CABOOSE_KILLS_SEED`` sets it. The
same seed gives the same kills and faults as far as the machine is as fast.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from tests.durability.books import Books, balance
from tests.durability.killer import Killer, moments
from tests.durability.person import Person
from tests.durability.work import APART, HERE, RESTART, faults, machines
from tests.e2e.test_resilience import HARMLESS, all_tasks
from tests.support.processes import until
from tests.support.stack import Stack, running_stack

SEED = "CABOOSE_KILLS_SEED"
_TEMPORAL = {"limit.historyCount.suggestContinueAsNew": "1000", "history.defaultWorkflowTaskTimeout": '"3s"'}
"""A server that wants short histories, and misses the workflow task of a worker that was killed after three seconds."""
Say = Callable[[str, object], None]


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose worker may be killed without anybody else noticing."""
    folder = Path(tmp_path_factory.mktemp("killed"))
    with running_stack(folder, _TEMPORAL) as stack:
        yield stack


def test_three_kills_and_two_hundred_items(own_stack: Stack, record_property: Say) -> None:
    check(own_stack, record_property, seed=int(os.environ.get(SEED, "4")), kills=3, apart=175, here=25, concurrency=40)


@pytest.mark.soak
def test_thirty_kills_and_three_thousand_items(own_stack: Stack, record_property: Say) -> None:
    seed = int(os.environ.get(SEED) or Random().randrange(10_000))
    check(own_stack, record_property, seed=seed, kills=30, apart=2_700, here=300, concurrency=60)


def check(stack: Stack, say: Say, *, seed: int, kills: int, apart: int, here: int, concurrency: int) -> None:
    random, simulator = Random(seed), stack.simulator
    print(f"{SEED}={seed}")  # noqa: T201 -- shown with a failure
    simulator.reset(transition_seconds=0.3, seed=seed)
    large, small = machines("a", apart), machines("b", here)
    simulator.put_instances([{"InstanceId": each} for each in [*large, *small]])
    simulator.faults(faults())
    person, planned = Person(stack), moments(random, kills, int(1.6 * apart))
    with Killer(stack, planned) as killer:
        executions = {
            stack.start({"ids": ids, "concurrency": at_once}, TemplateContent=content, SafetyCheck="Skip"): ids
            for content, ids, at_once in ((APART, large, concurrency), (HERE, small, max(1, concurrency // 5)))
        }
        until(lambda: person.has_seen_the_end_of(*executions), "they end", seconds=1_500)
    simulator.clear_faults()
    books, counted = Books().read(simulator.calls()), Counter[str]()
    for each, ids in executions.items():
        counted += balance(books, person, ids, stack.get(each), all_tasks(stack, each))
    for instance in simulator.instances():
        assert instance["Reboots"] == books.done((instance["InstanceId"], RESTART)) <= 1
    runs = assert_no_problems(stack, tuple(executions))
    say("summary", _summary(seed, killer, apart + here, runs, counted, person, books))


def _summary(
    seed: int, killer: Killer, items: int, runs: int, counted: Counter[str], person: Person, books: Books
) -> str:
    words = Counter(word for said in person.decided.values() for word, _ in said)
    met = ", ".join(f"{count} {name}" for name, count in sorted(books.met.items()))
    ended = ", ".join(f"{counted[name]} {name}" for name in ("Success", "Failed", "Skipped"))
    done = sum(books.done(question) for question in books.calls)
    return (
        f"{SEED}={seed}: {killer.kills} kills of the worker ({killer.api_kills} of the API with it), {items} items "
        f"in {runs} workflow runs: {ended}; "
        f"{done} calls carried out once, none twice; {counted['unknown']} calls whose outcome was unknown, "
        f"{counted['lost with their worker']} of them lost with their worker; people said "
        f"{words['SkipTask']} SkipTask, {words['RetryTask']} RetryTask. What calls met: {met}"
    )


def assert_no_problems(stack: Stack, executions: tuple[str, ...]) -> int:
    """No workflow task of any run has failed, and Temporal reports no problem; gives the number of runs."""

    async def look() -> int:
        client = await stack.temporal_client()
        runs = [each async for each in client.list_workflows() if each.id.startswith(executions)]
        for run in runs:
            names = [pair.key.name for pair in run.typed_search_attributes]
            assert "TemporalReportedProblems" not in names, run.id
            history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
            for event in history.events:
                if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                    failed = event.workflow_task_failed_event_attributes
                    assert WorkflowTaskFailedCause.Name(failed.cause) in HARMLESS, failed
        return len(runs)

    return asyncio.run(look())
