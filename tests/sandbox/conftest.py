"""What the tests of the sandbox share: one with the limits of the worker."""

from collections.abc import Iterator

import pytest

from caboose.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox as the worker has it."""
    with Sandbox() as made:
        yield made
