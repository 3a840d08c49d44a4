"""Stand-ins for objects that stay in the other process, and the serving of what they forward.

A generator, a closure or an instance of a class that only one side knows is lent: the other side
gets a stand-in that forwards calls, attributes and operators. Three rules keep the verdict honest:

- The examiner never lets the other side compare or calculate with an expected value. A lent int,
  tuple or str of the candidate's own subclass takes part by its plain value; anything else equals
  only itself and has no order and no arithmetic. So an object that claims to equal everything
  equals nothing, and one whose difference to everything is 0 has no difference.
- The examiner serves only calls of functions, steps of iterators, and public attributes of
  instances: no frames, no modules, no underscore, so no way to its variables.
- What a stand-in prints or returns is plain data again, checked like any other.
"""

from __future__ import annotations

import collections.abc
import sys
import types

from .errors import Unencodable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Protocols that a stand-in forwards when the object's type has them.
PROTOCOLS = frozenset(
    "__len__ __iter__ __next__ __getitem__ __setitem__ __delitem__ __reversed__ __bool__ __int__ "
    "__float__ __index__ __complex__ __neg__ __pos__ __abs__ __invert__ __call__ __enter__ "
    "__exit__ __aenter__ __aexit__ __aiter__ __anext__ __format__ __str__ __fspath__".split()
)
# Operators with a second operand: forwarded from the candidate's side to the examiner's only.
OPERATORS = frozenset(
    "__contains__ __round__ __lt__ __le__ __gt__ __ge__ __add__ __radd__ __sub__ __rsub__ "
    "__mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ "
    "__pow__ __rpow__ __matmul__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ __lshift__ "
    "__rshift__".split()
)
SPECIALS = PROTOCOLS | OPERATORS
_PLAIN_BASES: tuple = (
    bool,
    int,
    float,
    str,
    bytes,
    tuple,
    list,
    dict,
    set,
    frozenset,
    complex,
)
_NEVER_LENT = (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType)
_HIDDEN_PREFIXES = ("_", "gi_", "cr_", "ag_", "f_", "tb_", "func_", "co_")


def kind_of(value: object) -> str:
    """How a lent object is used: decides what may be asked of it."""
    if isinstance(value, types.GeneratorType):
        return "generator"
    if isinstance(value, types.AsyncGeneratorType):
        return "asyncgen"
    if isinstance(value, collections.abc.Awaitable):
        return "coroutine"
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)):
        return "function"
    if hasattr(type(value), "__next__") and not _has_methods(type(value)):
        return "iterator"
    return "callable" if callable(value) else "object"


def _has_methods(cls: type) -> bool:
    return any(not name.startswith("_") for name in dir(cls))


def describe(value: object) -> dict:
    """What the other side is told of a lent object. Raises Unencodable for what is never lent."""
    if isinstance(value, _NEVER_LENT):
        raise Unencodable(type(value).__name__)
    cls = type(value)
    about: dict = {"kind": kind_of(value), "type": [str(cls.__module__), cls.__qualname__]}
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        text = getattr(value, name, None)
        if type(text) is str and len(text) < 2000:
            about[name] = text
    about["specials"] = sorted(n for n in SPECIALS if getattr(cls, n, None) is not None)
    about["plain"] = isinstance(value, _PLAIN_BASES)
    return about


class Lending:
    """Lends this side's objects and makes stand-ins for the other side's.

    guarded: True on the examiner's side, where only a little is served and equality is decided.
    """

    def __init__(self, guarded: bool, third_party) -> None:
        self.guarded = guarded
        self._third_party = third_party
        self.peer: Any = None
        self._loop = None
        self._classes: dict[tuple, type] = {}

    def lend(self, value: object) -> dict:
        """The description of a lent object. Raises Unencodable."""
        if self.guarded and kind_of(value) == "object" and self._third_party(type(value)):
            raise Unencodable(f"{type(value).__module__}.{type(value).__qualname__}")
        return describe(value)

    def ask(self, number: int, method: str, *args: object, **kwargs: object) -> object:
        """Forward one step to a lent object of the other side."""
        roots = {"args": list(args), "kwargs": kwargs}
        return self.peer.ask("do", {"handle": number, "method": method}, roots)

    def serve(self, fields: dict, values: dict) -> object:
        """Do what the other side asks of an object that this side lent."""
        value = self.peer.codec.lent[fields["handle"]]
        args, kwargs, method = values["args"], values["kwargs"], fields["method"]
        if self.guarded:
            _check(value, method, args)
        return self._do(value, method, args, kwargs)

    def _do(self, value, method: str, args: list, kwargs: dict) -> object:
        if method == "call":
            return value(*args, **kwargs)
        if method in ("next", "send", "throw", "close"):
            if method == "next":
                return next(value)
            return getattr(value, method)(*args)
        if method == "get":
            return getattr(value, args[0])
        if method == "set":
            return setattr(value, args[0], args[1])
        if method == "special":
            return getattr(type(value), args[0])(value, *args[1:])
        if method == "repr":
            return str.__str__(repr(value))
        if method == "equal":
            return bool(value == args[0])
        if method == "plain":
            base = next((b for b in _PLAIN_BASES if isinstance(value, b)), None)
            return [] if base is None else [base(value)]
        if method == "await":
            return self.run(value)
        if method == "anext":
            return self.run(value.__anext__())
        raise AttributeError(f"nothing known as {method}")

    def run(self, awaitable) -> object:
        """Run an awaitable to its end, on a loop of this side's own."""
        import asyncio

        async def wait():
            return await awaitable

        if _loop_is_running():
            # Called back from inside a running loop: another thread has to run this one.
            import threading

            result: list = []

            def work() -> None:
                try:
                    result.append((asyncio.run(wait()), None))
                except BaseException as error:
                    result.append((None, error))

            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            value, error = result[0]
            if error is not None:
                raise error
            return value
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(wait())

    def stand_in(self, number: int, about: dict) -> object:
        """A stand-in for an object of the other side."""
        kind = about.get("kind")
        name = about.get("__name__")
        if kind == "generator":
            return _named(_drive(self, number), about)
        by_value = self.guarded and about.get("plain") is True
        offered = SPECIALS if by_value or not self.guarded else PROTOCOLS
        specials = [s for s in about.get("specials", ()) if s in offered]
        key = (kind, by_value, tuple(specials))
        if key not in self._classes:
            self._classes[key] = _stand_in_class(kind, specials, by_value)
        value = self._classes[key](self, number, about)
        if type(name) is str:
            for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
                object.__setattr__(value, attribute, about.get(attribute))
        return value


