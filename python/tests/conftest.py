"""Makes `webllm` importable from the parent folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from family import CONFIGS  # noqa: E402


@pytest.fixture(params=CONFIGS)
def config(request) -> dict:
    return CONFIGS[request.param]
