"""Effects: everything the engine asks of the world, as one protocol.

``workflows`` carries it out with Temporal; tests implement it in a few lines. The engine never learns how a call is
made, retried or survives a restart; whoever implements this never learns OOS's rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec, Plan, Retry
from caboose.oos.selectors import Engine

if TYPE_CHECKING:
    from caboose.engine.apart import LoopInput, LoopOutcome
    from caboose.engine.progress import Progress
    from caboose.engine.state import TaskRun


@dataclass(frozen=True)
class Place:
    """Where a call is made and as whom, and the words by which a person recognises it in the Temporal UI."""

    region_id: str
    ram_role: str
    summary: str


@dataclass(frozen=True)
class Call:
    """One API call. ``read`` calls change nothing and may be repeated; others with their ``client_token``, which the
    cloud takes for the same call again."""

    place: Place
    service: str
    api: str
    parameters: dict[str, Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    read: bool = False
    client_token: str = ""


@dataclass(frozen=True)
class Poll:
    """An API call repeated until its answer is as wanted; ``check`` says that it is no wait but a check."""

    call: Call
    rule: Rule
    retry: Retry
    check: bool = False


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request: repeated until the rules of ``wait_for`` hold, where there are any; then those of ``check_for``
    have to hold as well. A GET changes nothing and may be repeated."""

    summary: str
    method: str
    url: str
    headers: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    check_for: list[Rule] = field(default_factory=list)
    wait_for: list[Rule] = field(default_factory=list)
    retry: Retry = field(default_factory=Retry)


@dataclass(frozen=True)
class Selection:
    """Which machines: OOS's resource type and target objects."""

    place: Place
    resource_type: str
    filters: list[Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A message to a webhook. ``number`` counts the messages of one approval, so that each is posted once. The link,
    where one is wanted, leads to the approval, or to the execution when nothing is to be approved."""

    task_name: str
    task_execution_id: str
    attempt: int
    number: int
    uri: str
    content: Any
    headers: dict[str, Any] = field(default_factory=dict)
    append_link: bool = True
    approval: bool = True


@dataclass(frozen=True)
class Mail:
    """A mail of a task, and the server that sends it. The password never shows in a repr."""

    task_name: str
    task_execution_id: str
    attempt: int
    host: str
    port: int
    sender: str
    to: list[str]
    subject: str
    body: str
    cc: list[str] = field(default_factory=list)
    username: str = ""
    password: str = field(default="", repr=False)
    append_link: bool = False


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
            TaskFailed: a stop value, or the last retry was used up; with the outputs of the last answer.
            OutcomeUnknown: as ``call``, of a call that changes something.
        """

    async def request(self, request: HttpRequest) -> Answered:
        """Sends an HTTP request.

        Raises:
            TaskFailed: it was refused, or its answer isn't as wanted; with the outputs of the last answer.
            OutcomeUnknown: anything but a GET got no answer that proves anything.
        """

    async def select(self, selection: Selection) -> Selected:
        """Selects machines.

        Raises:
            TaskFailed: ``NoTargets``, ``TooManyTargets``, ``InvalidFilter``, or what the cloud said.
        """

    async def notify(self, message: Message) -> Delivered:
        """Posts a message; one that can't be delivered is an answer, not an error."""

    async def mail(self, mail: Mail) -> Delivered:
        """Sends a mail; one that can't be delivered is an answer, not an error."""

    def go_on(self) -> None:
        """Raises ``asyncio.CancelledError`` when the execution is being cancelled, also when a call has kept that back
        until its answer was there."""

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

    def runs_apart(self, calls: int) -> bool:
        """Whether a loop of so many calls is too large to run here."""

    async def run_apart(self, loop: "tuple[LoopInput, Progress]", run: "TaskRun") -> "LoopOutcome":
        """Runs a loop by itself, and returns when it has ended; ``run`` is its task execution, kept up to date.

        Raises:
            TaskFailed: ``LoopLost``: somebody ended it from outside.
        """

    async def compile(self, name: str, version: str, content: str | None) -> Plan:
        """Compiles a template that is known only now: stored under a name, or given as text.

        Raises:
            TaskFailed: ``UnknownTemplate``, ``BrokenTemplate``, or what this version doesn't run.
        """

    def cancellation(self) -> str:
        """How the execution's cancellation reads to people, with its reason."""

    def now(self) -> datetime:
        """The time of the execution (not of a clock), in UTC."""

    def report(self) -> None:
        """The state has changed in a way that people wait for: tell whoever shows it."""
