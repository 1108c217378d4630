"""``python -m api``: settings, checks, then the server.

Exits 2 with one clear line when something has to be set or done first.
"""

import asyncio
import logging
import sys

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from api.app import create_app
from api.server import Server
from caboose.library_folders import built_in_templates
from caboose.payloads import data_converter
from caboose.settings import Settings, load_settings
from caboose.store import Store, StoreError

_BAD_SETTING = 2
_STORE_SECONDS = 2.0
"""For large payloads: a request to Temporal has four in all."""


def main() -> int:
    """Serve until a signal comes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # says at each look at the schema that it looks
    try:
        settings = load_settings()
        settings.base_url()  # says so before the store is touched
        store = Store.open(settings.store_url())
        store.check_at_head()
        store.seed(built_in_templates())
        return asyncio.run(_serve(settings, store))
    except (StoreError, ValueError, OSError) as error:
        sys.stderr.write(f"api: {error}\n")
    return _BAD_SETTING


async def _serve(settings: Settings, store: Store) -> int:
    target = ClientConfig.load_client_connect_config()
    target.setdefault("target_host", "127.0.0.1:7233")
    client = await Client.connect(**target, data_converter=data_converter(store, _STORE_SECONDS), lazy=True)
    server = Server(create_app(settings, store, client), settings.api_host, settings.api_port)
    await server.serve()
    store.close()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
