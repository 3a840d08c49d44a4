"""The settings: one schema, by which values are checked and contributions and docs are made.

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
from dataclasses import dataclass, field
from typing import Any, Literal

from codeplan_model.search import Budget

Choice = Literal["ask", "always", "never"]
Explanation = Literal["never", "comment", "docstring"]
# The command line's defaults: the same seed gives the same code here and there.
_BUDGET = Budget()

# Sections that belong to the editors' extensions; the server takes no notice of them.
CLIENT_SECTIONS = frozenset({"server", "trace"})


def _setting(default: Any, description: str, **rules: Any) -> Any:
    """rules: minimum, maximum (inclusive), restricted (True: not from untrusted workspaces)."""
    return field(default=default, metadata={"description": description, **rules})


@dataclass(frozen=True, slots=True)
class BackendSettings:
    kind: Literal["llama", "transformers", "openai", "scripted"] = _setting(
        "llama",
        "Where code comes from: a GGUF model through llama.cpp, a model folder through "
        "transformers, a server with an OpenAI interface, or a file of prepared answers.",
        restricted=True,
    )
    model: str = _setting(
        "",
        "The model: a GGUF file, a folder, a model's name at the server, or the file of answers. "
        "Empty for the one that ships with codeplan.",
        restricted=True,
    )
    device: Literal["auto", "cpu"] = _setting(
        "auto", "Where a local model runs: on a graphics processor when there is one, or not."
    )
    keep_seconds: float = _setting(
        0.0,
        "How long the model stays in memory after the last editor that used it has ended.",
        minimum=0.0,
        maximum=86400.0,
    )
    base_url: str = _setting("", "Address of the server for the backend openai.", restricted=True)
    key_variable: str = _setting(
        "OPENAI_API_KEY",
        "Environment variable that holds the key for the backend openai.",
        restricted=True,
    )


@dataclass(frozen=True, slots=True)
class SearchSettings:
    strategy: Literal["adaptive", "codeplan", "direct"] = _setting(
        _BUDGET.strategy,
        "adaptive: a few programs written directly, then plans when none of them passes. codeplan: "
        "plans, code for each, more code from the best. direct: code without plans.",
    )
    plans: int = _setting(_BUDGET.plans, "Plans that are sampled.", minimum=1, maximum=200)
    samples: int = _setting(
        _BUDGET.samples, "Programs that are written from the chosen plan.", minimum=1, maximum=200
    )
    temperature: float = _setting(
        _BUDGET.temperature, "How freely is sampled.", minimum=0.0, maximum=2.0
    )
    seed: int = _setting(
        _BUDGET.seed,
        "The same seed, model and file give the same result.",
        minimum=0,
        maximum=2**31 - 1,
    )
    repair_rounds: int = _setting(
        3,
        "How often a repair gives the failing examples back to the model.",
        minimum=0,
        maximum=20,
    )
    repair_failed: bool = _setting(
        False, "Repair the best program of a search, too, when none of its programs passed."
    )
    memory: bool = _setting(
        True, "Use solved problems: the workspace's, the user's own and the shipped ones."
    )
    time_limit: float = _setting(
        _BUDGET.time_limit, "Seconds for one function.", minimum=0.1, maximum=3600.0
    )


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """How solved problems are used while search.memory is on, and what is added to them."""

    own: bool = _setting(
        True, "Use what `codeplan memory add` and accepted insertions have added, too."
    )
    plans: int = _setting(
        _BUDGET.remembered_plans,
        "Plans of similar problems that stand beside the sampled ones.",
        minimum=0,
        maximum=20,
    )
    adapted: int = _setting(
        _BUDGET.remembered,
        "Programs of similar problems that are adapted and tried before anything is generated.",
        minimum=0,
        maximum=500,
    )
    worked_examples: Literal["auto", "always", "never"] = _setting(
        "auto",
        "Whether two similar problems stand in the prompt with their code. auto: for models that "
        "were trained with them and for models that are asked by chat.",
    )
    remember: Literal["never", "workspace", "user"] = _setting(
        "never",
        "Whether verified code that was inserted is remembered, and for what: this workspace, or "
        "every one.",
        restricted=True,
    )


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The limits' defaults are those of `codeplan_model.sandbox.Limits`.

    They are written again because loading the sandbox would slow down the server's start.
    """

    level: Literal["auto", "A", "B", "C"] = _setting(
        "auto",
        "A: own namespaces and system call filter. B: file access rules and system call filter. "
        "C: no isolation, needs consent. auto: the strongest that works here.",
    )
    interpreter: str = _setting(
        "",
        "The Python that runs the file's examples, with the packages that the file imports. Empty "
        "for that of the virtual environment (.venv or venv) of the file's folder or one above it, "
        "else the one that runs codeplan.",
        restricted=True,
    )
    consent: bool = _setting(
        False, "Run generated code even when no isolation is in force.", restricted=True
    )
    wall_seconds: float = _setting(
        2.0,
        "Seconds that the examples of one docstring or one test file may take.",
        minimum=0.1,
        maximum=600.0,
        restricted=True,
    )
    cpu_seconds: float = _setting(
        0.0,
        "Seconds of processor time that one run may take, rounded up to whole ones. 0 for as many "
        "as sandbox.wallSeconds.",
        minimum=0.0,
        maximum=600.0,
        restricted=True,
    )
    memory_mb: int = _setting(
        512,
        "Megabytes that one run may use on top of what the interpreter and the imports take.",
        minimum=16,
        maximum=65536,
        restricted=True,
    )
    output_bytes: int = _setting(
        1 << 20,
        "Bytes that the examples of one run may print.",
        minimum=1024,
        maximum=2**30,
        restricted=True,
    )
    threads: int = _setting(
        32,
        "Threads that one run may have. It may start no other processes at all.",
        minimum=1,
        maximum=1024,
        restricted=True,
    )
    import_seconds: float = _setting(
        30.0,
        "Seconds that importing what the file imports may take, once for many runs.",
        minimum=0.1,
        maximum=600.0,
        restricted=True,
    )
    import_memory_mb: int = _setting(
        4096,
        "Megabytes that importing what the file imports may use.",
        minimum=64,
        maximum=65536,
        restricted=True,
    )


