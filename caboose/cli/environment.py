"""What commands take from the environment: the settings."""

from caboose import settings
from caboose.cli.errors import UsageError


def load_settings() -> settings.Settings:
    """The settings of this process.

    Raises:
        UsageError: naming each variable that is wrong, never its value (it may be a secret).
    """
    try:
        return settings.load_settings()
    except ValueError as error:
        raise UsageError(f"wrong setting: {error}") from None
