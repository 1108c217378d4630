"""Effects: everything the engine asks of the world, as one protocol.

``workflows`` carries it out with Temporal; tests implement it in a few lines. The engine never learns how a call is
made, retried or survives a restart; whoever implements this never learns OOS's rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from caboose.oos.plan import OutputSpec, Retry
from caboose.oos.selectors import Engine


@dataclass(frozen=True)
class Place:
    """Where a call is made and as whom, and the words by which a person recognises it in the Temporal UI."""

    region_id: str
    ram_role: str
    summary: str


@dataclass(frozen=True)
class Call:
    """One API call. ``read`` calls change nothing and may be repeated."""

    place: Place
    service: str
    api: str
    parameters: dict[str, Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    read: bool = False


@dataclass(frozen=True)
class Poll:
    """An API call repeated until the selected value is one of the desired ones."""

    call: Call
    selector: str
    retry: Retry
    desired: list[Any] | None = None
    not_desired: list[Any] | None = None
    stop: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Selection:
    """Which machines: OOS's resource type and target objects."""

    place: Place
    resource_type: str
    filters: list[Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """An approval message. ``number`` counts the messages of one approval, so that each is posted once."""

    task_name: str
    task_execution_id: str
    attempt: int
    number: int
    uri: str
    content: Any
    headers: dict[str, Any] = field(default_factory=dict)
    append_link: bool = True


@dataclass(frozen=True)
class Answered:
    """What a call gave: the selected outputs."""

    outputs: dict[str, Any]
    request_id: str = ""


@dataclass(frozen=True)
class Selected:
    """What was selected; ``targets`` is ``{Items: [{Id, Name, Status}], Count, Missing, MissingCount}``
    for the approval page."""

    outputs: dict[str, Any]
    targets: dict[str, Any]


@dataclass(frozen=True)
class Delivered:
    """What became of a message. ``warning`` is about a message that was delivered all the same."""

    delivered: bool
    message: str = ""
    warning: str = ""


class Effects(Protocol):
    """What the engine needs done. Each method may raise ``asyncio.CancelledError`` when the execution is cancelled."""

    programs: Engine
    """Runs the programs (jq, patterns) that a template brings, outside of whoever runs the engine."""

    async def call(self, call: Call) -> Answered:
        """Makes an API call.

        Raises:
            TaskFailed: the cloud refused, or a read went on failing.
            OutcomeUnknown: a call that changes something got no answer that proves anything.
        """

    async def poll(self, poll: Poll) -> Answered:
        """Repeats a call until its value is desired.

        Raises:
            TaskFailed: a stop value, or the last retry was used up.
        """

    async def select(self, selection: Selection) -> Selected:
        """Selects machines.

        Raises:
            TaskFailed: ``NoTargets``, ``TooManyTargets``, ``InvalidFilter``, or what the cloud said.
        """

    async def notify(self, message: Message) -> Delivered:
        """Posts a message; one that can't be delivered is an answer, not an error."""

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Returns when the condition holds; it is asked again whenever something has happened."""

    async def sleep(self, seconds: float, summary: str) -> None:
        """Returns after so many seconds of the execution's time; waiting costs nothing, however long."""

    async def breathe(self) -> None:
        """Returns when more values may be made: large ones take time that others wait for."""

    def worked(self, size: int) -> None:
        """Counts ``size`` bytes of values that were made."""

    async def turn(self) -> None:
        """Returns when one more loop item may begin: a thousand that begin at once are more than a moment holds."""

    def make_room(self, calls: int, size: int) -> None:
        """Called before ``calls`` more calls of some ``size`` bytes each are made by one loop.

        Raises:
            TaskFailed: ``HistoryLimit``, when the execution would grow beyond what it can hold.
        """

    def cancellation(self) -> str:
        """How the execution's cancellation reads to people, with its reason."""

    def now(self) -> datetime:
        """The time of the execution (not of a clock), in UTC."""

    def report(self) -> None:
        """The state has changed in a way that people wait for: tell whoever shows it."""
