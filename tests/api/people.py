"""What people and browsers do with an approval, for tests against the whole stack."""

import html
import re
from urllib.parse import urljoin

import httpx

from tests.support.stack import Stack

_LINK = re.compile(r"http://127\.0\.0\.1:\d+/approvals/[\w.-]+")


def links_in_chat(stack: Stack, execution_id: str) -> list[str]:
    """The links of an execution's messages in the group, oldest first."""
    texts = [str(message) for message in stack.simulator.messages() if execution_id in str(message)]
    return [found for text in texts for found in _LINK.findall(text)]


def waiting_with_link(stack: Stack, machines: int = 2, **parameters: object) -> tuple[str, str]:
    """An execution that waits for approval, and the link that was posted for it."""
    stack.simulator.put_instances(machines)
    ids = [each["InstanceId"] for each in stack.simulator.instances()]
    execution_id = stack.start(stack.parameters(ids, **parameters))
    stack.wait_for_approval(execution_id)
    (link,) = links_in_chat(stack, execution_id)
    return execution_id, link


def text_of(response: httpx.Response) -> str:
    """A page's words, without tags and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


class Person:
    """Somebody with a browser that runs no script, who opened the link and has its form before them."""

    def __init__(self, link: str, name: str) -> None:
        self.link = link
        self.name = name
        self.page = httpx.get(link, timeout=30, trust_env=False)
        self.hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', self.page.text))

    def press(self, decision: str, note: str = "") -> httpx.Response:
        """Press a button of the form that was opened, and follow to the page that comes of it."""
        fields = {**self.hidden, "decision": decision, "approver": self.name, "note": note}
        response = httpx.post(self.link, data=fields, timeout=30, trust_env=False)
        if response.status_code != httpx.codes.SEE_OTHER:
            return response
        return httpx.get(urljoin(self.link, response.headers["location"]), timeout=30, trust_env=False)
