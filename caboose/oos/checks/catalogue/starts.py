"""Rules of starts and of other requests: the examples are the fields of a start.

They start a template that declares ``instanceId`` (a String that must be given) and ``count`` (a Number up to 10).
"""

from caboose.oos.checks.rule import Rule
from caboose.oos.problems import ERROR

_START = "https://www.alibabacloud.com/help/en/oos/developer-reference/api-oos-2019-06-01-startexecution"
_GOOD = """\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {instanceId: i-1}"""

DECLARED = (
    Rule(
        id="InvalidRequest",
        severity=ERROR,
        title="A start that is no JSON object",
        explanation=(
            "A start is one JSON object with fields such as TemplateName and Parameters. What came is something "
            "else, or holds what JSON doesn't know: a number without end, half a character, more than 100 levels."
        ),
        bad="[restart, i-1]",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="UnknownField",
        severity=ERROR,
        title="A field that the request doesn't have",
        explanation=(
            "The request has no such field. It is refused, because a field that is silently dropped (a SafetyCheck "
            "with a misspelt name) may be a protection. Write the field that is meant; parameters stand under "
            "Parameters."
        ),
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
instanceId: i-1""",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="InvalidField",
        severity=ERROR,
        title="A field whose value can't be used",
        explanation=(
            "The field has a value of the wrong type, one that is none of those allowed, or one that is too long; or "
            "two fields exclude each other. The message says what is allowed."
        ),
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
Mode: Manual
Parameters: {instanceId: i-1}""",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="MissingParameter",
        severity=ERROR,
        title="A parameter that must be given",
        explanation="The parameter has no default, so the start must give a value. The hint is its description.",
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {count: 3}""",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="InvalidParameter",
        severity=ERROR,
        title="A parameter's value that is refused",
        explanation=(
            "The value can't be made the parameter's Type, or its AllowedValues, AllowedPattern, length or range "
            "refuse it. The template's own ConstraintDescription stands behind the message. The value of a secret is "
            "never quoted."
        ),
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {instanceId: i-1, count: 11}""",
        good="""\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {instanceId: i-1, count: 10}""",
        source=_START,
    ),
    Rule(
        id="UnknownParameter",
        severity=ERROR,
        title="A parameter that the template doesn't have",
        explanation=(
            "The start gives a value for a parameter that the template doesn't declare, or gives one twice in two "
            "spellings. Most often it is misspelt, and the template would run with its default instead."
        ),
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {instanceId: i-1, size: 3}""",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="MissingRegion",
        severity=ERROR,
        title="No region for the cloud calls",
        explanation=(
            "The template calls the cloud and nothing says in which region: not the call, not the start, not the "
            "server's setting. Give RegionId at the start, or set CABOOSE_REGION."
        ),
        bad="""\
TemplateName: restart
Parameters: {instanceId: i-1}""",
        good=_GOOD,
        source=_START,
    ),
    Rule(
        id="MissingSetting",
        severity=ERROR,
        title="A pseudo parameter that the server doesn't know",
        explanation=(
            "The template uses ACS::AccountId or ACS::OOSUtilVersion, which only the server's settings can tell, and "
            "the setting is empty. Nothing is guessed. Set what the hint names."
        ),
        bad="""\
TemplateName: usesAccountId
RegionId: cn-hangzhou""",
        good=_GOOD,
    ),
    Rule(
        id="UnprovenNames",
        severity=ERROR,
        title="An approval that counts on names which nothing proves",
        explanation=(
            "The template names Approvers or requires more than one approval, and whoever decides only gives a name: "
            "one person could give two. Where that is good enough, set CABOOSE_TRUST_NAMES=true for the API and the "
            "workers; the record of each such execution says that names are unproven. Otherwise require one approval "
            "and name no Approvers."
        ),
        bad="""\
TemplateName: needsTwoPeople
RegionId: cn-hangzhou""",
        good=_GOOD,
    ),
    Rule(
        id="StartTooLarge",
        severity=ERROR,
        title="A start that is too large",
        explanation=(
            "The template, with all that it uses, and the parameters have more than 1.9 MB together, which is more "
            "than one message to a worker may hold. Give less data, or the name of an object in a store."
        ),
        bad="""\
TemplateName: restart
RegionId: cn-hangzhou
Parameters: {instanceId: i-1}  # … and 2 MB of other values""",
        good=_GOOD,
    ),
    Rule(
        id="PrepareFailed",
        severity=ERROR,
        title="A start that couldn't be prepared",
        explanation=(
            "The worker couldn't read the template or check the start: the store wasn't reachable, or the worker was "
            "stopped. Nothing of the template has run. Start it again; the message says what happened."
        ),
        bad="TemplateName: restart  # while the store isn't reachable",
        good=_GOOD,
    ),
    Rule(
        id="InvalidJson",
        severity=ERROR,
        title="A request body that is no JSON",
        explanation=(
            "The body of the HTTP request can't be read as JSON. Send one JSON object, with Content-Type "
            "application/json."
        ),
        bad="{TemplateName: restart}",
        good='{"TemplateName": "restart", "RegionId": "cn-hangzhou", "Parameters": {"instanceId": "i-1"}}',
    ),
    Rule(
        id="MissingField",
        severity=ERROR,
        title="A field that the request needs",
        explanation=(
            "The request can't be carried out without this field. Add it; the documentation of the API lists all."
        ),
        bad="{}  # to POST /templates, which needs TemplateName and Content",
        good='{"TemplateName": "restart", "Content": "…"}',
    ),
    Rule(
        id="InvalidTemplateName",
        severity=ERROR,
        title="A name that no template can have",
        explanation=(
            "A template's name has 1 to 200 letters, digits, hyphens and underscores and doesn't begin with ALIYUN, "
            "ACS, ALIBABA or ALICLOUD: those are the public templates."
        ),
        bad='{"TemplateName": "ACS-ECS-Restart", "Content": "…"}',
        good='{"TemplateName": "restart-instances", "Content": "…"}',
        source="https://www.alibabacloud.com/help/en/oos/developer-reference/api-oos-2019-06-01-createtemplate",
    ),
    Rule(
        id="InvalidNotification",
        severity=ERROR,
        title="A notification that the execution doesn't take",
        explanation=(
            "NotifyExecution sent a word that isn't one of those it knows, or one without the field that it needs. "
            "The execution goes on as it was."
        ),
        bad='{"NotifyType": "Agree"}',
        good='{"NotifyType": "Approve"}',
        source="https://www.alibabacloud.com/help/en/oos/developer-reference/api-oos-2019-06-01-notifyexecution",
    ),
)
