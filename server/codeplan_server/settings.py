"""The settings' schema: by it values are checked, and contributions and docs are made.

Read from initializationOptions, workspace/configuration and didChangeConfiguration, below the
section "codeplan". A wrong value is reported by its name and the default is used. Settings that
could run code, send data or let code take more of the machine are `restricted`: they are ignored
while the workspace is not trusted.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from codeplan_server.sections import Settings

# Sections that belong to the editors' extensions; the server takes no notice of them.
CLIENT_SECTIONS = frozenset({"server", "trace"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting of the schema. key: "search.timeLimit", without the section "codeplan"."""

    key: str
    section: str
    name: str
    type: type
    default: Any
    description: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    restricted: bool = False

    def check(self, value: Any) -> tuple[Any, str]:
        """(the value to use, "" or what is wrong with the one given)."""
        if self.type is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if self.type is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not self.type or value != value:
            return self.default, f"must be {_WORDS[self.type]}, not {_shown(value)}"
        if self.choices and value not in self.choices:
            return self.default, f"must be one of {', '.join(self.choices)}, not {_shown(value)}"
        if self.minimum is not None and value < self.minimum:
            return self.default, f"must be at least {self.minimum}, not {_shown(value)}"
        if self.maximum is not None and value > self.maximum:
            return self.default, f"must be at most {self.maximum}, not {_shown(value)}"
        return value, ""


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def schema() -> tuple[Entry, ...]:
    """Every setting, in order."""
    return tuple(_ENTRIES.values())


def section_of(raw: Any) -> Any:
    """What a client sent, without the section's name around it; None when it is empty."""
    if isinstance(raw, dict) and raw.keys() == {"codeplan"}:
        raw = raw["codeplan"]
    # Lua has one kind of empty table, which arrives as a list.
    return None if raw == [] else raw


def read_settings(raw: Any, *, trusted: bool = True) -> tuple[Settings, tuple[str, ...]]:
    """The settings in `raw`, nested or with dotted names, and what was wrong with it, in words."""
    raw = section_of(raw)
    if raw is None:
        return Settings(), ()
    if not isinstance(raw, dict):
        return Settings(), (
            f"codeplan: must be an object, not {_shown(raw)}; the defaults are used",
        )
    values: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for key, value in _flat(raw):
        if key.partition(".")[0] in CLIENT_SECTIONS or value is None:
            continue
        entry = _ENTRIES.get(key)
        if entry is None:
            near = difflib.get_close_matches(key, _ENTRIES, n=1)
            hint = f"; did you mean codeplan.{near[0]}?" if near else ""
            problems.append(f"codeplan.{key}: there is no such setting{hint}")
            continue
        used, problem = entry.check(value)
        if problem:
            problems.append(f"codeplan.{key} {problem}; {_shown(entry.default)} is used")
        elif entry.restricted and not trusted and used != entry.default:
            problems.append(f"codeplan.{key} is ignored: this workspace is not trusted")
            used = entry.default
        values.setdefault(entry.section, {})[entry.name] = used
    sections = {
        section: dataclasses.replace(getattr(Settings(), section), **fields)
        for section, fields in values.items()
    }
    return dataclasses.replace(Settings(), **sections), tuple(problems)


def contributions() -> dict[str, dict[str, Any]]:
    """The schema as VS Code's `contributes.configuration.properties`."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    made: dict[str, dict[str, Any]] = {}
    for entry in schema():
        made[f"codeplan.{entry.key}"] = {
            "type": names[entry.type],
            "default": entry.default,
            "description": entry.description,
            **({"enum": list(entry.choices)} if entry.choices else {}),
            **({"minimum": entry.minimum} if entry.minimum is not None else {}),
            **({"maximum": entry.maximum} if entry.maximum is not None else {}),
            "scope": "machine-overridable" if entry.restricted else "resource",
        }
    return made


def markdown() -> str:
    """The schema as a table for the documentation."""
    lines = ["| Setting | Default | Meaning |", "| --- | --- | --- |"]
    for entry in schema():
        text = entry.description
        if entry.choices:
            text += f" One of {', '.join(f'`{choice}`' for choice in entry.choices)}."
        if entry.restricted:
            text += " Ignored in untrusted workspaces."
        lines.append(f"| `codeplan.{entry.key}` | `{_shown(entry.default)}` | {text} |")
    return "\n".join(lines) + "\n"


def _entries() -> Iterator[Entry]:
    for section in dataclasses.fields(Settings):
        kind: Any = type(section.default)
        hints = typing.get_type_hints(kind)
        for item in dataclasses.fields(kind):
            hint = hints[item.name]
            choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
            rules = types.MappingProxyType(dict(item.metadata))
            yield Entry(
                key=f"{_camel(section.name)}.{_camel(item.name)}",
                section=section.name,
                name=item.name,
                type=str if choices else hint,
                default=item.default,
                description=rules["description"],
                choices=choices,
                minimum=rules.get("minimum"),
                maximum=rules.get("maximum"),
                restricted=rules.get("restricted", False),
            )


def _flat(raw: dict[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) for each leaf."""
    for key, value in raw.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and name not in _ENTRIES:
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)


def _shown(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_ENTRIES = {entry.key: entry for entry in _entries()}
