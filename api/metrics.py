"""Counters in Prometheus' text format, kept in this process.

Thirty lines instead of a client library: counters and a sum of seconds a route is all there is to count, and the
workers have the numbers that matter for load.
"""

from collections import Counter
from threading import Lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Metrics:
    """What was counted since the process started. Labels come from our routes only, so their number is bounded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._decisions: Counter[str] = Counter()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        with self._lock:
            self._requests[(method if method in _METHODS else "other", route, status)] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]  # a Counter adds floats too

    def decision(self, kind: str) -> None:
        """Count a decision that was sent from a page."""
        with self._lock:
            self._decisions[kind] += 1

    def text(self) -> str:
        """The exposition."""
        with self._lock:
            lines = [
                "# HELP caboose_http_requests_total Answered requests.",
                "# TYPE caboose_http_requests_total counter",
            ]
            for (method, route, status), count in sorted(self._requests.items()):
                labels = f'method="{method}",route="{route}",status="{status}"'
                lines.append(f"caboose_http_requests_total{{{labels}}} {count}")
            lines += [
                "# HELP caboose_http_request_seconds_total Time spent on requests.",
                "# TYPE caboose_http_request_seconds_total counter",
            ]
            for route, seconds in sorted(self._seconds.items()):
                lines.append(f'caboose_http_request_seconds_total{{route="{route}"}} {seconds:.6f}')
            lines += [
                "# HELP caboose_page_decisions_total Decisions sent from approval pages.",
                "# TYPE caboose_page_decisions_total counter",
            ]
            for kind, count in sorted(self._decisions.items()):
                lines.append(f'caboose_page_decisions_total{{decision="{kind}"}} {count}')
        return "\n".join(lines) + "\n"
