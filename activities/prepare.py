"""The activity ``prepare``: a start request becomes a plan and bound parameters, pinned in history from then on.

It is the same check that the API makes before it starts an execution; for a start from a Temporal client it is the
only one. Problems are its result, not its failure: asking again would find the same.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity

from activities import contracts
from activities.contracts import CompileInput, CompileResult, Prepared, PrepareInput
from activities.retry import RetryPreparation
from caboose.oos.library import Library
from caboose.oos.problems import summary
from caboose.oos.start import StartDefaults, TemplateSource, check_examined, compile_nested, examine_start
from caboose.oos.start.retry import is_retry
from caboose.sandbox import Sandbox
from caboose.settings import Settings

_UNKNOWN_STARTER = "unknown (started by a Temporal client)"


@dataclass
class PrepareActivities:
    """Needs the stored templates, the library, the settings that fill in what a start leaves open, the sandbox for
    patterns and programs, and what prepares the retry of a failed execution."""

    settings: Settings
    templates: TemplateSource
    library: Library
    sandbox: Sandbox
    retries: RetryPreparation

    @activity.defn(name=contracts.PREPARE)
    async def prepare(self, request: PrepareInput) -> Prepared:
        """Compiles and binds a start (design section 2); one that retries a failed execution has that one's plan."""
        if is_retry(request.request):
            return await self.retries.prepare(request, _UNKNOWN_STARTER)
        defaults = StartDefaults(
            execution_id=request.execution_id,
            now=datetime.now(UTC),
            region_id=self.settings.region,
            safety_check=self.settings.safety_check,
            executed_by=_UNKNOWN_STARTER,
            account_id=self.settings.account_id,
            oosutil_version=self.settings.oosutil_version,
            trust_names=self.settings.trust_names,
        )
        examined = await asyncio.to_thread(examine_start, request.request, self.templates, self.library, defaults)
        checked = await check_examined(examined, self.sandbox)
        return Prepared(checked.problems, checked.plan, checked.start)

    @activity.defn(name=contracts.COMPILE)
    async def compile_template(self, wanted: CompileInput) -> CompileResult:
        """Compiles a nested template that is known only now."""
        asked = (wanted.name, wanted.version, wanted.content)
        plan, problems = await compile_nested(asked, self.templates, self.library, self.sandbox)
        if plan is None:
            unknown = problems[0].id == "UnknownTemplate"
            return CompileResult(code="UnknownTemplate" if unknown else "BrokenTemplate", message=summary(problems))
        return CompileResult(plan)
