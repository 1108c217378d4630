"""The approval form: what it carries, and what must be right before a decision is sent.

The form has an id that was made when the page was rendered. Pressing the same button twice sends the same decision id,
which the workflow counts once; going back and pressing the other button sends another id, so that this person sees that
it was too late and not the first answer again. The form's token is signed and tied to the link, so that a page which
knows only the link can't prepare a form for somebody else's browser.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import Headers

MAX_APPROVER = 100
MAX_NOTE = 1000
DECISIONS = ("Approve", "Reject")

_SALT = "caboose-approval-form-v1"
_DAY = 86_400
_MAX_FIELDS = 20


@dataclass(frozen=True)
class FormFields:
    """The fields as they came, or as they are shown again beside a message."""

    decision: str = ""
    approver: str = ""
    note: str = ""
    form_token: str = ""


@dataclass(frozen=True)
class FormSeal:
    """Makes and checks the hidden fields of forms for one link."""

    link: str
    keys: list[str]
    days: float

    def new(self) -> dict[str, str]:
        """The hidden fields of a new form."""
        form_id = uuid4().hex
        token = self._serializer().dumps([self._about(), form_id])
        return {"form_token": str(token)}

    def form_id(self, token: str) -> str | None:
        """The id of the form that ``token`` was made for; None when it wasn't made here, for this link, in time."""
        try:
            about, form_id = self._serializer().loads(token, max_age=int(self.days * _DAY))
        except (BadData, TypeError, ValueError):
            return None
        return str(form_id) if about == self._about() else None

    def _about(self) -> str:
        return sha256(self.link.encode()).hexdigest()[:32]

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(list(reversed(self.keys)), salt=_SALT)


def read_fields(body: bytes) -> FormFields:
    """The fields of a posted form, as browsers send ours; what is missing, repeated or in another shape is empty."""
    try:
        form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        form = {}

    def one(name: str) -> str:
        values = form.get(name, [])
        return values[0] if len(values) == 1 else ""

    return FormFields(
        decision=one("decision"),
        approver=_visible(one("approver")),
        note=one("note").replace("\r\n", "\n").strip(),
        form_token=one("form_token"),
    )


def fault_of(fields: FormFields) -> str:
    """What the approver has to change before the decision can be sent; nothing when it is complete."""
    if not fields.approver:
        return "Please give your name: it is recorded with the decision."
    if len(fields.approver) > MAX_APPROVER:
        return f"The name has more than {MAX_APPROVER} characters."
    if len(fields.note) > MAX_NOTE:
        return f"The note has {len(fields.note)} characters; at most {MAX_NOTE} are kept."
    if fields.decision not in DECISIONS:
        return "Please press Approve or Reject."
    return ""


def decision_id(form_id: str, fields: FormFields) -> str:
    """The id under which the workflow keeps what came of this press; another person's on the same page is another."""
    pressed = sha256(f"{form_id} {fields.approver}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{pressed}-{fields.decision.lower()}"


def notification(fields: FormFields, decision: str, claims: Any, via: str) -> dict[str, Any]:
    """NotifyExecution's fields for a decision made on a page."""
    return {
        "NotifyType": fields.decision,
        "NotifyNote": fields.note,
        "Approver": fields.approver,
        "TaskExecutionId": claims.task_execution_id,
        "Attempt": claims.attempt,
        "DecisionId": decision,
        "Via": via,
    }


def is_cross_site(headers: Headers, base_url: str) -> bool:
    """Whether another site made the browser send this.

    Browsers say so themselves in Sec-Fetch-Site, but only where the page came over https or from this machine;
    elsewhere the Origin of a form is compared with our own address. What sends neither is no browser and can't be
    tricked.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    sent_from, ours = urlsplit(origin), urlsplit(base_url)
    if (sent_from.scheme, sent_from.netloc) == (ours.scheme, ours.netloc):
        return False
    return not sent_from.netloc or sent_from.netloc != headers.get("host")


def _visible(text: str) -> str:
    """A name on one line, without characters that only change how the rest looks."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
