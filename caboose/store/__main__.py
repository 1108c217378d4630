"""``python -m caboose.store migrate|check``: bring the schema to head, or say whether it is there.

This is a program and not part of the package's interface: the only file here that reads the settings, for the
URL.
"""

import argparse
import sys

from caboose.settings import load_settings
from caboose.store import Store, StoreError


def main() -> int:
    """Run the command; 0 when the schema is at head, 1 when it isn't or can't be brought there."""
    parser = argparse.ArgumentParser(prog="python -m caboose.store", description="The schema of Caboose's store.")
    parser.add_argument("command", choices=["migrate", "check"], help="upgrade the schema, or only look")
    parser.add_argument("--url", default="", help="SQLAlchemy URL of the store (default: from the settings)")
    arguments = parser.parse_args()
    try:
        store = Store.open(arguments.url or load_settings().store_url())
        if arguments.command == "migrate":
            store.migrate()
        store.check_at_head()
    except (StoreError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("The store is at the newest schema.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
