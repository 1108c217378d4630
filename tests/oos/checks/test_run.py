"""Running the rules: where findings stand, how many there may be, and that they don't depend on where one looks."""

import json

from caboose.oos.checks import CHECKS, Template
from caboose.oos.checks.flow import Flow
from caboose.oos.plan import Body, Task
from caboose.oos.problems import MAX_PROBLEMS, errors
from tests.oos.templates import READ, compiled, template


def test_a_finding_has_a_place_and_a_way_out() -> None:
    text = """\
FormatVersion: OOS-2019-06-01
Parameters:
  size: {Type: Number}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}
"""
    (problem,) = compiled(text).problems
    assert (problem.id, problem.path, problem.line, problem.column) == ("UnusedParameter", "Parameters.size", 3, 3)
    assert problem.severity == "warning"
    assert problem.hint
    assert compiled(text).plan


def test_any_number_of_warnings_leaves_a_plan() -> None:
    parameters = {f"p{index}": {"Type": "String"} for index in range(2 * MAX_PROBLEMS)}
    found = compiled(template(Parameters=parameters))
    assert found.plan
    assert len(found.problems) == MAX_PROBLEMS
    assert not errors(found.problems)


def test_a_template_with_errors_is_not_linted() -> None:
    found = compiled(template(Parameters={"size": {"Type": "Number"}}, Outputs={"o": {"Value": "{{ nobody }}"}}))
    assert [problem.id for problem in found.problems] == ["UnknownReference"]


def test_warnings_of_a_product_action_stay_with_its_author() -> None:
    nested = {"FormatVersion": "OOS-2019-06-01", "Parameters": {"size": {"Default": 1}}, "Tasks": [READ]}
    task = {"Name": "nested", "Action": "ACS::Template", "Properties": {"TemplateContent": nested}}
    assert "UnusedParameter" not in [problem.id for problem in compiled(template([task])).problems]
    assert "UnusedParameter" in [problem.id for problem in compiled(json.dumps(nested)).problems]


def test_a_secret_is_not_repeated_in_the_message_about_it() -> None:
    task = {
        **READ,
        "Properties": {**READ["Properties"], "Parameters": {"Password": "Tiger-1234", "Key": "LTAI0123456789abcd"}},
    }
    found = compiled(template([task])).problems
    assert [problem.id for problem in found] == ["HardCodedSecret", "HardCodedSecret"]
    assert not [problem for problem in found if "Tiger" in str(problem) or "LTAI" in str(problem)]


def test_an_empty_template_has_nothing_to_say() -> None:
    empty = Template({}, Body("", [Task("look", "ACS::ExecuteAPI", {})]))
    assert not [finding for rule in CHECKS.values() for finding in rule.check(empty)]


def test_what_is_written_at_a_place() -> None:
    written = Template({"Tasks": [{"Name": "a"}]}, Body("", []))
    assert written.written(("Tasks", 0, "Name")) == "a"
    assert written.written(("Tasks", 0, "Loop", "MaxErrors")) is None


def test_jumps_to_words_are_jumps() -> None:
    tasks = [Task("a", "ACS::ExecuteAPI", {}, on_error="ACS::NEXT"), Task("b", "ACS::ExecuteAPI", {}, when=True)]
    flow = Flow(Template({}, Body("", tasks)).tasks)
    assert flow.steps[0].all == (1, 1, 2)
    assert flow.steps[1].all == (2, 2, 2, 2)
