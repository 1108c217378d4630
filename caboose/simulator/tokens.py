"""ClientToken: the same call again gets the first one's answer and isn't carried out again.

Only what was carried out is remembered: a call that was refused may be made again with its token. The cloud keeps
tokens for a day or so; here they last as long as the world.
"""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import CloudError

LONGEST = 64


class ClientTokens:
    """The calls that came with a token."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], tuple[Mapping[str, str], dict[str, Any]]] = {}

    def answered(self, action: str, parameters: Mapping[str, str]) -> dict[str, Any] | None:
        """The answer that a call with this token got before, if there was one.

        Raises:
            CloudError: IdempotentParameterMismatch, or a token that can't be one.
        """
        token = parameters.get("ClientToken", "")
        if len(token) > LONGEST or not token.isascii():
            text = f"The specified ClientToken is not valid: at most {LONGEST} ASCII characters."
            raise CloudError(400, "InvalidClientToken.ValueNotSupported", text)
        if (action, token) not in self._answers:
            return None
        before, answer = self._answers[action, token]
        if before != parameters:
            text = "The request uses the same client token as a previous, but non-identical request."
            raise CloudError(400, "IdempotentParameterMismatch", text)
        return answer

    def remember(self, action: str, parameters: Mapping[str, str], answer: dict[str, Any]) -> None:
        """Keep the answer for the next call with the same token."""
        if token := parameters.get("ClientToken"):
            self._answers[action, token] = dict(parameters), answer
