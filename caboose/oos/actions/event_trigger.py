"""``ACS::EventTrigger``."""

from caboose.oos.actions.declaration import TRIGGER, Action, Property
from caboose.oos.actions.kinds import ANY, LIST, MAP, TEXT

EVENT_TRIGGER = Action(
    name="ACS::EventTrigger",
    kind=TRIGGER,
    summary="Runs the rest of the template whenever a cloud product reports an event.",
    source="https://help.aliyun.com/document_detail/126127.html",
    properties={
        "Product": Property(TEXT, description="The product that reports it, such as ECS."),
        "Name": Property(LIST, description="Names of events, such as Instance:StateChange."),
        "Level": Property(LIST, description="INFO, WARN, CRITICAL."),
        "Content": Property(MAP, description="Attributes of the event with the values that count."),
        "RegionId": Property(LIST, description="Regions of the event."),
        "Tags": Property(ANY, description="Tags of the resource that the event is about."),
        "OutputTransformer": Property(ANY, description="Reshapes the event before selectors see it."),
    },
    result="The event.",
    result_fields=("product", "name", "level", "regionId", "resourceId", "userId", "eventTime", "id", "ver", "content"),
    first_only=True,
)
