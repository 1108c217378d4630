"""``caboose validate --explain ID``: what a problem's id means, from the rule that is its only home."""

from caboose.cli.errors import UsageError, with_hint
from caboose.cli.output import print_json
from caboose.oos.checks import RULES
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean


def explain(name: str, *, as_json: bool = False) -> None:
    """Prints the rule of this id, in any letter case.

    Raises:
        UsageError: there is no such id.
    """
    known = resolve_name(name.strip(), RULES)
    if known is None:
        hint = did_you_mean(name, RULES) or "docs/reference/checks.md lists them all."
        raise UsageError(with_hint(f'there is no problem with the id "{name}"', hint))
    rule = RULES[known]
    if not as_json:
        print(rule)
        return
    print_json(
        {
            "Id": rule.id,
            "Severity": rule.severity,
            "Title": rule.title,
            "Explanation": rule.explanation,
            "Bad": rule.bad,
            "Good": rule.good,
            "Source": rule.source,
        }
    )
