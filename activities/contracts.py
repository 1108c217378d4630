"""What crosses the border between workflows and activities: names, and one frozen dataclass a message.

Workflows call activities by these names and never import the functions, so that no SDK enters workflow code.
Failures of cloud calls cross as ``ApplicationError`` whose type is the cloud's code and whose only detail is a
``CallFailure``.
"""

from dataclasses import dataclass, field
from typing import Any

from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec, Plan, Retry
from caboose.oos.problems import Problem
from caboose.oos.start import Start

PREPARE = "prepare"
COMPILE = "compile_template"
CALL_API = "call_api"
WAIT_FOR = "wait_for"
SELECT_TARGETS = "select_targets"
HTTP_REQUEST = "http_request"
NOTIFY = "notify"
SEND_MAIL = "send_mail"
RECORD = "record"
RECORD_TASKS = "record_tasks"
CANCEL_OWN_WORKFLOW = "cancel_own_workflow"
EVALUATE = "evaluate"
MATCHES = "matches"

CHECKPOINT = "caboose.Checkpoint"
"""No activity but a query, which ``prepare`` asks an execution that has failed."""

REFUSED = "Refused"
"""The cloud said no for good (a 4xx other than throttling): nothing was carried out."""
RETRIABLE = "Retriable"
"""Proven not carried out, and worth another try: connection refused, name not resolved, TLS failed, throttling."""
UNKNOWN = "Unknown"
"""Nothing is proven: a 5xx, a time-out, a connection lost, an answer that can't be read, a worker lost."""
CARRIED_OUT = "CarriedOut"
"""The cloud did what was asked, and what failed came after it: the outputs can't be selected or are too large. Never
the proof of a call that only reads."""
NOT_SENT = "NotSent"
"""The code of a call that was held back, RETRIABLE: the attempt was too old, paused or cancelled by then."""


@dataclass(frozen=True)
class CallFailure:
    """Why a call failed, as the detail of its ApplicationError. ``proof`` is one of the four words above; ``outputs``
    are those selected from an answer that isn't as wanted."""

    code: str
    message: str
    proof: str
    request_id: str = ""
    http_status: int = 0
    outputs: dict[str, Any] | None = None


@dataclass(frozen=True)
class CloudContext:
    """Where a call goes and as whom: region, and the RAM role to assume ('' = the worker's own credentials)."""

    execution_id: str
    region_id: str
    ram_role: str = ""


@dataclass(frozen=True)
class PrepareInput:
    """The start request as it was given, unchecked: any JSON; and whose it is."""

    execution_id: str
    request: Any
    first_run_id: str = ""


@dataclass(frozen=True)
class Resumption:
    """What an execution that retries another one takes from it, beside plan and start. ``checkpoint`` is the engine's
    (``engine.progress``) as JSON, which activities only carry; ``pinned`` and ``secrets`` are ``engine.run``'s."""

    checkpoint: dict[str, Any]
    parameters: dict[str, Any]
    pinned: dict[str, str]
    secrets: list[str]


@dataclass(frozen=True)
class CheckpointAnswer:
    """The answer to the query ``CHECKPOINT``: everything that another execution needs to retry this one; or the
    problem that stands against it."""

    problem: Problem | None = None
    plan: Plan | None = None
    start: Start | None = None
    resumption: Resumption | None = None


@dataclass(frozen=True)
class Prepared:
    """A compiled and bound start, or the problems that stop it (warnings may stand beside a plan). ``resumption`` is
    there when it retries a failed execution."""

    problems: list[Problem]
    plan: Plan | None = None
    start: Start | None = None
    resumption: Resumption | None = None


@dataclass(frozen=True)
class CompileInput:
    """A template that is known only when it is reached: stored under a name, or given as text."""

    name: str
    version: str = ""
    content: str | None = None


