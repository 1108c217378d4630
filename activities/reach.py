"""Where templates may send to: public addresses, and within one's own network what the settings name.

A template names the address. Without a limit its author could send requests from inside the worker's network: to the
cloud's metadata service, for instance, or to a database that trusts its neighbours. So a name is resolved and every
address that it has must be public; the address that was connected to in the end is looked at as well, before anything
is sent, because a name server may answer differently the second time.

Webhooks are held to a list of their own (``notifications/dingtalk.py``): messages go to known services.
"""

import ipaddress
import socket

import httpx

from caboose.settings import Settings

_METADATA = ("100.100.100.200", "169.254.169.254", "fd00:ec2::254")
"""Metadata services, which give away the worker's own credentials: no setting opens them."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out for the public (RFC 4291). Python 3.11 calls more of it global: site-local addresses
(``fec0::/10``), and ``64:ff9b:1::/48``, behind which a network has its own addresses of IPv4 (RFC 8215)."""
_LOOPBACK = ("127.0.0.1", "localhost")


class OutOfReach(ValueError):
    """An address to which nothing is sent; the message says which setting opens it, where one does."""


class Reach:
    """What templates may reach. ``settings`` name the exceptions, and the simulator."""

    def __init__(self, settings: Settings) -> None:
        self._named = {each.lower() for each in settings.reachable_hosts}
        if settings.simulator_url:
            url = httpx.URL(settings.simulator_url)
            port = url.port or (443 if url.scheme == "https" else 80)
            names = _LOOPBACK if url.host in _LOOPBACK else (url.host,)
            self._named.update(f"{name}:{port}" for name in names)

    def check(self, host: str, port: int) -> None:
        """Looks a name up and allows it when all of its addresses may be reached.

        Raises:
            OutOfReach: with the way out.
            OSError: the name isn't known.
        """
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self.check_address(host, port, str(address[0]))

    def check_address(self, host: str, port: int, address: str) -> None:
        """Allows an address that a name has, or that was connected to.

        Raises:
            OutOfReach: with the way out.
        """
        found = _innermost(address)
        if str(found) in _METADATA:
            raise OutOfReach(f"{host} is a metadata service, which templates may not ask")
        if host.lower() in self._named or f"{host.lower()}:{port}" in self._named:
            return
        if not _is_public(found):
            raise OutOfReach(
                f"{host}:{port} is within your network: name it in CABOOSE_REACHABLE_HOSTS if templates may send to it"
            )


def _is_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(found, ipaddress.IPv6Address) and found not in _UNICAST:
        return False
    return found.is_global and not found.is_multicast


def _innermost(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; the one of IPv4 that an address of IPv6 stands for."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found
