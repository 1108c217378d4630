"""The names by which the world speaks with an execution: workflow type, signals, updates, queries, search attributes.

Plain constants without Temporal, so that the API can use them too.
"""

EXECUTION_TYPE = "Execution"

NOTIFY_EXECUTION = "NotifyExecution"
"""Signal and update: one JSON object with NotifyExecution's own field names."""
NOTIFY_AGAIN = "NotifyAgain"
"""Update without input: sends a fresh message for every approval that waits."""

GET_EXECUTION = "GetExecution"
LIST_TASK_EXECUTIONS = "ListTaskExecutions"

OOS_STATUS = "OosStatus"
OOS_TEMPLATE_NAME = "OosTemplateName"
OOS_EXECUTED_BY = "OosExecutedBy"
SEARCH_ATTRIBUTES = (OOS_STATUS, OOS_TEMPLATE_NAME, OOS_EXECUTED_BY)
"""All of type Keyword."""

VIA_LINK = "link"
VIA_API = "api"
