"""Named pipes between clients and a host on Windows, open to this user alone.

The pipe's access list names this user and nobody else, no client on another machine is let in, and
the first instance is refused when the name is taken. A client looks who owns the pipe before it
says anything, and forbids the server to act in its name. Uses Windows' own calls, no package.

Run under Wine 8 (tests/host/pipe_claims.py), not on a real Windows. Wine keeps the owner and the
access list but has one user, enforces no list on a pipe, and lets a second first instance be made:
those two refusals were not seen.
"""

from __future__ import annotations

import contextlib
import ctypes
import queue
import socket
import sys
import threading
import time
from ctypes import wintypes

from codeplan_model.host.bridge import PIECE, bridge, socket_pair

assert sys.platform == "win32"

import _winapi  # noqa: E402 (only Windows has it)

# From winbase.h and winnt.h.
_PIPE_REJECT_REMOTE_CLIENTS = 0x8
_SECURITY_SQOS_PRESENT = 0x00100000  # with no level: the server may not even ask who the client is
_TOKEN_QUERY = 0x8
_TOKEN_USER = 1
_KERNEL_OBJECT = 6
_OWNER = 0x1
_DACL = 0x4
_SDDL_REVISION = 1
_PIPE_BUSY = 231

_PAUSE = 0.1

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.LocalFree.argtypes = (ctypes.c_void_p,)
_advapi32.OpenProcessToken.argtypes = (
    wintypes.HANDLE,
    wintypes.DWORD,
    ctypes.POINTER(wintypes.HANDLE),
)
_advapi32.GetTokenInformation.argtypes = (
    wintypes.HANDLE,
    ctypes.c_int,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.POINTER(wintypes.DWORD),
)
_advapi32.ConvertSidToStringSidW.argtypes = (ctypes.c_void_p, ctypes.POINTER(wintypes.LPWSTR))
_advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = (
    wintypes.LPCWSTR,
    wintypes.DWORD,
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)
_advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW.argtypes = (
    ctypes.c_void_p,
    wintypes.DWORD,
    wintypes.DWORD,
    ctypes.POINTER(wintypes.LPWSTR),
    ctypes.c_void_p,
)
_advapi32.GetSecurityInfo.argtypes = (
    wintypes.HANDLE,
    ctypes.c_int,
    wintypes.DWORD,
    *(ctypes.POINTER(ctypes.c_void_p),) * 5,
)


class Listener:
    """Clients that connect to a pipe's name; fileno() is readable when one has.

    Raises PermissionError when the name is taken.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._near, self._far = socket_pair()
        self._near.setblocking(False)
        self._connected: queue.SimpleQueue[_Pipe] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._connecting: _winapi.Overlapped | None = None
        try:
            first = _instance(name, _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE)
        except OSError:
            self._near.close()
            self._far.close()
            raise
        self._thread = threading.Thread(
            target=self._listen, args=(first,), name="pipe-listen", daemon=True
        )
        self._thread.start()

    def fileno(self) -> int:
        return self._near.fileno()

    def accept(self) -> tuple[socket.socket, str]:
        """A socket to a client, and the pipe's name. Raises BlockingIOError when there is none."""
        self._near.recv(1)
        pipe = self._connected.get_nowait()
        try:
            return bridge(pipe), self._name
        except OSError:
            pipe.close()
            raise

    def close(self) -> None:
        """Stop listening; sockets that were accepted go on."""
        with self._lock:
            self._stopped.set()
            if self._connecting is not None:
                self._connecting.cancel()
        self._thread.join()
        self._near.close()
        self._far.close()
        with contextlib.suppress(queue.Empty):
            while True:
                self._connected.get_nowait().close()

    def _listen(self, pipe: int) -> None:
        while self._client_on(pipe):
            # Before this one is given away: with no instance left the name would be free.
            following = self._following()
            self._connected.put(_Pipe(pipe))
            self._far.send(b"x")
            if following is None:
                return
            pipe = following
        _winapi.CloseHandle(pipe)

    def _client_on(self, pipe: int) -> bool:
        """Wait for a client; False when `close` was called."""
        with contextlib.suppress(OSError):  # it came and went; reading will tell
            with self._lock:
                if self._stopped.is_set():
                    return False
                self._connecting = _winapi.ConnectNamedPipe(pipe, overlapped=True)
            self._connecting.GetOverlappedResult(True)
        return not self._stopped.is_set()

    def _following(self) -> int | None:
        """The next instance, when there is memory for it; None when `close` was called."""
        while not self._stopped.is_set():
            try:
                return _instance(self._name, 0)
            except OSError:
                self._stopped.wait(_PAUSE)
        return None


