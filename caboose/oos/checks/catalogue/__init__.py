"""The catalogue: rules that are reported where a thing is read, bound or run. Here are their words only.

One file a part of the language, in the order in which a template is read.
"""

from caboose.oos.checks.catalogue import actions, conditions, loading, parameters, references, sections, starts, tasks
from caboose.oos.checks.rule import Rule

CATALOGUE: dict[str, Rule] = {
    rule.id: rule
    for part in (loading, sections, parameters, references, conditions, tasks, actions, starts)
    for rule in part.DECLARED
}
"""Every rule that isn't a lint rule, by id."""
