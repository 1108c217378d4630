"""Whether the Temporal namespace is ready: a missing search attribute would make every execution hang."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.messages import SEARCH_ATTRIBUTES


class NotReady(Exception):
    """The namespace lacks something; the message has the command that adds it."""


async def ensure_search_attributes(client: Client) -> None:
    """Adds the search attributes that are missing.

    Raises:
        NotReady: they are missing, or of another type, and this client may not add them.
    """
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        present = dict(listed.custom_attributes)
    except RPCError as error:
        raise NotReady(
            f"the search attributes can't be listed ({error.message}). {_command(SEARCH_ATTRIBUTES, client)}"
        ) from None
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    wrong = [name for name in SEARCH_ATTRIBUTES if present.get(name, keyword) != keyword]
    if wrong:
        raise NotReady(f"the search attribute {wrong[0]} is there with another type than Keyword; remove it first")
    missing = [name for name in SEARCH_ATTRIBUTES if name not in present]
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(missing, keyword))
        )
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            return  # another worker was first
        text = f"the search attributes {', '.join(missing)} are missing and can't be added ({error.message})"
        raise NotReady(f"{text}. {_command(missing, client)}") from None


def _command(names: "tuple[str, ...] | list[str]", client: Client) -> str:
    flags = " ".join(f"--name {name} --type Keyword" for name in names)
    return f"Run: temporal operator search-attribute create --namespace {client.namespace} {flags}"
