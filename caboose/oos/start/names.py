"""What references mean before the first task: the parameters bound so far, and the pseudo parameters of the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from caboose.oos.evaluate import Evaluator, Lookup
from caboose.oos.functions.times import utc_text
from caboose.oos.plan import Body
from caboose.oos.references import PARAMETER, PSEUDO, STORE, Reference
from caboose.oos.selectors import Engine
from caboose.oos.start.fields import CONFIRM_HIGH_RISK
from caboose.oos.values import EvaluationError, Room

SETTINGS = {"ACS::AccountId": "CABOOSE_ACCOUNT_ID", "ACS::OOSUtilVersion": "CABOOSE_OOSUTIL_VERSION"}
"""Pseudo parameters that only whoever runs the server can know, and where that is said."""


@dataclass(frozen=True)
class StartDefaults:
    """What a start takes from the server when it doesn't say it itself.

    ``now`` is aware and in UTC: what a default made of the time gets. ``account_id`` and ``oosutil_version`` may be
    unknown (''); then whatever needs them doesn't start. ``trust_names``: names that come with decisions count,
    although nothing proves them.
    """

    execution_id: str
    now: datetime
    region_id: str = ""
    safety_check: str = CONFIRM_HIGH_RISK
    executed_by: str = ""
    account_id: str = ""
    oosutil_version: str = ""
    trust_names: bool = False


@dataclass(frozen=True)
class Start:
    """A checked start. ``parameters`` holds the values that differ from those given (defaults, conversions), so that
    history keeps no second copy of what was given; ``public_parameters`` is what may be shown. ``trust_names`` is the
    server's setting at the start."""

    template_name: str
    template_version: str
    template_hash: str
    mode: str
    loop_mode: str
    safety_check: str
    region_id: str
    executed_by: str
    description: str
    ram_role: str
    account_id: str = ""
    oosutil_version: str = ""
    trust_names: bool = False
    tags: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    public_parameters: dict[str, Any] = field(default_factory=dict)


class NotKnown(EvaluationError):
    """A value that this start can't know: of a task, or of a parameter that is a problem already."""

    def __init__(self) -> None:
        super().__init__("NotKnown", "this is known only when it runs")


@dataclass(frozen=True)
class Names:
    """What names mean in one start."""

    start: Start
    defaults: StartDefaults

    def evaluator(
        self, values: Mapping[str, Any], engine: Engine, body: Body | None = None, room: Room | None = None
    ) -> Evaluator:
        """Evaluates what stands outside of the tasks; ``values`` are the parameters bound so far."""
        conditions = body.conditions if body else {}
        return Evaluator(self._lookup(values), engine, room=room, conditions=conditions, now=lambda: self.defaults.now)

    def _lookup(self, values: Mapping[str, Any]) -> Lookup:
        pseudo = {
            "ACS::RegionId": self.start.region_id,
            "ACS::ExecutionId": self.defaults.execution_id,
            "ACS::ExecuteUser": self.start.executed_by,
            "ACS::CurrentUTCTime": utc_text(self.defaults.now),
            "ACS::CurrentDate": self.defaults.now.strftime("%Y-%m-%d"),
            "ACS::AccountId": self.start.account_id,
            "ACS::OOSUtilVersion": self.start.oosutil_version,
        }

        def find(reference: Reference) -> Any:
            if reference.kind == STORE:
                return f"{{{{ {reference} }}}}"  # stays as it is: what it stands for is known when it is used
            known = {PARAMETER: values, PSEUDO: pseudo}.get(reference.kind, {})
            if reference.name not in known:
                raise NotKnown
            if reference.name in SETTINGS and not known[reference.name]:
                raise EvaluationError("MissingSetting", f"{reference} isn't known here: set {SETTINGS[reference.name]}")
            return known[reference.name]

        return find
