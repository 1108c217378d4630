"""Two sets of books: what the cloud's log says was asked and done, and what the executions say. They have to agree.

Of each machine and each kind of call: never done twice; done exactly once where the execution says so, not at all where
it says that; never sent again by itself once it may have been carried out, unless it had a ClientToken; and whatever
got no clear answer is called Unknown in the task execution that it belongs to.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.durability.person import Person, Question
from tests.durability.work import COMMAND, RESTART, TASKS

_THROTTLED = ("error:Throttling.User", "error:ServiceUnavailable.Throttling")
_REFUSED = "error:OperationDenied"
ANSWERED, REFUSED, UNKNOWN = "Answered", "OperationDenied", "Unknown"


def _is_unclear(call: dict[str, Any]) -> bool:
    """Whether its caller can't know what became of the call: a lost connection, a 5xx, or nobody was there to hear."""
    return call["outcome"] in ("dropped_before", "dropped_after", "abandoned", "received", "error:InternalError")


@dataclass
class Books:
    """What the cloud's log says, by machine and API, and how it was written about."""

    calls: dict[Question, list[dict[str, Any]]] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)

    def read(self, log: list[dict[str, Any]]) -> "Books":
        """Takes the log."""
        for call in log:
            if call["action"] in (RESTART, COMMAND):
                self.calls.setdefault((call["instance_id"], call["action"]), []).append(call)
                done = " after carrying out" if call["carried_out"] else ""
                self.met[call["outcome"] + (done if _is_unclear(call) else "")] += 1
            elif call["outcome"] != "answered":
                self.met[f"reads: {call['outcome']}"] += 1
        return self

    def sent(self, question: Question) -> list[dict[str, Any]]:
        """The calls, but for those that were throttled, which may be made again as often as one likes."""
        return [call for call in self.calls.get(question, []) if call["outcome"] not in _THROTTLED]

    def done(self, question: Question) -> int:
        """How often it was carried out."""
        return sum(call["carried_out"] for call in self.calls.get(question, []))


def balance(
    books: Books, person: Person, ids: list[str], record: dict[str, Any], rows: list[dict[str, Any]]
) -> Counter[str]:
    """Checks an execution against the log.

    Args:
        books: the cloud's log.
        person: who has decided, and what.
        ids: the machines that it was started with.
        record: its record.
        rows: all of its task executions.

    Returns:
        How many items ended how, and what was unknown.
    """
    assert record["Status"] == "Success", record["StatusMessage"]
    assert not [note for note in record["Notes"] if "may or may not" in note]
    (task,) = record["Tasks"]
    items = [row for row in rows if row["ParentTaskExecutionId"] == task["TaskExecutionId"]]
    machines = [row["LoopItem"] for row in items]
    assert machines == ids, "each item has one task execution, in order"
    counted = Counter(row["Status"] for row in items)
    loop = task["Loop"]
    ended = {name: loop[name] for name in ("Success", "Failed", "Skipped")}
    assert ended == {name: counted[name] for name in ended}, "the counters add up"
    assert sum(ended.values()) == loop["Total"] == len(items)
    assert not any(loop[name] for name in ("Running", "Waiting", "NotStarted", "Cancelled"))
    within = {row["TaskExecutionId"]: [row] for row in items}
    for row in rows:
        within.setdefault(row["ParentTaskExecutionId"], []).append(row)
    for row in items:
        counted.update(_item(books, person, row, within[row["TaskExecutionId"]]))
    return counted


def _item(books: Books, person: Person, item: dict[str, Any], rows: list[dict[str, Any]]) -> Counter[str]:
    """One item, and the task executions that say more about it."""
    machine, counted = item["LoopItem"], Counter[str]()
    asked = [RESTART, COMMAND] if item["TaskName"] == "machines" else [RESTART]
    claimed = {api: [call["Outcome"] for call in item["Calls"] if call["API"] == api] for api in asked}
    for api in asked:
        about = f"{machine} {api}: {item['Status']}, {claimed[api]}; {books.calls.get((machine, api))}"
        counted.update(_calls(books, person, (machine, api), claimed[api], about))
        asks = [row for row in rows if row["TaskName"] == TASKS[api] and _was_asked(row)]
        assert bool(asks) >= bool(person.decided.get((machine, api))), f"nothing says that people decided: {about}"
    made = [api for api in asked if claimed[api]]
    failed = item["Status"] == "Failed"
    assert not failed or claimed[made[-1]][-1] == REFUSED, item
    assert not failed or REFUSED in item["StatusMessage"], item
    assert failed or made == asked, item
    for api in asked:
        wanted = int(not failed or api in made[:-1])
        assert books.done((machine, api)) == wanted, f"{item}: {books.calls.get((machine, api))}"
    return counted


def _was_asked(row: dict[str, Any]) -> bool:
    return "Decided" in row["ExtraData"] and any(wait["Kind"] == "OutcomeUnknown" for wait in row["Waits"])


def _calls(books: Books, person: Person, question: Question, claimed: list[str], about: str) -> Counter[str]:
    """The calls of one kind to one machine."""
    sent = books.sent(question)
    assert set(claimed) <= {ANSWERED, REFUSED, UNKNOWN}, about
    assert books.done(question) <= 1, f"done twice: {about}"
    outcomes = Counter(call["outcome"] for call in sent)
    unclear = sum(map(_is_unclear, sent))
    said = Counter(claimed)
    assert said[ANSWERED] <= outcomes["answered"], about
    assert said[REFUSED] <= outcomes[_REFUSED], about
    assert said[UNKNOWN] >= unclear, f"nothing says that it is unknown: {about}"
    assert len(sent) <= len(claimed), f"a call that nobody speaks of: {about}"
    again = sum(word == "RetryTask" for word, _ in person.decided.get(question, ()))
    assert question[1] == COMMAND or len(sent) <= 1 + again, f"sent again by itself: {about}"
    return Counter({"unknown": said[UNKNOWN], "lost with their worker": said[UNKNOWN] - unclear})
