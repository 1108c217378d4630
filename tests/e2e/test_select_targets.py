"""Which machines: every form of a target, and what happens when it isn't what it seems."""

from typing import Any

import pytest

from tests.support.stack import Stack

WEB = {"app": "web", "env": "prod"}


def ids(*numbers: int) -> list[str]:
    """The simulator's ids by number."""
    return [f"i-sim{number:05d}" for number in numbers]


def put(stack: Stack, *tags: dict[str, str], **fields: Any) -> None:
    """One instance for each set of tags."""
    stack.simulator.put_instances(
        [
            {"InstanceId": f"i-sim{number:05d}", "InstanceName": f"web-{number}", "Tags": each, **fields}
            for number, each in enumerate(tags, start=1)
        ]
    )


def start(stack: Stack, targets: Any) -> str:
    """Starts with these targets."""
    return stack.start({**stack.parameters([]), "targets": targets})


def selected(stack: Stack, targets: Any) -> list[str]:
    """The ids that are restarted after the approval, which shows them first."""
    execution_id = start(stack, targets)
    record = stack.wait_for_approval(execution_id)
    shown = record["Approvals"][0]["Targets"]
    stack.notify(execution_id, "Approve")
    ended = stack.finish(execution_id)
    assert ended["Status"] == "Success", ended["StatusMessage"]
    restarted = sorted(call["instance_id"] for call in stack.reboots())
    assert sorted(ended["Outputs"]["instanceIds"]) == restarted
    assert shown["Count"] == len(restarted)
    assert [item["Id"] for item in shown["Items"]] == ended["Outputs"]["instanceIds"][:200]
    return restarted


def refused(stack: Stack, targets: Any) -> tuple[str, str]:
    """(code, message) of an execution that fails over its targets, with nobody asked and nothing restarted."""
    record = stack.finish(start(stack, targets))
    assert record["Status"] == "Failed"
    assert not stack.simulator.messages()
    assert not stack.reboots()
    return record["StatusReason"], record["StatusMessage"]


def test_ids_keep_their_order_and_count_once(stack: Stack) -> None:
    put(stack, {}, {}, {})
    wanted = [*ids(3, 1), *ids(3)]
    execution_id = start(stack, {"Type": "ResourceIds", "ResourceIds": wanted})
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    assert stack.finish(execution_id)["Outputs"] == {"instanceIds": ids(3, 1)}
    assert sorted(call["instance_id"] for call in stack.reboots()) == ids(1, 3)


def test_the_approval_shows_id_name_and_state(stack: Stack) -> None:
    put(stack, {}, Status="Running")
    record = stack.wait_for_approval(start(stack, {"Type": "ResourceIds", "ResourceIds": ids(1)}))
    assert record["Approvals"][0]["Targets"]["Items"] == [{"Id": ids(1)[0], "Name": "web-1", "Status": "Running"}]


def test_missing_ids_are_left_out_with_a_warning(stack: Stack) -> None:
    put(stack, {}, {})
    execution_id = start(stack, {"Type": "ResourceIds", "ResourceIds": ["i-gone", *ids(2), "i-lost"]})
    record = stack.wait_for_approval(execution_id)
    assert record["Approvals"][0]["Targets"]["Missing"] == ["i-gone", "i-lost"]
    assert record["Tasks"][0]["StatusMessage"] == "not found and left out: i-gone, i-lost"
    assert record["Notes"] == ["selectInstances: targets not found and left out: 2"]
    page = stack.http.get(record["Waiting"][0]["ApprovalLink"]).text
    assert 0 < page.index("i-gone") < page.index(ids(2)[0])
    stack.notify(execution_id, "Approve")
    assert stack.finish(execution_id)["Status"] == "Success"
    assert [call["instance_id"] for call in stack.reboots()] == ids(2)


def test_no_target_left_fails(stack: Stack) -> None:
    put(stack, {})
    code, message = refused(stack, {"Type": "ResourceIds", "ResourceIds": ["i-gone", "i-lost"]})
    assert code == "NoTargets"
    assert "i-gone, i-lost" in message


def test_an_empty_list_of_ids_selects_nothing(stack: Stack) -> None:
    put(stack, {}, {})
    assert selected(stack, {"Type": "ResourceIds", "ResourceIds": []}) == []
    assert not stack.simulator.calls("DescribeInstances")


@pytest.mark.parametrize("tags", [{"app": "web"}, [{"Key": "app", "Value": "web"}]])
def test_tags_as_a_map_and_as_a_list(stack: Stack, tags: Any) -> None:
    put(stack, WEB, {"app": "db"}, {"app": "web"}, {})
    assert selected(stack, {"Type": "Tags", "Tags": tags}) == ids(1, 3)


@pytest.mark.parametrize("tags", [WEB, [{"Key": "app", "Value": "web"}, {"Key": "env"}]])
def test_several_tags_must_all_fit(stack: Stack, tags: Any) -> None:
    put(stack, WEB, {"app": "web"}, {"env": "prod"}, WEB)
    assert selected(stack, {"Type": "Tags", "Tags": tags}) == ids(1, 4)


def test_tags_that_nothing_has_select_nothing(stack: Stack) -> None:
    put(stack, WEB)
    assert selected(stack, {"Type": "Tags", "Tags": {"app": "none"}}) == []


def test_all(stack: Stack) -> None:
    put(stack, WEB, {}, {})
    assert selected(stack, {"Type": "All"}) == ids(1, 2, 3)


