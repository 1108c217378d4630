"""All pages of a list as one answer, whatever the list is called and however the API counts its pages."""

from typing import Any

import pytest

from activities.cloud import lists
from activities.cloud.activities import CloudActivities
from activities.cloud.failures import CloudError
from activities.contracts import UNKNOWN
from tests.activities.harness import call, failure, run
from tests.support.simulator import Simulator


class Shelf:
    """An API with ``count`` things, which gives pages by number or by token, and keeps what it was asked."""

    def __init__(self, count: int, *, inner: bool = False) -> None:
        self.things = [{"Id": number, "Tags": {"Tag": [{"Key": "k"}]}} for number in range(count)]
        self.asked: list[dict[str, Any]] = []
        self._inner = inner

    def by_number(self, query: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(query)
        start = (query["PageNumber"] - 1) * query["PageSize"]
        about = {"TotalCount": len(self.things), "PageNumber": query["PageNumber"], "PageSize": query["PageSize"]}
        return self._answer(self.things[start : start + query["PageSize"]], about)

    def by_token(self, query: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(query)
        start = int(query.get("NextToken", 0))
        end = start + query["MaxResults"]
        return self._answer(
            self.things[start:end], {"NextToken": str(end) if end < len(self.things) else "", "TotalCount": 0}
        )

    def _answer(self, things: list[Any], about: dict[str, Any]) -> dict[str, Any]:
        body = {**about, "Things": {"Thing": things}}
        return {"RequestId": f"R-{len(self.asked)}", **({"Shelf": body} if self._inner else body)}


@pytest.mark.parametrize("count", [0, 1, 50, 51, 130])
@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("pages", [lists.BY_TOKEN, lists.BY_NUMBER])
def test_everything_is_there_once(count: int, inner: bool, pages: str) -> None:
    shelf = Shelf(count, inner=inner)
    ask = shelf.by_token if pages == lists.BY_TOKEN else shelf.by_number
    whole = lists.all_pages(ask, {"Colour": "red", "PageSize": 7, "maxResults": 8}, pages)
    body = whole["Shelf"] if inner else whole
    assert [each["Id"] for each in body["Things"]["Thing"]] == list(range(count))
    assert (body["TotalCount"], body["NextToken"], whole["RequestId"]) == (count, "", "R-1")
    assert len(shelf.asked) == max(1, -(-count // 50))
    assert all(query["Colour"] == "red" and 7 not in query.values() for query in shelf.asked)


def test_lists_within_what_is_listed_stay_as_they_are() -> None:
    whole = lists.all_pages(Shelf(120).by_token, {}, lists.BY_TOKEN)
    assert {len(each["Tags"]["Tag"]) for each in whole["Things"]["Thing"]} == {1}


def test_what_shrinks_meanwhile_ends() -> None:
    shelf = Shelf(120)

    def ask(query: dict[str, Any]) -> dict[str, Any]:
        answer = shelf.by_number(query)
        shelf.things = shelf.things[:10]
        return {**answer, "TotalCount": 120}

    assert len(lists.all_pages(ask, {}, lists.BY_NUMBER)["Things"]["Thing"]) == 50


@pytest.mark.parametrize("answer", [{"RequestId": "R"}, {"Zones": ""}, {"Ids": {"Id": ["a"]}, "TotalCount": 1}])
@pytest.mark.parametrize("pages", [lists.BY_TOKEN, lists.BY_NUMBER])
def test_an_answer_without_a_list_of_objects_is_one_page(answer: dict[str, Any], pages: str) -> None:
    assert lists.all_pages(lambda _: dict(answer), {}, pages) == answer


def test_pages_that_go_round_are_no_answer() -> None:
    with pytest.raises(CloudError) as caught:
        lists.all_pages(lambda _: {"NextToken": "again", "Things": {"Thing": [{}]}}, {}, lists.BY_TOKEN)
    assert (caught.value.failure.code, caught.value.failure.proof) == ("UnreadableAnswer", UNKNOWN)


@pytest.mark.parametrize(
    ("fields", "style"),
    [
        (("nexttoken", "maxresults", "pagenumber", "pagesize"), lists.BY_TOKEN),
        (("pagenumber", "pagesize"), lists.BY_NUMBER),
        (("nexttoken",), ""),
        ((), ""),
    ],
)
def test_the_request_says_how_pages_are_given(fields: tuple[str, ...], style: str) -> None:
    assert lists.style(fields) == style


@pytest.mark.parametrize(
    ("api", "selector", "asked"),
    [
        ("DescribeDisks", "Disks.Disk[].DiskId", 3),  # by token
        ("DescribeInstanceStatus", "InstanceStatuses.InstanceStatus[].InstanceId", 3),  # by number
        ("DescribeRegions", "Regions.Region[].RegionId", 1),  # not at all
    ],
)
def test_lists_of_the_cloud(simulator: Simulator, cloud: CloudActivities, api: str, selector: str, asked: int) -> None:
    simulator.put_instances(130)
    found = run(cloud.call_api, call(api, {}, read=True, ids=selector)).outputs["ids"]
    assert len(found) == len(set(found)) == (3 if asked == 1 else 130)
    assert len(simulator.calls(api)) == asked


def test_a_page_that_is_asked_for_stays_one_page(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(130)
    wanted = call("DescribeDisks", {"PageNumber": 2, "PageSize": 20}, read=True, ids="Disks.Disk[].DiskId")
    assert len(run(cloud.call_api, wanted).outputs["ids"]) == 20


def test_a_page_that_fails_fails_the_whole(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.put_instances(130)
    simulator.fault("DescribeDisks", "delay", seconds=0.01)
    simulator.fault("DescribeDisks", "error", code="Forbidden.RAM", http_status=403)
    assert failure(cloud.call_api, call("DescribeDisks", {}, read=True)).type == "Forbidden.RAM"
    assert len(simulator.calls("DescribeDisks")) == 2
