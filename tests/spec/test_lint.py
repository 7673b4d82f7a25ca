"""Redocly, which sees what the Python validator does not, finds nothing in the OpenAPI file."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"


@pytest.mark.node
@pytest.mark.skipif(not REDOCLY.exists() and "CI" not in os.environ, reason="needs `npm install --no-package-lock`")
def test_redocly_has_nothing_to_say() -> None:
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        [REDOCLY, "lint", "--format", "json"],
        cwd=ROOT,
        env=os.environ | quiet,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
