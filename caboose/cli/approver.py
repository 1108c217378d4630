"""An approver without hands, for the demo: opens the link, fills in the form, presses a button.

It does what a browser does with a plain HTML form and nothing more: it knows the page only by its HTML, sends
the hidden fields back and follows the redirect. So the demo proves that the page works without script.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from caboose.cli.errors import CliError


@dataclass
class Page:
    """What of a page matters to an approver."""

    title: str = ""
    notice: str = ""
    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)


class Approver:
    """A person with a browser, in one sitting: cookies are kept."""

    def __init__(self, link: str) -> None:
        self._link = link
        self._browser = httpx.Client(timeout=30, follow_redirects=True, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()

    def open(self) -> Page:
        """Open the link.

        Raises:
            CliError: when there is no page with a form.
        """
        response = self._browser.get(self._link)
        page = read_page(response.text)
        if response.status_code != httpx.codes.OK or not page.decisions:
            raise CliError(f"the link opens no approval form: HTTP {response.status_code} {page.title}")
        return page

    def decide(self, page: Page, *, decision: str, approver: str, note: str) -> Page:
        """Fill in the form and press the button; returns the page after the redirect.

        Raises:
            CliError: when the form is not taken.
        """
        filled = {"approver": approver, "note": note}
        data = {**page.hidden, **{name: filled[name] for name in page.fields if name in filled}, "decision": decision}
        origin = urlsplit(self._link)
        response = self._browser.post(
            urljoin(self._link, page.action),
            data=data,
            headers={"Origin": f"{origin.scheme}://{origin.netloc}", "Referer": self._link},
        )
        after = read_page(response.text)
        if response.status_code != httpx.codes.OK:
            raise CliError(f"the form was not taken: HTTP {response.status_code} {after.title}")
        return after


def read_page(html: str) -> Page:
    """The title, what the page says about an action (role="status"), and the form's parts."""
    reader = _Reader()
    reader.feed(html)
    reader.page.title = " ".join(reader.page.title.split())
    reader.page.notice = " ".join(reader.page.notice.split())
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._in_title = False
        self._status_tag = ""  # while the reader is inside the element with role="status"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "title":
            self._in_title = True
        elif given.get("role") == "status":
            self._status_tag = tag
        elif tag == "form":
            self.page.action = given.get("action", "")
        elif name == "decision":
            self.page.decisions.append(given.get("value", ""))
        elif tag == "input" and given.get("type") == "hidden":
            self.page.hidden[name] = given.get("value", "")
        elif tag in ("input", "textarea") and name:
            self.page.fields.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag == self._status_tag:
            self._status_tag = ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.page.title += data
        if self._status_tag:
            self.page.notice += data
