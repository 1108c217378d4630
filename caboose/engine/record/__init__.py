"""The record: an execution's state as the world sees it, with OOS's field names (reference section 8.5).

Plain JSON, redacted. The query answers with it while the execution runs; the store keeps it for afterwards. It travels
in one message, so it has a largest size: what doesn't fit is left out, the least needed first, never the status.

``execution`` makes the record, ``tasks`` that of one task execution, ``pages`` lists of them, ``stored`` chooses what
the store needs to hear, ``progress`` says what was and wasn't done, ``waits`` what people are asked and have said,
``shown`` takes out what nobody may see or what is too large.
"""

from caboose.engine.record.execution import Header, execution_record, for_store
from caboose.engine.record.pages import task_page
from caboose.engine.record.progress import status_message
from caboose.engine.record.shown import MAX_RECORD_BYTES, Hide, nothing_hidden
from caboose.engine.record.stored import StoredTasks
from caboose.engine.record.tasks import loop_answer, task_record, waiting_parts

__all__ = [
    "MAX_RECORD_BYTES",
    "Header",
    "Hide",
    "StoredTasks",
    "execution_record",
    "for_store",
    "loop_answer",
    "nothing_hidden",
    "status_message",
    "task_page",
    "task_record",
    "waiting_parts",
]
