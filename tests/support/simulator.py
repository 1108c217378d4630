"""The simulator as a process of its own, with its control routes as methods.

A process and not a thread: tests kill it, and its clients must meet a real socket. It takes a free port by itself and
tells which on its first line, so that no test guesses a port; after a kill it can be started again on the same one.
"""

import atexit
import contextlib
import os
import signal
import subprocess
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support import warm
from tests.support.warm import CHECKOUT

ACCESS_KEY_ID = "simulator-key-id"
ACCESS_KEY_SECRET = "simulator-key-secret"


class Simulator:
    """A running simulator. Use it as a context manager, or call ``start`` and ``stop``."""

    def __init__(self, transition_seconds: float = 0.2) -> None:
        self.transition_seconds = transition_seconds
        self.port = 0
        self._process: warm.Forked | None = None
        self._http = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base of every address of it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> str:
        """host:port, as the SDK wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def webhook(self, token: str = "group-0001") -> str:
        """The robot's address of a group."""
        return f"{self.url}/robot/send?access_token={token}"

    def env(self) -> dict[str, str]:
        """The environment that makes Caboose's processes use this simulator."""
        return {
            "CABOOSE_ECS_ENDPOINT": self.endpoint,
            "CABOOSE_STS_ENDPOINT": self.endpoint,
            "CABOOSE_CLOUD_PROTOCOL": "http",
            "CABOOSE_SIMULATOR_URL": self.url,
            "CABOOSE_REGION": "cn-hangzhou",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        }

    def start(self) -> Self:
        """Start the process and wait until it listens (again on the port it had before, if it ran before)."""
        arguments = ["--quiet", "--port", str(self.port), "--transition-seconds", str(self.transition_seconds)]
        reading, writing = os.pipe()
        self._process = warm.start(
            "caboose.simulator", *arguments, env=os.environ, cwd=CHECKOUT, stdout=writing, stderr=2
        )
        atexit.register(self.kill)
        os.close(writing)
        with os.fdopen(reading) as said:
            line = said.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with {self._process.wait()} before it listened")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def stop(self) -> None:
        """End it the friendly way, else by force."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self.kill()

    def kill(self) -> None:
        """End it at once (kill -9): every connection breaks."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        atexit.unregister(self.kill)

    def reset(self, **options: Any) -> None:
        """Begin anew; options: transition_seconds, max_credential_seconds, seed."""
        self._send("POST", "reset", options)

    def put_instances(self, instances: int | list[dict[str, Any]] | dict[str, Any]) -> None:
        """Make these the instances: a number, a list of objects, or {"count": N, ...fields of each}."""
        self._send("PUT", "instances", {"count": instances} if isinstance(instances, int) else instances)

    def faults(self, faults: list[dict[str, Any]]) -> None:
        """Make calls go wrong, each in the way of the first fault that fits it."""
        self._send("POST", "faults", faults)

    def fault(self, action: str, kind: str, **fields: Any) -> None:
        """Make the next calls of an action go wrong (the fields: caboose/simulator/faults.py)."""
        self._send("POST", "faults", {"action": action, "kind": kind, **fields})

    def clear_faults(self) -> None:
        """No more faults."""
        self._send("DELETE", "faults")

    def put_roles(self, roles: list[dict[str, Any]]) -> None:
        """Make these the roles: [{"RoleName", "Trusted", "MaxSessionDuration"}]."""
        self._send("PUT", "roles", roles)

    def put_access_keys(self, keys: list[dict[str, str]]) -> None:
        """More key pairs: [{"AccessKeyId", "AccessKeySecret"}]."""
        self._send("PUT", "access-keys", keys)

    def put_groups(self, groups: dict[str, dict[str, Any]]) -> None:
        """Set groups up: {access_token: {"secret", "keywords", "rate_limit", "throttle_seconds"}}."""
        self._send("PUT", "groups", groups)

    def put_commands(self, outcomes: list[dict[str, Any]]) -> None:
        """What commands do from now on: [{"Contains", "InstanceId", "ExitCode", "Output", …}] (commands.py)."""
        self._send("PUT", "commands", outcomes)

    def commands(self) -> list[dict[str, Any]]:
        """Every command that was run, as DescribeInvocations shows it, with contents and outputs as plain text."""
        return self._list("commands")

    def calls(self, action: str = "", instance_id: str = "", after: int = 0) -> list[dict[str, Any]]:
        """Every call since the last reset, in order; those behind number ``after``."""
        query = {"action": action, "instance_id": instance_id, "after": str(after or "")}
        return self._list("calls", {name: value for name, value in query.items() if value})

    def messages(self) -> list[dict[str, Any]]:
        """Every message that the groups show, in order."""
        return self._list("messages")

    def instances(self) -> list[dict[str, Any]]:
        """The instances' records, with the numbers of Starts, Stops and Reboots."""
        return self._list("instances")

    def _list(self, what: str, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
        answer = self._http.get(f"{self.url}/_simulator/{what}", params=query)
        answer.raise_for_status()
        listed: list[dict[str, Any]] = answer.json()[what]
        return listed

    def _send(self, method: str, what: str, content: Any = None) -> None:
        answer = self._http.request(method, f"{self.url}/_simulator/{what}", json=content)
        if answer.is_error:
            raise ValueError(f"the simulator refused {what}: {answer.text}")
