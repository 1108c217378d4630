"""Changes of instances that leave their state alone: attributes, charges, sizes, key pairs, roles, security groups."""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import CloudError, invalid_parameter, missing_parameter
from caboose.simulator.handlers import Handler, must_be, named_instance
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import flag, json_list, listed_page, region, repeated, required

TEXTS = ("InstanceName", "Description", "HostName", "CreditSpecification")
SIZES = {"ecs.g7.large": (2, 8192), "ecs.g7.xlarge": (4, 16384), "ecs.t5-lc1m1.small": (1, 1024)}


class Changes:
    """The calls that change an instance's record."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._roles: dict[str, str] = {}
        self._orders = 0
        self.actions: dict[str, Handler] = {
            "ModifyInstanceAttribute": self._modify,
            "ModifyInstanceChargeType": self._modify_charge_type,
            "ModifyInstanceSpec": self._modify_spec,
            "ModifyPrepayInstanceSpec": self._modify_spec,
            "ModifyInstanceNetworkSpec": self._modify_network_spec,
            "ModifyInstanceVpcAttribute": self._modify_vpc,
            "ModifyInstanceMaintenanceAttributes": self._modify_maintenance,
            "ModifyInstanceAutoRenewAttribute": self._renew_by_itself,
            "RenewInstance": self._renew,
            "AttachKeyPair": self._attach_key_pair,
            "AttachInstanceRamRole": self._attach_role,
            "DetachInstanceRamRole": self._detach_role,
            "DescribeInstanceRamRole": self._describe_role,
            "JoinSecurityGroup": self._join,
            "LeaveSecurityGroup": self._leave,
        }

    def _modify(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        record = named_instance(self._instances, parameters).record
        record.update({name: parameters[name] for name in TEXTS if name in parameters})
        for name in ("DeletionProtection", "Recyclable"):
            if name in parameters:
                record[name] = flag(parameters, name)
        if groups := repeated(parameters, "SecurityGroupIds"):
            record["SecurityGroupIds"] = {"SecurityGroupId": groups}
        return {}

    def _modify_charge_type(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        required(parameters, "InstanceIds")
        wanted = parameters.get("InstanceChargeType", "PrePaid")
        if wanted not in ("PrePaid", "PostPaid"):
            raise invalid_parameter("InstanceChargeType", "it is PrePaid or PostPaid")
        found = self._several(json_list(parameters, "InstanceIds"))
        for instance in found:
            if instance.record["InstanceChargeType"] == wanted:
                text = "The current charge type of the instance does not support this operation."
                raise CloudError(403, "OperationDenied", text)
        for instance in found:
            instance.record["InstanceChargeType"] = wanted
        return {"OrderId": self._order(), "FeeOfInstances": {"FeeOfInstance": []}}

    def _modify_spec(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance = named_instance(self._instances, parameters)
        must_be(instance, "Stopped")
        kind = required(parameters, "InstanceType")
        cpu, memory = SIZES.get(kind, (instance.record["Cpu"], instance.record["Memory"]))
        family = kind.rpartition(".")[0]
        instance.record.update({"InstanceType": kind, "InstanceTypeFamily": family, "Cpu": cpu, "Memory": memory})
        return {"OrderId": self._order()}

    def _modify_network_spec(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        record = named_instance(self._instances, parameters).record
        for name in ("InternetMaxBandwidthOut", "InternetMaxBandwidthIn"):
            if name in parameters:
                record[name] = int(parameters[name])
        if "NetworkChargeType" in parameters:
            record["InternetChargeType"] = parameters["NetworkChargeType"]
        return {"OrderId": self._order()}

    def _modify_vpc(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance = named_instance(self._instances, parameters)
        must_be(instance, "Stopped")
        instance.record["VpcAttributes"]["VSwitchId"] = required(parameters, "VSwitchId")
        return {}

    def _modify_maintenance(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        self._several(repeated(parameters, "InstanceId"))
        return {}

    def _renew_by_itself(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        self._several(required(parameters, "InstanceId").split(","))
        return {}

    def _renew(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance = named_instance(self._instances, parameters)
        if instance.record["InstanceChargeType"] != "PrePaid":
            text = "The operation is not permitted due to charge type of the instance."
            raise CloudError(403, "ChargeTypeViolation", text)
        required(parameters, "Period")
        return {"OrderId": self._order()}

    def _attach_key_pair(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        name = required(parameters, "KeyPairName")
        results = []
        for instance in self._several(json_list(parameters, "InstanceIds")):
            instance.record["KeyPairName"] = name
            results.append({"InstanceId": instance.id, "Success": "true", "Code": "200", "Message": "successful"})
        return {
            "KeyPairName": name,
            "TotalCount": str(len(results)),
            "FailCount": "0",
            "Results": {"Result": results},
        }

    def _attach_role(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        name = required(parameters, "RamRoleName")
        return self._role_results("Attach", parameters, name, {name: True})

    def _detach_role(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        return self._role_results("Detach", parameters, parameters.get("RamRoleName", ""), {})

    def _role_results(
        self, what: str, parameters: Mapping[str, str], name: str, attached: Mapping[str, bool]
    ) -> dict[str, Any]:
        results = []
        for instance in self._several(json_list(parameters, "InstanceIds")):
            self._roles.pop(instance.id, None)
            if attached:
                self._roles[instance.id] = name
            results.append({"InstanceId": instance.id, "Success": True, "Code": "200", "Message": "success"})
        outer = f"{what}InstanceRamRoleResult"
        counts = {"RamRoleName": name, "TotalCount": len(results), "FailCount": 0}
        return {**counts, f"{outer}s": {outer: results}}

    def _describe_role(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where = region(parameters)
        ids = json_list(parameters, "InstanceIds") if "InstanceIds" in parameters else list(self._roles)
        wanted = parameters.get("RamRoleName")
        found = [
            {"InstanceId": each, "RamRoleName": self._roles.get(each, "")}
            for each in ids
            if wanted in (None, self._roles.get(each))
        ]
        page, paging = listed_page(found, parameters, 50)
        sets = {"InstanceRamRoleSet": list(page)}
        return {"RegionId": where, "TotalCount": paging["TotalCount"], "InstanceRamRoleSets": sets}

    def _join(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance, group = named_instance(self._instances, parameters), required(parameters, "SecurityGroupId")
        groups = instance.record["SecurityGroupIds"]["SecurityGroupId"]
        if group in groups:
            text = "The specified instance already exists in the specified security group."
            raise CloudError(403, "InvalidInstanceId.AlreadyExists", text)
        groups.append(group)
        return {}

    def _leave(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance, group = named_instance(self._instances, parameters), required(parameters, "SecurityGroupId")
        groups = instance.record["SecurityGroupIds"]["SecurityGroupId"]
        if group not in groups or len(groups) == 1:
            text = "The specified instance is not in the group, or in no other."
            raise CloudError(403, "InstanceLastSecurityGroup", text)
        groups.remove(group)
        return {}

    def _several(self, ids: list[str]) -> list[Instance]:
        if not ids:
            raise missing_parameter("InstanceIds")
        return [named_instance(self._instances, {"InstanceId": each}) for each in ids]

    def _order(self) -> str:
        self._orders += 1
        return str(200_000_000_000_000 + self._orders)
