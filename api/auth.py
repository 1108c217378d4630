"""The bearer token, required on every path that isn't named here.

A middleware and not a dependency of the routes: a route that somebody adds is closed unless it is opened here on
purpose. Approval pages carry their authority in the link, and health checks say nothing.
"""

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import APPROVALS, ApiError, error_answer

OPEN_PATHS = ("/healthz", "/readyz")


class RequireToken:
    """Answers 401 to requests without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        if not token:
            raise ValueError("the API needs a token: with an empty one everybody would be let in")
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or _is_open(scope["path"]) or self._entitled(scope):
            await self._app(scope, receive, send)
            return
        error = ApiError(
            401,
            "Unauthorized",
            "A bearer token is required: Authorization: Bearer <token>. The API keeps its token in the file "
            '"token" of its data folder, unless CABOOSE_TOKEN sets it.',
            headers={"WWW-Authenticate": "Bearer"},
        )
        await error_answer(scope, error)(scope, receive, send)

    def _entitled(self, scope: Scope) -> bool:
        given = Headers(scope=scope).get("authorization", "").encode("latin-1")
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer":
            return False
        return hmac.compare_digest(b"Bearer " + token.strip(), self._expected)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(APPROVALS)
