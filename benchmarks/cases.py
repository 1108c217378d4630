"""What is measured: compiling a folder and one template, and the steps that an evaluation is made of."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import jq

from benchmarks.measure import Result, reference_loop, timed
from caboose.library_folders import BUILT_IN, load_library
from caboose.oos.compiling.compile import compile_template
from caboose.oos.evaluate import Evaluator
from caboose.oos.library import Library
from caboose.oos.loading import load
from caboose.oos.references import Reference
from caboose.oos.selectors import parse, results_of, walk
from caboose.sandbox import Sandbox
from tests.corpus.templates import CORPUS, files, sources

TEMPLATE = Path(__file__).with_name("restart-by-tag.yml")
"""Three kilobytes, as large as the median of real templates, with most parts of the language."""
MILLISECOND, MICROSECOND = 1e-3, 1e-6


def answer(machines: int) -> dict[str, Any]:
    """The answer of DescribeInstances, as far as it matters here."""
    return {
        "Instances": {"Instance": [{"InstanceId": f"i-{n}", "Status": "Running", "Cpu": n} for n in range(machines)]}
    }


ANSWER, LARGE_ANSWER = answer(10), answer(1_000)
PATH = "Instances.Instance[].InstanceId"
PROGRAM = '.Instances.Instance[] | select(.Status == "Running" and .Cpu > 3) | {"id": .InstanceId, "cpu": .Cpu}'
PROPERTIES = {
    "Service": "ECS",
    "API": "RunInstances",
    "Parameters": {
        "RegionId": "{{ regionId }}",
        "ImageId": "{{ find.imageId }}",
        "InstanceName": "web-{{ ACS::ExecutionId }}",
        "Amount": 1,
        "Tag": [{"Key": "owner", "Value": "{{ owner }}"}, {"Key": "made", "Value": "by {{ owner }} in {{ regionId }}"}],
        "SecurityGroupId": {"Fn::Select": [0, "{{ groups }}"]},
    },
}
GIVEN: dict[str, Any] = {
    "regionId": "cn-hangzhou",
    "find": "m-1",
    "owner": "team-a",
    "groups": ["sg-1", "sg-2"],
    "ACS::ExecutionId": "exec-0123456789abcdef0123",
}


async def measured(folder: Path, rounds: int) -> AsyncIterator[Result]:
    """Every result, in the order of the table."""

    async def loop() -> None:
        reference_loop()

    yield await timed("reference loop", loop, rounds)
    async for result in _compiling(folder, rounds):
        yield result
    async for result in _evaluating(rounds):
        yield result
    async for result in _programs(rounds):
        yield result


async def _compiling(folder: Path, rounds: int) -> AsyncIterator[Result]:
    texts, held = [path.read_text("utf-8") for path in files(folder)], sources(folder)

    async def cold() -> None:
        library = Library(held)
        for text in texts:
            compile_template(text, library)

    yield _per_second(await timed("the folder, cold", cold, rounds), len(texts))
    library, turn = Library(held), iter(range(10**9))

    async def warm() -> None:
        name = str(next(turn))  # another plan each time, made of the same product actions
        for text in texts:
            compile_template(text, library, name)

    yield _per_second(await timed("the folder, product actions kept", warm, rounds), len(texts))

    async def loading() -> None:
        for text in texts:
            load(text)

    yield _per_second(await timed("the folder, loading only", loading, rounds), len(texts))
    text, built_in = TEMPLATE.read_text("utf-8"), load_library()

    async def one() -> None:
        compile_template(text, built_in, str(next(turn)))

    yield await timed("a template of 3 KB", one, rounds, 5 * MILLISECOND)

    async def again() -> None:
        compile_template(text, built_in)

    yield await timed("a template of 3 KB, compiled before", again, rounds)


async def _evaluating(rounds: int) -> AsyncIterator[Result]:
    with Sandbox() as sandbox:
        yield await timed("one reference", evaluating("{{ owner }}", sandbox), rounds, 20 * MICROSECOND)
        yield await timed("two references in a text", evaluating("{{ owner }}-{{ regionId }}", sandbox), rounds)
        call = {"Fn::Join": ["-", ["a", "{{ owner }}"]]}
        yield await timed("one function", evaluating(call, sandbox), rounds, 20 * MICROSECOND)
        choice = {"Fn::If": [{"Fn::Equals": ["{{ owner }}", "team-a"]}, "yes", "no"]}
        yield await timed("a condition and its branch", evaluating(choice, sandbox), rounds)

        async def selector() -> None:
            await results_of(PATH, ANSWER, sandbox)

        yield await timed("one plain selector", selector, rounds, 20 * MICROSECOND)
        steps = parse(PATH)

        async def walking() -> None:
            walk(steps, ANSWER)

        yield await timed("the same, walking only", walking, rounds)
        yield await timed("the properties of a task", evaluating(PROPERTIES, sandbox), rounds)


def evaluating(value: Any, sandbox: Sandbox) -> Callable[[], Awaitable[Any]]:
    """Evaluates a value as a task does, with an evaluator of its own."""

    def lookup(reference: Reference) -> Any:
        return GIVEN[reference.name]

    async def work() -> Any:
        return await Evaluator(lookup, sandbox).evaluate(value)

    return work


async def _programs(rounds: int) -> AsyncIterator[Result]:
    """Programs alone and in the sandbox: one that was run before, one that is new each time, and a larger value."""
    compiled, turn = jq.compile(PROGRAM), iter(range(10**9))

    with Sandbox() as sandbox:

        async def alone() -> None:
            compiled.input_value(ANSWER).all()

        async def guarded() -> None:
            await sandbox.run(PROGRAM, ANSWER)

        async def new_alone() -> None:
            jq.compile(f"{PROGRAM} | .n = {next(turn)}").input_value(ANSWER).all()

        async def new_guarded() -> None:
            await sandbox.run(f"{PROGRAM} | .n = {next(turn)}", ANSWER)

        async def large_alone() -> None:
            compiled.input_value(LARGE_ANSWER).all()

        async def large_guarded() -> None:
            await sandbox.run(PROGRAM, LARGE_ANSWER)

        for name, one, other in (
            ("a jq program", alone, guarded),
            ("a new jq program", new_alone, new_guarded),
            ("a jq program on 60 KB", large_alone, large_guarded),
        ):
            itself = await timed(f"{name}, in this process", one, rounds)
            yield itself
            aim = None if one is large_alone else itself.seconds + MILLISECOND
            yield await timed(f"{name}, in the sandbox", other, rounds, aim)


def default_folder() -> Path:
    """The real templates where they are, else the product actions of our own library."""
    return CORPUS if CORPUS.is_dir() else BUILT_IN


def _per_second(result: Result, templates: int) -> Result:
    return Result(result.name, result.seconds, result.best, result.aim, templates / result.seconds)