@dataclass(frozen=True)
class CompileResult:
    """Its plan, or why there is none."""

    plan: Plan | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class CallApiInput:
    """One API call. ``read`` calls are retried by the server; others get one attempt (design section 5), and those with
    a ``client_token`` another one with the same token when nobody knows what became of the first."""

    context: CloudContext
    service: str
    api: str
    parameters: dict[str, Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    read: bool = False
    client_token: str = ""


@dataclass(frozen=True)
class CallApiResult:
    """The selected outputs; the response itself stays where it was received. ``not_yet`` is the value of a poll of a
    call that changes something, when it isn't as wanted and polls are left: such polls are counted by the workflow."""

    outputs: dict[str, Any]
    request_id: str = ""
    not_yet: str = ""


@dataclass(frozen=True)
class WaitForInput:
    """An API polled until its answer is as the rule wants it; ``check`` says that it is ACS::CheckFor.

    A read is polled by the server's retries. Of any other call each poll is an activity of its own, which happens once:
    the one numbered ``poll``, counted from 1.
    """

    context: CloudContext
    service: str
    api: str
    parameters: dict[str, Any]
    rule: Rule
    retry: Retry = field(default_factory=Retry)
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    check: bool = False
    read: bool = True
    poll: int = 0


@dataclass(frozen=True)
class HttpRequestInput:
    """An HTTP request. It is repeated until the rules of ``wait_for`` hold, as WaitForInput's call; those of
    ``check_for`` have to hold then. The result is a CallApiResult."""

    method: str
    url: str
    headers: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    check_for: list[Rule] = field(default_factory=list)
    wait_for: list[Rule] = field(default_factory=list)
    retry: Retry = field(default_factory=Retry)
    read: bool = False
    poll: int = 0


@dataclass(frozen=True)
class SelectTargetsInput:
    """Select machines by filters (OOS's target objects)."""

    context: CloudContext
    resource_type: str
    filters: list[Any]
    outputs: dict[str, OutputSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """One selected machine, as the approval page shows it."""

    id: str
    name: str
    status: str


@dataclass(frozen=True)
class Targets:
    """What was selected: the first 200 and how many in all, and the same of the ids that don't exist (1,000)."""

    items: list[Target]
    count: int
    missing: list[str]
    missing_count: int = 0


@dataclass(frozen=True)
class SelectTargetsResult:
    """The selected outputs, and the targets for the approval page."""

    outputs: dict[str, Any]
    targets: Targets


@dataclass(frozen=True)
class NotifyInput:
    """One message to post. ``content`` is sent as JSON; the link, to the approval or else to the execution, is made
    just before sending and never returned."""

    execution_id: str
    first_run_id: str
    task_name: str
    task_execution_id: str
    attempt: int
    message_number: int
    uri: str
    content: Any
    headers: dict[str, Any] = field(default_factory=dict)
    append_link: bool = True
    approval: bool = True


@dataclass(frozen=True)
class MailInput:
    """One mail to send by a server. The password never shows in a repr, which is what ends in logs."""

    execution_id: str
    first_run_id: str
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
class NotifyResult:
    """What the receiver said. A message that can't be delivered is a result, not a failure: the approval stays open."""

    delivered: bool
    message: str = ""
    warning: str = ""


@dataclass(frozen=True)
class RecordInput:
    """The record of an execution and of its task executions, for the store."""

    record: dict[str, Any]
    tasks: list[dict[str, Any]]


@dataclass(frozen=True)
class RecordTasksInput:
    """Task executions of a large loop that have ended, for the store; the execution's record comes by itself."""

    execution_id: str
    first_run_id: str
    tasks: list[dict[str, Any]]


@dataclass(frozen=True)
class EvaluateInput:
    """A program (jq or JMESPath) and the value that it is applied to."""

    program: str
    value: Any


@dataclass(frozen=True)
class EvaluateResult:
    """All results of the program, in order."""

    results: list[Any]


@dataclass(frozen=True)
class MatchesInput:
    """A pattern that is to match a whole text; the result is whether it does."""

    pattern: str
    text: str
