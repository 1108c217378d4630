"""What is in no history stays inline, however large: every query of ours gives its answer through ``inline``
(``caboose.inline`` says more).
"""

from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from caboose.inline import INLINE, THRESHOLD


def inline(value: Any) -> RawValue:
    """The value as a payload that stays inline."""
    payload = workflow.payload_converter().to_payload(value)
    if payload.ByteSize() >= THRESHOLD:
        payload.metadata[INLINE] = b"true"
    return RawValue(payload)
