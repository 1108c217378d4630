"""The lives of instances: RunInstances makes them, DeleteInstance ends them."""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import CloudError, invalid_parameter
from caboose.simulator.handlers import Handler, minute_text, must_be, named_instance
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import flag, new_tags, number, region, repeated, required

MOST_AT_ONCE = 100
TAKEN_OVER = ("ImageId", "InstanceType", "InstanceName", "HostName", "InstanceChargeType", "Description", "ZoneId")


class Lives:
    """Births and deaths."""

    def __init__(self, instances: Instances, seconds: float) -> None:
        self._instances = instances
        self._seconds = seconds
        self.actions: dict[str, Handler] = {
            "RunInstances": self._run,
            "DeleteInstance": self._delete,
            "DeleteInstances": self._delete_several,
        }

    def _run(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where, amount = region(parameters), number(parameters, "Amount", 1)
        if amount > MOST_AT_ONCE:
            raise invalid_parameter("Amount", f"at most {MOST_AT_ONCE}")
        if "LaunchTemplateId" not in parameters and "LaunchTemplateName" not in parameters:
            for name in ("ImageId", "InstanceType"):
                required(parameters, name)
        fields: dict[str, Any] = {name: parameters[name] for name in TAKEN_OVER if name in parameters}
        fields |= {"RegionId": where, "Status": "Pending", "CreationTime": minute_text(), "StartTime": minute_text()}
        made = [self._instances.create({**fields, "Tags": {"Tag": new_tags(parameters)}}) for _ in range(amount)]
        for instance in made:
            instance.become("Pending", "Starting", "Running", seconds=self._seconds)
        return {"InstanceIdSets": {"InstanceIdSet": [instance.id for instance in made]}}

    def _delete(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        self._release([named_instance(self._instances, parameters)], force=flag(parameters, "Force"))
        return {}

    def _delete_several(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        found = [named_instance(self._instances, {"InstanceId": each}) for each in repeated(parameters, "InstanceId")]
        self._release(found, force=flag(parameters, "Force"))
        return {}

    def _release(self, instances: list[Instance], *, force: bool) -> None:
        for instance in instances:
            if instance.record["DeletionProtection"]:
                text = "The operation is not allowed due to deletion protection."
                raise CloudError(403, "InvalidOperation.DeletionProtection", text)
            if instance.record["InstanceChargeType"] == "PrePaid":
                text = "The operation is not permitted due to charge type of the instance."
                raise CloudError(403, "ChargeTypeViolation", text)
            must_be(instance, "Stopped", *(["Running", "Starting", "Stopping"] if force else []))
        for instance in instances:
            self._instances.remove(instance.id)
