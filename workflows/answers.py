"""Answers to queries: inline however large, because they are in no history (``caboose.inline`` says more).

Every query of ours gives its answer through ``inline``.
"""

from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from caboose.inline import INLINE


def inline(answer: Any) -> RawValue:
    """The answer as a payload that stays inline."""
    payload = workflow.payload_converter().to_payload(answer)
    payload.metadata[INLINE] = b"true"
    return RawValue(payload)
