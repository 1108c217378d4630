"""What is offered: regions, spot prices, instance types, plans. It never changes, so that tests can count on it."""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import invalid_parameter
from caboose.simulator.handlers import Handler, minute_text
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import region, required

REGIONS = ("cn-hangzhou", "cn-beijing", "cn-shanghai")
ORIGIN_PRICE = 0.5
SPOT_PRICE = 0.2


class Market:
    """The calls that only ask what there is."""

    def __init__(self) -> None:
        self.actions: dict[str, Handler] = {
            "DescribeRegions": self._regions,
            "DescribeVSwitches": self._switches,
            "DescribeSpotPriceHistory": self._spot_prices,
            "DescribeAvailableResource": self._available,
            "CreateSavingsPlan": self._savings_plan,
            "PurchaseReservedInstancesOffering": self._reserved_instances,
        }

    @staticmethod
    def _regions(_parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        listed = [{"RegionId": each, "LocalName": each, "Status": "available"} for each in REGIONS]
        return {"Regions": {"Region": listed}}

    @staticmethod
    def _switches(parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where = region(parameters)
        switch = parameters.get("VSwitchId", "vsw-sim00001")
        listed = [{"VSwitchId": switch, "VpcId": "vpc-sim00001", "ZoneId": f"{where}-k", "Status": "Available"}]
        return {"VSwitches": {"VSwitch": listed}, "TotalCount": 1, "PageNumber": 1, "PageSize": 10}

    @staticmethod
    def _spot_prices(parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where, kind = region(parameters), required(parameters, "InstanceType")
        network = required(parameters, "NetworkType")
        price = {
            "InstanceType": kind,
            "NetworkType": network,
            "ZoneId": parameters.get("ZoneId", f"{where}-k"),
            "IoOptimized": "optimized",
            "SpotPrice": SPOT_PRICE,
            "OriginPrice": ORIGIN_PRICE,
            "Timestamp": minute_text(),
        }
        return {"Currency": "CNY", "NextOffset": 0, "SpotPrices": {"SpotPriceType": [price]}}

    @staticmethod
    def _available(parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where, what = region(parameters), required(parameters, "DestinationResource")
        if what != "InstanceType":
            raise invalid_parameter("DestinationResource", "the simulator knows InstanceType")
        kind = parameters.get("InstanceType", "ecs.g7.large")
        state = {"Status": "Available", "StatusCategory": "WithStock"}
        resource = {"Type": what, "SupportedResources": {"SupportedResource": [{"Value": kind, **state}]}}
        zone = {
            "RegionId": where,
            "ZoneId": parameters.get("ZoneId", f"{where}-k"),
            **state,
            "AvailableResources": {"AvailableResource": [resource]},
        }
        return {"AvailableZones": {"AvailableZone": [zone]}}

    @staticmethod
    def _savings_plan(parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        required(parameters, "CommittedAmount")
        return {"SavingsPlanId": "spn-sim00001", "OrderId": "200000000000001"}

    @staticmethod
    def _reserved_instances(parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        required(parameters, "InstanceType")
        sets = {"ReservedInstanceId": ["ecsri-sim00001"]}
        return {"ReservedInstanceIdSets": sets, "OrderId": "200000000000002"}
