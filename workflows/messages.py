"""The names by which the world speaks with an execution: workflow type, signals, updates, queries, search attributes.

Plain constants without Temporal, so that the API can use them too.
"""

EXECUTION_TYPE = "Execution"

LOOP_TYPE = "caboose.Loop"
"""A large loop of an execution; its workflow's id is the loop's TaskExecutionId."""

NOTIFY_EXECUTION = "NotifyExecution"
"""Signal and update: one JSON object with NotifyExecution's own field names."""
NOTIFY_AGAIN = "NotifyAgain"
"""Update without input: sends a fresh message for every approval that waits."""

LOOP_CHANGED = "caboose.LoopChanged"
"""Signal to an execution: how far one of its large loops is, and what waits in it."""
LOOP_DECIDED = "caboose.LoopDecided"
"""Signal to a large loop: the answer to one of its waits."""
LOOP_NOTIFY_AGAIN = "caboose.LoopNotifyAgain"
"""Signal to a large loop: a fresh message for one of its approvals."""

GET_EXECUTION = "GetExecution"
LIST_TASK_EXECUTIONS = "ListTaskExecutions"

OOS_STATUS = "OosStatus"
OOS_TEMPLATE_NAME = "OosTemplateName"
OOS_EXECUTED_BY = "OosExecutedBy"
SEARCH_ATTRIBUTES = (OOS_STATUS, OOS_TEMPLATE_NAME, OOS_EXECUTED_BY)
"""All of type Keyword."""

VIA_LINK = "link"
VIA_API = "api"
