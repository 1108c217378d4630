"""The library that commands work with, as the settings name it."""

from caboose.cli.environment import load_settings
from caboose.cli.errors import UsageError
from caboose.library_folders import LibraryFolderError, load_library
from caboose.oos.library import Library


def open_library() -> Library:
    """The product actions of the built-in library and of ``CABOOSE_LIBRARY_PATH``.

    Raises:
        UsageError: when one of its folders can't be used.
    """
    found = load_settings()
    try:
        return load_library(found.library_path, found.max_template_bytes)
    except LibraryFolderError as error:
        raise UsageError(str(error)) from None
