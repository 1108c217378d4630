"""What holds for functions whatever they are given: laws, and the same thing done by others."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caboose.oos.functions import FUNCTIONS, FunctionError
from caboose.oos.functions.arithmetic import evaluate
from caboose.oos.functions.times import utc_text
from caboose.oos.times import durations
from caboose.oos.values import same_json
from tests.oos.functions.evaluating import NOW, evaluator

SMALL = st.lists(st.integers(0, 5) | st.sampled_from(["a", "0", True, None]), max_size=6)
MOMENTS = st.datetimes(
    datetime.fromisoformat("1000-01-01"), datetime.fromisoformat("9980-12-31"), timezones=st.just(UTC)
).map(lambda time: time.replace(microsecond=0))


def call(name: str, *arguments: Any) -> Any:
    return FUNCTIONS[f"Fn::{name}"].call(*arguments)


@given(batches=st.integers(1, 100), items=st.integers(0, 2_000))
def test_batches_add_up_and_differ_by_one(batches: int, items: int) -> None:
    sizes = call("CalculateBatch", batches, items)
    assert sum(sizes) == items
    assert len(sizes) == min(batches, items)
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or sizes[0] - sizes[-1] <= 1
    assert sizes == call("CalculateBatch", str(batches), list(range(items)))


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_base64_there_and_back(text: str) -> None:
    assert call("Base64Decode", call("Base64Encode", text)) == text


@given(delimiter=st.sampled_from([",", "--", "ab"]), text=st.text("ab-,c"))
def test_split_and_joined_again(delimiter: str, text: str) -> None:
    assert call("Join", delimiter, call("Split", delimiter, text)) == text


@given(lists=st.lists(SMALL, min_size=1, max_size=4))
def test_union_is_intersection_and_difference(lists: list[list[Any]]) -> None:
    union, common, rest = (call(name, *lists) for name in ("Union", "Intersection", "Difference"))
    assert len(union) == len(common) + len(rest)
    for value in union:
        inside = [any(same_json(value, each) for each in values) for values in lists]
        assert any(inside)
        assert any(same_json(value, each) for each in common) == all(inside)
    assert call("Union", union, union) == union


@given(values=st.lists(st.integers()), start=st.integers(-9, 9), end=st.integers(-9, 9))
def test_a_range_is_a_slice(values: list[int], start: int, end: int) -> None:
    assert call("RangeSelect", start, end, values) == values[start:end]


@given(one=SMALL, other=SMALL)
def test_equality_is_symmetric_and_wider_than_json(one: list[Any], other: list[Any]) -> None:
    assert call("Equals", one, one)
    assert call("Equals", one, other) == call("Equals", other, one)
    assert call("Equals", one, other) or not same_json(one, other)


@given(columns=st.dictionaries(st.text("abc", min_size=1), st.lists(st.integers(), min_size=1, max_size=5), min_size=1))
def test_rows_are_as_many_as_the_longest_column(columns: dict[str, list[int]]) -> None:
    rows = call("MergeMapToList", *[{key: values} for key, values in columns.items()])
    assert len(rows) == max(len(values) for values in columns.values())
    for key, values in columns.items():
        assert [row[key] for row in rows] == values + values[-1:] * (len(rows) - len(values))


@given(pairs=st.dictionaries(st.text("abc"), SMALL))
def test_a_map_taken_apart_and_joined_again(pairs: dict[str, Any]) -> None:
    listed = call("ConvertMapToList", pairs)
    assert call("MapJoin", [each["Key"] for each in listed], [each["Value"] for each in listed]) == pairs


EXPRESSIONS = st.recursive(
    st.integers(0, 50).map(str) | st.sampled_from(["0.5", "2.", ".25", "1e2"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "/", "//", " % "]), inner).map("".join)
        | inner.map(lambda each: f"({each})")
        | inner.map(lambda each: f"-{each}")
        | st.tuples(inner.map(lambda each: f"({each})"), st.sampled_from(["**2", "**3", "**-1", "**0"])).map("".join)
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(expression=EXPRESSIONS)
def test_arithmetic_is_pythons(expression: str) -> None:
    try:
        ours = evaluate(expression)
    except FunctionError as error:
        assert str(error).startswith(("it divides by zero", "a number in the expression"))
        return
    theirs = eval(expression, {"__builtins__": {}})  # a reference for the test; the text is made of the parts above
    assert not isinstance(ours, float) or not ours.is_integer()
    assert abs(Fraction(ours) - Fraction(theirs)) <= abs(Fraction(theirs)) * Fraction(1, 10**9)


@given(text=st.text("0123456789+-*/%(). e", max_size=30))
def test_arithmetic_gives_a_number_or_says_why_not(text: str) -> None:
    try:
        assert abs(evaluate(text)) < 10**30
    except FunctionError:
        return


DIRECTIVES = [*"YymdjHIMSfpAaBbuwFTZz", "%"]


@given(time=MOMENTS, directives=st.lists(st.sampled_from(DIRECTIVES), min_size=1))
def test_formats_are_those_of_strftime_in_english(time: datetime, directives: list[str]) -> None:
    format = " ".join("%" + directive for directive in directives)
    assert call("FormatUTCTime", utc_text(time), format) == time.strftime(format)
    assert call("FormatUTCTime", utc_text(time), "%s") == str(int(time.timestamp()))


@given(time=MOMENTS, hours=st.integers(-(10**5), 10**5))
def test_hours_there_and_back(time: datetime, hours: int) -> None:
    text = utc_text(time)
    assert call("AddHour", call("AddHour", text, hours), -hours) == text
    assert call("AddSecond", text, 3600 * hours) == call("AddHour", text, str(hours))


@given(start=st.times(), end=st.times())
def test_sleep_takes_every_duration_between_times_of_day(start: Any, end: Any) -> None:
    duration = call("DurationBetween", f"{start:%H:%M:%S}Z", f"{end:%H:%M:%S}")
    assert 1 <= durations.seconds(duration) <= 24 * 3600
    later = datetime.combine(NOW, start) + timedelta(seconds=durations.seconds(duration))
    assert f"{later:%H:%M:%S}" == f"{end:%H:%M:%S}"


@given(now=MOMENTS, start=st.times(), end=st.times())
async def test_the_next_time_in_a_window_lies_in_it(now: datetime, start: Any, end: Any) -> None:
    window = [f"{start:%H:%M}", f"{end:%H:%M}"]
    found = await evaluator(now=now).evaluate({"Fn::CalculateTimeByOpsWindow": window})
    time = datetime.fromisoformat(found)
    assert now <= time < now + timedelta(days=1)
    of_day = f"{time:%H:%M}"
    opens, closes = window
    assert opens <= of_day < closes if opens < closes else of_day >= opens or of_day < closes
    assert time in (now, now.replace(hour=start.hour, minute=start.minute, second=0)) or time.date() > now.date()


def test_aggregates() -> None:
    from caboose.oos.functions import AGGREGATES, aggregate

    assert list(AGGREGATES) == ["Fn::ListJoin", "Fn::Sum"]
    assert aggregate("Fn::ListJoin", [None, "a", ["b"], None]) == [None, "a", ["b"], None]
    assert aggregate("Fn::ListJoin", []) == []
    assert aggregate("Fn::Sum", [1, None, "2", 0.5]) == 3.5
    assert aggregate("Fn::Sum", [None, None]) == 0
    with pytest.raises(FunctionError, match=r"every value: expected a number of at most 30 digits, got \[1\]"):
        aggregate("Fn::Sum", [[1]])
    with pytest.raises(FunctionError, match="got true"):
        aggregate("Fn::Sum", [True])
