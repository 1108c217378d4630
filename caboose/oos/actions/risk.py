"""What an API does, by its name: whether it only reads, and whether calling it needs somebody's confirmation."""

import re
from collections.abc import Mapping
from typing import Any

HIGH_RISK_PREFIXES = ("delete", "remove", "terminate", "drop")
_READ = re.compile(r"(?i:describe|list|get|query|check)(?P<more>[a-z])?")


def is_read(api: str) -> bool:
    """Whether an API only reads, by the first word of its name (design section 5).

    A word ends before anything but a small letter: ``CheckInstance`` reads, ``CheckinInstance`` may do anything. In a
    spelling without capitals no end can be seen; there the letters alone decide, and the activity, which knows how the
    API itself spells its name, refuses to read with what doesn't.
    """
    match = _READ.match(api)
    return match is not None and (match["more"] is None or api.islower())


def is_high_risk(api: str, risk: str) -> bool:
    """Whether a call is of high risk: by its ``Risk`` property, else by its name (reference: risk control).

    A ``Risk`` that is neither High nor Normal, as a reference may bring it, lowers nothing.
    """
    word = risk.strip().lower()
    return word == "high" or (word != "normal" and api.lower().startswith(HIGH_RISK_PREFIXES))


def call_is_high_risk(properties: Mapping[str, Any]) -> bool:
    """Whether the call that these properties describe is of high risk."""
    return is_high_risk(str(properties.get("API") or ""), str(properties.get("Risk") or ""))
