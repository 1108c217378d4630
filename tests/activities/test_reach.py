"""Where templates may send to."""

import socket

import pytest

from activities.reach import OutOfReach, Reach
from tests.activities.harness import settings_for


def reach(*hosts: str, **settings: str) -> Reach:
    return Reach(settings_for(reachable_hosts=list(hosts), **settings))


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_open(address: str) -> None:
    reach().check_address("api.example.com", 443, address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:fffe::808:808",
        "::a00:1",
        "fec0::1",
        "feff::1%eth0",
    ],
)
def test_addresses_within_the_network_need_leave(address: str) -> None:
    with pytest.raises(OutOfReach, match="is within your network: name it in CABOOSE_REACHABLE_HOSTS"):
        reach("other.example.com", "api.example.com:444").check_address("api.example.com", 443, address)
    for named in ("api.example.com", "API.example.com:443"):
        reach(named).check_address("Api.Example.com", 443, address)


@pytest.mark.parametrize("address", ["100.100.100.200", "169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"])
def test_no_setting_opens_the_metadata_service(address: str) -> None:
    with pytest.raises(OutOfReach, match="metadata service"):
        reach("metadata.example.com", address).check_address("metadata.example.com", 80, address)


def test_names_are_looked_up() -> None:
    with pytest.raises(OutOfReach, match="localhost:80 is within your network"):
        reach().check("localhost", 80)
    reach("localhost").check("localhost", 80)
    with pytest.raises(socket.gaierror):
        reach().check("no-such-host.invalid", 80)


def test_the_simulator_is_open_at_its_port() -> None:
    for url in ("http://127.0.0.1:8001", "http://localhost:8001/"):
        opened = reach(simulator_url=url)
        opened.check("localhost", 8001)
        opened.check("127.0.0.1", 8001)
        with pytest.raises(OutOfReach):
            opened.check("127.0.0.1", 8002)
    reach(simulator_url="https://sim.example.com").check_address("sim.example.com", 443, "10.0.0.1")
