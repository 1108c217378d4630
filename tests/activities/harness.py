"""Runs activities without a Temporal server, and builds their inputs."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.cloud.transport import Keys
from activities.contracts import CallApiInput, CallFailure, CloudContext, SelectTargetsInput, WaitForInput
from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec
from caboose.settings import Settings
from tests.support.simulator import ACCESS_KEY_ID, ACCESS_KEY_SECRET

KEYS = Keys(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
CONTEXT = CloudContext("exec-0123456789abcdef0123", "cn-hangzhou")
_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


def settings_for(**settings: object) -> Settings:
    """Settings that speak plain HTTP, to a closed port unless told otherwise."""
    values: dict[str, Any] = {"cloud_protocol": "http", "ecs_endpoint": "127.0.0.1:9", "sts_endpoint": "127.0.0.1:9"}
    return Settings(**{**values, "link_keys": ["a-key-of-links"], **settings})


def environment(**info: Any) -> ActivityEnvironment:
    """Where an activity runs that starts now, with a write's time-outs unless told otherwise."""
    made = ActivityEnvironment()
    usual = {
        "started_time": datetime.now(UTC),
        "start_to_close_timeout": timedelta(minutes=2),
        "heartbeat_timeout": timedelta(seconds=10),
    }
    made.info = dataclasses.replace(made.info, **{**usual, **info})
    return made


def run(function: Callable[[_Argument], _Result], argument: _Argument, **info: Any) -> _Result:
    """The result of one attempt of an activity; ``info`` is what the server says about it."""
    return environment(**info).run(function, argument)


def failure(function: Callable[[_Argument], Any], argument: _Argument, **info: Any) -> ApplicationError:
    """The ApplicationError of one attempt of an activity; it must carry no chain."""
    with pytest.raises(ApplicationError) as caught:
        run(function, argument, **info)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def proof(error: ApplicationError) -> str:
    """What a failed call proves."""
    (detail,) = error.details
    assert isinstance(detail, CallFailure)
    return detail.proof


def call(api: str, parameters: dict[str, Any], *, role: str = "", read: bool = False, **outputs: str) -> CallApiInput:
    """An input of call_api; the outputs are lists, named by their selectors."""
    context = dataclasses.replace(CONTEXT, ram_role=role)
    return CallApiInput(context, "ECS", api, parameters, specs(**outputs), read)


def wait(rule: Rule, parameters: dict[str, Any], **fields: Any) -> WaitForInput:
    """An input of wait_for that polls DescribeInstances."""
    return WaitForInput(CONTEXT, "ECS", "DescribeInstances", parameters, rule, **fields)


def targets(filters: Sequence[Any], **outputs: str) -> SelectTargetsInput:
    """An input of select_targets."""
    outputs = outputs or {"ids": "Instances.Instance[].InstanceId"}
    return SelectTargetsInput(CONTEXT, "ALIYUN::ECS::Instance", list(filters), specs(**outputs))


def specs(**outputs: str) -> dict[str, OutputSpec]:
    """Outputs of type List."""
    return {name: OutputSpec("List", selector) for name, selector in outputs.items()}
