"""The children that run programs, one pool for all tests of a process; it starts when the first program is run."""

import atexit

from caboose.sandbox import Sandbox

PROGRAMS = Sandbox()
atexit.register(PROGRAMS.close)
