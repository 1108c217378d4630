"""All pages of a list as one answer, for whichever API gives one (AutoPaging is on unless a page is asked for).

Which APIs have pages is seen in the SDK's requests, and what of an answer is the list in the answer itself: the lists
of objects within objects, put together page by page; everything else is that of the first page. Pages are followed by
NextToken where the API has one. A page that fails fails the whole: nothing ever runs on a silent part.

DescribeInstances, by far the most used, has a module of its own (``paging.py``), which needs not look for its list.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from activities.cloud.failures import CloudError
from activities.contracts import UNKNOWN, CallFailure

BY_TOKEN, BY_NUMBER = "token", "number"
PAGE_SIZE = 50
"""As many as each API of ECS gives at once."""
MAX_PAGES = 2_000
_ABOUT_PAGES = ("nexttoken", "maxresults", "pagenumber", "pagesize")
_TELLS_PAGES = ("NextToken", "TotalCount", "PageNumber")
_DEPTH = 4

Ask = Callable[[dict[str, Any]], dict[str, Any]]
Path = tuple[str, ...]


def style(fields: Iterable[str]) -> str:
    """How an API gives its pages, by the plain names of its request's fields; '' when it has none."""
    known = set(fields)
    if {"nexttoken", "maxresults"} <= known:
        return BY_TOKEN
    return BY_NUMBER if {"pagenumber", "pagesize"} <= known else ""


def all_pages(ask: Ask, parameters: dict[str, Any], pages: str) -> dict[str, Any]:
    """One answer with what is on all pages; its TotalCount is how much that is.

    Args:
        ask: gives the answer to a query.
        parameters: the query; what it says about pages doesn't count.
        pages: ``BY_TOKEN`` or ``BY_NUMBER``.

    Raises:
        CloudError: as ``ask``; UnreadableAnswer when the pages don't come to an end.
    """
    query = {name: value for name, value in parameters.items() if name.lower() not in _ABOUT_PAGES}
    turn = _by_token if pages == BY_TOKEN else _by_number
    answers = turn(ask, query)
    whole = next(answers)
    lists = list(_lists(whole))
    for answer in answers:
        for path in lists:
            _at(whole, path).extend(_at(answer, path))
    about = _about_pages(whole)
    if lists and about:
        about.update({"TotalCount": max(len(_at(whole, path)) for path in lists), "NextToken": ""})
    return whole


def _by_token(ask: Ask, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    query = {**query, "MaxResults": PAGE_SIZE}
    seen = {""}
    for _ in range(MAX_PAGES):
        answer = ask(query)
        token = _about_pages(answer).get("NextToken") or ""  # before the first page is changed
        yield answer
        if not token:
            return
        if token in seen:
            break
        seen.add(token)
        query = {**query, "NextToken": token}
    raise _endless()


def _by_number(ask: Ask, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number in range(1, MAX_PAGES + 1):
        answer = ask({**query, "PageSize": PAGE_SIZE, "PageNumber": number})
        total = _about_pages(answer).get("TotalCount")
        empty = not any(_at(answer, path) for path in _lists(answer))
        yield answer
        if empty or not isinstance(total, int) or number * PAGE_SIZE >= total:
            return
    raise _endless()


def _about_pages(answer: dict[str, Any]) -> dict[str, Any]:
    """The object that tells about pages: the answer, or one right within it."""
    inner = [value for value in answer.values() if isinstance(value, dict)]
    return next((each for each in (answer, *inner) if any(name in each for name in _TELLS_PAGES)), {})


def _lists(value: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Where lists of objects are, empty ones among them; what is within their elements belongs to these."""
    for name, inner in value.items():
        if isinstance(inner, dict) and len(path) < _DEPTH:
            yield from _lists(inner, (*path, name))
        elif isinstance(inner, list) and all(isinstance(each, dict) for each in inner):
            yield (*path, name)


def _at(answer: Any, path: Path) -> list[Any]:
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, list) else []


def _endless() -> CloudError:
    return CloudError(CallFailure("UnreadableAnswer", "the pages of the list don't come to an end", UNKNOWN))
