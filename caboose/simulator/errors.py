"""A refusal of the simulated cloud: code, message and HTTP status, exactly what the real one would send."""


class CloudError(Exception):
    """Raised anywhere while a call is handled; becomes the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def missing_parameter(name: str) -> CloudError:
    """A mandatory parameter isn't there (or is empty, which the cloud takes for the same)."""
    text = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
    return CloudError(400, "MissingParameter", text)


def invalid_parameter(name: str, reason: str) -> CloudError:
    """A parameter has a value that the call can't take."""
    return CloudError(400, "InvalidParameter", f"The specified parameter {name} is not valid: {reason}")
