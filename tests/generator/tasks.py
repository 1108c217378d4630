"""Tasks of every action, one function each. A new action gets one here, and ``KINDS`` a line."""

from collections.abc import Callable
from typing import Any

from tests.generator.words import ENDLESS, NO_MACHINE, SELECTORS, Words

WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=generated"
"""Where messages go; with the real server the simulator's robot takes its place."""
WRITES = ("RebootInstance", "StartInstance", "StopInstance")
TOKEN_WRITES = ("CreateSnapshot", "RunCommand")
PRODUCTS = ("ACS::ECS::RebootInstance", "ACS::ECS::StartInstance", "ACS::ECS::StopInstance")

Task = dict[str, Any]


def look(words: Words) -> Task:
    """A read."""
    parameters = words.either({}, {"InstanceIds": [words.item()]}, {"RegionId": "cn-hangzhou"}, {"Odd": words.value(1)})
    return _called("ACS::ExecuteAPI", "DescribeInstances", parameters)


def change(words: Words) -> Task:
    """A call that nothing repeats."""
    return _called("ACS::ExecuteAPI", words.either(*WRITES), {"InstanceId": words.item()})


def change_with_token(words: Words) -> Task:
    """A call that its token makes the same one when it is repeated."""
    parameters = words.either(
        {"DiskId": "d-1"}, {"Type": "RunShellScript", "CommandContent": "ls", "InstanceIds": [words.item()]}
    )
    return _called("ACS::ExecuteAPI", words.either(*TOKEN_WRITES), parameters)


def delete(words: Words) -> Task:
    """A call of high risk."""
    risk = words.either({}, {}, {"Risk": "Normal"}, {"Risk": "High"})
    return _called("ACS::ExecuteAPI", "DeleteInstance", {"InstanceId": NO_MACHINE, "Force": True}, **risk)


def wait(words: Words) -> Task:
    """A poll; now and then of a call that changes something."""
    action = words.either("ACS::WaitFor", "ACS::CheckFor")
    api = words.either("DescribeInstances", "DescribeInstances", "DescribeInstances", "StartInstance")
    parameters = {"InstanceId": words.item()} if api in WRITES else {"InstanceIds": [words.item()]}
    wanted = words.either(
        {"DesiredValues": ["Running"]},
        {"DesiredValues": [None, 0, "Stopped"], "StopRetryValues": ["Running"]},
        {"NotDesiredValues": [words.value(0)]},
        {"DesiredValues": words.reference("ids")},
    )
    selector = words.either("Instances.Instance[].Status", ".Code|tostring", "TotalCount", words.either(*SELECTORS))
    task = _called(action, api, parameters, PropertySelector=selector, **wanted)
    return {**task, **words.either({"Retries": 0}, {"Retries": 2, "DelayType": "Constant", "Delay": 1}, {"Retries": 1})}


def choice(words: Words) -> Task:
    """Goes on somewhere."""
    targets = [*words.targets, "ACS::END", "ACS::NEXT"]
    choices = [
        {"When": words.condition(), "NextTask": words.random.choice(targets)} for _ in range(words.random.randint(1, 2))
    ]
    return {"Action": "ACS::Choice", "Properties": {"DefaultTask": words.random.choice(targets), "Choices": choices}}


def sleep(words: Words) -> Task:
    """A pause without people."""
    properties = words.either(
        {"Duration": "PT1S"}, {"Duration": words.reference("text")}, {"EndDate": "2020-01-01T00:00:00Z"}
    )
    return {"Action": "ACS::Sleep", "Properties": properties}


def pause(_: Words) -> Task:
    """Waits for somebody."""
    return {"Action": "ACS::Pause", "Properties": {}}


def approve(words: Words) -> Task:
    """Waits for one person, or for some."""
    people = words.either(
        {}, {}, {"MinRequiredApprovals": 2, "Approvers": ["ann", "bob", "cem"]}, {"Approvers": words.reference("ids")}
    )
    return {"Action": "ACS::Approve", "Properties": {"NotifyType": "WebHook", "WebHook": _message(words), **people}}


