"""Who may approve and how many must: ``Approvers`` and ``MinRequiredApprovals``, read in one place.

The compiler reads what a template says in so many words, a start what its parameters say, the engine what tasks have
found out; all of them by the same rules. Names are compared as people mean them: the part before ``@`` of a RAM user's
name, without regard to letter case, blanks and characters that nobody sees.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from caboose.oos.values import EvaluationError

APPROVERS, REQUIRED = "Approvers", "MinRequiredApprovals"
NAMES_SETTING = "CABOOSE_TRUST_NAMES"
"""Whether names that come with a decision are taken as they are; nothing proves them."""
MAX_REQUIRED = 100
MAX_APPROVERS = 1_000
_MAX_NAME = 200
_WHOLE = re.compile(r"\s*\+?[0-9]{1,9}(\.0{1,9})?\s*")


@dataclass(frozen=True)
class Quorum:
    """How many approvals of different people are needed, and whose count; of everybody where nobody is named."""

    required: int = 1
    approvers: list[str] = field(default_factory=list)

    @property
    def needs_names(self) -> bool:
        """Whether it matters who decides."""
        return self.required > 1 or bool(self.approvers)


def quorum(properties: Mapping[str, Any]) -> Quorum:
    """What the properties of an approval say, with everything in them evaluated.

    Raises:
        EvaluationError: ``InvalidProperty``; ``ApprovalsExceedApprovers``, for an approval that nobody could give.
    """
    required, approvers = required_of(properties.get(REQUIRED)), approvers_of(properties.get(APPROVERS))
    if approvers and required > len(approvers):
        message = f"{required} approvals are required, and only {len(approvers)} may approve"
        raise EvaluationError("ApprovalsExceedApprovers", message)
    return Quorum(required, approvers)


def required_of(value: Any) -> int:
    """How many approvals a value says.

    Raises:
        EvaluationError: ``InvalidProperty``.
    """
    if value is None or value == "":
        return 1
    number = int(float(value)) if _is_whole(value) else 0
    if not 1 <= number <= MAX_REQUIRED:
        message = f"{REQUIRED} is a whole number from 1 to {MAX_REQUIRED}, not {value!r:.80}"
        raise EvaluationError("InvalidProperty", message)
    return number


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return _WHOLE.fullmatch(value) is not None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 <= value <= MAX_REQUIRED and value == int(value)


def approvers_of(value: Any) -> list[str]:
    """The people that a value names, each once.

    Raises:
        EvaluationError: ``InvalidProperty``: a name that can't be read must not mean that everybody may approve.
    """
    if value is None or value == "":
        return []
    if not isinstance(value, list) or len(value) > MAX_APPROVERS:
        message = f"{APPROVERS} is a list of at most {MAX_APPROVERS} user names, not {value!r:.80}"
        raise EvaluationError("InvalidProperty", message)
    names: dict[str, str] = {}
    for each in value:
        if not isinstance(each, str) or not person_key(each) or len(each) > _MAX_NAME:
            raise EvaluationError("InvalidProperty", f"{APPROVERS} is a list of user names; {each!r:.80} is none")
        names.setdefault(person_key(each), each.partition("@")[0].strip())
    return list(names.values())


def person_key(name: str) -> str:
    """The same for all ways to write one person's name; '' for what names nobody."""
    written = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).partition("@")[0].casefold())
    seen = "".join(each for each in written if not each.isspace() and unicodedata.category(each)[0] != "C")
    return unicodedata.normalize("NFKC", seen)
