"""What commands take from the environment: the settings, and the library that they name."""

from caboose import settings
from caboose.cli.errors import UsageError
from caboose.library_folders import LibraryFolderError, load_library
from caboose.oos.library import Library


def load_settings() -> settings.Settings:
    """The settings of this process.

    Raises:
        UsageError: naming each variable that is wrong, never its value (it may be a secret).
    """
    try:
        return settings.load_settings()
    except ValueError as error:
        raise UsageError(f"wrong setting: {error}") from None


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
