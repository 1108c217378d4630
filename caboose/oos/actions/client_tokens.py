"""Which APIs take a ClientToken: what a call with one has done, the same call with the same token won't do again.

Workflow code has to know it, and may not import the SDK: the names are kept here, and a test holds them against the
SDK's requests. APIs that only read are left out, for they may be called again anyway.
"""

_ECS = frozenset(
    """
    AddBandwidthPackageIps AllocateDedicatedHosts AllocateEipAddress AssignIpv6Addresses AssignPrivateIpAddresses
    AssociateHaVip AuthorizeSecurityGroup AuthorizeSecurityGroupEgress CancelPhysicalConnection CloneDisks CopyImage
    CopySnapshot CreateActivation CreateAutoProvisioningGroup CreateCapacityReservation CreateCommand
    CreateDeploymentSet CreateDisk CreateElasticityAssurance CreateHaVip CreateHpcCluster CreateImage
    CreateImageComponent CreateImagePipeline CreateInstance CreateNatGateway CreateNetworkInterface
    CreatePhysicalConnection CreatePortRangeList CreatePrefixList CreateRouteEntry CreateRouterInterface
    CreateSecurityGroup CreateSnapshot CreateSnapshotGroup CreateStorageSet CreateVSwitch CreateVirtualBorderRouter
    CreateVpc CreateVsc DeleteHaVip DeleteHpcCluster DeleteInstances DeletePhysicalConnection DeleteRouterInterface
    DeleteStorageSet DeleteVirtualBorderRouter DeleteVsc DeregisterManagedInstance EnablePhysicalConnection
    ImportImage InvokeCommand LockSnapshot ModifyDedicatedHostsChargeType ModifyDiskChargeType
    ModifyElasticityAssurance ModifyHaVipAttribute ModifyHpcClusterAttribute ModifyInstanceChargeType
    ModifyInstanceClockOptions ModifyInstanceNetworkSpec ModifyInstanceSecurityOptions ModifyInstanceSpec
    ModifyInvocationAttribute ModifyPhysicalConnectionAttribute ModifyPortRangeList ModifyPrepayInstanceSpec
    ModifyRouterInterfaceSpec ModifySecurityGroupEgressRule ModifySecurityGroupPolicy ModifySecurityGroupRule
    ModifyStorageSetAttribute ModifyVirtualBorderRouterAttribute PurchaseReservedInstancesOffering
    PurchaseStorageCapacityUnit RecoverVirtualBorderRouter RemoveBandwidthPackageIps RenewDedicatedHosts
    RenewElasticityAssurances RenewInstance RenewReservedInstances ReplaceSystemDisk ResizeDisk RevokeSecurityGroup
    RevokeSecurityGroupEgress RunCommand RunInstances SendFile StartImagePipelineExecution StartTerminalSession
    TerminatePhysicalConnection TerminateVirtualBorderRouter UnassociateHaVip UnlockSnapshot
    """.lower().split()
)


def takes_client_token(service: str, api: str) -> bool:
    """Whether a call of this API may be made again with the token that it was made with.

    Args:
        service: the code of the product, in any letter case.
        api: the name of the API, in any letter case.
    """
    return service.lower() == "ecs" and api.lower() in _ECS
