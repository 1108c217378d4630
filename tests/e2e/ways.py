"""The ways to start an execution: our HTTP API, our command line, and Temporal's own CLI in its two forms.

Each takes the same things and gives the id of the started execution, so that a test can say "in every way".
"""

import json
import secrets
from collections.abc import Callable
from typing import Any

from tests.support.stack import TEMPLATE, Stack

Start = Callable[[Stack, dict[str, Any]], str]


def by_api(stack: Stack, parameters: dict[str, Any]) -> str:
    """``POST /executions``."""
    return stack.start(parameters)


def by_command(stack: Stack, parameters: dict[str, Any], template: str = TEMPLATE) -> str:
    """``caboose run``."""
    done = stack.caboose("run", template, *options(parameters), "--json")
    return str(json.loads(done.stdout)["ExecutionId"])


def by_temporal(stack: Stack, parameters: dict[str, Any]) -> str:
    """``temporal workflow start`` with the type Execution and StartExecution's fields."""
    return start_workflow(stack, "Execution", {"TemplateName": TEMPLATE, "Parameters": parameters})


def by_template_name(stack: Stack, parameters: dict[str, Any], template: str = TEMPLATE) -> str:
    """``temporal workflow start`` with the template's name as the type and its parameters as the input."""
    return start_workflow(stack, template, parameters)


WAYS: dict[str, Start] = {
    "POST /executions": by_api,
    "caboose run": by_command,
    "temporal, type Execution": by_temporal,
    "temporal, template as type": by_template_name,
}


def options(parameters: dict[str, Any]) -> list[str]:
    """Parameters as ``-p name=value`` options."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    return [part for name, text in texts.items() for part in ("-p", f"{name}={text}")]


def start_workflow(stack: Stack, workflow_type: str, *inputs: Any) -> str:
    """``temporal workflow start`` with inputs as JSON; gives the id."""
    execution_id = new_id()
    arguments = ["--task-queue", "caboose", "--type", workflow_type, "--workflow-id", execution_id]
    for each in inputs:
        arguments += ["--input", json.dumps(each)]
    stack.temporal_cli("workflow", "start", *arguments)
    return execution_id


def new_id() -> str:
    """An id like those that Caboose makes."""
    return f"exec-{secrets.token_hex(10)}"
