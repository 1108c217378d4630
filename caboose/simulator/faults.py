"""Faults on demand: the next calls of an action go wrong in a way that a test chooses.

A fault says what the caller sees (an error, a late answer, a connection that ends) and separately whether the call is
carried out. Both halves matter: an error after the work is done looks to the caller exactly like one before it.
"""

import random
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

ROBOT = "robot"
ANY_ACTION = "*"


class Fault(BaseModel):
    """One fault; unknown fields are refused, so that a misspelt one doesn't make a test pass.

    ``error``: answer with ``code``/``http_status``/``message`` (the robot: ``errcode``/``message`` with HTTP 200, or a
    bare ``http_status``), after carrying the call out when ``carried_out``; ``body`` replaces the JSON answer by a raw
    text, as a proxy on the way would. ``delay``: the answer comes ``seconds`` late, the call is carried out at once or
    (``when: before``) at the end of the wait. ``drop_before``, ``drop_after``: the connection ends without an answer,
    before or after the call is carried out.
    """

    model_config = ConfigDict(extra="forbid")

    action: str
    kind: Literal["error", "delay", "drop_before", "drop_after"]
    code: str = ""
    http_status: int | None = Field(None, ge=200, le=599)
    message: str = "A fault that was asked for."
    body: str | None = None
    retry_after_ms: int | None = None
    errcode: int | None = None
    seconds: float = Field(0, ge=0)
    when: Literal["before", "after"] = "after"
    times: int | None = Field(1, ge=1)
    probability: float = Field(1, ge=0, le=1)
    instance_id: str | None = None
    carried_out: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "delay" and not self.seconds:
            raise ValueError("a delay needs seconds")
        if self.kind == "error" and self.action != ROBOT and self.body is None and not self.code:
            raise ValueError("an error needs a code (or a raw body)")
        if self.kind == "error" and self.action == ROBOT and self.errcode is None and self.http_status is None:
            raise ValueError("an error of the robot needs an errcode or a http_status")
        return self


FAULT_LIST: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


class Faults:
    """The faults still to come. A call meets at most one: the first that fits."""

    def __init__(self, seed: int | None = None) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(seed)

    def add(self, faults: Any) -> int:
        """Take one fault or a list of them; answers how many.

        Raises:
            pydantic.ValidationError: when one of them makes no sense; then none is taken.
        """
        checked = FAULT_LIST.validate_python(faults if isinstance(faults, list) else [faults])
        self._faults += checked
        return len(checked)

    def clear(self) -> None:
        """No more faults."""
        self._faults = []

    def listed(self) -> list[dict[str, Any]]:
        """The faults that are left, with the times they are still good for."""
        return [fault.model_dump() for fault in self._faults]

    def take(self, action: str, instance_ids: Sequence[str] = ()) -> Fault | None:
        """The fault that this call meets; counts it."""
        for fault in self._faults:
            if fault.action not in (action, ANY_ACTION):
                continue
            if fault.instance_id is not None and fault.instance_id not in instance_ids:
                continue
            if self._random.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
            return fault
        return None
