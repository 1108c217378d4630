"""The approval page in a real browser: on a desk and on a phone, with script switched off as the page promises.

Needs Chromium from the system's packages; without it these tests are skipped with a line that says so, and fail when
CABOOSE_REQUIRE_BROWSER=1.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from tests.api.conftest import Api
from tests.api.people import waiting_with_link
from tests.api.test_approval_kinds import CALL, vote
from tests.api.waiting import SINCE, waiting_execution
from tests.support.stack import Stack

pytestmark = pytest.mark.browser

CHROMIUM = Path(os.environ.get("CABOOSE_CHROMIUM", "/usr/bin/chromium"))
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=780)
SIZES = {"desk": DESK, "phone": PHONE}


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    if not CHROMIUM.exists():  # noqa: ASYNC240  # one look, before anything runs
        why = f"no browser at {CHROMIUM}: install Debian's chromium (CABOOSE_CHROMIUM names another place)"
        if os.environ.get("CABOOSE_REQUIRE_BROWSER") == "1":
            pytest.fail(why)
        pytest.skip(why)
    async with async_playwright() as playwright:
        options = ["--disable-dev-shm-usage", "--disable-gpu"]
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield launched
        await launched.close()


@asynccontextmanager
async def tab(browser: Browser, size: ViewportSize = DESK, script: bool = False) -> AsyncIterator[Page]:
    """A fresh browser profile with one page; what the browser complains about fails the test."""
    phone = size["width"] < 500
    context = await browser.new_context(
        viewport=size, java_script_enabled=script, is_mobile=phone, has_touch=phone, color_scheme="light"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    await context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


async def decide(page: Page, decision: str, name: str = "alice", note: str = "") -> None:
    """Fill in the form as a person does, and press a button."""
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Note").fill(note)
    await page.get_by_role("button", name=decision, exact=True).click()


@pytest.mark.parametrize("size", SIZES)
async def test_approving(browser: Browser, stack: Stack, size: str) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser, SIZES[size]) as page:
        await page.goto(link)
        assert await page.get_by_role("heading", level=1).inner_text() == "reboot-with-approval v1"
        for machine in stack.simulator.instances():
            assert await page.get_by_text(machine["InstanceId"], exact=True).is_visible()
        await decide(page, "Approve", note="go ahead")
        assert "?decision=" in page.url
        assert "Your approval is recorded." in await page.get_by_role("status").inner_text()
        assert await page.get_by_text("go ahead", exact=True).is_visible()
        assert await page.get_by_role("button").count() == 0
    assert stack.finish(execution_id)["Status"] == "Success"
    assert len(stack.reboots()) == 2


@pytest.mark.parametrize("size", SIZES)
async def test_rejecting(browser: Browser, stack: Stack, size: str) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser, SIZES[size]) as page:
        await page.goto(link)
        await decide(page, "Reject", note="not today")
        assert "Your rejection is recorded." in await page.get_by_role("status").inner_text()
    assert stack.finish(execution_id)["Status"] == "Cancelled"
    assert stack.reboots() == []


async def test_the_name_is_asked_for(browser: Browser, stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Approve", exact=True).click()
        assert page.url == link
        await page.get_by_label("Your name").fill("   ")
        await page.get_by_label("Note").fill("my <note>")
        await page.get_by_role("button", name="Approve", exact=True).click()
        assert "Please give your name" in await page.get_by_role("status").inner_text()
        assert await page.get_by_label("Note").input_value() == "my <note>"
    assert stack.get(execution_id)["Decisions"] == []
    stack.notify(execution_id, "Reject")


async def test_enter_in_a_field_decides_nothing(browser: Browser, stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser) as page:
        await page.goto(link)
        await page.get_by_label("Your name").fill("alice")
        await page.get_by_label("Your name").press("Enter")
        await page.wait_for_timeout(300)
        assert page.url == link
    assert stack.get(execution_id)["Decisions"] == []
    stack.notify(execution_id, "Reject")


async def test_a_double_click(browser: Browser, stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser) as page:
        await page.goto(link)
        await page.get_by_label("Your name").fill("alice")
        await page.get_by_role("button", name="Approve", exact=True).dblclick(no_wait_after=True)
        await expect(page).to_have_url(re.compile(r"\?decision="))  # the second click aborts the way of the first
        assert "Your approval is recorded." in await page.get_by_role("status").inner_text()
    record = stack.finish(execution_id)
    assert [each["Accepted"] for each in record["Decisions"]] == [True]
    assert len(stack.reboots()) == 2


async def test_going_back_and_pressing_the_other_button(browser: Browser, stack: Stack) -> None:
    stack.simulator.reset(transition_seconds=3)
    execution_id, link = waiting_with_link(stack)
    async with tab(browser) as page:
        await page.goto(link)
        await decide(page, "Approve")
        await page.go_back()
        if await page.get_by_role("button").count():  # pages aren't kept, so going back usually asks again
            await decide(page, "Reject")
            assert "changed nothing" in await page.get_by_role("status").inner_text()
        assert await page.get_by_text("Approved", exact=True).is_visible()
    assert stack.finish(execution_id)["Status"] == "Success"


async def test_a_form_on_another_site_is_refused(browser: Browser, stack: Stack, tmp_path: Path) -> None:
    execution_id, link = waiting_with_link(stack)
    async with tab(browser) as page:
        await page.goto(link)
        token = await page.locator('input[name="form_token"]').get_attribute("value")
        evil = tmp_path / "evil.html"
        evil.write_text(
            f'<form method="post" action="{link}"><input name="form_token" value="{token}">'
            '<input name="approver" value="mallory"><button name="decision" value="Approve">Win a prize</button></form>'
        )
        await page.goto(evil.as_uri())
        await page.get_by_role("button").click()
        assert await page.get_by_role("heading", level=1).inner_text() == "This was refused"
    assert stack.get(execution_id)["Decisions"] == []
    stack.notify(execution_id, "Reject")


async def test_it_shows_in_no_frame(browser: Browser, api: Api, tmp_path: Path) -> None:
    waiting = await waiting_execution(api)
    framing = tmp_path / "framing.html"
    framing.write_text(f'<iframe src="{api.url}{waiting.link}"></iframe>')
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(framing.as_uri())
    await page.wait_for_load_state("networkidle")
    assert [await frame.get_by_role("button").count() for frame in page.frames] == [0, 0]
    await context.close()


@pytest.mark.parametrize("size", SIZES)
async def test_it_fits(browser: Browser, api: Api, size: str) -> None:
    long = "批量重启带审批的实例-" * 8 + "x" * 180
    items = [{"Id": f"i-bp1{number:017}", "Name": long, "Status": "Running"} for number in range(200)]
    entry: dict[str, Any] = {
        "TaskName": long,
        "Message": f"{long}\n" * 40,
        "Targets": {
            "Items": items,
            "Count": 1000,
            "Missing": [f"i-gone{number}" for number in range(30)],
            "MissingCount": 30,
        },
        "NextTasks": [{"TaskName": long, "TaskAction": "ACS::ECS::RebootInstance", "Description": long}],
        "Notification": {"Delivered": False, "Message": long, "Warning": long, "Number": 1},
    }
    waiting = await waiting_execution(api, entry, Description=long, ExecutedBy=long, TemplateName=long)
    async with tab(browser, SIZES[size], script=True) as page:
        await page.goto(f"{api.url}{waiting.link}")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[size]["width"]
        shown = await page.evaluate("getComputedStyle(document.querySelector('button.approve')).backgroundColor")
        assert shown == "rgb(20, 113, 61)"
        await assert_buttons_apart(page)


LOW_CONTRASTS = """() => {
  const light = (text) => {
    const part = text.match(/[0-9.]+/g).map(Number);
    const shares = part.slice(0, 3).map((value) => value / 255);
    const linear = shares.map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2];
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color.endsWith(", 0)") ? behind(element.parentElement) : color;
  };
  const texts = [...document.querySelectorAll("main *, footer")].filter((element) =>
    element.getClientRects().length && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return [(a + .05) / (b + .05), element.innerText];
  }).filter(([contrast]) => contrast < 4.5);
}"""


async def assert_buttons_apart(page: Page) -> None:
    """Both are large enough for a thumb, and a thumb that slips from one doesn't land on the other."""
    approve = await page.get_by_role("button", name="Approve", exact=True).bounding_box()
    reject = await page.get_by_role("button", name="Reject", exact=True).bounding_box()
    assert approve
    assert reject
    for box in (approve, reject):
        assert box["height"] >= 48
        assert box["width"] >= 200
    gap = reject["y"] - (approve["y"] + approve["height"])
    assert gap >= 48


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read(browser: Browser, api: Api, scheme: Literal["light", "dark"]) -> None:
    """WCAG 2 asks for a contrast of 4.5 between a text and what is behind it."""
    decided = {"By": "by link", "Note": "a note", "At": SINCE, "DecisionId": "x"}
    entries: list[dict[str, Any]] = [
        {"Notification": {"Delivered": False, "Message": "lost", "Warning": "no link", "Number": 1}},
        {"Kind": "HighRisk", "Call": CALL, "Required": 2, "Approvers": ["alice"], "Votes": [vote("alice", "a note")]},
        {"Kind": "Pause", "WaitMessage": "pauses"},
        {"Status": "Approve", "Decision": {**decided, "Decision": "Approve"}},
        {"Status": "Reject", "Decision": {**decided, "Decision": "Reject"}},
        {"Status": "Cancelled"},
    ]
    context = await browser.new_context(color_scheme=scheme)
    page = await context.new_page()
    for entry in entries:
        waiting = await waiting_execution(api, entry)
        await page.goto(f"{api.url}{waiting.link}")
        assert await page.evaluate(LOW_CONTRASTS) == []
    await context.close()


