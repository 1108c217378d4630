"""``Fn::IsIpInCIDR``."""

from ipaddress import ip_address, ip_network
from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import text, unexpected
from caboose.oos.kinds import FLAG, TEXT


def call(ip: Any, cidr: Any) -> bool:
    """Whether an IP address is in a CIDR block; both are IPv4 or both IPv6, otherwise it isn't.

    A block may be written with an address within it (``10.0.0.5/24``). A null address is in no block.

    Source: built-in functions (120677), which names the function only.
    """
    try:
        block = ip_network(text("cidr", cidr).strip(), strict=False)
    except ValueError:
        raise unexpected("cidr", "a CIDR block such as 10.0.0.0/8", cidr) from None
    if ip is None:
        return False
    try:
        return ip_address(text("ip", ip).strip()) in block
    except ValueError:
        raise unexpected("ip", "an IP address such as 10.0.0.5", ip) from None


IS_IP_IN_CIDR = Function(
    "Fn::IsIpInCIDR",
    call,
    (Argument("ip", TEXT), Argument("cidr", TEXT)),
    FIXED,
    result=FLAG,
    example=(["10.1.2.3", "10.0.0.0/8"], True),
)
