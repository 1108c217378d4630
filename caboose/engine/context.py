"""What is the same for a whole execution, as its start says it."""

from dataclasses import dataclass

AUTOMATIC, FAILURE_PAUSE_MODE, DEBUG_MODE = "Automatic", "FailurePause", "Debug"


@dataclass(frozen=True)
class Context:
    """What an execution knows from its start: where, as whom, how. Plain data, so that the workflow of a large loop can
    be given it (source: StartExecution, oos-20190601)."""

    region_id: str = ""
    ram_role: str = ""
    executed_by: str = ""
    account_id: str = ""
    oosutil_version: str = ""
    mode: str = AUTOMATIC
    loop_mode: str = "Automatic"
    safety_check: str = "Skip"
    trust_names: bool = False
