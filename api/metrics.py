"""What the API counts, for Prometheus. Labels come from our own routes only, so their number is bounded."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Metrics:
    """What was counted since the process started, in a registry of its own: two applications don't share counters."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "caboose_http_requests", "Answered requests.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "caboose_http_request_seconds", "Time spent on a request.", ("route",), registry=self._registry
        )
        self._decisions = Counter(
            "caboose_page_decisions", "Decisions sent from approval pages.", ("decision",), registry=self._registry
        )

    def request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Counts an answered request; ``seconds`` None: the time says nothing."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(route).observe(seconds)

    def decision(self, kind: str) -> None:
        """Counts a decision that was sent from a page."""
        self._decisions.labels(kind).inc()

    def text(self) -> str:
        """The exposition."""
        return generate_latest(self._registry).decode()
