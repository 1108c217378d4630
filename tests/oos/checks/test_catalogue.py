"""Every id that anything reports is explained, everything that is explained is reported, and each is tested."""

import re

from caboose.oos.checks import CHECKS, RULES, Template
from caboose.oos.checks.catalogue import CATALOGUE
from caboose.oos.checks.rule import OWN
from caboose.oos.plan import Body
from caboose.oos.problems import ERROR, WARNING
from tests.architecture.source import ROOT, modules
from tests.oos.checks.examples import IN_WORDS
from tests.oos.checks.reported import reported

REPORTED = list(reported())
HARDER_AT_THE_START = ("NotSupportedYet", "UnknownTemplate")
"""Warnings of which a start makes errors."""


def test_what_is_reported_is_explained() -> None:
    assert REPORTED
    assert sorted({f"{id} {where}" for id, _, where in REPORTED if id not in RULES}) == []


def test_what_is_explained_is_reported() -> None:
    ids = {id for id, _, _ in REPORTED}
    assert [id for id in CATALOGUE if id not in ids] == []


def test_a_rule_is_an_error_or_a_warning_and_never_both() -> None:
    assert {rule.severity for rule in RULES.values()} == {ERROR, WARNING}
    known = [each for each in REPORTED if each[1] and each[0] not in HARDER_AT_THE_START]
    assert [each for each in known if RULES[each[0]].severity != each[1]] == []


def test_lint_rules_and_the_catalogue_share_no_id() -> None:
    assert [id for id in CHECKS if id in CATALOGUE] == []
    assert list(RULES) == sorted([*CHECKS, *CATALOGUE])


def test_a_rule_of_the_catalogue_finds_nothing_itself() -> None:
    assert not list(CATALOGUE["LetterCase"].check(Template({}, Body("", []))))


def test_a_rule_has_all_its_words() -> None:
    titles = [rule.title for rule in RULES.values()]
    assert sorted(set(titles)) == sorted(titles)
    for id, rule in RULES.items():
        assert id == rule.id
        assert re.fullmatch(r"[A-Z][a-z]+([A-Z][a-z]+)+", id)
        assert rule.explanation.endswith("."), id
        assert not rule.title.endswith("."), id
        assert rule.bad.strip() != rule.good.strip(), id
        assert rule.source == OWN or rule.source.startswith("https://"), id


def test_a_rule_prints_everything_that_it_knows() -> None:
    text = str(RULES["LetterCase"])
    assert text.startswith("LetterCase (warning): A name in another letter case than declared\n\n")
    assert "\n\nBad:\n    Parameters:\n" in text
    assert text.endswith(f"\n\nSource: {OWN}")
    assert max(len(line) for line in text.splitlines()) <= 120


def test_each_lint_rule_is_a_file_of_its_own_named_like_it() -> None:
    files = [path.stem for path in modules("caboose/oos/checks") if "RULE = Rule(" in path.read_text("utf-8")]
    named = [re.sub(r"(?<!^)([A-Z])", r"_\1", id).lower() for id in CHECKS]
    assert sorted(files) == sorted(named)


def test_what_no_example_can_show_is_tested_elsewhere() -> None:
    for id, path in IN_WORDS.items():
        assert id in RULES
        assert id in (ROOT / path).read_text("utf-8"), f"{id} in {path}"


def test_each_lint_rule_has_cases_that_find_something_and_cases_that_do_not() -> None:
    text = (ROOT / "tests/compliance/checks.yaml").read_text("utf-8")
    sections = dict(re.findall(r"^# (\w+)\n(.*?)(?=^# |\Z)", text, re.MULTILINE | re.DOTALL))
    assert sorted(sections) == sorted(CHECKS)
    for id, cases in sections.items():
        assert re.search(rf"{id} \w", cases), id
        assert "compiles: []" in cases, id
