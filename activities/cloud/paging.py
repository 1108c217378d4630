"""All pages of DescribeInstances as one answer, as a template sees it (AutoPaging is on unless a page is asked for).

Pages are followed by NextToken, 100 instances each: a page number would skip instances when others are released
meanwhile. A page that fails fails the whole: nothing ever runs on a silent part.
"""

from collections.abc import Callable, Iterator
from typing import Any

from activities.cloud.failures import CloudError
from activities.cloud.requests import Request
from activities.contracts import UNKNOWN, CallFailure

PAGE_SIZE = 100
_MAX_PAGES = 2_000
_PAGE_FIELDS = ("pagenumber", "pagesize", "maxresults", "nexttoken")

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def wanted(request: Request, parameters: dict[str, Any]) -> bool:
    """Whether the answer is to be put together from all pages: the template doesn't ask for a page of its own."""
    asked = {name.lower() for name, value in parameters.items() if value not in ("", None)}
    return bool(request.pages) and not asked & {"pagenumber", "nexttoken"}


def all_instances(ask: Ask, parameters: dict[str, Any]) -> dict[str, Any]:
    """One answer with the instances of all pages; its TotalCount is their number.

    Raises:
        CloudError: as ``ask``; UnreadableAnswer when the pages don't come to an end.
    """
    first: dict[str, Any] = {}
    instances: list[Any] = []
    for answer in each_page(ask, parameters):
        first = first or answer
        instances.extend(answer["Instances"]["Instance"])
    return {**first, "Instances": {"Instance": instances}, "TotalCount": len(instances), "NextToken": ""}


def each_page(ask: Ask, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers of all pages, one after the other.

    Raises:
        CloudError: as ``all_instances``.
    """
    query = {name: value for name, value in parameters.items() if name.lower() not in _PAGE_FIELDS}
    query["MaxResults"] = PAGE_SIZE
    seen = {""}
    for _ in range(_MAX_PAGES):
        answer = ask(query)
        if not isinstance((answer.get("Instances") or {}).get("Instance"), list):
            raise _unreadable("DescribeInstances answered without a list of instances")
        yield answer
        token = answer.get("NextToken") or ""
        if not token:
            return
        if token in seen:
            break
        seen.add(token)
        query["NextToken"] = token
    raise _unreadable("the pages of DescribeInstances don't come to an end")


def _unreadable(message: str) -> CloudError:
    return CloudError(CallFailure("UnreadableAnswer", message, UNKNOWN))
