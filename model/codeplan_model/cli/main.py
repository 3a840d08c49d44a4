"""The commands and their options; what they do is in the modules beside this one."""

from __future__ import annotations

import contextlib
import io
import sys
from enum import StrEnum
from typing import Annotated

import typer

from codeplan_model import __version__
from codeplan_model.cli import INTERRUPTED, INTERRUPTED_WORDS
from codeplan_model.cli import bench as bench_command
from codeplan_model.cli import check as check_command
from codeplan_model.cli import doctor as doctor_command
from codeplan_model.cli import memory as memory_commands
from codeplan_model.cli import repair as repair_command
from codeplan_model.cli import solve as solve_command
from codeplan_model.cli.output import Output, OutputLost, delivering
from codeplan_model.cli.sandboxing import LimitOption, Python, Unsandboxed, judging
from codeplan_model.extract import ExtractError
from codeplan_model.files import FileError
from codeplan_model.generation import BackendError, Cancelled
from codeplan_model.memory import ShippedDamaged, StoreError
from codeplan_model.prompts import UnknownFormat
from codeplan_model.sandbox import SandboxUnavailable
from codeplan_model.search import Budget, NothingToRepair

BAD_INPUT = 2
# What the shell shows for a program that a closed pipe ended.
READER_GONE = 141

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Write Python functions from their docstrings: plans from a small local model, code "
    "judged by the file's own examples in a sandbox. Nothing leaves this machine.",
)


class Strategy(StrEnum):
    """How to search."""

    adaptive = "adaptive"
    codeplan = "codeplan"
    direct = "direct"


Targets = Annotated[
    list[str], typer.Argument(metavar="PATH[::FUNCTION]", help="Files, or functions in them.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Plans = Annotated[int, typer.Option(min=1, max=500, help="Plans to sample.")]
Samples = Annotated[
    int, typer.Option(min=1, max=500, help="Programs to write from the chosen plan.")
]
Growth = Annotated[
    int,
    typer.Option(
        min=0, max=10, help="When nothing passes, so many times the plans again; 0: none."
    ),
]
Temperature = Annotated[float, typer.Option(min=0.0, max=2.0, help="0 is greedy.")]
Seed = Annotated[int, typer.Option(help="The same seed, model and file give the same result.")]
TimeLimit = Annotated[float, typer.Option(min=0.1, help="Seconds for one function.")]
StrategyOption = Annotated[Strategy, typer.Option(help="How to search.")]
BackendOption = Annotated[
    str, typer.Option("--backend", help="llama, transformers or openai.", metavar="KIND")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="A GGUF file, a model folder or a server's model; none: the embedded one."
    ),
]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", help="The address of an OpenAI-compatible server.")
]
Remember = Annotated[
    bool,
    typer.Option(
        "--memory/--no-memory",
        help="Use solved problems: the workspace's, your own and the shipped ones.",
    ),
]
OwnMemory = Annotated[
    bool, typer.Option("--own-memory/--no-own-memory", help="The workspace's and your own ones.")
]
Adapted = Annotated[
    int,
    typer.Option(min=0, max=500, help="Remembered programs to try; ten times as many in the end."),
]
RecalledPlans = Annotated[
    int, typer.Option(min=0, max=20, help="Remembered plans beside the sampled ones.")
]
Worked = Annotated[
    int | None,
    typer.Option(min=0, max=8, help="Solved problems in the prompt; not given: as the model is."),
]

_DEFAULT = Budget()
_DEFAULT_STRATEGY = Strategy(_DEFAULT.strategy)

app.add_typer(memory_commands.app, name="memory")


@app.command()
def solve(
    targets: Targets,
    write: Annotated[bool, typer.Option("--write", help="Change the files.")] = False,
    as_json: Json = False,
    plans: Plans = _DEFAULT.plans,
    samples: Samples = _DEFAULT.samples,
    growth: Growth = _DEFAULT.growth,
    temperature: Temperature = _DEFAULT.temperature,
    seed: Seed = _DEFAULT.seed,
    time_limit: TimeLimit = _DEFAULT.time_limit,
    strategy: StrategyOption = _DEFAULT_STRATEGY,
    backend: BackendOption = "llama",
    model: ModelOption = None,
    base_url: BaseUrl = None,
    memory: Remember = True,
    own_memory: OwnMemory = True,
    adapted: Adapted = _DEFAULT.remembered,
    recalled_plans: RecalledPlans = _DEFAULT.remembered_plans,
    worked: Worked = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Add what is written to the workspace's memory.")
    ] = False,
    allow_unsandboxed: Unsandboxed = False,
    python: Python = None,
    limit: LimitOption = None,
) -> None:
    """Write the functions that are still empty, or those that are named, and verify them."""
    budget = Budget(
        strategy=strategy.value,
        plans=plans,
        samples=samples,
        growth=growth,
        temperature=temperature,
        seed=seed,
        time_limit=time_limit,
        remembered=adapted,
        remembered_plans=recalled_plans,
        worked=worked,
    )
    judge = judging(allow_unsandboxed, python, limit)
    options = solve_command.Options(
        backend, model, base_url, judge, memory, budget, own_memory, remember
    )
    output = Output(as_json=as_json)
    raise typer.Exit(solve_command.solve_targets(targets, options, output, write=write))


