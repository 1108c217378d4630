"""``ACS::ExecuteHttpRequest``."""

from caboose.oos.actions.declaration import API, Action, Property
from caboose.oos.actions.kinds import ANY, LIST, MAP, SELECTOR, TEXT

_RULE = Property(
    MAP,
    complete=False,
    fields={
        "PropertySelector": Property(SELECTOR, required=True, description="Cuts the value out of the answer."),
        "Operator": Property(
            TEXT, values=("Equals", "In", "NotIn"), complete=False, description="How the value is compared."
        ),
        "Value": Property(ANY, description="What the value is compared with."),
    },
)
_RULES = {
    "Rules": Property(LIST, required=True, element=_RULE, description="The answer has to meet all of these rules.")
}

EXECUTE_HTTP_REQUEST = Action(
    name="ACS::ExecuteHttpRequest",
    kind=API,
    summary="Sends an HTTP request, and may check its answer or repeat it until the answer is as wanted.",
    source="https://help.aliyun.com/zh/oos/user-guide/acs-executehttprequest",
    properties={
        "Method": Property(TEXT, values=("POST", "GET"), description="The method of the request.", default="POST"),
        "URL": Property(TEXT, required=True, description="Where the request goes."),
        "Headers": Property(MAP, description="Headers of the request."),
        "Query": Property(MAP, description="Parameters after the ? of the URL."),
        "Body": Property(ANY, description="The body of a POST: a text, or what becomes JSON."),
        "CheckFor": Property(
            MAP, fields=_RULES, complete=False, description="The task fails when the answer doesn't meet the rules."
        ),
        "WaitFor": Property(
            MAP, fields=_RULES, complete=False, description="The request is repeated until the answer meets the rules."
        ),
    },
    complete=False,
    result="The body of the answer.",
    may_loop=True,
)
