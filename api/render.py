"""Pages as HTML: templates of ``api/pages`` with everything escaped, and the headers a page of this kind needs.

What a page shows comes from templates and parameters that anybody may have written. So nothing is marked as safe, no
page has a script, and the content policy would stop one. Addresses in the pages are relative, so that a proxy may put
everything below a path of its own.
"""

from pathlib import Path
from typing import Any

from fastapi.responses import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "pages"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # with no-referrer browsers send "Origin: null" from our own form, and the check of the origin would refuse it
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer, unless the answer says otherwise (the style sheet may be cached)."""


def instant(value: str) -> str:
    """``2026-11-23T04:10:18Z`` as people read it."""
    return value.replace("T", " ").removesuffix("Z") + " UTC" if value else ""


_environment = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["instant"] = instant


def page(name: str, values: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The page ``name`` filled in. Characters that UTF-8 can't write (lone surrogates) are replaced."""
    text = _environment.get_template(name).render(values)
    return Response(text.encode("utf-8", "replace"), status, headers, "text/html; charset=utf-8")


def message_page(title: str, text: str, status: int, headers: dict[str, str] | None = None, hint: str = "") -> Response:
    """A page that only says something."""
    return page("message.html", {"title": title, "text": text, "hint": hint}, status, headers)


def style_sheet() -> Response:
    """The one style sheet. Not secret, and the same for everybody."""
    return Response(
        (FOLDER / "style.css").read_bytes(),
        media_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300"},
    )
