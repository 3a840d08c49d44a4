"""Write the server's settings into the VS Code extension's package.json.

    vscode_settings.py            write them
    vscode_settings.py --check    end with 1 when they are not the server's

The schema is the server's (codeplan_server.settings); the extension's own settings are added here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from codeplan_server.settings import contributions, schema

MANIFEST = Path(__file__).resolve().parents[1] / "editors/vscode/package.json"
OWN: dict[str, dict[str, Any]] = {
    "codeplan.server.interpreter": {
        "type": "string",
        "default": "",
        "description": "The Python that runs the server: one in which codeplan is installed. Empty "
        "for the workspace's interpreter, then codeplan's own environment (see the command "
        '"codeplan: Install Server"), then python3.',
        "scope": "machine-overridable",
    },
    "codeplan.trace.server": {
        "type": "string",
        "default": "off",
        "description": "What of the messages between editor and server is written to the output "
        'channel; "verbose" holds source text.',
        "enum": ["off", "messages", "verbose"],
        "scope": "window",
    },
}
RESTRICTED = ("codeplan.server.interpreter",)
TITLES = {
    "backend": "Model",
    "search": "Search",
    "memory": "Memory",
    "sandbox": "Sandbox",
    "insert": "Inserting",
    "diagnostics": "Diagnostics",
    "codeLens": "Code Lens",
    "inlineCompletion": "Inline Completion",
    "logging": "Log",
}


def settled(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the settings as they should be."""
    properties = contributions()
    groups = [{"title": "Server", "order": 0, "properties": OWN}]
    for order, section in enumerate(dict.fromkeys(e.key.partition(".")[0] for e in schema()), 1):
        mine = {
            name: value
            for name, value in properties.items()
            if name.startswith(f"codeplan.{section}.")
        }
        title = TITLES.get(section, section.capitalize())
        groups.append({"title": title, "order": order, "properties": mine})
    restricted = [*RESTRICTED, *(f"codeplan.{e.key}" for e in schema() if e.restricted)]
    trust = manifest["capabilities"]["untrustedWorkspaces"]
    capabilities = {
        **manifest["capabilities"],
        "untrustedWorkspaces": {**trust, "restrictedConfigurations": restricted},
    }
    contributes = {**manifest["contributes"], "configuration": groups}
    return {**manifest, "capabilities": capabilities, "contributes": contributes}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = MANIFEST.read_text("utf-8")
    wanted = json.dumps(settled(json.loads(text)), indent=2, ensure_ascii=False) + "\n"
    if text == wanted:
        return 0
    if arguments:
        print("package.json differs from the server's settings: run scripts/vscode_settings.py")
        return 1
    MANIFEST.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
