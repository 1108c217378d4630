"""What every handler works with, made once when the application is made.

Handlers take it as an argument (``ctx: Ctx``), so that nothing in this package is global and a test can run two
applications side by side.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request

from api.temporal import Gateway
from caboose.links import LinkClaims, make_link
from caboose.oos.library import Library
from caboose.sandbox import Sandbox
from caboose.settings import Settings
from caboose.store import Store

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """The parts of one running API."""

    settings: Settings
    store: Store
    gateway: Gateway
    library: Library
    sandbox: Sandbox
    base_url: str
    link_keys: list[str]

    def approval_link(self, claims: LinkClaims) -> str:
        """The address of an approval page, made fresh."""
        return make_link(self.base_url, claims, self.link_keys)


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks (the store, compiling a template) without holding up the other requests."""
    return await asyncio.to_thread(function, *args, **kwargs)


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
