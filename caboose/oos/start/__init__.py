"""A start: StartExecution's fields checked against a template, every violation at once.

The API checks a start to answer 400 before anything begins; the first activity of the execution checks it again to run.
What this version doesn't run is refused here, so that nothing is half-done (source: StartExecution, oos-20190601;
design sections 4 and 6).

``fields`` reads the request, ``lookup`` finds the template, ``names`` knows what references mean before the first task,
``binding`` makes the values, ``approvals`` knows whose approvals count, ``refusals`` says what can't run here, and
``check`` goes through them in order; ``nested`` compiles what is found only later.
"""

from caboose.oos.start.approvals import UNPROVEN_NAMES, unproven
from caboose.oos.start.binding import bound_parameters
from caboose.oos.start.check import Checked, Examined, check_examined, check_start, examine_start
from caboose.oos.start.fields import CONFIRM_HIGH_RISK, FIELDS, given_parameters
from caboose.oos.start.lookup import StoredTemplate, TemplateSource
from caboose.oos.start.names import Start, StartDefaults
from caboose.oos.start.nested import compile_nested

__all__ = [
    "CONFIRM_HIGH_RISK",
    "FIELDS",
    "UNPROVEN_NAMES",
    "Checked",
    "Examined",
    "Start",
    "StartDefaults",
    "StoredTemplate",
    "TemplateSource",
    "bound_parameters",
    "check_examined",
    "check_start",
    "compile_nested",
    "examine_start",
    "given_parameters",
    "unproven",
]