@app.command()
def plans(
    target: Annotated[str, typer.Argument(metavar="PATH::FUNCTION")],
    as_json: Json = False,
    plans: Plans = _DEFAULT.plans,
    temperature: Temperature = _DEFAULT.temperature,
    seed: Seed = _DEFAULT.seed,
    time_limit: TimeLimit = _DEFAULT.time_limit,
    backend: BackendOption = "llama",
    model: ModelOption = None,
    base_url: BaseUrl = None,
    memory: Remember = True,
    own_memory: OwnMemory = True,
    adapted: Adapted = _DEFAULT.remembered,
    recalled_plans: RecalledPlans = _DEFAULT.remembered_plans,
    worked: Worked = None,
    allow_unsandboxed: Unsandboxed = False,
    python: Python = None,
    limit: LimitOption = None,
) -> None:
    """Show every sampled plan with its record on the examples; change nothing."""
    budget = Budget(
        strategy="codeplan",
        plans=plans,
        samples=1,
        temperature=temperature,
        seed=seed,
        time_limit=time_limit,
        remembered=adapted,
        remembered_plans=recalled_plans,
        worked=worked,
        early_stop=False,
    )
    judge = judging(allow_unsandboxed, python, limit)
    options = solve_command.Options(backend, model, base_url, judge, memory, budget, own_memory)
    raise typer.Exit(solve_command.show_plans(target, options, Output(as_json=as_json)))


@app.command()
def repair(
    target: Annotated[str, typer.Argument(metavar="PATH::FUNCTION")],
    write: Annotated[bool, typer.Option("--write", help="Change the file.")] = False,
    as_json: Json = False,
    rounds: Annotated[
        int,
        typer.Option(min=0, max=20, help="How often the failing examples go to the model."),
    ] = 3,
    samples: Samples = _DEFAULT.samples,
    temperature: Temperature = _DEFAULT.temperature,
    seed: Seed = _DEFAULT.seed,
    time_limit: TimeLimit = _DEFAULT.time_limit,
    backend: BackendOption = "llama",
    model: ModelOption = None,
    base_url: BaseUrl = None,
    memory: Remember = True,
    allow_unsandboxed: Unsandboxed = False,
    python: Python = None,
    limit: LimitOption = None,
) -> None:
    """Mend a function whose examples fail: small changes of its code, then memory and model."""
    budget = Budget(
        samples=samples,
        temperature=temperature,
        seed=seed,
        time_limit=time_limit,
        repair_rounds=rounds,
    )
    judge = judging(allow_unsandboxed, python, limit)
    options = solve_command.Options(backend, model, base_url, judge, memory, budget)
    output = Output(as_json=as_json)
    raise typer.Exit(repair_command.repair_function(target, options, output, write=write))


@app.command()
def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH")],
    as_json: Json = False,
    allow_unsandboxed: Unsandboxed = False,
    python: Python = None,
    limit: LimitOption = None,
) -> None:
    """Run the files' examples in the sandbox, like `python -m doctest` but contained."""
    output = Output(as_json=as_json)
    judge = judging(allow_unsandboxed, python, limit)
    raise typer.Exit(check_command.check_files(paths, output, judge))


@app.command()
def bench(
    as_json: Json = False,
    backend: BackendOption = "llama",
    model: ModelOption = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=60.0, help="For each figure.")] = 2.0,
    allow_unsandboxed: Unsandboxed = False,
) -> None:
    """Measure this machine in half a minute: reading, writing, judging, time to verified code."""
    output = Output(as_json=as_json)
    status = bench_command.measure(output, model, backend, seconds, consent=allow_unsandboxed)
    raise typer.Exit(status)


@app.command()
def doctor(
    as_json: Json = False,
    model: ModelOption = None,
    attack: Annotated[
        bool, typer.Option("--attack", help="Attack the sandbox of this machine, for real.")
    ] = False,
) -> None:
    """Say what works here: versions, backends, device, sandbox, model; and what to do if not."""
    output = Output(as_json=as_json)
    if attack:
        raise typer.Exit(doctor_command.attack(output))
    raise typer.Exit(doctor_command.examine(output, model))


def _version(value: bool) -> None:
    if value:
        with delivering():
            print(f"codeplan {__version__}", flush=True)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """The command that the arguments name; ends the process with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter of the user's file must not end the command.
            stream.reconfigure(errors="backslashreplace")
    output = Output(as_json=False)
    # Typer prints help itself, past the consoles that notice when nobody takes it.
    helping = delivering() if "--help" in sys.argv else contextlib.nullcontext()
    try:
        with helping:
            app()
    except OutputLost as error:
        if error.gone:
            sys.exit(READER_GONE)
        output.error(f"{error}. Make room there, or send it elsewhere.")
        sys.exit(BAD_INPUT)
    except SandboxUnavailable as error:
        consent = "sandbox.consent" in str(error)
        hint = "\nFrom the shell that is --allow-unsandboxed." if consent else ""
        output.error(f"{error}{hint}")
        sys.exit(BAD_INPUT)
    except ShippedDamaged as error:
        output.error(f"{error}\nInstall codeplan again, or go on without it: --no-memory.")
        sys.exit(BAD_INPUT)
    except (
        StoreError,
        FileError,
        ExtractError,
        BackendError,
        UnknownFormat,
        NothingToRepair,
    ) as error:
        output.error(str(error))
        sys.exit(BAD_INPUT)
    except SystemExit as end:
        # Typer turns Ctrl-C into this status itself.
        if end.code == INTERRUPTED:
            output.error(INTERRUPTED_WORDS)
        raise
    except (KeyboardInterrupt, Cancelled):
        output.error(INTERRUPTED_WORDS)
        sys.exit(INTERRUPTED)
