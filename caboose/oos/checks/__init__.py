"""Checks: what is right by the letter and hardly meant, one rule a file, in the manner of cfn-lint.

To add a rule, write a file with a ``RULE`` and name it here; its examples are its first test. ``CHECKS`` look at a
template that has no error so far. ``RULES`` are all ids that anything reports, those of the catalogue too: what
``caboose validate --explain`` and the reference page know.
"""

from caboose.oos.checks import (
    approvals_exceed_approvers,
    constant_condition,
    duplicate_choice,
    endless_loop,
    hard_coded_secret,
    loop_without_rate_control,
    max_errors_everything,
    pointless_choice,
    secret_shown,
    secret_without_no_echo,
    skipped_task_output,
    unreachable_task,
    unused_condition,
    unused_loop_item,
    unused_parameter,
    wait_without_stop_value,
)
from caboose.oos.checks.catalogue import CATALOGUE
from caboose.oos.checks.rule import Finding, Rule
from caboose.oos.checks.template import Template
from caboose.oos.compiling.reader import Reader
from caboose.oos.problems import ERROR

_LINT = (
    unused_parameter,
    unused_condition,
    unreachable_task,
    endless_loop,
    wait_without_stop_value,
    loop_without_rate_control,
    unused_loop_item,
    max_errors_everything,
    hard_coded_secret,
    secret_shown,
    secret_without_no_echo,
    approvals_exceed_approvers,
    skipped_task_output,
    constant_condition,
    duplicate_choice,
    pointless_choice,
)

CHECKS: dict[str, Rule] = {module.RULE.id: module.RULE for module in _LINT}
"""The rules that look at a whole template, in the order in which they report."""

RULES: dict[str, Rule] = dict(sorted({**CATALOGUE, **CHECKS}.items()))
"""Every rule, in order of id."""

__all__ = ["CHECKS", "RULES", "Finding", "Rule", "Template", "run_checks"]


def run_checks(reader: Reader, template: Template) -> None:
    """Reports what the rules of ``CHECKS`` find.

    Args:
        reader: the reader of the template's document, which knows lines and columns.
        template: a template without a structural error: every reference in it names something.
    """
    for rule in CHECKS.values():
        report = reader.error if rule.severity == ERROR else reader.warning
        for finding in rule.check(template):
            report(rule.id, finding.message, finding.path, finding.hint)
