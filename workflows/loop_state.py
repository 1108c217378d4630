"""What a large loop's workflow hands to its next run."""

from dataclasses import dataclass, field

from caboose.engine.progress import Progress
from caboose.oos.plan import Body


@dataclass(frozen=True)
class Carried:
    """How far the loop is, when it began (seconds since 1970), when it last reported, the templates that were known
    only when they were reached (``pinned`` as in ``engine.run.Run``), and the texts that no message shows."""

    progress: Progress
    began: float
    reported: float = 0
    pinned: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
