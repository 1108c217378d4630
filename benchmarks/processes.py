"""What a process has used so far, as Linux counts it: processor time of it and its children, and memory at most."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """``cpu`` in seconds, ``peak`` the largest resident size in MB."""

    cpu: float
    peak: float


def used(pid: int) -> Used:
    """What the process has used until now; its child processes count as far as they have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    cpu = sum(int(each) for each in fields[11:15]) / _TICKS
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return Used(cpu, peak / 1024)
