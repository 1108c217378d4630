"""``select_targets``: exactly what the filters say, all of it, or an error."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import CancelledError

from activities.cloud.activities import PAGE_TRIES, CloudActivities
from activities.cloud.failures import CloudError
from activities.cloud.targets import MAX_TARGETS, Filter, select
from activities.contracts import Target
from activities.polling import READ_TRIES
from activities.selecting import members_of
from tests.activities.harness import environment, failure, run, specs, targets
from tests.support.simulator import Simulator


def by_ids(*ids: str) -> dict[str, Any]:
    return {"Type": "ResourceIds", "ResourceIds": list(ids)}


def ids_of(cloud: CloudActivities, *filters: Any) -> list[str]:
    ids: list[str] = run(cloud.select_targets, targets(filters)).outputs["ids"]
    return ids


def test_ids_keep_their_order_and_missing_ones_are_reported(cloud: CloudActivities) -> None:
    result = run(cloud.select_targets, targets([by_ids("i-c", "i-nowhere", "i-a", "i-c")]))
    assert result.outputs == {"ids": ["i-c", "i-a"]}
    assert result.targets.missing == ["i-nowhere"]
    assert result.targets.count == 2
    assert [(each.id, each.status) for each in result.targets.items] == [("i-c", "Running"), ("i-a", "Running")]


def test_ids_are_asked_for_in_slices_of_a_hundred(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(250)
    wanted = [each["InstanceId"] for each in simulator.instances()][::-1]
    assert ids_of(cloud, by_ids(*wanted)) == wanted
    assert len(simulator.calls("DescribeInstances")) == 3


def test_an_empty_list_of_ids_selects_nothing(simulator: Simulator, cloud: CloudActivities) -> None:
    assert ids_of(cloud, by_ids()) == []
    assert ids_of(cloud) == []
    assert not simulator.calls()


def test_none_left_is_an_error(cloud: CloudActivities) -> None:
    error = failure(cloud.select_targets, targets([by_ids("i-nowhere", "i-nothing")]))
    assert (error.type, error.non_retryable) == ("NoTargets", True)
    assert "i-nowhere" in str(error)


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "env", "Value": "prod"}, {"Key": "app"}],
        {"env": "prod", "app": None},
        '[{"Key": "env", "Value": "prod"}, {"Key": "app"}]',
    ],
)
def test_tags_as_list_and_as_map(simulator: Simulator, cloud: CloudActivities, tags: Any) -> None:
    simulator.put_instances(
        [
            {"InstanceId": "i-1", "Tags": {"Tag": [{"TagKey": "env", "TagValue": "prod"}, _tag("app", "shop")]}},
            {"InstanceId": "i-2", "Tags": {"Tag": [_tag("env", "prod")]}},
            {"InstanceId": "i-3", "Tags": {"Tag": [_tag("env", "test"), _tag("app", "shop")]}},
        ]
    )
    assert ids_of(cloud, {"Type": "Tags", "Tags": tags}) == ["i-1"]


def test_tags_that_nothing_has_select_nothing(cloud: CloudActivities) -> None:
    assert ids_of(cloud, {"Type": "Tags", "Tags": {"no": "such"}}) == []


def test_all_with_parameters(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances([{"InstanceId": "i-1", "Status": "Stopped"}, {"InstanceId": "i-2"}, {"InstanceId": "i-3"}])
    assert ids_of(cloud, {"Type": "All"}) == ["i-1", "i-2", "i-3"]
    running = {"Type": "All", "RegionId": "cn-hangzhou", "Parameters": {"RegionId": "cn-hangzhou", "Status": "Running"}}
    assert ids_of(cloud, running) == ["i-2", "i-3"]
    # what official templates leave empty is not set; a page of the template's own would be a silent part
    assert len(ids_of(cloud, {"Type": "All", "Parameters": {"Status": "", "PageNumber": 2, "PageSize": 1}})) == 3


def test_several_filters_are_a_union_in_their_order(cloud: CloudActivities) -> None:
    assert ids_of(cloud, by_ids("i-b"), {"Type": "All"}, by_ids("i-a", "i-b")) == ["i-b", "i-a", "i-c"]


def test_of_many_missing_ids_the_first_thousand_are_named(cloud: CloudActivities) -> None:
    ids = [f"i-gone-{number}" for number in range(1_500)]
    result = run(cloud.select_targets, targets([{"Type": "ResourceIds", "ResourceIds": ["i-a", *ids]}]))
    assert result.targets.missing == ids[:1_000]
    assert result.targets.missing_count == 1_500


def test_the_targets_count_in_the_size_too(simulator: Simulator, cloud: CloudActivities) -> None:
    name = "名" * 4_000  # six bytes each in the history
    simulator.put_instances([{"InstanceId": f"i-{number}", "InstanceName": name} for number in range(200)])
    error = failure(cloud.select_targets, targets([{"Type": "All"}]))
    assert (error.type, error.non_retryable) == ("OutputTooLarge", True)


def test_a_selection_is_tried_so_often(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("DescribeInstances", "error", code="InternalError", http_status=500, times=2 * PAGE_TRIES)
    everything = targets([{"Type": "All"}])
    assert not failure(cloud.select_targets, everything, attempt=READ_TRIES - 1).non_retryable
    error = failure(cloud.select_targets, everything, attempt=READ_TRIES)
    assert error.non_retryable
    assert f"tried {READ_TRIES} times" in str(error)


def test_an_id_that_another_filter_finds_is_not_missing(cloud: CloudActivities) -> None:
    result = run(cloud.select_targets, targets([by_ids("i-nowhere"), {"Type": "All"}]))
    assert result.targets.missing == ["i-nowhere"]
    assert result.targets.count == 3


def test_all_pages_are_read(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(1_230)
    result = run(cloud.select_targets, targets([{"Type": "All"}]))
    assert len(result.outputs["ids"]) == result.targets.count == 1_230
    assert len(result.targets.items) == 200
    assert isinstance(result.targets.items[0], Target)


def test_of_many_only_what_is_selected_is_kept(simulator: Simulator, cloud: CloudActivities) -> None:
    """Whole records of 100,000 instances would take a gigabyte."""
    simulator.put_instances({"count": 150, "Tags": {"a": "b"}})
    result = run(cloud.select_targets, targets([{"Type": "All"}], **PLAIN))
    assert {name: len(found) for name, found in result.outputs.items()} == {
        **dict.fromkeys(("ids", "tags", "missing"), 150),
        **dict.fromkeys(("one", "count"), 1),
    }
    assert (result.outputs["one"], result.outputs["count"]) == (["web-00001"], [150])
    assert result.targets.items[0] == Target("i-sim00001", "web-00001", "Running")


PLAIN = {
    "ids": "Instances.Instance[].InstanceId",
    "tags": ".Instances.Instance[].Tags.Tag[].TagValue",
    "missing": "Instances.Instance[].NoSuchMember",
    "one": "Instances.Instance[0].InstanceName",
    "count": "TotalCount",
}


def test_what_selectors_take_of_an_instance() -> None:
    where = ("Instances", "Instance")
    assert members_of(specs(**PLAIN), where) == frozenset({"InstanceId", "Tags", "NoSuchMember", "InstanceName"})
    assert members_of({}, where) == frozenset()
    for whole in ("Instances.Instance[]", "Instances", "", "Instances.Instance|length", "Instances[].Instance.a.b"):
        assert members_of(specs(**PLAIN, whole=whole), where) is None


@pytest.mark.parametrize(("members", "most"), [(frozenset({"InstanceId"}), MAX_TARGETS), (None, 10_000)])
def test_so_many_can_be_selected(members: frozenset[str] | None, most: int) -> None:
    instances = [{"InstanceId": f"i-{number}"} for number in range(most + 1)]

    def ask(query: dict[str, Any]) -> dict[str, Any]:
        return {"Instances": {"Instance": instances}}

    with pytest.raises(CloudError, match=f"more than {most} instances are selected"):
        select([Filter("cn-hangzhou")], ask, members)
    instances.pop()
    assert select([Filter("cn-hangzhou")], ask, members).targets.count == most


def test_a_tag_filter_never_runs_on_a_silent_part(simulator: Simulator, cloud: CloudActivities) -> None:
    tagged = {"Tags": {"Tag": [_tag("env", "prod")]}}
    by_tag = {"Type": "Tags", "Tags": {"env": "prod"}}
    simulator.put_instances({"count": 999, **tagged})
    assert len(ids_of(cloud, by_tag)) == 999
    for count in (1_000, 1_200):
        simulator.put_instances({"count": count, **tagged})
        error = failure(cloud.select_targets, targets([by_tag]))
        assert (error.type, error.non_retryable) == ("TooManyTargets", True)
        assert "ResourceIds" in str(error)


def test_a_page_that_failed_fails_the_whole(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(150)
    simulator.fault("DescribeInstances", "error", code="Throttling", http_status=400, retry_after_ms=60_000)
    error = failure(cloud.select_targets, targets([{"Type": "All"}]))
    assert (error.type, error.non_retryable) == ("Throttling", False)
    assert error.next_retry_delay == timedelta(minutes=1)
    assert len(simulator.calls()) == 1


def test_a_page_is_asked_for_again_before_all_are(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(150)
    simulator.fault("DescribeInstances", "drop_after", times=PAGE_TRIES - 1)
    assert len(ids_of(cloud, {"Type": "All"})) == 150
    assert len(simulator.calls()) == 2 + PAGE_TRIES - 1


def test_when_nobody_waits_any_more_no_page_is_asked_for(simulator: Simulator, cloud: CloudActivities) -> None:
    cancelled = environment()
    cancelled.cancel()
    with pytest.raises(CancelledError):
        cancelled.run(cloud.select_targets, targets([{"Type": "All"}]))
    assert not simulator.calls()


def test_each_filter_has_its_region(simulator: Simulator, cloud: CloudActivities) -> None:
    run(cloud.select_targets, targets([{"Type": "All", "RegionId": "cn-beijing"}, {"Type": "All"}]))
    regions = [each["parameters"]["RegionId"] for each in simulator.calls("DescribeInstances")]
    assert regions == ["cn-beijing", "cn-hangzhou"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("i-a", "Filters[0] is a string that is not JSON"),
        (["i-a"], "Filters[0] must be an object"),
        ({"ResourceIds": ["i-a"]}, "Filters[0].Type must be"),
        ({"Type": "resourceids", "ResourceIds": ["i-a"]}, "Filters[0].Type must be"),
        ({"Type": "ResourceIds"}, "Filters[0].ResourceIds must be a list"),
        ({"Type": "ResourceIds", "ResourceIds": "i-a"}, "Filters[0].ResourceIds is a string"),
        ({"Type": "ResourceIds", "ResourceIds": ["i-a", ""]}, "Filters[0].ResourceIds must be a list"),
        ({"Type": "ResourceIds", "ResourceIds": [1]}, "Filters[0].ResourceIds must be a list"),
        ({"Type": "ResourceIds", "ResourceIds": ["i-a"], "Tags": {"a": "b"}}, "Tags would be without effect"),
        ({"Type": "Tags"}, "Filters[0].Tags must be 1 to 20"),
        ({"Type": "Tags", "Tags": []}, "Filters[0].Tags must be 1 to 20"),
        ({"Type": "Tags", "Tags": [{"Key": ""}]}, "Filters[0].Tags[0].Key"),
        ({"Type": "Tags", "Tags": [{"Key": "a", "Values": ["b"]}]}, "Filters[0].Tags[0] must be an object with Key"),
        ({"Type": "All", "ResourceGroupId": "rg-1"}, "not known: ResourceGroupId"),
        ({"Type": "All", "Parameters": ["Status"]}, "Filters[0].Parameters must be an object"),
        ({"Type": "All", "Parameters": {"InstanceIds": []}}, "can't name instances"),
        ({"Type": "All", "ResourceType": "ALIYUN::RDS::Instance"}, "ALIYUN::RDS::Instance"),
    ],
)
def test_a_filter_that_is_not_understood_is_refused(
    simulator: Simulator, cloud: CloudActivities, value: Any, text: str
) -> None:
    error = failure(cloud.select_targets, targets([value]))
    assert (error.type, error.non_retryable) == ("InvalidFilter", True)
    assert text in str(error)
    assert not simulator.calls()


def test_an_unknown_condition_never_selects_everything(simulator: Simulator, cloud: CloudActivities) -> None:
    error = failure(cloud.select_targets, targets([{"Type": "All", "Parameters": {"Statsu": "Stopped"}}]))
    assert error.type == "InvalidParameter"
    assert not simulator.calls()


def test_another_resource_type_is_not_supported_yet(cloud: CloudActivities) -> None:
    wanted = targets([{"Type": "All"}])
    other = type(wanted)(wanted.context, "ALIYUN::RDS::Instance", wanted.filters, wanted.outputs)
    assert failure(cloud.select_targets, other).type == "NotSupportedYet"


def test_the_resource_type_in_another_letter_case(cloud: CloudActivities) -> None:
    wanted = targets([by_ids("i-a")])
    lower = type(wanted)(wanted.context, "aliyun::ecs::instance", wanted.filters, wanted.outputs)
    assert run(cloud.select_targets, lower).targets.count == 1


def _tag(key: str, value: str) -> dict[str, str]:
    return {"TagKey": key, "TagValue": value}
