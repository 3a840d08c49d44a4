"""How much one run may take. The defaults are such that an honest function never notices them."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of judging one candidate.

    wall_seconds: for each group of examples (one docstring, one test module).
    cpu_seconds: of each process of the run, rounded up to whole seconds; None: a second more
        than wall_seconds, so that a loop is told as a time-out and not as a death.
    memory_mb: for each process, on top of what the interpreter and the imports take.
    output_bytes: that all examples together may print, and that one example may.
    threads: that a run may have, counted for 16 runs in flight together where the kernel can
        count them, else bounded by memory_mb (each thread takes 8 MB of address space). There is
        no number of processes: a run may not start any.
    import_seconds: for importing what the file imports, once for many candidates.
    import_memory_mb: for that. Every run inherits what was imported, on top of its memory_mb.
    """

    wall_seconds: float = 2.0
    cpu_seconds: float | None = None
    memory_mb: int = 512
    output_bytes: int = 1 << 20
    threads: int = 32
    import_seconds: float = 30.0
    import_memory_mb: int = 4096

    @property
    def processor_seconds(self) -> float:
        """The processor time in force."""
        return self.wall_seconds + 1 if self.cpu_seconds is None else self.cpu_seconds

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and value <= 0:
                raise ValueError(f"Limits.{field.name} must be positive, not {value}")