def notify(words: Words) -> Task:
    """A message, or a mail."""
    if words.chance(0.3):
        mail = {
            "Host": "mail.example.com",
            "From": "a@example.com",
            "To": words.either("b@example.com", words.value(1)),
        }
        properties = {"NotifyType": "Mail", "Mail": {**mail, "Subject": "done", "Body": words.reference()}}
        return {"Action": "ACS::Notify", "Properties": properties}
    return {"Action": "ACS::Notify", "Properties": {"WebHook": _message(words)}}


def request(words: Words) -> Task:
    """An HTTP request to somebody."""
    url = words.either("https://192.0.2.1/x", words.reference("text"))
    properties: Task = {"Method": words.either("GET", "POST"), "URL": url, "Query": {"a": words.value(1)}}
    if words.chance(0.3):
        properties["CheckFor"] = {"Rules": [{"PropertySelector": ".a", "Operator": "In", "Value": [1, 2]}]}
    return {"Action": "ACS::ExecuteHttpRequest", "Properties": properties, "Retries": 0}


def select(words: Words) -> Task:
    """Finds machines."""
    target = words.either(
        {"Type": "ResourceIds", "ResourceIds": [words.machine(), words.machine()]},
        {"Type": "All", "RegionId": "cn-hangzhou"},
        {"Type": "Tags", "Tags": [{"Key": "env", "Value": "prod"}]},
        words.reference("data"),
    )
    return {
        "Action": "ACS::SelectTargets",
        "Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [target]},
    }


def product(words: Words) -> Task:
    """A product action: a template of the library."""
    return {"Action": words.either(*PRODUCTS), "Properties": {"instanceId": words.item()}}


def _called(action: str, api: str, parameters: Task, **more: Any) -> Task:
    return {"Action": action, "Properties": {"Service": "ECS", "API": api, "Parameters": parameters, **more}}


def _message(words: Words) -> Task:
    content = words.either({"msgtype": "text", "text": {"content": words.value(1)}}, {"a": words.reference()})
    return {"URI": words.either(WEBHOOK, WEBHOOK, words.reference("text")), "Content": content}


def selector(words: Words) -> Any:
    """What cuts an output out of a result."""
    if not words.looped and words.chance(0.001):
        return ENDLESS
    if words.chance(0.1):
        return {"Fn::Jq": ["First", ".a", words.reference()]}
    return words.either(*SELECTORS)


def items(words: Words) -> Any:
    """The items of a loop, or what gives them; sometimes it gives none that are."""
    return words.either(
        ["i-1", "i-2", "i-3"],
        [words.machine() for _ in range(words.random.randrange(9))],
        words.reference("ids"),
        words.reference("ids"),
        {"Fn::Split": [",", "i-4,i-5,i-6,i-1"]},
        {"Fn::Jq": ["All", ".[]", words.reference("ids", "data")]},
        [words.value(1), {"id": words.machine()}, None],
        words.reference(),
    )


def control(words: Words, over: Any) -> Task:
    """Rate control in one of its spellings: the keys beside Items."""
    errors = words.either(0, 1, "50%", "100%", 100)
    batch: Task = {
        "Mode": "Batch",
        "Batch": words.either([1, 2], [1, "25%", "50%"], ["100%"], [2]),
        "MaxErrors": errors,
        "BatchPauseOption": words.either("Automatic", "FirstBatchPause", "EveryBatchPause"),
    }
    window: Task = {"Mode": "Concurrency", "Concurrency": words.either(1, 3, "50%", "100%", 100), "MaxErrors": errors}
    spelt: Task = words.either(
        {},
        {"RateControl": window},
        {"RateControl": window},
        {"RateControl": {**batch, **words.either({}, {"ConcurrencyInBatches": [1, "50%"]})}},
        {"RateControl": batch},
        {"RateControl": words.known("control", window)},
        {"RateControl": {"Concurrency": words.known("size", "2"), "MaxErrors": errors}},
        {"Mode": "Concurrency", "Concurrency": 2, "MaxErrors": errors},
        {"Concurrency": {"Fn::CalculateBatch": [words.known("size", 2), over]}, "MaxErrors": errors},
    )
    return spelt


LOOPED: tuple[Callable[[Words], Task], ...] = (look, change, change, change_with_token, wait, product, product)
"""What may have a loop, beside nested templates."""
KINDS: tuple[Callable[[Words], Task], ...] = (
    *LOOPED, delete, choice, choice, sleep, pause, approve, notify, request, select,
)  # fmt: skip
