"""ECS: the calls that change or watch an instance's state, and all others put together.

All changes are asynchronous, as the cloud's are: the transitional state is there when the answer is, the end state
comes later. A reboot shows Starting at once and never passes Stopped.
"""

import time
from collections.abc import Mapping
from typing import Any

from caboose.simulator.assistant import Assistant
from caboose.simulator.changes import Changes
from caboose.simulator.commands import Outcomes
from caboose.simulator.describe import describe_instance_status, describe_instances
from caboose.simulator.errors import CloudError, invalid_parameter
from caboose.simulator.handlers import Handler
from caboose.simulator.images import Images
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.lives import Lives
from caboose.simulator.market import Market
from caboose.simulator.network import Network
from caboose.simulator.parameters import flag, required
from caboose.simulator.storage import Storage
from caboose.simulator.tagging import Tagging

VERSION = "2014-05-26"
STOPPED_MODES = ("StopCharging", "KeepCharging")


class Ecs:
    """The ECS calls that the simulator knows."""

    def __init__(self, instances: Instances, outcomes: Outcomes, transition_seconds: float) -> None:
        self._instances = instances
        self.assistant = Assistant(instances, outcomes, time.time)
        self._transition_seconds = transition_seconds
        storage, network = Storage(instances, transition_seconds), Network(instances, transition_seconds)
        images = Images(instances, storage, transition_seconds)
        tagging = Tagging(
            {
                "instance": lambda: instances,
                "disk": lambda: storage.disks,
                "snapshot": lambda: storage.snapshots,
                "image": lambda: images.images,
                "eni": lambda: network.interfaces,
                "securitygroup": lambda: network.groups,
            }
        )
        self.actions: dict[str, Handler] = {
            "DescribeInstances": lambda parameters, _: describe_instances(instances, parameters),
            "DescribeInstanceStatus": lambda parameters, _: describe_instance_status(instances, parameters),
            "StartInstance": self._start,
            "StopInstance": self._stop,
            "RebootInstance": self._reboot,
            **self.assistant.actions,
            **Lives(instances, transition_seconds).actions,
            **Changes(instances).actions,
            **storage.actions,
            **images.actions,
            **network.actions,
            **tagging.actions,
            **Market().actions,
        }

    def _start(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance = self._ready(parameters, "Stopped")
        instance.counts["Starts"] += 1
        instance.change("Starting", "Running", self._transition_seconds)
        return {}

    def _stop(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        mode = parameters.get("StoppedMode", "KeepCharging")
        if mode not in STOPPED_MODES:
            raise invalid_parameter("StoppedMode", f"it is one of {', '.join(STOPPED_MODES)}")
        instance = self._ready(parameters, "Running")
        instance.counts["Stops"] += 1
        instance.change("Stopping", "Stopped", self._transition_seconds, mode)
        return {}

    def _reboot(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance = self._ready(parameters, "Running")
        instance.counts["Reboots"] += 1
        instance.change("Starting", "Running", self._transition_seconds)
        return {}

    def _ready(self, parameters: Mapping[str, str], wanted: str) -> Instance:
        """The instance of the call, when it is in the state that the call needs."""
        flags = {name: flag(parameters, name) for name in ("ForceStop", "ConfirmStop", "Hibernate", "DryRun")}
        instance_id = required(parameters, "InstanceId")
        instance = self._instances.get(instance_id)
        if instance is None:
            text = "The specified InstanceId does not exist."
            raise CloudError(404, "InvalidInstanceId.NotFound", text)
        locks = instance.record["OperationLocks"]["LockReason"]
        if any(lock.get("LockReason") == "security" for lock in locks):
            text = "The instance is locked due to security."
            raise CloudError(403, "InstanceLockedForSecurity", text)
        if instance.status == "Pending":
            text = "The request does not support this type of operation while the instance is being created."
            raise CloudError(403, "IncorrectInstanceStatus.Initializing", text)
        if instance.status != wanted:
            text = "The current status of the resource does not support this operation."
            raise CloudError(403, "IncorrectInstanceStatus", text)
        if flags["DryRun"]:
            text = "Request validation has been passed with DryRun flag set."
            raise CloudError(400, "DryRunOperation", text)
        return instance
