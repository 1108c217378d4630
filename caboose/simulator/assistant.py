"""Cloud Assistant's calls: commands are kept, run and asked about (https://help.aliyun.com/document_detail/64601.html).

An instance that isn't running, or whose system knows no such script, is no error of the call: it shows in the results,
which is where the cloud tells it.
"""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from caboose.simulator.commands import Command, Invocation, Outcomes, time_text
from caboose.simulator.errors import CloudError, invalid_parameter, missing_parameter
from caboose.simulator.handlers import Handler
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import flag, listed_page, new_tags, region, repeated, required
from caboose.simulator.resources import Clock, Resources

TYPES = ("RunShellScript", "RunBatScript", "RunPowerShellScript")
LARGEST_CONTENT = 24 * 1024
LARGEST_PAGE = 50
PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


class Assistant:
    """Cloud Assistant of one world."""

    def __init__(self, instances: Instances, outcomes: Outcomes, clock: Clock) -> None:
        self._instances = instances
        self._outcomes = outcomes
        self._clock = clock
        self._commands: dict[str, Command] = {}
        self._last = 0
        self.invocations: Resources[Invocation] = Resources()
        self.actions: dict[str, Handler] = {
            "RunCommand": self._run_command,
            "CreateCommand": self._create_command,
            "DeleteCommand": self._delete_command,
            "InvokeCommand": self._invoke_command,
            "StopInvocation": self._stop_invocation,
            "DescribeInvocations": self._describe_invocations,
            "DescribeInvocationResults": self._describe_results,
            "DescribeCloudAssistantStatus": self._describe_status,
            "InstallCloudAssistant": self._install,
        }

    def _run_command(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instances = self._asked_for(parameters)
        command = self._command(parameters, "PlainText")
        return {"CommandId": command.id, "InvokeId": self._invoke(command, parameters, instances).id}

    def _create_command(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        required(parameters, "Name")
        command = self._command(parameters, "Base64")
        self._commands[command.id] = command
        return {"CommandId": command.id}

    def _delete_command(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        del self._commands[self._kept(parameters).id]
        return {}

    def _invoke_command(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instances = self._asked_for(parameters)
        return {"InvokeId": self._invoke(self._kept(parameters), parameters, instances).id}

    def _stop_invocation(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        invocation = self.invocations.get(required(parameters, "InvokeId"))
        if invocation is None:
            raise CloudError(404, "InvalidInvoke.NotFound", "The specified invoke id does not exist.")
        invocation.stop(repeated(parameters, "InstanceId"))
        return {}

    def _describe_invocations(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        output, plain = flag(parameters, "IncludeOutput"), parameters.get("ContentEncoding") == "PlainText"
        shown = [(each, each.shown(output=output, plain=plain)) for each in self._found(parameters)]
        found = [each for each, record in shown if parameters.get("InvokeStatus") in (None, record["InvokeStatus"])]
        page, paging = listed_page(found, parameters, LARGEST_PAGE)
        records = {each.id: record for each, record in shown}
        return {**paging, "Invocations": {"Invocation": [records[each.id] for each in page]}}

    def _describe_results(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        plain, wanted = parameters.get("ContentEncoding") == "PlainText", parameters.get("InstanceId")
        results = [
            each.result(run, plain=plain)
            for each in self._found(parameters)
            for run in each.runs
            if wanted in (None, run.instance_id)
        ]
        status = parameters.get("InvokeRecordStatus")
        found = [each for each in results if status in (None, each["InvokeRecordStatus"])]
        page, paging = listed_page(found, parameters, LARGEST_PAGE)
        return {"Invocation": {**paging, "InvocationResults": {"InvocationResult": page}}}

    def _describe_status(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        ids = repeated(parameters, "InstanceId")
        found = [instance for instance in self._instances if not ids or instance.id in ids]
        page, paging = listed_page(found, parameters, LARGEST_PAGE)
        states = [self._agent(instance) for instance in page]
        return {**paging, "InstanceCloudAssistantStatusSet": {"InstanceCloudAssistantStatus": states}}

    def _install(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        self._asked_for(parameters)
        return {}

    def _agent(self, instance: Instance) -> dict[str, Any]:
        from_here = [run for each in self.invocations for run in each.runs if run.instance_id == instance.id]
        running = instance.status == "Running"
        return {
            "InstanceId": instance.id,
            "CloudAssistantStatus": "true" if running else "false",
            "CloudAssistantVersion": "2.2.3.857",
            "OSType": "Windows" if instance.record["OSType"] == "windows" else "Linux",
            "LastHeartbeatTime": time_text(self._clock()) if running else "",
            "LastInvokedTime": time_text(from_here[-1].started) if from_here else "",
            "ActiveTaskCount": sum(run.status_at(self._clock()) == "Running" for run in from_here),
            "InvocationCount": len(from_here),
            "SupportSessionManager": True,
        }

    def _found(self, parameters: Mapping[str, str]) -> list[Invocation]:
        """The invocations that the call is about, the latest first."""
        region(parameters)
        invoke, command, name = (parameters.get(each) for each in ("InvokeId", "CommandId", "CommandName"))
        instance = parameters.get("InstanceId")
        return [
            each
            for each in reversed(list(self.invocations))
            if invoke in (None, each.id)
            and command in (None, each.command.id)
            and name in (None, each.command.fields["CommandName"])
            and (instance is None or any(run.instance_id == instance for run in each.runs))
        ]

    def _asked_for(self, parameters: Mapping[str, str]) -> Sequence[Instance]:
        """The instances to run something on; all of them must be there."""
        region(parameters)
        ids = repeated(parameters, "InstanceId")
        if not ids:
            raise missing_parameter("InstanceId")
        found = [instance for each in ids if (instance := self._instances.get(each))]
        if len(found) < len(ids):
            raise CloudError(404, "InvalidInstance.NotFound", "The specified instances do not exist.")
        return found

    def _command(self, parameters: Mapping[str, str], encoding: str) -> Command:
        kind = required(parameters, "Type")
        if kind not in TYPES:
            raise invalid_parameter("Type", f"it is one of {', '.join(TYPES)}")
        content = required(parameters, "CommandContent")
        if parameters.get("ContentEncoding", encoding) == "Base64":
            content = _decoded(content)
        if len(content.encode()) * 4 / 3 > LARGEST_CONTENT:
            raise CloudError(403, "CmdContent.ExceedLimit", "The length of the command content exceeds the limit.")
        self._last += 1
        fields = {
            "CommandName": parameters.get("Name", ""),
            "CommandDescription": parameters.get("Description", ""),
            "Timeout": int(parameters.get("Timeout", "60")),
            "WorkingDir": parameters.get("WorkingDir", ""),
            "Username": parameters.get("Username", ""),
            "Tags": {"Tag": new_tags(parameters)},
        }
        return Command(f"c-sim{self._last:05d}", kind, content, fields)

    def _kept(self, parameters: Mapping[str, str]) -> Command:
        command = self._commands.get(required(parameters, "CommandId"))
        if command is None:
            raise CloudError(404, "InvalidCmdId.NotFound", "The specified command id does not exist.")
        return command

    def _invoke(self, command: Command, parameters: Mapping[str, str], instances: Sequence[Instance]) -> Invocation:
        content = _filled_in(command.content, parameters)
        runs = [self._outcomes.run(command, content, instance) for instance in instances]
        position = self.invocations.next_position()
        return self.invocations.add(Invocation(position, command, parameters, runs, self._clock))


def _filled_in(content: str, parameters: Mapping[str, str]) -> str:
    """The content with the values of its custom parameters."""
    try:
        values = json.loads(parameters.get("Parameters", "{}"))
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise invalid_parameter("Parameters", "it is a JSON object")
    return PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), content)


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise CloudError(403, "CmdContent.DecodeError", "The CommandContent can not be base64 decoded.") from None
