"""The activities ``evaluate`` and ``matches``: a template's programs and patterns, for workflow code.

Their results, and the refusals of programs that fail or were stopped, stand in history, so that a replay gives the same
whatever the machine is busy with then. Source: design section 2, "jq never runs in a worker's own process".
"""

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import contracts
from activities.contracts import EvaluateInput, EvaluateResult, MatchesInput
from caboose.oos.selectors import Engine, SelectorError
from caboose.oos.values import MAX_VALUE_BYTES, json_size
from caboose.sandbox import SandboxError

_TRIES = 5


class EvaluateActivities:
    """Needs what runs programs. Asynchronous: waiting for a child process costs no thread of the worker."""

    def __init__(self, programs: Engine) -> None:
        self._programs = programs

    @activity.defn(name=contracts.EVALUATE)
    async def evaluate(self, input: EvaluateInput) -> EvaluateResult:
        """All results of a program.

        Raises:
            ApplicationError: ``SelectorError``, for good: the program is none, fails on the value, was stopped, or its
                results are larger than a value may be.
        """
        try:
            results = await self._programs.run(input.program, input.value)
        except SelectorError as error:
            raise _refused(error) from None
        except SandboxError as error:
            raise _not_started(error) from None
        size = json_size(results)
        if size > MAX_VALUE_BYTES:
            raise _refused(SelectorError(f"the program gives {size} bytes, at most {MAX_VALUE_BYTES} are allowed"))
        return EvaluateResult(results)

    @activity.defn(name=contracts.MATCHES)
    async def matches(self, input: MatchesInput) -> bool:
        """Whether a pattern matches the whole text.

        Raises:
            ApplicationError: ``SelectorError``, for good: the pattern is none, or takes too long on this text.
        """
        try:
            return await self._programs.matches(input.pattern, input.text)
        except SelectorError as error:
            raise _refused(error) from None
        except SandboxError as error:
            raise _not_started(error) from None


def _not_started(error: SandboxError) -> Exception:
    """Child processes that can't be started just now are tried again, a few times."""
    return error if activity.info().attempt < _TRIES else _refused(SelectorError(str(error)))


def _refused(error: SelectorError) -> ApplicationError:
    """Benign, so that the message, which may quote a secret, isn't logged."""
    return ApplicationError(
        str(error), type="SelectorError", non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )
