"""``ACS::ExecuteHttpRequest``."""

from caboose.oos.actions.declaration import API, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, LIST, MAP, SELECTOR, TEXT, is_computed

_RULE = Property(
    MAP,
    complete=False,
    fields={
        "PropertySelector": Property(SELECTOR, required=True, description="Cuts the value out of the answer."),
        "Operator": Property(
            TEXT, values=("Equals", "In", "NotIn"), complete=False, description="How the value is compared."
        ),
        "Value": Property(ANY, description="What the value is compared with; for In and NotIn a list."),
        "DesiredValues": Property(LIST, single=True, description="In place of Operator and Value: as in ACS::WaitFor."),
        "NotDesiredValues": Property(LIST, single=True, description="As in ACS::WaitFor."),
        "StopRetryValues": Property(LIST, single=True, description="As in ACS::WaitFor."),
    },
)
_COMPARING = ("Operator", "Value", "DesiredValues", "NotDesiredValues")
_RULES = {
    "Rules": Property(LIST, required=True, element=_RULE, description="The answer has to meet all of these rules.")
}


def _check(given: Given) -> None:
    for name in ("CheckFor", "WaitFor"):
        checked = given.literal(name)
        rules = checked.get("Rules") if isinstance(checked, dict) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict) and not is_computed(rule) and not any(each in rule for each in _COMPARING):
                message = f"rule {index} of {name} compares with nothing"
                given.error("MissingProperty", message, name, "Give it an Operator and a Value.")
    if given.literal("Method") == "GET" and "Body" in given:
        given.warning("UnusedProperty", "a GET has no Body; it is left out", "Body", "Use Query, or Method: POST.")


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
    result="The body of the answer as JSON; as a text when it is no JSON, null when it is empty.",
    may_loop=True,
    polls=True,
    runs_here=True,
    check=_check,
)