@pytest.mark.parametrize("size", SIZES)
async def test_a_large_call_and_many_votes_fit(browser: Browser, api: Api, size: str) -> None:
    long = "a-name-without-a-blank-" * 8
    parameters: dict[str, Any] = {f"Parameter.{number}.{long}": {"Key": long} for number in range(30)}
    entry: dict[str, Any] = {
        "Kind": "HighRisk",
        "Call": {**CALL, "RamRole": long, "Parameters": {**parameters, "UserData": "x" * 5_000}},
        "LoopItem": {"id": long},
        "LoopBatchNumber": 3,
        "Required": 20,
        "Approvers": [f"{long}{number}" for number in range(30)],
        "Votes": [vote(f"{long}{number}", long) for number in range(15)],
    }
    waiting = await waiting_execution(api, entry)
    async with tab(browser, SIZES[size], script=True) as page:
        await page.goto(f"{api.url}{waiting.link}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        assert await page.get_by_text("15 of 20 approvals", exact=True).is_visible()
        await assert_buttons_apart(page)


async def test_every_case_has_a_page_that_fits_a_phone(browser: Browser, api: Api) -> None:
    waiting = await waiting_execution(api)
    ended = await waiting_execution(api, Status="Failed", StatusMessage="x" * 400, EndDate="2026-11-20T04:00:00Z")
    earlier = await waiting_execution(api, {"Attempt": 2})
    async with tab(browser, PHONE, script=True) as page:
        for link, heading in (
            (waiting.link, "reboot-with-approval v1"),
            (ended.link, "reboot-with-approval v1"),
            (earlier.link, "This link is for an earlier attempt"),
            ("/approvals/forged", "This link is not valid"),
        ):
            await page.goto(f"{api.url}{link}")
            assert await page.get_by_role("heading", level=1).inner_text() == heading
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
