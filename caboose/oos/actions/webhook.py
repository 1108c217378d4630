"""The message that Approve and Notify send."""

from caboose.oos.actions.declaration import Property
from caboose.oos.actions.kinds import MAP, TEXT

WEBHOOK = Property(
    MAP,
    fields={
        "URI": Property(TEXT, required=True, description="Where the message is posted."),
        "Headers": Property(MAP, description="Headers of the request."),
        "Content": Property(MAP, required=True, description="The message, posted as JSON: what the receiver asks for."),
    },
    description="A message to a URL, such as a DingTalk group's robot.",
)
