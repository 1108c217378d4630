"""The properties that a call of a cloud product's API has, whichever action makes it."""

from caboose.oos.actions.declaration import Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, FLAG, MAP, TEXT

RESULT = "The body of the API's answer."

CALL = {
    "Service": Property(TEXT, required=True, description="The code of the product, such as ECS; in any letter case."),
    "API": Property(TEXT, required=True, description="The name of the API, such as DescribeInstances."),
    "Parameters": Property(
        MAP, description="What the API takes, without Action. RegionId says where; else it is the execution's region."
    ),
    "AutoPaging": Property(FLAG, description="Whether all pages are read and put together.", default=True),
    "Risk": Property(
        TEXT, values=("High", "Normal"), description="Raises or lowers the risk that the name of the API stands for."
    ),
    "Method": Property(
        TEXT,
        values=("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"),
        complete=False,
        description="The HTTP method of an API in REST style, which needs it.",
        runs_here=False,
    ),
    "URI": Property(TEXT, description="The path of an API in REST style.", runs_here=False),
    "Headers": Property(MAP, description="Headers of an API in REST style.", runs_here=False),
    "Body": Property(
        ANY, description="The body of a request in REST style: a text, or what becomes JSON.", runs_here=False
    ),
}


def check_call(given: Given) -> None:
    """What declarations can't say of a call."""
    if given.is_computed("Service"):
        given.not_supported("a computed Service", "Service")
    service = given.literal("Service")
    if isinstance(service, str) and service.lower() != "ecs":
        given.not_supported(f"the service {service}", "Service")
    if str(given.literal("AutoPaging")).lower() == "false" or given.is_computed("AutoPaging"):
        given.not_supported("a call without AutoPaging", "AutoPaging")
    if "URI" in given and "Method" not in given:
        given.error("MissingProperty", f"{given.owner} with a URI needs Method", "URI", "GET, PUT, POST or DELETE.")
    parameters = given.literal("Parameters")
    if isinstance(parameters, dict) and "Action" in parameters:
        message = "Parameters has Action, which is the name of the API and stands in API"
        given.error("InvalidProperty", message, "Parameters", "Take Action out.")