def test_all_with_parameters(stack: Stack) -> None:
    stack.simulator.put_instances(
        [
            {"InstanceId": "i-1", "InstanceName": "web-1"},
            {"InstanceId": "i-2", "InstanceName": "db-1"},
            {"InstanceId": "i-3", "InstanceName": "web-2", "Status": "Stopped"},
        ]
    )
    assert selected(stack, {"Type": "All", "Parameters": {"InstanceName": "web-*", "Status": "Running"}}) == ["i-1"]


def test_a_region_of_its_own(stack: Stack) -> None:
    stack.simulator.put_instances([{"InstanceId": "i-1"}, {"InstanceId": "i-2", "RegionId": "cn-beijing"}])
    record = stack.wait_for_approval(start(stack, {"Type": "All", "RegionId": "cn-beijing"}))
    assert [item["Id"] for item in record["Approvals"][0]["Targets"]["Items"]] == ["i-2"]


TWO_FILTERS = """
FormatVersion: OOS-2019-06-01
Parameters:
  url: {Type: String}
  first: {Type: Json}
  second: {Type: Json}
Tasks:
  - Name: select
    Action: ACS::SelectTargets
    Properties: {ResourceType: 'ALIYUN::ECS::Instance', Filters: ['{{ first }}', '{{ second }}']}
    Outputs:
      instanceIds: {Type: List, ValueSelector: 'Instances.Instance[].InstanceId'}
Outputs:
  instanceIds: {Type: List, Value: '{{ select.instanceIds }}'}
"""


def test_several_filters_are_a_union(stack: Stack) -> None:
    put(stack, WEB, {"app": "db"}, {}, {"app": "db"})
    parameters = {
        "url": "",
        "first": {"Type": "ResourceIds", "ResourceIds": [*ids(3), "i-gone"]},
        "second": {"Type": "Tags", "Tags": {"app": "db"}},
    }
    record = stack.finish(stack.start(parameters, TemplateContent=TWO_FILTERS))
    assert record["Status"] == "Success"
    assert record["Outputs"] == {"instanceIds": ids(3, 2, 4)}


def test_all_pages_are_read(stack: Stack) -> None:
    stack.simulator.put_instances(230)
    record = stack.wait_for_approval(start(stack, {"Type": "All"}))
    assert len(stack.simulator.calls("DescribeInstances")) == 3
    targets = record["Approvals"][0]["Targets"]
    assert (targets["Count"], len(targets["Items"])) == (230, 200)
    assert len(record["Tasks"][0]["Outputs"]["instanceIds"]) == 230


def test_more_than_a_hundred_ids_are_asked_for_in_parts(stack: Stack) -> None:
    stack.simulator.put_instances(150)
    wanted = [*ids(*range(1, 151)), "i-gone"]
    record = stack.wait_for_approval(start(stack, {"Type": "ResourceIds", "ResourceIds": wanted}))
    targets = record["Approvals"][0]["Targets"]
    assert (targets["Count"], targets["Missing"]) == (150, ["i-gone"])


@pytest.mark.parametrize(("count", "found"), [(999, True), (1000, False), (1001, False)])
def test_a_tag_filter_at_the_limit_of_the_cloud_never_runs_on_a_part(stack: Stack, count: int, found: bool) -> None:
    stack.simulator.put_instances({"count": count, "Tags": {"app": "web"}})
    targets = {"Type": "Tags", "Tags": {"app": "web"}}
    if found:
        record = stack.wait_for_approval(start(stack, targets))
        assert record["Approvals"][0]["Targets"]["Count"] == 999
    else:
        code, message = refused(stack, targets)
        assert code == "TooManyTargets"
        assert "1000" in message


@pytest.mark.parametrize(
    "targets",
    [
        {"Type": "Tags", "Tags": []},
        {"Type": "Tags", "Tags": {}},
        {"Type": "Tags"},
        {"Type": "ResourceIds"},
        {"Type": "ResourceIds", "ResourceIds": [""]},
        {"Type": "ResourceIds", "ResourceIds": {"a": 1}},
        {"Type": "ResourceIds", "ResourceIds": ["i-1"], "Tags": {"a": "b"}},
        {"Type": "Everything"},
        {"ResourceIds": ["i-1"]},
        {"Type": "All", "Oops": 1},
        {"Type": "All", "Parameters": {"InstanceIds": ["i-1"]}},
        {},
        [],
        ["i-1"],
    ],
)
def test_what_is_no_target_is_refused_and_never_widened(stack: Stack, targets: Any) -> None:
    put(stack, WEB)
    code, _ = refused(stack, targets)
    assert code == "InvalidFilter"
    assert not stack.simulator.calls()


def test_what_the_cloud_refuses_fails_with_its_code_and_request_id(stack: Stack) -> None:
    put(stack, {})
    stack.simulator.fault("DescribeInstances", "error", code="Forbidden.RAM", http_status=403, message="Not allowed.")
    record = stack.finish(start(stack, {"Type": "All"}))
    assert (record["Status"], record["StatusReason"]) == ("Failed", "Forbidden.RAM")
    assert "Not allowed." in record["StatusMessage"]
    assert record["Tasks"][0]["RequestId"] == stack.simulator.calls("DescribeInstances")[0]["request_id"]


def test_a_read_that_fails_for_a_moment_is_repeated(stack: Stack) -> None:
    put(stack, {}, {})
    stack.simulator.fault("DescribeInstances", "error", code="ServiceUnavailable", http_status=503)
    stack.simulator.fault("DescribeInstances", "drop_after")
    assert selected(stack, {"Type": "All"}) == ids(1, 2)
