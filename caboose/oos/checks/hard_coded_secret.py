"""A secret that is written into the template. A message must not repeat it: it names the kind and the place."""

from collections.abc import Iterator

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.secrets import names_secret, secret_in
from caboose.oos.checks.template import Template, Text

_HINT = (
    "Take it from a parameter with NoEcho: true, or from {{ oos-secret:name }}; whoever has seen it has it: renew it."
)


def _check(template: Template) -> Iterator[Finding]:
    for text in template.texts:
        what = secret_in(text.text) or _by_place(template, text)
        if what:
            yield Finding(text.path, f"{what} is written into the template", _HINT)


def _by_place(template: Template, text: Text) -> str:
    """A text without a reference, where a secret belongs."""
    key = text.path[-1]
    if not text.text.strip() or not isinstance(key, str) or "{{" in text.text or "${" in text.text:
        return ""
    if text.path[0] == "Parameters" and key == "Default":
        name = str(text.path[1])
        secret = names_secret(name) or template.body.parameters[name].no_echo
        return f'the value of "{name}", which is secret,' if secret else ""
    if key == "URI" and text.path[-2:-1] == ("WebHook",):
        return "a webhook's URL" if text.text.strip("/").count("/") > 2 or "?" in text.text else ""
    return f'the value of "{key}", which is secret,' if names_secret(key) else ""


RULE = Rule(
    id="HardCodedSecret",
    severity="warning",
    title="A secret written into the template",
    explanation=(
        "A password, a key or a webhook's URL stands in the template in so many words. Everybody who can read the "
        "template, its versions or an execution has it then; whoever knows a webhook's URL can post to the group. "
        "Take it from a parameter with NoEcho: true or from the encrypted parameter store, and renew what was "
        "written here."
    ),
    bad="""\
Name: tell
Action: ACS::Notify
Properties:
  NotifyType: WebHook
  WebHook:
    URI: https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef
    Content: {msgtype: text, text: {content: done}}""",
    good="""\
Parameters:
  webhook: {Type: String, NoEcho: true}
Tasks:
  - Name: tell
    Action: ACS::Notify
    Properties:
      NotifyType: WebHook
      WebHook:
        URI: '{{ webhook }}'
        Content: {msgtype: text, text: {content: done}}""",
    check=_check,
)
