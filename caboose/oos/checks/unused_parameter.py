"""A parameter that nothing refers to: asked for at every start, and without effect.

A parameter that only the form needs counts as used: another parameter's ``AssociationPropertyMetadata`` names it to
narrow a choice down.
"""

from collections.abc import Iterator
from typing import Any

from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.references import PARAMETER

_METADATA = "AssociationPropertyMetadata"


def _check(template: Template) -> Iterator[Finding]:
    used = {use.reference.name for use in template.uses if use.reference.kind == PARAMETER}
    unused = [name for name in template.body.parameters if name not in used]
    if not unused:
        return
    shown = list(_metadata_texts(template.raw.get("Parameters") or {}))
    for name in unused:
        if not any(name == text or f"${{{name}}}" in text for text in shown):
            hint = "Take it out, or use it where it was meant to be used."
            yield Finding(("Parameters", name), f'nothing uses the parameter "{name}"', hint)


def _metadata_texts(parameters: dict[str, Any]) -> Iterator[str]:
    open_ends = [fields.get(_METADATA) for fields in parameters.values() if isinstance(fields, dict)]
    while open_ends:
        value = open_ends.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            open_ends.extend(value.values() if isinstance(value, dict) else value)


RULE = Rule(
    id="UnusedParameter",
    severity="warning",
    title="A parameter that nothing uses",
    explanation=(
        "The parameter is declared, and no task, output, condition, RamRole or default refers to it. Whoever starts "
        "the template gives a value that changes nothing; often a task should have used it. Use it, or take it out."
    ),
    bad="""\
Parameters:
  regionId: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}""",
    good="""\
Parameters:
  regionId: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances, Parameters: {RegionId: '{{ regionId }}'}}""",
    check=_check,
)
