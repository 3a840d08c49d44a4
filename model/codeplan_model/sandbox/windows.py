"""Limits on Windows: a job object. NOT VERIFIED ON THIS PLATFORM, and limits only.

A job object bounds memory, processes and time, and ends everything in it when its handle is closed,
also when the supervisor is killed. It does not keep a process from reading files or from the
network. So it is no containment, and the sandbox refuses to run on Windows; WSL2 has Linux's.
"""

from __future__ import annotations

import ctypes
import math

from .limits import Limits

# From winnt.h.
_LIMIT_PROCESS_TIME = 0x00000002
_LIMIT_ACTIVE_PROCESS = 0x00000008
_LIMIT_PROCESS_MEMORY = 0x00000100
_LIMIT_DIE_ON_UNHANDLED_EXCEPTION = 0x00000400
_LIMIT_KILL_ON_JOB_CLOSE = 0x00002000
EXTENDED_LIMIT_INFORMATION = 9

_TICKS = 10_000_000  # of 100 ns, in a second


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; the I/O counters are never set."""

    _fields_ = (
        ("BasicLimitInformation", BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def job_limits(limits: Limits, interpreter_mb: int = 64) -> ExtendedLimits:
    """What SetInformationJobObject(..., EXTENDED_LIMIT_INFORMATION, ...) is given for one run.

    interpreter_mb: memory that the interpreter and the imports take before the run.
    """
    cpu = limits.processor_seconds
    extended = ExtendedLimits()
    basic = extended.BasicLimitInformation
    basic.LimitFlags = (
        _LIMIT_PROCESS_TIME
        | _LIMIT_ACTIVE_PROCESS
        | _LIMIT_PROCESS_MEMORY
        | _LIMIT_DIE_ON_UNHANDLED_EXCEPTION
        | _LIMIT_KILL_ON_JOB_CLOSE
    )
    basic.PerProcessUserTimeLimit = math.ceil(cpu * _TICKS)
    basic.ActiveProcessLimit = 1
    extended.ProcessMemoryLimit = (interpreter_mb + limits.memory_mb) << 20
    return extended
