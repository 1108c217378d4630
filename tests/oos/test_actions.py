"""Which APIs only read, by their names."""

import pytest

from caboose.oos.actions import is_read


@pytest.mark.parametrize(
    "api",
    [
        "DescribeInstances",
        "ListTagResources",
        "GetCallerIdentity",
        "QueryX",
        "CheckDiskEncryption",
        "describeInstances",
        "describeinstances",
        "DESCRIBEINSTANCES",
        "Get",
        "get",
    ],
)
def test_these_read(api: str) -> None:
    assert is_read(api)


@pytest.mark.parametrize(
    "api",
    ["RebootInstance", "CheckinInstance", "Gettysburg", "Listen", "Describeinstances", "ReDescribe", "", "Checkedin"],
)
def test_these_may_change_something(api: str) -> None:
    assert not is_read(api)
