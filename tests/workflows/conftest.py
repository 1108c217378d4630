"""What the tests of workflows share: a server whose clock skips ahead."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.workflows.skipping import Skipping, running


@pytest_asyncio.fixture(scope="session")
async def skipping(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    """One for all tests of this folder."""
    async with running(tmp_path_factory.mktemp("skipping")) as parts:
        yield parts
