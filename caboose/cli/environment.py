"""What commands take from the environment: the settings, and the library that they name."""

from pydantic import ValidationError
from pydantic_settings import SettingsError

from caboose.cli.errors import UsageError
from caboose.library_folders import load_library
from caboose.oos.library import Library
from caboose.settings import Settings


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        UsageError: naming each variable that is wrong, never its value (it may be a secret).
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"CABOOSE_{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise UsageError("wrong setting: " + "; ".join(wrong)) from None
    except SettingsError as error:
        raise UsageError(f"wrong setting: {error}") from None


def open_library() -> Library:
    """The product actions of the built-in library and of ``CABOOSE_LIBRARY_PATH``.

    Raises:
        UsageError: when one of its folders isn't there.
    """
    try:
        return load_library(load_settings().library_path)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from None