def _check(value: object, method: str, args: list) -> None:
    kind = kind_of(value)
    allowed = {
        "function": ("call", "repr"),
        "generator": ("next", "send", "throw", "close"),
        "iterator": ("next",),
        "coroutine": ("await",),
        "asyncgen": ("anext",),
        "callable": ("call", "get", "set", "special", "repr", "equal"),
        "object": ("get", "set", "special", "repr", "equal"),
    }[kind]
    if method not in allowed:
        raise AttributeError(f"what the examples passed ({kind}) offers no {method}")
    if method in ("get", "set"):
        name = args[0]
        if type(name) is not str or name.startswith(_HIDDEN_PREFIXES):
            raise AttributeError(f"{name!r} is private to the examples")
    if method == "special" and args[0] not in SPECIALS:
        raise AttributeError(f"{args[0]!r} is private to the examples")


def _loop_is_running() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _named(generator, about: dict):
    for name in ("__name__", "__qualname__"):
        if type(about.get(name)) is str:
            setattr(generator, name, about[name])
    return generator


def _drive(lending: Lending, number: int):
    """A true generator, whose every step is taken in the other process."""
    method, args = "next", ()
    while True:
        try:
            item = lending.ask(number, method, *args)
        except StopIteration as stop:
            return stop.args[0] if stop.args else None
        try:
            sent = yield item
        except GeneratorExit:
            lending.ask(number, "close")
            raise
        except BaseException as error:
            method, args = "throw", (error,)
        else:
            method, args = ("next", ()) if sent is None else ("send", (sent,))


class StandIn:
    """Forwards to an object of the other process. Subclasses add the operators that it has."""

    def __init__(self, lending: Lending, number: int, about: dict) -> None:
        object.__setattr__(self, "_codeplan_at", (lending, number, about))

    def __getattr__(self, name: str):
        lending, number, _ = object.__getattribute__(self, "_codeplan_at")
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return lending.ask(number, "get", name)

    def __setattr__(self, name: str, value: object) -> None:
        lending, number, _ = self._codeplan_at
        lending.ask(number, "set", name, value)

    def __repr__(self) -> str:
        lending, number, _ = self._codeplan_at
        text = lending.ask(number, "repr")
        return text if type(text) is str else object.__repr__(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        lending, number, _ = self._codeplan_at
        if not lending.guarded:
            return bool(lending.ask(number, "equal", other))
        mine, theirs = _plain_value(self), _plain_value(other)
        return mine is not self and mine == theirs

    def __hash__(self) -> int:
        plain = _plain_value(self)
        return id(self) if plain is self else hash(plain)


def _plain_value(value: object) -> object:
    if not isinstance(value, StandIn):
        return value
    lending, number, _ = value._codeplan_at
    if not lending.guarded:
        return value
    found = lending.ask(number, "plain")
    return found[0] if type(found) is list and len(found) == 1 else value


def _call(self, *args, **kwargs):
    lending, number, _ = self._codeplan_at
    return lending.ask(number, "call", *args, **kwargs)


def _bind(self, instance, owner=None):
    return self if instance is None else types.MethodType(self, instance)


def _special(name: str):
    def forward(self, *args):
        lending, number, _ = self._codeplan_at
        return lending.ask(number, "special", name, *args)

    return forward


def _iter_self(self):
    return self


def _next(self):
    lending, number, _ = self._codeplan_at
    return lending.ask(number, "next")


def _await(self):
    lending, number, _ = self._codeplan_at
    return lending.ask(number, "await")
    yield  # makes this a generator, as __await__ must return an iterator


async def _anext(self):
    lending, number, _ = self._codeplan_at
    return lending.ask(number, "anext")


def _by_value(name: str):
    def calculate(self, *args):
        operate = getattr(_plain_value(self), name, None)
        return NotImplemented if operate is None else operate(*map(_plain_value, args))

    return calculate


def _stand_in_class(kind: object, specials: list, by_value: bool) -> type:
    members: dict = {
        name: _by_value(name) if by_value and name in OPERATORS else _special(name)
        for name in specials
    }
    if kind in ("function", "callable"):
        members["__call__"] = _call
        members["__get__"] = _bind
    if kind == "iterator":
        members.update(__iter__=_iter_self, __next__=_next)
    if kind == "coroutine":
        members = {"__await__": _await}
    if kind == "asyncgen":
        members = {"__aiter__": _iter_self, "__anext__": _anext}
    return type("StandIn", (StandIn,), members)
