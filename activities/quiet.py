"""Keeps the loggers of the HTTP libraries quiet: at INFO they print every URL, and a webhook's URL is a password."""

import logging

_LOGGERS = ("httpx", "httpcore", "urllib3")


def quiet_http_loggers() -> None:
    """Raises their level to WARNING, whatever the worker's own level is."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
