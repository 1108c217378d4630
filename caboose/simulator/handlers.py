"""What a call's handler is, and the refusals that all of them share."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from caboose.simulator.errors import CloudError
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import required
from caboose.simulator.resources import Resource, Resources

Handler = Callable[[Mapping[str, str], AccessKey], dict[str, Any]]
Kind = TypeVar("Kind", bound=Resource)


def named(resources: Resources[Kind], parameters: Mapping[str, str], name: str, code: str) -> Kind:
    """The resource that a parameter names.

    Raises:
        CloudError: MissingParameter, or ``code`` when it isn't there.
    """
    found = resources.get(required(parameters, name))
    if found is None:
        raise CloudError(404, code, f"The specified {name} does not exist.")
    return found


def named_instance(instances: Instances, parameters: Mapping[str, str]) -> Instance:
    """The instance that InstanceId names."""
    return named(instances, parameters, "InstanceId", "InvalidInstanceId.NotFound")


def must_be(resource: Resource, *states: str, code: str = "IncorrectInstanceStatus") -> None:
    """Refuses a call that fits none of the other states."""
    if resource.status not in states:
        raise CloudError(403, code, "The current status of the resource does not support this operation.")


def minute_text() -> str:
    """This minute, as ECS writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
