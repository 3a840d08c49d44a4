"""The server's README names every command and holds the settings' table as the schema makes it."""

from __future__ import annotations

from pathlib import Path

from codeplan_server.server import COMMANDS
from codeplan_server.settings import markdown

README = Path(__file__).parents[2] / "server" / "README.md"


def test_the_table_of_settings_is_the_schema_s():
    """Made anew with: codeplan-server --settings markdown."""
    text = README.read_text(encoding="utf-8")

    assert text.endswith(markdown())


def test_every_command_is_described():
    text = README.read_text(encoding="utf-8")

    for name in COMMANDS:
        assert f"| `{name}` |" in text