def connect(name: str, timeout: float) -> tuple[socket.socket, str]:
    """A socket to the server of a pipe, and the SID of the pipe's owner; timeout in seconds.

    Nothing was sent yet. Raises OSError when nobody listens.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            handle = _winapi.CreateFile(
                name,
                _winapi.GENERIC_READ | _winapi.GENERIC_WRITE,
                0,
                _winapi.NULL,
                _winapi.OPEN_EXISTING,
                _winapi.FILE_FLAG_OVERLAPPED | _SECURITY_SQOS_PRESENT,
                _winapi.NULL,
            )
            break
        except OSError as error:
            left = end - time.monotonic()
            if error.winerror != _PIPE_BUSY or left <= 0:
                raise
        _winapi.WaitNamedPipe(name, max(1, int(left * 1000)))
    pipe = _Pipe(handle)
    try:
        owner, _access = security(handle)
        return bridge(pipe), owner
    except BaseException:
        pipe.close()
        raise


def current_user() -> str:
    """The SID of the user that this process runs as, as a string (S-1-5-21-...)."""
    token = wintypes.HANDLE()
    _check(
        _advapi32.OpenProcessToken(_kernel32.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token))
    )
    try:
        size = wintypes.DWORD()
        _advapi32.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
        user = ctypes.create_string_buffer(size.value)
        _check(_advapi32.GetTokenInformation(token, _TOKEN_USER, user, size, ctypes.byref(size)))
    finally:
        _winapi.CloseHandle(token.value or 0)
    return _sid_text(ctypes.c_void_p.from_buffer(user))  # TOKEN_USER begins with a pointer to it


def security(handle: int) -> tuple[str, str]:
    """The owner's SID and the access list (SDDL) of a pipe. Raises OSError."""
    owner, access = ctypes.c_void_p(), ctypes.c_void_p()
    descriptor = ctypes.c_void_p()
    error = _advapi32.GetSecurityInfo(
        handle,
        _KERNEL_OBJECT,
        _OWNER | _DACL,
        ctypes.byref(owner),
        None,
        ctypes.byref(access),
        None,
        ctypes.byref(descriptor),
    )
    if error:
        raise ctypes.WinError(error)
    try:
        text = wintypes.LPWSTR()
        _check(
            _advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor, _SDDL_REVISION, _DACL, ctypes.byref(text), None
            )
        )
        return _sid_text(owner), _taken(text)
    finally:
        _kernel32.LocalFree(descriptor)


def descriptor_text(user: str) -> str:
    """The pipe's owner and access list (SDDL): all to the user alone, nothing inherited.

    The owner is named because for an administrator it would be the group of administrators.
    """
    return f"O:{user}D:P(A;;GA;;;{user})"


class _SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (
        ("nLength", wintypes.DWORD),
        ("lpSecurityDescriptor", ctypes.c_void_p),
        ("bInheritHandle", wintypes.BOOL),
    )


class _Pipe:
    """See `bridge.Pipe`. Its calls are overlapped: otherwise a write would wait for a read."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._lock = threading.Lock()
        self._stopped = False
        self._reading: _winapi.Overlapped | None = None

    def read(self) -> bytes:
        with self._lock:
            if self._stopped:
                return b""
            self._reading, _error = _winapi.ReadFile(self._handle, PIECE, overlapped=True)
        _count, error = self._reading.GetOverlappedResult(True)
        return b"" if error else bytes(self._reading.getbuffer() or b"")

    def write(self, data: bytes) -> None:
        writing, _error = _winapi.WriteFile(self._handle, data, overlapped=True)
        writing.GetOverlappedResult(True)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._reading is not None:
                self._reading.cancel()

    def close(self) -> None:
        _winapi.CloseHandle(self._handle)


def _instance(name: str, first: int) -> int:
    """One instance of the pipe, for one client; first: 0, or the flag that insists on it."""
    descriptor = ctypes.c_void_p()
    _check(
        _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            descriptor_text(current_user()),
            _SDDL_REVISION,
            ctypes.byref(descriptor),
            None,
        )
    )
    attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)
    try:
        return _winapi.CreateNamedPipe(
            name,
            _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | first,
            _PIPE_REJECT_REMOTE_CLIENTS,  # the rest is 0: bytes, not messages
            _winapi.PIPE_UNLIMITED_INSTANCES,
            PIECE,
            PIECE,
            0,
            ctypes.addressof(attributes),
        )
    finally:
        _kernel32.LocalFree(descriptor)


def _sid_text(sid: ctypes.c_void_p) -> str:
    text = wintypes.LPWSTR()
    _check(_advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)))
    return _taken(text)


def _taken(text: wintypes.LPWSTR) -> str:
    """A string that Windows allocated, which is freed."""
    value = text.value or ""
    _kernel32.LocalFree(ctypes.cast(text, ctypes.c_void_p))
    return value


def _check(succeeded: int) -> None:
    if not succeeded:
        raise ctypes.WinError(ctypes.get_last_error())
