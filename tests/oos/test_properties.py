"""Properties held against what actions take: each action's own check with a good and a bad case."""

from typing import Any

import pytest

from caboose.oos.actions import ACTIONS
from caboose.oos.compiling.properties import check_atomic
from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import load
from tests.oos.reading import PATH, a_reader, found


def atomic(action: str, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(properties as the plan has them, problems) of ``ACS::action``."""
    reader = a_reader()
    return check_atomic(reader, ACTIONS[f"ACS::{action}"], given, PATH), found(reader.problems)


CALL = {"Service": "ECS", "API": "DescribeInstances"}
WAIT = {**CALL, "PropertySelector": "X[].Y"}
HOOK = {"URI": "http://h", "Content": {"msgtype": "text"}}
MAIL = {"Host": "mail.example.com", "To": "a@x", "Subject": "s", "Body": "b"}
TIMER = {"Type": "rate", "Expression": "5 minutes", "EndDate": "2030-01-01"}
ALARM = {"Namespace": "acs_ecs_dashboard", "MetricName": "cpu_total", "ComparisonOperator": "GreaterThanThreshold"}
JUMP = {"DefaultTask": "ACS::END", "Choices": [{"When": {"Fn::Equals": [1, 1]}, "NextTask": "a"}]}
REPO = {"Platform": "github", "Owner": "o", "Repository": "r"}


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("ExecuteAPI", {**CALL, "Parameters": {"A": 1}, "AutoPaging": "True", "Risk": "Normal"}),
        ("ExecuteAPI", {**CALL, "API": "{{ api }}", "Risk": "{{ risk }}"}),
        ("ExecuteAPI", {**CALL, "Service": "ecs", "Parameters": "{{ p }}", "Method": None, "URI": ""}),
        ("ExecuteAPI", {**CALL, "Parameters": {"Fn::MergeMap": [{}, {}]}, "Body": ""}),
        ("WaitFor", {**WAIT, "DesiredValues": [None], "NotDesiredValues": [], "StopRetryValues": "{{ stops }}"}),
        ("WaitFor", {**WAIT, "NotDesiredValues": [[]], "PropertySelector": ". | not"}),
        ("WaitFor", {**WAIT, "DesiredValues": [], "NotDesiredValues": []}),
        ("WaitFor", {**WAIT, "API": "EnterStandby", "DesiredValues": [1]}),
        ("WaitFor", {**WAIT, "DesiredValues": {"Fn::Split": [",", "a,b"]}, "PropertySelector": {"Fn::Sub": ["x", {}]}}),
        ("CheckFor", {**WAIT, "DesiredValues": [0], "StopRetryValues": [2]}),
        ("CheckFor", {**WAIT, "API": "DeleteImage", "DesiredValues": ["null"]}),
        (
            "ExecuteHttpRequest",
            {
                "Method": "GET",
                "URL": "http://h",
                "Headers": {"a": "b"},
                "Query": {"c": 1},
                "WaitFor": {"Rules": [{"PropertySelector": ".a", "Operator": "In", "Value": [1]}]},
            },
        ),
        ("ExecuteHttpRequest", {"URL": "http://h", "Body": [1], "CheckFor": {"Rules": "{{ rules }}"}}),
        ("Choice", JUMP),
        ("Choice", {**JUMP, "Choices": [{"When": False, "NextTask": "a"}, {"When": "name", "NextTask": "a"}]}),
        ("SelectTargets", {"ResourceType": "ALIYUN::ECS::Instance", "Filters": ["{{ targets }}"]}),
        (
            "SelectTargets",
            {
                "ResourceType": "aliyun::ecs::instance",
                "RegionId": "cn-x",
                "Filters": [
                    {"Type": "ResourceIds", "ResourceIds": "{{ ids }}", "RegionId": "cn-x"},
                    {"Type": "Tags", "Tags": {"a": "b"}},
                    {"Type": "All", "Parameters": {"Status": "Running"}},
                    {"Fn::Select": [0, "{{ targets }}"]},
                ],
            },
        ),
        ("Sleep", {"Duration": "PT1M"}),
        ("Sleep", {"Duration": "{{ hours }}H", "EndDate": None}),
        ("Sleep", {"Duration": {"Fn::DurationBetween": ["08:00:00", "09:00:00"]}}),
        ("Sleep", {"Duration": "", "EndDate": "2030-01-01T00:00:00Z"}),
        (
            "Notify",
            {"NotifyType": "WebHook", "AppendExecutionLink": "true", "WebHook": {**HOOK, "Headers": {"a": "b"}}},
        ),
        ("Notify", {"WebHook": "{{ hook }}", "AppendExecutionLink": False}),
        (
            "Notify",
            {"NotifyType": "Mail", "Mail": {**MAIL, "Port": "465", "To": ["a@x", "b@x"], "Password": "{{ p }}"}},
        ),
        ("Notify", {"NotifyType": "{{ type }}"}),
        ("Approve", {"NotifyType": "WebHook", "WebHook": HOOK, "Approvers": [], "MinRequiredApprovals": "1"}),
        ("Approve", {"WebHook": HOOK, "Approvers": ["alice", "bob@x"], "MinRequiredApprovals": 2}),
        ("Approve", {"WebHook": HOOK, "Approvers": ["alice", "{{ bob }}", "@corp"]}),
        ("Approve", {"WebHook": HOOK, "Approvers": "{{ people }}", "MinRequiredApprovals": "{{ n }}"}),
        ("Pause", {}),
        ("Loop", {"LoopItems": [1], "LoopTasks": [{"Name": "a"}], "LoopRateControl": {"Concurrency": 2}}),
        ("Loop", {"LoopItems": "{{ items }}", "LoopTasks": [{"Name": "a"}], "LoopRateControl": "{{ control }}"}),
        ("Template", {"TemplateName": "a", "TemplateVersion": "v1", "Parameters": {"b": "{{ c }}"}}),
        ("Template", {"TemplateName": "{{ name }}", "Parameters": "{{ parameters }}"}),
        ("Template", {"TemplateContent": {"Tasks": []}, "Parameters": None}),
        ("Template", {"TemplateContent": "Tasks: []"}),
        ("TimerTrigger", TIMER),
        ("TimerTrigger", {**TIMER, "Type": "cron", "Expression": "0 0 12 ? * *", "TimeZone": "Asia/Shanghai"}),
        ("TimerTrigger", {**TIMER, "Type": "at", "Expression": "2030-01-01 00:00:00", "StartDate": "2029-01-01"}),
        ("TimerTrigger", {**TIMER, "Type": "{{ type }}", "Expression": "whatever"}),
        ("TimerTrigger", {**TIMER, "Expression": {"Fn::Join": [" ", ["1", "day"]]}, "TimeZone": "{{ zone }}"}),
        ("AlarmTrigger", {**ALARM, "Threshold": "90", "Times": 1, "Resources": '[{"instanceId": "i-1"}]'}),
        ("AlarmTrigger", {**ALARM, "Resources": '[{"instanceId":"{{ id }}"}]', "Tags": [], "ResourceGroup": "rg"}),
        ("AlarmTrigger", {**ALARM, "Resources": [{"instanceId": "i-1"}], "Statistics": "Average"}),
        ("EventTrigger", {"Product": "ECS", "Name": ["Instance:StateChange"], "Content": {"state": "Stopped"}}),
        ("EventTrigger", {"Level": {"Fn::Select": ["l", "{{ p }}"]}, "RegionId": ["{{ ACS::RegionId }}"], "Tags": []}),
        ("EcsStatusChangeTrigger", {}),
        ("GitCodeRepo", {**REPO, "Organization": "x"}),
    ],
)
def test_in_order(action: str, given: dict[str, Any]) -> None:
    assert atomic(action, given) == (given, [])


@pytest.mark.parametrize(
    ("action", "given", "problems"),
    [
        ("ExecuteAPI", {}, ["MissingProperty", "MissingProperty"]),
        ("ExecuteAPI", {"Service": None, "API": ""}, ["MissingProperty", "MissingProperty"]),
        ("ExecuteAPI", {**CALL, "API": ["a"]}, ["InvalidType API"]),
        ("ExecuteAPI", {**CALL, "Parameters": [1]}, ["InvalidType Parameters"]),
        ("ExecuteAPI", {**CALL, "Parameters": {"Action": "X"}}, ["InvalidProperty Parameters"]),
        ("ExecuteAPI", {**CALL, "Risk": "Low"}, ["InvalidProperty Risk"]),
        ("ExecuteAPI", {**CALL, "Risk": 5}, ["InvalidType Risk"]),
        ("ExecuteAPI", {**CALL, "AutoPaging": "maybe"}, ["InvalidType AutoPaging"]),
        ("ExecuteAPI", {**CALL, "Parameter": {}}, ["UnknownProperty Parameter"]),
        ("ExecuteAPI", {**CALL, "api": "x"}, ["AmbiguousName api"]),
        ("ExecuteAPI", {**CALL, "Service": "RDS"}, ["(NotSupportedYet Service)"]),
        (
            "ExecuteAPI",
            {"Service": "{{ s }}", "API": {"Fn::If": ["c", "A", "B"]}},
            ["(NotSupportedYet Service)"],
        ),
        ("ExecuteAPI", {**CALL, "AutoPaging": False}, ["(NotSupportedYet AutoPaging)"]),
        ("ExecuteAPI", {**CALL, "AutoPaging": "False"}, ["(NotSupportedYet AutoPaging)"]),
        ("ExecuteAPI", {**CALL, "AutoPaging": "{{ all }}"}, ["(NotSupportedYet AutoPaging)"]),
        (
            "ExecuteAPI",
            {**CALL, "Method": "GET", "URI": "/x", "Headers": {"a": "b"}, "Body": "{{ body }}"},
            [f"(NotSupportedYet {name})" for name in ("Method", "URI", "Headers", "Body")],
        ),
        ("ExecuteAPI", {**CALL, "URI": "/x"}, ["(NotSupportedYet URI)", "MissingProperty URI"]),
        ("ExecuteAPI", {**CALL, "Method": "MOVE"}, ["(UnknownValue Method)", "(NotSupportedYet Method)"]),
        ("WaitFor", WAIT, ["MissingProperty"]),
        ("WaitFor", {**WAIT, "DesiredValues": []}, ["MissingProperty"]),
        ("WaitFor", {**CALL, "DesiredValues": [1]}, ["MissingProperty"]),
        ("WaitFor", {**WAIT, "DesiredValues": {"a": 1}}, ["InvalidType DesiredValues"]),
        ("WaitFor", {**WAIT, "DesiredValues": [1], "PropertySelector": 5}, ["InvalidType PropertySelector"]),
        ("CheckFor", {**WAIT, "Service": "RDS", "DesiredValues": [1]}, ["(NotSupportedYet Service)"]),
        ("CheckFor", {**WAIT, "NotDesiredValues": None}, ["MissingProperty"]),
        ("ExecuteHttpRequest", {"Method": "PUT"}, ["InvalidProperty Method", "MissingProperty"]),
        ("ExecuteHttpRequest", {"URL": "u", "Timeout": 5}, ["(UndocumentedProperty Timeout)"]),
        (
            "ExecuteHttpRequest",
            {"URL": "u", "CheckFor": {"Rules": [{"Operator": "Like", "Key": 1}, 5], "Retries": 3}},
            [
                "(UndocumentedProperty CheckFor.Retries)",
                "(UndocumentedProperty CheckFor.Rules[0].Key)",
                "MissingProperty CheckFor.Rules[0]",
                "(UnknownValue CheckFor.Rules[0].Operator)",
                "InvalidType CheckFor.Rules[1]",
            ],
        ),
        ("ExecuteHttpRequest", {"URL": "u", "WaitFor": {}}, ["MissingProperty WaitFor"]),
        ("Choice", {}, ["MissingProperty", "MissingProperty"]),
        ("Choice", {**JUMP, "DefaultTask": "{{ t }}"}, ["InvalidProperty DefaultTask"]),
        ("Choice", {**JUMP, "Choices": {"Fn::If": ["c", [], []]}}, ["InvalidProperty Choices"]),
        (
            "Choice",
            {**JUMP, "Choices": [{"When": {"a": 1}, "NextTask": "{{ t }}", "Else": "b"}, {}, None]},
            [
                "(UnknownKey Choices[0].Else)",
                "InvalidType Choices[0].When",
                "InvalidProperty Choices[0].NextTask",
                "MissingProperty Choices[1]",
                "MissingProperty Choices[1]",
                "InvalidType Choices[2]",
            ],
        ),
        ("SelectTargets", {"ResourceType": "ALIYUN::ECS::Instance"}, ["MissingProperty"]),
        (
            "SelectTargets",
            {"ResourceType": "ALIYUN::RDS::Instance", "Filters": [{"Type": "Group"}, "i-1"]},
            [
                "(UnknownValue Filters[0].Type)",
                "InvalidType Filters[1]",
                "(NotSupportedYet ResourceType)",
                "(NotSupportedYet Filters)",
            ],
        ),
        (
            "SelectTargets",
            {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{"Type": "{{ type }}", "Group": "g"}]},
            ["(UndocumentedProperty Filters[0].Group)", "(NotSupportedYet Filters)"],
        ),
        ("SelectTargets", {"ResourceType": "ALIYUN::ECS::Instance", "Filters": 5}, ["InvalidType Filters"]),
        ("SelectTargets", {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{}]}, ["MissingProperty Filters[0]"]),
        ("Sleep", {}, ["MissingProperty"]),
        ("Sleep", {"Duration": "5s", "EndDate": "2030-01-01"}, ["InvalidProperty EndDate"]),
        ("Sleep", {"Duration": "soon"}, ["InvalidProperty Duration"]),
        ("Sleep", {"EndDate": "2030-02-30"}, ["InvalidProperty EndDate"]),
        ("Notify", {}, ["MissingProperty"]),
        ("Notify", {"NotifyType": "Mail"}, ["MissingProperty"]),
        ("Notify", {"Mail": MAIL}, ["MissingProperty"]),
        ("Notify", {"NotifyType": "Fax", "WebHook": HOOK}, ["InvalidProperty NotifyType"]),
        (
            "Notify",
            {"NotifyType": "Mail", "Mail": {**MAIL, "Host": "", "Port": "high", "User": "u"}},
            ["(UnknownKey Mail.User)", "MissingProperty Mail", "InvalidType Mail.Port"],
        ),
        (
            "Notify",
            {"WebHook": {"Url": "http://h", "Content": "text"}, "AppendExecutionLink": "yes"},
            [
                "(UnknownKey WebHook.Url)",
                "MissingProperty WebHook",
                "InvalidType WebHook.Content",
                "InvalidType AppendExecutionLink",
            ],
        ),
        ("Approve", {}, ["MissingProperty"]),
        ("Approve", {"WebHook": HOOK, "NotifyType": "Mail"}, ["(NotSupportedYet NotifyType)"]),
        ("Approve", {"WebHook": HOOK, "NotifyType": "{{ t }}"}, ["(NotSupportedYet NotifyType)"]),
        ("Approve", {"WebHook": HOOK, "Approvers": [7]}, ["InvalidType Approvers[0]"]),
        ("Approve", {"WebHook": HOOK, "Approvers": ["@corp"]}, ["InvalidProperty Approvers"]),
        ("Approve", {"WebHook": HOOK, "MinRequiredApprovals": "two"}, ["InvalidType MinRequiredApprovals"]),
        ("Approve", {"WebHook": HOOK, "MinRequiredApprovals": 0}, ["InvalidProperty MinRequiredApprovals"]),
        ("Pause", {"Timeout": 5}, ["(UndocumentedProperty Timeout)"]),
        ("Loop", {}, ["MissingProperty", "MissingProperty"]),
        ("Loop", {"LoopItems": 5, "LoopTasks": "{{ t }}"}, ["InvalidType LoopItems", "InvalidProperty LoopTasks"]),
        ("Template", {}, ["MissingProperty"]),
        ("Template", {"TemplateName": "a", "TemplateContent": {}}, ["InvalidProperty TemplateContent"]),
        ("Template", {"TemplateContent": [1]}, ["InvalidType TemplateContent"]),
        ("Template", {"TemplateName": "a", "Parameters": []}, ["InvalidType Parameters"]),
        ("TimerTrigger", {}, ["MissingProperty", "MissingProperty", "MissingProperty"]),
        ("TimerTrigger", {**TIMER, "Type": "daily"}, ["InvalidProperty Type"]),
        ("TimerTrigger", {**TIMER, "Expression": "often"}, ["InvalidProperty Expression"]),
        ("TimerTrigger", {**TIMER, "Expression": 5}, ["InvalidType Expression"]),
        ("TimerTrigger", {**TIMER, "Type": "cron"}, ["(ScheduleType Expression)"]),
        ("TimerTrigger", {**TIMER, "EndDate": "tomorrow"}, ["InvalidProperty EndDate"]),
        ("TimerTrigger", {**TIMER, "TimeZone": "UTC +8"}, ["InvalidProperty TimeZone"]),
        ("TimerTrigger", {**TIMER, "TimeZone": 8}, ["InvalidType TimeZone"]),
        ("AlarmTrigger", {}, ["MissingProperty", "MissingProperty", "MissingProperty"]),
        ("AlarmTrigger", {**ALARM, "ComparisonOperator": "Above"}, ["(UnknownValue ComparisonOperator)"]),
        ("AlarmTrigger", {**ALARM, "Resources": "i-1"}, ["InvalidProperty Resources"]),
        ("AlarmTrigger", {**ALARM, "Resources": "{}"}, ["InvalidProperty Resources"]),
        ("AlarmTrigger", {**ALARM, "Threshold": "high", "Times": True}, ["InvalidType Threshold", "InvalidType Times"]),
        ("AlarmTrigger", {**ALARM, "Threshold": "nan", "Times": "1_0"}, ["InvalidType Threshold", "InvalidType Times"]),
        ("AlarmTrigger", {**ALARM, "Tags": [{"Key": "a"}], "ResourceGroup": "rg"}, ["InvalidProperty ResourceGroup"]),
        (
            "EventTrigger",
            {"Name": "Instance:StateChange", "Source": "x"},
            ["UnknownProperty Source", "InvalidType Name"],
        ),
        ("EcsStatusChangeTrigger", {"Status": ["Stopped"]}, ["(UndocumentedProperty Status)"]),
        ("GitCodeRepo", {**REPO, "Platform": "gitlab", "Owner": None}, ["InvalidProperty Platform", "MissingProperty"]),
    ],
)
def test_at_fault(action: str, given: dict[str, Any], problems: list[str]) -> None:
    assert atomic(action, given)[1] == problems


def test_names_and_closed_values_get_their_declared_spelling() -> None:
    given = {"notifytype": "webhook", "webhook": {"uri": "http://h", "content": {"A": 1}}}
    properties, problems = atomic("Notify", given)
    assert properties == {"NotifyType": "WebHook", "WebHook": {"URI": "http://h", "Content": {"A": 1}}}
    assert problems == [
        "(LetterCase notifytype)",
        "(LetterCase webhook)",
        "(LetterCase notifytype)",
        "(LetterCase webhook.uri)",
        "(LetterCase webhook.content)",
    ]


def test_one_value_may_stand_for_a_list_of_one() -> None:
    properties, problems = atomic("WaitFor", {**WAIT, "DesiredValues": "Running", "NotDesiredValues": 0})
    assert properties["DesiredValues"] == ["Running"]
    assert properties["NotDesiredValues"] == [0]
    assert problems == ["(SingleValue DesiredValues)", "(SingleValue NotDesiredValues)"]


def test_what_is_not_documented_is_passed_on() -> None:
    assert atomic("Pause", {"Timeout": 5})[0] == {"Timeout": 5}
    assert atomic("ExecuteAPI", {**CALL, "Timeout": 5})[0] == CALL, "an unknown property isn't"


def test_a_problem_stands_where_the_template_has_the_property() -> None:
    document, _ = load("Properties:\n  Service: ECS\n  api: [a]\n")
    assert document
    reader = Reader(document)
    check_atomic(reader, ACTIONS["ACS::ExecuteAPI"], document.value["Properties"], PATH)
    assert [(each.id, each.line, each.path) for each in reader.problems] == [
        ("LetterCase", 3, "Properties.api"),
        ("InvalidType", 3, "Properties.api"),
    ]


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("SelectTargets", {"ResourceType": 5}, "ResourceType is a string, not 5"),
        ("AlarmTrigger", {**ALARM, "Times": "often"}, "Times is a number, not 'often'"),
        ("WaitFor", {**WAIT, "DesiredValues": {}}, "DesiredValues is a list, not {}"),
        ("WaitFor", {**CALL, "PropertySelector": 5}, "PropertySelector is a selector, a text, not 5"),
        ("Sleep", {"Duration": "soon"}, "Duration: it is a duration such as PT1H30M, 90M or 20s, not 'soon'"),
        ("Sleep", {"EndDate": "soon"}, "EndDate: it is a date such as 2030-01-01 or 2030-01-01T09:30:00Z, not 'soon'"),
        ("Choice", {"Choices": [{"When": 1}]}, "When is a condition or a function that gives one, not 1"),
        ("TimerTrigger", {"Type": "weekly"}, "Type is one of rate, cron, at, not 'weekly'"),
    ],
)
def test_a_message_names_the_property_and_what_it_is(action: str, given: dict[str, Any], message: str) -> None:
    reader = a_reader()
    check_atomic(reader, ACTIONS[f"ACS::{action}"], given, PATH)
    assert message in [each.message for each in reader.problems]
