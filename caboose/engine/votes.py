"""Votes: an approval by several people (reference section 7), one vote for each, only of those who are named.

A rejection needs no second opinion: the first one by somebody entitled ends it (design section 4). Who somebody is,
is the name that came with the decision; nothing proves it, and the record says so.
"""

from caboose.engine.notifications import Notification, Refused
from caboose.engine.state import APPROVE, REJECT, Answer, Wait
from caboose.oos.approvers import person_key
from caboose.oos.problems import shortened

_SHOWN_NAMES = 10
_MAX_NOTE = 2_000


def is_vote(wait: Wait) -> bool:
    """Whether it matters for this wait who decides."""
    return wait.required > 1 or bool(wait.approvers)


def vote_fault(waits: list[Wait], notification: Notification) -> Refused | None:
    """Why somebody's decision doesn't count for these waits; whoever has voted on some of them may on the others."""
    asked = [wait for wait in waits if is_vote(wait)]
    if notification.notify_type not in (APPROVE, REJECT) or not asked:
        return None
    name, key = notification.approver, person_key(notification.approver)
    for wait in asked:
        entitled = [person_key(each) for each in wait.approvers]
        if not key and (entitled or notification.notify_type == APPROVE):
            message = f"{wait.run.name} counts approvals by name: give yours as Approver"
            return Refused("ApproverMissing", message)
        if entitled and key not in entitled:
            message = f'"{name}" is none of those who may decide about {wait.run.name}: {_named(wait.approvers)}'
            return Refused("NotAnApprover", message)
    if notification.notify_type == APPROVE and all(is_vote(wait) and has_voted(wait, name) for wait in waits):
        vote = next(vote for vote in asked[0].votes if person_key(vote.approver) == key)
        message = f'"{name}" approved {asked[0].run.name} at {vote.at} already: {tally(asked[0])}'
        return Refused("AlreadyVoted", message)
    return None


def has_voted(wait: Wait, name: str) -> bool:
    """Whether somebody of this name has approved."""
    return person_key(name) in [person_key(vote.approver) for vote in wait.votes]


def take(wait: Wait, answer: Answer) -> None:
    """Takes a decision that counts for this wait: it is the wait's answer, or a vote on the way to one."""
    if answer.notify_type != APPROVE or not is_vote(wait):
        wait.answer = answer
        return
    if has_voted(wait, answer.approver):
        return
    wait.votes.append(answer)
    wait.message = waiting_message(wait)
    if len(wait.votes) >= wait.required:
        wait.answer = _joint(wait.votes)


def _joint(votes: list[Answer]) -> Answer:
    """The answer that votes make together."""
    last = votes[-1]
    notes = [vote.note for vote in votes if vote.note]
    if len(votes) > 1:
        notes = [f"{vote.approver}: {vote.note}" for vote in votes if vote.note]
    return Answer(
        notify_type=APPROVE,
        by=" and ".join(vote.by for vote in votes),
        note=shortened("; ".join(notes), _MAX_NOTE),
        at=last.at,
        decision_id=last.decision_id,
        approver=", ".join(vote.approver for vote in votes),
    )


def waiting_message(wait: Wait) -> str:
    """What an approval says while it waits."""
    if wait.required == 1:
        return "waits for approval"
    return f"waits for approval: {tally(wait)}"


def tally(wait: Wait) -> str:
    """How far it is, in words."""
    return f"{len(wait.votes)} of {wait.required} approval{'s' if wait.required > 1 else ''}"


def _named(names: list[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
