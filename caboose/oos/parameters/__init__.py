"""Parameters: what a template declares, and the values of one start held against it (reference section 1.4).

``convert`` is the soft conversion, ``constraints`` what a value must be beyond its type, ``defaults`` in which order
defaults are made, ``bind`` brings them together for one start. ``declarations`` reads the section of a template; it
builds on the reading of references and isn't imported here.
"""

from caboose.oos.parameters.bind import MASKED, bind_parameters
from caboose.oos.parameters.convert import TYPES, ConversionError, convert
from caboose.oos.parameters.defaults import is_secret, secret_names

__all__ = [
    "MASKED",
    "TYPES",
    "ConversionError",
    "bind_parameters",
    "convert",
    "is_secret",
    "secret_names",
]
