"""Evaluation on several processes of this machine, or on a Ray cluster.

A record depends on its task and the seed alone, so that any number of workers gives the same
figures; only the seconds differ.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeplan_model.backends import open_backend
from codeplan_model.generation import Backend
from codeplan_model.memory import open_shipped
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_training.eval_tasks import EvalTask
from codeplan_training.evaluate import Settings, evaluate_one


@dataclass(frozen=True, slots=True)
class Spec:
    """What a worker opens. backend: a kind of `open_backend`, or "student"."""

    backend: str
    model: str | None
    settings: Settings
    strategies: tuple[str, ...]


LIMITS = Limits(wall_seconds=30.0, cpu_seconds=3.0)
"""Processor time decides, so that the load of a machine with many workers changes no figure."""


class Worker:
    """A backend, a sandbox and the shipped memory, opened once for many tasks."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._backend = open_engine(spec.backend, spec.model)
        self._sandbox = Sandbox(limits=LIMITS)
        self._memory = open_shipped()

    def record(self, task: EvalTask) -> dict[str, Any]:
        """The record of one task."""
        settings, strategies = self._spec.settings, self._spec.strategies
        return evaluate_one(
            task, self._backend, self._sandbox, settings, strategies, None, self._memory
        )

    def close(self) -> None:
        for store in self._memory:
            store.close()
        self._sandbox.close()
        self._backend.close()


def open_engine(kind: str, model: str | None) -> Backend:
    """A backend by its kind; "student" is any result of finetune, also with two heads."""
    if kind == "student":
        from codeplan_training.student_backend import StudentBackend

        if model is None:
            raise ValueError("name the student's folder with --model")
        return StudentBackend(Path(model))
    return open_backend(kind, model)


def local(spec: Spec, tasks: Sequence[EvalTask], workers: int) -> Iterator[dict[str, Any]]:
    """Records as they are made, by processes of this machine; one works in this process."""
    if not tasks:
        return
    if workers == 1:
        worker = Worker(spec)
        try:
            yield from map(worker.record, tasks)
        finally:
            worker.close()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_open, initargs=(spec,)) as pool:
        for future in as_completed([pool.submit(_record, task) for task in tasks]):
            yield future.result()


def on_ray(
    spec: Spec, tasks: Sequence[EvalTask], workers: int, address: str
) -> Iterator[dict[str, Any]]:
    """Records as they are made, by actors of a Ray cluster, one processor each.

    Every node needs codeplan and, for a local model, the model's path. Raises ValueError without
    Ray's package, ConnectionError when there is no cluster at the address.
    """
    try:
        import ray
    except ImportError as error:
        raise ValueError("the package ray is missing: pip install 'codeplan[ray]'") from error
    if not tasks:
        return
    ours = not ray.is_initialized()
    if ours:
        ray.init(address=address, log_to_driver=False)
    try:
        options: Any = ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
        actor = options(Worker)
        actors = [actor.remote(spec) for _ in range(workers)]
        left = iter(tasks)
        flying: dict[Any, Any] = {}

        def give(worker: Any) -> None:
            task = next(left, None)
            if task is not None:
                flying[worker.record.remote(task)] = worker

        for worker in actors:
            give(worker)
        while flying:
            (done,), _ = ray.wait(list(flying), num_returns=1)
            worker = flying.pop(done)
            record = ray.get(done)
            give(worker)
            yield record
        ray.get([worker.close.remote() for worker in actors])
    finally:
        if ours:
            ray.shutdown()


_worker: Worker | None = None


def _open(spec: Spec) -> None:
    global _worker
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(spec)


def _end_with_parent() -> None:
    """Leave with a parent that was killed: nobody else would ever tell this process."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _record(task: EvalTask) -> dict[str, Any]:
    assert _worker is not None
    return _worker.record(task)
