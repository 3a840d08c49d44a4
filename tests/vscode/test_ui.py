"""The extension as a person uses it, in a browser: palette, progress, code, plans, menu.

With the variable CODEPLAN_PICTURES the pictures are written to the folder that it names.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.timeout(1200)]
SCRIPT = Path(__file__).parents[2] / "editors/vscode/test/ui/ui.mjs"
THEMES = {"dark": "Default Dark Modern", "light": "Default Light Modern"}


@pytest.mark.parametrize("theme", THEMES)
def test_everything_is_to_be_seen(editor, packaged, pictures, theme):
    new = editor()
    new.settings(
        codeplan__search__strategy="codeplan",
        codeplan__search__memory=False,
        codeplan__search__timeLimit=600,
        codeplan__insert__failing="never",
        codeplan__sandbox__wallSeconds=60,
        workbench__colorTheme=THEMES[theme],
        window__autoDetectColorScheme=False,
    )
    new.install(packaged)
    new.start()

    ended = new.node(SCRIPT, new.url, new.workspace, pictures, theme, seconds=1100)

    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
