"""The API as the commands see it: one small HTTP client that turns every failure into a sentence.

Address and token come from ``CABOOSE_API_URL`` and ``CABOOSE_TOKEN``, else from the data folder, where
``caboose up`` leaves both. A client only reads the token: ``Settings.api_token`` would make one in whatever
folder the user happens to stand in, and the API would refuse it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit

import httpx

from caboose.cli.environment import load_settings
from caboose.cli.errors import ApiError, CliError, Unreachable, UsageError
from caboose.settings import Settings

API_URL_FILE = "api-url"
"""File of the data folder in which a running ``caboose up`` names its API's address."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TIMEOUT = httpx.Timeout(30, connect=5)
_STREAM_TIMEOUT = httpx.Timeout(60, connect=5)


def api_url(settings: Settings) -> str:
    """Where the API is: the setting, else what ``up`` wrote into the data folder, else host and port."""
    written = settings.data_dir / API_URL_FILE
    if not settings.api_url and written.is_file():
        return written.read_text().strip()
    return settings.client_url()


class Client:
    """The API's verbs. Every method raises ``ApiError`` for an error answer and ``Unreachable`` for none."""

    def __init__(self, settings: Settings) -> None:
        self.url = api_url(settings)
        self._token_file = settings.data_dir / "token"
        token = settings.token.get_secret_value() or _read(self._token_file)
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_TIMEOUT,
            trust_env=_host(self.url) not in _LOOPBACK,  # no proxy stands before one's own machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """GET; query fields that are None or empty are left out."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._send("GET", path, params=given)

    def post(self, path: str, body: Any) -> Any:
        """POST a JSON body."""
        return self._send("POST", path, json=body)

    def delete(self, path: str, **query: Any) -> Any:
        """DELETE."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._send("DELETE", path, params=given)

    @contextmanager
    def lines(self, path: str, headers: dict[str, str]) -> Iterator[Iterator[str]]:
        """GET, whose answer is read line by line while it comes; a minute of silence is no answer any more."""
        with self._failures(), self._http.stream("GET", path, headers=headers, timeout=_STREAM_TIMEOUT) as response:
            if not response.is_success:
                response.read()
                self._refuse(response)
            yield response.iter_lines()

    def _send(self, method: str, path: str, **arguments: Any) -> Any:
        with self._failures():
            response = self._http.request(method, path, **arguments)
        if response.is_success:
            return _json(response) if response.content else None
        return self._refuse(response)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Failures of a request in the words of the commands."""
        try:
            yield
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise _not_an_address(self.url) from None
        except httpx.TimeoutException:
            raise Unreachable(self.url, "no answer in time") from None
        except httpx.TransportError as error:
            raise Unreachable(self.url, str(error) or type(error).__name__) from None

    def _refuse(self, response: httpx.Response) -> NoReturn:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise self._unauthorized()
        raise _api_error(response)

    def _unauthorized(self) -> CliError:
        return CliError(
            f"the API at {self.url} does not accept the token.\n"
            f"It is read from CABOOSE_TOKEN, else from {self._token_file}: set one of CABOOSE_TOKEN and "
            "CABOOSE_DATA_DIR, or run the command in the folder in which the API was started."
        )


def execution_path(execution_id: str) -> str:
    """An execution's path; whatever was typed stays one segment."""
    return f"/executions/{quote(execution_id, safe='')}"


def template_path(name: str) -> str:
    """A template's path."""
    return f"/templates/{quote(name, safe='')}"


def connect() -> Client:
    """A client with the settings of this process."""
    return Client(load_settings())


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _not_an_address(url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _not_an_address(url)
    return parts.hostname


def _not_an_address(url: str) -> UsageError:
    return UsageError(f"not an http address of an API (CABOOSE_API_URL): {url}")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise CliError(f"{response.url} answered with something else than JSON: is that Caboose's API?") from None


def _api_error(response: httpx.Response) -> ApiError:
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict) or "Code" not in body:
        return ApiError(response.status_code, f"HTTP {response.status_code}", f"from {response.url}")
    return ApiError(
        response.status_code,
        str(body["Code"]),
        str(body.get("Message", "")),
        str(body.get("RequestId", "")),
        body.get("Problems") or (),
    )
