"""The extension's own checks: types, lint, and its unit tests (editors/vscode/test/unit)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_extensions_own_checks_pass(npm, script):
    npm("run", script)
