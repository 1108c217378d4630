"""Selectors: what cuts outputs and polled values out of an action's result.

Nine of ten selectors in real templates are plain paths (``Instances.Instance[].InstanceId``): ``paths`` walks those
here, in microseconds. The others are programs of jq or JMESPath; they run behind the port ``Engine``, because a program
can go on without end and take all memory. Source: design sections 2 and 4, reference section 2.4.
"""

from caboose.oos.selectors.outputs import results_of, select, select_all
from caboose.oos.selectors.paths import Step, is_plain, parse, walk
from caboose.oos.selectors.port import Checker, Engine, SelectorError
from caboose.oos.selectors.programs import (
    FORBIDDEN,
    MAX_PROGRAM_LENGTH,
    ProgramUse,
    check_programs,
    forbidden_word,
    program_fault,
    takes,
)

__all__ = [
    "FORBIDDEN",
    "MAX_PROGRAM_LENGTH",
    "Checker",
    "Engine",
    "ProgramUse",
    "SelectorError",
    "Step",
    "check_programs",
    "forbidden_word",
    "is_plain",
    "parse",
    "program_fault",
    "results_of",
    "select",
    "select_all",
    "takes",
    "walk",
]
