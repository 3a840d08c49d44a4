"""The settings as values: sections of immutable fields, each with its default and what it means.

How they are read, checked and documented is not known here; see settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from codeplan_model.search import Budget

Choice = Literal["ask", "always", "never"]
Explanation = Literal["never", "comment", "docstring"]
# The command line's defaults: the same seed gives the same code here and there.
_BUDGET = Budget()


def _setting(default: Any, description: str, *, compare: bool = True, **rules: Any) -> Any:
    """rules: minimum, maximum (inclusive), restricted (True: not from untrusted workspaces).

    compare: False where another value doesn't make it another model or sandbox.
    """
    return field(default=default, compare=compare, metadata={"description": description, **rules})


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
    load_early: bool = _setting(
        True,
        "Load a GGUF model as soon as a file with functions to write is opened, and in a trusted "
        "workspace start the sandbox with what the file imports: the first command need not wait.",
        compare=False,
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
    growth: int = _setting(
        _BUDGET.growth,
        "When nothing has passed: so many times the plans are sampled once more, with the strategy "
        "adaptive and a model that codeplan trained. 0: no such round.",
        minimum=0,
        maximum=10,
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
        "Programs of similar problems to try at most; where nothing passes, ten times as many.",
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
        True,
        'Show "Plan then code" above functions to write, "Repair" where an example failed, "Run '
        'examples" where there are some.',
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