@dataclass(frozen=True, slots=True)
class InsertSettings:
    failing: Literal["ask", "always", "never"] = _setting(
        "ask", "Whether to insert code that fails some of the examples."
    )
    unverified: Literal["ask", "always", "never"] = _setting(
        "ask", "Whether to insert code that no example could verify."
    )
    plan_as_comment: bool = _setting(False, "Leave the plan in the code, as a comment.")
    explanation: Literal["never", "comment", "docstring"] = _setting(
        "never",
        "Where codeplan.explain puts the plan of existing code: nowhere, above the code as a "
        "comment that is read as a plan, or at the end of the docstring.",
    )
    confirm: bool = _setting(
        False, "Let the editor show every edit for confirmation, where it can."
    )


@dataclass(frozen=True, slots=True)
class DiagnosticsSettings:
    enable: bool = _setting(True, "Mark failing examples in the text.")
    on_save: bool = _setting(False, "Run the examples of a file when it is saved.")


@dataclass(frozen=True, slots=True)
class CodeLensSettings:
    enable: bool = _setting(
        True, 'Show "Plan then code" above functions to write, "Repair" where an example failed.'
    )


@dataclass(frozen=True, slots=True)
class InlineCompletionSettings:
    enable: bool = _setting(True, "Offer verified code as ghost text in functions to write.")
    automatic: bool = _setting(
        False, "Search while typing too, not only when a completion is asked for by hand."
    )


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    level: Literal["error", "warning", "info", "debug"] = _setting("info", "What is logged.")
    source_text: bool = _setting(
        False, "Let the log hold source text and messages of the protocol.", restricted=True
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults."""

    backend: BackendSettings = BackendSettings()
    search: SearchSettings = SearchSettings()
    memory: MemorySettings = MemorySettings()
    sandbox: SandboxSettings = SandboxSettings()
    insert: InsertSettings = InsertSettings()
    diagnostics: DiagnosticsSettings = DiagnosticsSettings()
    code_lens: CodeLensSettings = CodeLensSettings()
    inline_completion: InlineCompletionSettings = InlineCompletionSettings()
    logging: LoggingSettings = LoggingSettings()


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
