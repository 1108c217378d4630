"""``ACS::Template``. The parameters are checked against the template where it can be found."""

from caboose.oos.actions.declaration import EMBEDDED, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, MAP, TEXT


def _check(given: Given) -> None:
    if "TemplateName" in given and "TemplateContent" in given:
        message = "TemplateName and TemplateContent are both given, and only one of them can be meant"
        given.error("InvalidProperty", message, "TemplateContent", "Take one of them out.")
    elif "TemplateName" not in given and "TemplateContent" not in given:
        given.error("MissingProperty", "ACS::Template needs TemplateName or TemplateContent")
    content = given.literal("TemplateContent")
    if content is not None and not isinstance(content, (dict, str)):
        message = f"TemplateContent is a template, as a map or as text, not {content!r:.80}"
        given.error("InvalidType", message, "TemplateContent")


TEMPLATE = Action(
    name="ACS::Template",
    kind=EMBEDDED,
    summary="Runs another template, or a product action by its name.",
    source="https://help.aliyun.com/document_detail/120842.html",
    properties={
        "TemplateName": Property(TEXT, description="A stored template, a public one, or a product action."),
        "TemplateVersion": Property(TEXT, description="Its version; else the latest."),
        "TemplateContent": Property(ANY, description="The template itself, in place of a name."),
        "Parameters": Property(MAP, description="What it is started with."),
    },
    result="The outputs of the template.",
    may_loop=True,
    runs_here=True,
    check=_check,
)
