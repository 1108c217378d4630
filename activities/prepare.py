"""The activity ``prepare``: a start request becomes a plan and bound parameters, pinned in history from then on.

It is the same check that the API makes before it starts an execution; for a start from a Temporal client it is the
only one. Problems are its result, not its failure: asking again would find the same.
"""

from dataclasses import dataclass

from temporalio import activity

from activities import contracts
from activities.contracts import Prepared, PrepareInput
from caboose.oos.library import Library
from caboose.oos.start import StartDefaults, TemplateSource, check_start
from caboose.settings import Settings


@dataclass
class PrepareActivities:
    """Needs the stored templates, the library and the settings that fill in what a start leaves open."""

    settings: Settings
    templates: TemplateSource
    library: Library

    @activity.defn(name=contracts.PREPARE)
    def prepare(self, request: PrepareInput) -> Prepared:
        """Compiles and binds a start (design section 2)."""
        defaults = StartDefaults(
            execution_id=request.execution_id,
            region_id=self.settings.region,
            safety_check=self.settings.safety_check,
            executed_by="unknown (started by a Temporal client)",
        )
        checked = check_start(request.request, self.templates, self.library, defaults)
        return Prepared(checked.problems, checked.plan, checked.start)
