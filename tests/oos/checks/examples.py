"""The examples of the rules, as whole templates or starts."""

import json
from typing import Any

import yaml

from caboose.oos.checks import Rule
from caboose.oos.checks.catalogue import starts
from caboose.oos.library import Library, Source
from caboose.oos.start import StoredTemplate

_VERSION = "FormatVersion"


def _template(parameters: dict[str, Any], **sections: Any) -> str:
    """A template of one task, which reads with these parameters."""
    properties = {"Service": "ECS", "API": "DescribeInstances", "Parameters": parameters}
    task = {"Name": "look", "Action": "ACS::ExecuteAPI", "Properties": properties}
    return json.dumps({_VERSION: "OOS-2019-06-01", "Tasks": [task], **sections})


LIBRARY = Library([Source("ACS::Example::Broken", _template({"InstanceId": "{{ nobody }}"}))])
"""The product actions that examples use."""

STARTED = _template(
    {"InstanceId": "{{ instanceId }}", "MaxResults": "{{ count }}"},
    Parameters={"instanceId": {"Type": "String"}, "count": {"Type": "Number", "Default": 1, "MaxValue": 10}},
)
"""The template that the examples of starts start."""

USES_ACCOUNT = _template({"OwnerId": "{{ ACS::AccountId }}"})
"""A template that needs a setting of the server."""

NEEDS_TWO = json.dumps(
    {
        _VERSION: "OOS-2019-06-01",
        "Tasks": [
            {
                "Name": "ask",
                "Action": "ACS::Approve",
                "Properties": {"MinRequiredApprovals": 2, "WebHook": {"URI": "http://h", "Content": {"a": 1}}},
            }
        ],
    }
)
"""A template that needs the approval of two people."""

NAME = "restart"
"""What the template of an example is called."""

START_IDS = [rule.id for rule in starts.DECLARED]

IN_WORDS = {
    "TemplateTooLarge": "tests/oos/test_loader.py",
    "TooManyProblems": "tests/oos/test_problems.py",
    "TooDeepNesting": "tests/oos/test_compile.py",
    "TooManyBodies": "tests/oos/test_compile.py",
    "PlanTooLarge": "tests/oos/test_compile.py",
    "StartTooLarge": "tests/oos/test_start.py",
    "FunctionError": "tests/compliance/functions/numbers.yaml",
    "SelectorError": "tests/compliance/functions/programs.yaml",
    "ValueTooLarge": "tests/oos/test_start.py",
    "InvalidJson": "tests/api/test_errors.py",
    "MissingField": "tests/api/test_errors.py",
    "InvalidTemplateName": "tests/api/test_templates.py",
    "InvalidNotification": "tests/api/test_approval_flow.py",
    "PrepareFailed": "workflows/execution.py",
}
"""Rules whose examples can't be run here, and where each is tested: they are too large to be written out, come true
only when a template runs, or aren't about templates and starts. ``PrepareFailed`` needs a worker that loses its store:
no test brings that about."""


def whole(example: str) -> str:
    """The template that an example is, or is a part of; a text that isn't readable is taken as it is."""
    if example.startswith(f"{_VERSION}:"):
        return example
    first = example.split(":", 1)[0]
    if first in ("Parameters", "Conditions", "Tasks", "Outputs"):
        return f"{_VERSION}: OOS-2019-06-01\n{example}"
    lines = example.splitlines()
    if not example.startswith("- "):
        lines = [("- " if index == 0 else "  ") + line for index, line in enumerate(lines)]
    return "\n".join([f"{_VERSION}: OOS-2019-06-01", "Tasks:", *("  " + line for line in lines)])


def start_of(example: str) -> Any:
    """The fields of a start that an example shows."""
    return yaml.safe_load(example)


def is_start(rule: Rule) -> bool:
    """Whether a rule's examples are starts."""
    return rule.id in START_IDS


class Templates:
    """A store that holds the templates that the examples start."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """The templates, whatever the version."""
        text = {NAME: STARTED, "usesAccountId": USES_ACCOUNT, "needsTwoPeople": NEEDS_TWO}.get(name)
        return StoredTemplate(name, "v1", text, "0") if text else None

    def names(self) -> list[str]:
        """The name of the one that most of them start."""
        return [NAME]
