"""What a polled or checked answer has to show: the properties that WaitFor and CheckFor share."""

from caboose.oos.actions.api_call import CALL, check_call
from caboose.oos.actions.declaration import Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import LIST, SELECTOR

EXPECTATION = {
    **CALL,
    "PropertySelector": Property(SELECTOR, required=True, description="Cuts the value that counts out of the answer."),
    "DesiredValues": Property(LIST, single=True, description="The value has to be one of these."),
    "NotDesiredValues": Property(LIST, single=True, description="The value must be none of these."),
    "StopRetryValues": Property(
        LIST, single=True, description="Stops and fails at once when the value is one of these."
    ),
}

RESULT = "The body of the API's last answer; of an API that refuses, its error: Code, Message, RequestId."


def check_expectation(given: Given) -> None:
    """A call, and values that are wanted or not wanted. No value is unwanted where that list is empty: any answer does;
    none could be wanted where the other one is."""
    check_call(given)
    if not given.values.get("DesiredValues") and given.values.get("NotDesiredValues") is None:
        given.error("MissingProperty", f"{given.owner} needs DesiredValues or NotDesiredValues")
