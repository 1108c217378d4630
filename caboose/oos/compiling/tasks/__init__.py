"""The Tasks section: each task read, its action's properties and its references checked (reference section 2)."""

from caboose.oos.compiling.tasks.loops import MAX_ITEMS
from caboose.oos.compiling.tasks.nested import Bodies, Found
from caboose.oos.compiling.tasks.section import read_tasks, with_raw_outputs

__all__ = ["MAX_ITEMS", "Bodies", "Found", "read_tasks", "with_raw_outputs"]
