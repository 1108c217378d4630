"""A nested template whose name or content is known only when it is reached: found and compiled like that of a start.

What stops a start stops it too, and fails the task that wanted it.
"""

from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.plan import Plan
from caboose.oos.problems import Problem, errors
from caboose.oos.selectors import Checker, check_programs
from caboose.oos.start.lookup import TemplateSource, find_nested_text, find_template
from caboose.oos.start.refusals import stopping


async def compile_nested(
    wanted: tuple[str, str, str | None], templates: TemplateSource, library: Library, checker: Checker
) -> tuple[Plan | None, list[Problem]]:
    """The plan of a nested template, or the errors that stop it.

    Args:
        wanted: its name and version ('' = the latest), or its content.
        templates: the stored templates.
        library: the product actions and the public templates.
        checker: says which programs are valid.
    """
    name, version, content = wanted
    request = {"TemplateName": name, "TemplateVersion": version, "TemplateContent": content}
    found, problems = find_template(request, templates, library)
    if found is None:
        return None, problems
    compiled = compile_template(found.content, library, found.name, find_nested_text(templates))
    problems = [*stopping(compiled.problems), *await check_programs(compiled.programs, checker)]
    return (None, errors(problems)) if errors(problems) else (compiled.plan, [])
