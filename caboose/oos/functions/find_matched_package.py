"""``Fn::FindMatchedPackage``."""

import re
from collections.abc import Iterator
from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function, FunctionError
from caboose.oos.functions.reading import json_of, one_of, shown, text_form, unexpected
from caboose.oos.kinds import ANY, MAP
from caboose.oos.loading import load

_SCRIPTS = ("InstallScript", "UninstallScript", "OutputScript")
_CONDITIONS = (
    "os", "ostype", "osname", "system", "systems", "operatingsystem", "platform", "platforms", "platformtype",
    "platformname", "distribution", "osversion", "platformversion", "systemversion",
    "arch", "archs", "architecture", "architectures", "cpuarchitecture",
)  # fmt: skip
"""Keys of an entry, without regard to case and hyphens, that say which machines it is for."""
_ANYTHING = ("", "*", "any", "_any", "all")
_SAME = {"amd64": "x86_64", "x64": "x86_64", "x86-64": "x86_64", "aarch64": "arm64", "i386": "x86", "i686": "x86"}
_LINUX = ("almalinux", "alinux", "aliyun", "anolis", "centos", "debian", "fedora", "opensuse", "red", "redhat", "rhel",
          "rocky", "sles", "suse", "ubuntu")  # fmt: skip
_MACHINES = ("linux", "windows", "x86_64", "arm64", "x86", *_LINUX)
_WORD = re.compile(r"[a-z0-9_*][a-z0-9_.+-]*")

Requirement = list[list[str]]
"""Alternatives, each of words that a machine must all have."""


def call(content: Any, machine: Any) -> dict[str, Any] | None:
    """The entry of an OOS package that is for a machine: the map that has its scripts (``InstallScript`` and the like).

    Args:
        content: the package's template, a map or its JSON or YAML text. An entry says which machines it is for in
            members such as ``System`` and ``Architecture``, or by the keys above it (``linux: x86_64: …``).
        machine: what a command on the machine found out about it: a map, its JSON text, or any text with the words.

    Of several entries that fit the one that says most about the machine is taken, then the first. Null in, null out.

    Source: undocumented. Chosen so that ``Fn::Select`` finds the script to run in the result, and so that a package
    which isn't for the machine fails here and not with an empty script.
    """
    if content is None or machine is None:
        return None
    entries = list(_entries(_package(content), []))
    if not entries:
        raise unexpected("content", f"a package whose entries have {one_of(_SCRIPTS)}", content)
    words = _words_of_machine(machine)
    best, most = None, -1
    for requirements, entry in entries:
        fit = _fit(requirements, words)
        if fit > most:
            best, most = entry, fit
    if best is None:
        raise FunctionError(f"none of the package's {len(entries)} entries is for this machine: {shown(machine)}")
    return best


def _package(content: Any) -> Any:
    found = json_of(content)
    if isinstance(found, str):
        document, _ = load(found)
        found = document.value if document else found
    if not isinstance(found, (dict, list)):
        raise unexpected("content", "a package, or its JSON or YAML text", content)
    return found


def _entries(value: Any, above: list[Requirement]) -> Iterator[tuple[list[Requirement], dict[str, Any]]]:
    """The entries in a part of the package, each with what it and the keys above it require."""
    if isinstance(value, list):
        for child in value:
            yield from _entries(child, above)
    elif isinstance(value, dict) and any(script in value for script in _SCRIPTS):
        own = [_requirement(member) for key, member in value.items() if _folded(key) in _CONDITIONS]
        yield [*above, *own], value
    elif isinstance(value, dict):
        for key, child in value.items():
            words = _words(key)
            yield from _entries(child, [*above, [words]] if any(word in _MACHINES for word in words) else above)


def _folded(key: str) -> str:
    return key.lower().replace("-", "").replace("_", "")


def _requirement(member: Any) -> Requirement:
    values = member if isinstance(member, list) else text_form(member).split(",")
    return [_words(text_form(value)) for value in values]


def _words(text: str) -> list[str]:
    return [_SAME.get(word, word) for word in _WORD.findall(text.lower())]


def _words_of_machine(machine: Any) -> list[str]:
    words = _words(" ".join(_values(json_of(machine))))
    if any(word in _LINUX for word in words):
        words.append("linux")
    if any(word.startswith("windows") for word in words):
        words.append("windows")
    return words


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _values(each)
    else:
        yield text_form(value)


def _fit(requirements: list[Requirement], machine: list[str]) -> int:
    """How many of the requirements say something about the machine; less than 0 when one isn't met."""
    fit = 0
    for requirement in requirements:
        told = [words for words in requirement if words and words[0] not in _ANYTHING]
        if len(told) < len(requirement) or not requirement:
            continue  # for any machine
        if not any(all(_has(machine, word) for word in words) for words in told):
            return -1
        fit += 1
    return fit


def _has(machine: list[str], word: str) -> bool:
    """Whether a word is the machine's; a version is also that of the versions below it (7 and 7.9)."""
    return word in machine or (word[:1].isdigit() and any(own.startswith(word + ".") for own in machine))


FIND_MATCHED_PACKAGE = Function(
    "Fn::FindMatchedPackage",
    call,
    (Argument("content", ANY), Argument("machine", ANY)),
    FIXED,
    result=MAP,
    example=(
        [
            {
                "Packages": [
                    {"System": "windows", "InstallScript": "install.ps1"},
                    {"System": "linux", "Architecture": "arm64", "InstallScript": "install-arm.sh"},
                    {"System": "linux", "InstallScript": "install.sh"},
                ]
            },
            "CentOS 7.9 aarch64",
        ],
        {"System": "linux", "Architecture": "arm64", "InstallScript": "install-arm.sh"},
    ),
    undocumented=True,
)
