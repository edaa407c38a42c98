import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stack import Stack, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product as newcomers run it."""
    with tempfile.TemporaryDirectory(prefix="carepath-up-") as name, running(Path(name)) as found:
        yield found
