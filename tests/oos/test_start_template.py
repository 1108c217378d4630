"""Which template a start means: a stored one, one of the library, or the text that it brings along."""

from hashlib import sha256
from typing import Any

from caboose.oos.library import Library, Source
from caboose.oos.problems import Problem, errors
from caboose.oos.start import Checked, Start, StoredTemplate, check_start
from tests.oos.templates import DEFAULTS, places, template
from tests.support.programs import PROGRAMS

PUBLIC = template(Description="of the library")
LIBRARY = Library(
    [
        Source("ACS-ECS-Look", PUBLIC),
        Source("looking", PUBLIC),
        Source("stored", PUBLIC),
        Source("ACS::ECS::Look", PUBLIC),
        Source("ACS-ECS-Broken", "", fault=Problem("InvalidYaml", "the file is not text")),
    ]
)
INNER = {"Name": "inner", "Action": "ACS::Template", "Properties": {"TemplateName": "stored"}}
CONTENTS = {
    "stored": template(),
    "ACS-ECS-Look": template(Description="of the store"),
    "outer": template([INNER]),
}


class Stored:
    """Templates that people have stored, one of them under a name that the store refuses."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """v2, unless v1 is asked for."""
        known = name in CONTENTS and version in (None, "v1", "v2")
        return StoredTemplate(name, version or "v2", CONTENTS[name], "hash-of-it") if known else None

    def names(self) -> list[str]:
        """What is stored."""
        return list(CONTENTS)


async def stored(**request: Any) -> Checked:
    return await check_start(request, Stored(), LIBRARY, DEFAULTS, PROGRAMS)


async def start_of(**request: Any) -> Start:
    checked = await stored(**request)
    assert not errors(checked.problems)
    assert checked.start
    return checked.start


async def test_a_stored_template_by_name_and_version() -> None:
    newest = await start_of(TemplateName="stored")
    assert (newest.template_name, newest.template_version, newest.template_hash) == ("stored", "v2", "hash-of-it")
    assert (await start_of(TemplateName="stored", TemplateVersion="v1")).template_version == "v1"


async def test_a_template_of_the_library() -> None:
    start = await start_of(TemplateName="Looking")
    assert (start.template_name, start.template_version) == ("looking", "")
    assert start.template_hash == sha256(PUBLIC.encode()).hexdigest()
    assert (await start_of(TemplateName="acs::ecs::look")).template_name == "ACS::ECS::Look"


async def test_names_that_begin_with_acs_are_the_library_s_only() -> None:
    checked = await stored(TemplateName="acs-ecs-look")
    assert checked.plan
    assert checked.plan.body.description == "of the library"
    checked = await stored(TemplateName="ACS-ECS-Loook")
    assert places(checked.problems) == [("UnknownTemplate", "TemplateName")]
    assert checked.problems[0].hint == 'Did you mean "ACS-ECS-Look"?'


async def test_a_file_of_the_library_has_no_versions_and_may_be_broken() -> None:
    checked = await stored(TemplateName="looking", TemplateVersion="v1")
    assert places(checked.problems) == [("UnknownTemplate", "TemplateVersion")]
    assert places((await stored(TemplateName="ACS-ECS-Broken")).problems) == [("InvalidYaml", "")]


async def test_a_name_that_is_stored_without_the_version_is_not_looked_up_elsewhere() -> None:
    checked = await stored(TemplateName="stored", TemplateVersion="v9")
    assert places(checked.problems) == [("UnknownTemplate", "TemplateVersion")]
    assert 'no version "v9"' in checked.problems[0].message


async def test_templates_that_are_used_by_others_come_from_the_store_too() -> None:
    checked = await stored(TemplateName="outer")
    assert "UnknownTemplate" not in [each.id for each in checked.problems]


async def test_an_unknown_template_is_answered_with_the_nearest_or_the_way_to_store_one() -> None:
    assert 'Did you mean "stored"?' in (await stored(TemplateName="sotred")).problems[0].hint
    assert "caboose templates put" in (await stored(TemplateName="x")).problems[0].hint
