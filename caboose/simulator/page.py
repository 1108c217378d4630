"""What a person sees at `/`: the chat with its links, beside the instances and their states.

Messages are text from elsewhere. Everything is escaped by the template; only http and https addresses become links,
as a chat does it, and they are found here, not in the template.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from caboose.simulator.robot import Message
from caboose.simulator.state import World

MOST_INSTANCES = 200
MOST_MESSAGES = 50
# A Markdown link, or a bare address up to a space or a mark that no address ends with.
LINK = re.compile(r"\[(?P<title>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)|(?P<bare>https?://[!-~]*[A-Za-z0-9/_=&#-])")
BREAKS_ADDRESS = re.compile(r"[<>\"'`]")

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


@dataclass(frozen=True)
class Piece:
    """A stretch of a message; with an address it is a link."""

    text: str
    url: str = ""


def render(world: World) -> str:
    """The page as HTML."""
    instances = list(world.instances)
    states = Counter(instance.status for instance in instances)
    return _templates.get_template("page.html").render(
        messages=[shown(message) for message in reversed(world.robot.messages[-MOST_MESSAGES:])],
        instances=[(instance.record, instance.counts) for instance in instances[:MOST_INSTANCES]],
        states=sorted(states.items()),
        total=len(instances),
        hidden=max(0, len(instances) - MOST_INSTANCES),
    )


def shown(message: Message) -> dict[str, Any]:
    """A message as the template wants it."""
    kind = message.body["msgtype"]
    content = message.body[kind]
    return {
        "group": message.group,
        "time": message.time[11:19],
        "title": str(content.get("title", "")),
        "pieces": list(pieces(message.text)),
        "buttons": [Piece(str(title), str(url)) for title, url in _buttons(kind, content) if _is_web(url)],
        "mentioned": message.mentioned,
        "mentioned_all": message.mentioned_all,
    }


def pieces(text: str) -> Iterator[Piece]:
    """A text cut into plain stretches and links."""
    end = 0
    for match in LINK.finditer(text):
        url = match["url"] or match["bare"]
        if bad := BREAKS_ADDRESS.search(url):
            if match["url"]:
                continue
            url = url[: bad.start()]
        stop = match.end() if match["url"] else match.start() + len(url)
        if match.start() > end:
            yield Piece(text[end : match.start()])
        yield Piece(match["title"] or url, url)
        end = stop
    if end < len(text):
        yield Piece(text[end:])


def _buttons(kind: str, content: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The links of a message that aren't in its text."""
    if kind == "link":
        yield content["title"], content["messageUrl"]
    if kind == "feedCard":
        for link in content["links"]:
            yield link.get("title", ""), link.get("messageURL", "")
    if kind == "actionCard":
        if "singleTitle" in content and "singleURL" in content:  # then DingTalk ignores btns
            yield content["singleTitle"], content["singleURL"]
            return
        for button in content.get("btns", []):
            yield button.get("title", ""), button.get("actionURL", "")


def _is_web(url: Any) -> bool:
    return isinstance(url, str) and url.startswith(("http://", "https://"))
