"""From a message's table of nodes to values, believing nothing that it says."""

from __future__ import annotations

import sys
import types
from collections import deque

from . import plain
from .attributes import set_state
from .errors import ProtocolError
from .kinds import (
    IMMUTABLE_BASES,
    MAPPING_NAMES,
    MAX_NODES,
    PLAIN_DTYPES,
    is_enum,
    mapping_class,
    unpack,
)

TYPE_CHECKING = False  # Not from typing, which is large; see boot.py.
if TYPE_CHECKING:
    from typing import Any

    from .codec import Codec

_MALFORMED = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    ArithmeticError,
)


class Decoder:
    """Builds the values of one message, in three passes.

    First an empty shell for each node that can change; then the others, whose parts come earlier
    in the table or are shells; then the shells' contents, instances before the sets and dicts
    that may need their hashes.
    """

    def __init__(self, codec: Codec, message: object) -> None:
        self.codec = codec
        self.world = codec.world
        self.message = message
        self.values: list = []

    def decode(self) -> dict[str, object]:
        try:
            roots, nodes = self.message["roots"], self.message["nodes"]  # type: ignore[index]
            if type(roots) is not dict or type(nodes) is not list or len(nodes) > MAX_NODES:
                raise ProtocolError("not a message")
            self.values = [None] * len(nodes)
            shells = []
            for at, node in enumerate(nodes):
                if node[0] in _SHELLS:
                    self.values[at] = self._shell(node)
                    shells.append((node, self.values[at]))
            for at, node in enumerate(nodes):
                if node[0] not in _SHELLS:
                    self.values[at] = self._whole(node, at)
            # Attributes first: the sets and dicts that are filled next may hash their owners.
            shells.sort(key=lambda pair: pair[0][0] not in _WITH_ATTRIBUTES)
            for node, shell in shells:
                self._fill(node, shell)
            for node, shell in shells:
                if node[0] == "instance" and node[4] is not None:
                    self._fill_base(node, shell)
            return {name: self.value(token) for name, token in roots.items()}
        except _MALFORMED as error:
            raise ProtocolError(f"{type(error).__name__}: {error}") from None

    def value(self, token: object) -> object:
        if type(token) is not list:
            if type(token) is dict:
                raise ProtocolError("a token can't be an object")
            return token
        (at,) = token
        if type(at) is not int or not 0 <= at < len(self.values):
            raise ProtocolError("a token points outside its table")
        return self.values[at]

    def _all(self, tokens: list) -> list:
        return [self.value(t) for t in tokens]

    def _pairs(self, pairs: list) -> list:
        return [(self.value(k), self.value(v)) for k, v in pairs]

    def _state(self, pairs: list) -> dict[str, object]:
        state = dict(self._pairs(pairs))
        if not all(type(name) is str for name in state):
            raise ProtocolError("an attribute's name must be text")
        return state  # type: ignore[return-value]

    def _shell(self, node: list) -> object:
        kind, number = node[0], node[1]
        if type(number) is not int:
            raise ProtocolError("a number was expected")
        wanted: Any = self._shell_type(node)
        known = self.codec.shared.get(number)
        if known is not None:
            if type(known) is not wanted:
                raise ProtocolError("a shared object can't change its type")
            if kind != "ndarray" or list(known.shape) == node[3]:  # type: ignore[attr-defined]
                return known
        elif not self.codec.theirs(number):
            raise ProtocolError("a number that was never given")
        if kind == "deque":
            shell: object = deque(maxlen=node[2])
        elif kind == "exception":
            shell = wanted.__new__(wanted)
        elif kind == "instance":
            shell = _new_instance(wanted)
        elif kind == "ndarray":
            shell = self._array(node)
        else:
            shell = wanted()
        self.codec.share(number, shell)
        return shell

    def _shell_type(self, node: list) -> type:
        kind = node[0]
        if kind == "dict":
            return MAPPING_NAMES[node[2]]
        if kind == "instance":
            found = self.world.find_class(node[2])
            if found is None or issubclass(found, (*IMMUTABLE_BASES, type)) or is_enum(found):
                raise ProtocolError(f"no class {node[2]} in the file")
            return found
        if kind == "exception":
            found = self.world.exception_class(node[2])
            if found is None:
                name = str(node[2]).rpartition(":")[2].rpartition(".")[2]
                return _unknown_exception(name)
            return found
        if kind == "ndarray":
            return sys.modules["numpy"].ndarray
        return _SHELLS[kind]

    def _array(self, node: list):
        numpy = sys.modules["numpy"]
        dtype = numpy.dtype(node[2])
        if dtype.kind not in PLAIN_DTYPES:
            raise ProtocolError("not a plain array")
        return numpy.frombuffer(unpack(node[4]), dtype=dtype).reshape(node[3]).copy()

    def _whole(self, node: list, at: int) -> object:
        kind = node[0]
        if kind == "tuple":
            return tuple(self._all(node[1]))
        if kind == "frozenset":
            return frozenset(self._all(node[1]))
        if kind == "slice":
            return slice(*self._all(node[1]))
        if kind == "int":
            return int(node[1], 16)
        if kind == "view":
            items = self._all(node[2])
            if node[1] == "dict_keys":
                return dict.fromkeys(items).keys()
            return (
                dict(items).items() if node[1] == "dict_items" else dict(enumerate(items)).values()
            )
        if kind == "name":
            return self.world.resolve(node[1])
        if kind == "exceptionclass":
            found = self.world.exception_class(node[1])
            return found or _unknown_exception(node[1].rpartition(":")[2])
        if kind == "group":
            found = self.world.exception_class(node[1])
            if found is None:
                raise ProtocolError("no such exception group")
            return found(node[2], self._all(node[3]))
        if kind == "enum":
            cls = self.world.find_class(node[1])
            if cls is None or not is_enum(cls):
                raise ProtocolError("not an enum of the file")
            return cls(self.value(node[2]))
        if kind == "subclass":
            return self._subclass(node)
        if kind == "yours":
            return self.codec.lent[node[1]]
        if kind == "lent":
            if type(node[1]) is not int or type(node[2]) is not dict:
                raise ProtocolError("not a handle")
            return self.codec.stand_in(node[1], node[2])
        if kind == "npscalar":
            numpy = sys.modules["numpy"]
            dtype = numpy.dtype(node[1])
            if dtype.kind not in PLAIN_DTYPES:
                raise ProtocolError("not a plain number")
            return numpy.frombuffer(unpack(node[2]), dtype=dtype)[0]
        if kind == "dtype":
            return sys.modules["numpy"].dtype(node[1])
        return plain.decode(node)

    def _subclass(self, node: list) -> object:
        _, name, base_name, content, state = node
        cls = self.world.find_class(name)
        base = next((b for b in IMMUTABLE_BASES if b.__name__ == base_name), None)
        if base is None or cls is None or not issubclass(cls, base) or is_enum(cls):
            raise ProtocolError(f"no class {name} in the file")
        if base in (tuple, frozenset):
            value = base.__new__(cls, self._all(content))
        elif base in (bytes, complex):
            value = base.__new__(cls, plain.decode(content))
        elif base is int:
            value = int.__new__(cls, int(content, 16))
        else:
            value = base.__new__(cls, content)
        attributes = self._state(state)
        if attributes:
            set_state(value, attributes)
        return value

    def _fill(self, node: list, shell) -> None:
        kind = node[0]
        if kind == "list":
            shell[:] = self._all(node[2])
        elif kind == "deque":
            items = self._all(node[3])
            shell.clear()
            shell.extend(items)
        elif kind == "set":
            items = self._all(node[2])
            shell.clear()
            shell.update(items)
        elif kind == "bytearray":
            shell[:] = unpack(node[2])
        elif kind == "dict":
            pairs = self._pairs(node[4])
            _refill(shell, pairs)
            if node[2] == "defaultdict":
                shell.default_factory = self.value(node[3])
        elif kind == "namespace":
            state = self._state(node[2])
            vars(shell).clear()
            vars(shell).update(state)
        elif kind == "instance":
            set_state(shell, self._state(node[3]))
        elif kind == "exception":
            shell.args = tuple(self._all(node[3]))
            for name, value in self._state(node[5]).items():
                # One that Python computes can't be set.
                try:
                    object.__setattr__(shell, name, value)
                except (AttributeError, TypeError):
                    continue
            vars(shell).clear()
            vars(shell).update(self._state(node[4]))
        elif kind == "ndarray":
            array = self._array(node)
            if array.dtype != shell.dtype:
                raise ProtocolError("a shared array can't change its type")
            if shell.flags.writeable:
                shell[...] = array

    def _fill_base(self, node: list, shell) -> None:
        cls = type(shell)
        if issubclass(cls, dict):
            _refill(shell, self._pairs(node[4]))
        elif issubclass(cls, list):
            items = self._all(node[4])
            list.clear(shell)
            list.extend(shell, items)
        elif issubclass(cls, set):
            items = self._all(node[4])
            set.clear(shell)
            set.update(shell, items)
        elif issubclass(cls, deque):
            items = self._all(node[4])
            deque.clear(shell)
            deque.extend(shell, items)
        else:
            raise ProtocolError("this class holds no items")


_SHELLS: dict = {
    "list": list,
    "dict": dict,
    "set": set,
    "bytearray": bytearray,
    "deque": deque,
    "namespace": types.SimpleNamespace,
    "instance": object,
    "exception": BaseException,
    "ndarray": object,
}


def _refill(shell, pairs: list) -> None:
    cls = mapping_class(type(shell))
    cls.clear(shell)
    for key, value in pairs:
        cls.__setitem__(shell, key, value)


_WITH_ATTRIBUTES = ("instance", "exception", "namespace")


def _new_instance(cls: type) -> object:
    bases: tuple = (dict, list, set, deque)
    for base in bases:
        if issubclass(cls, base):
            return base.__new__(cls)
    return object.__new__(cls)


_unknown: dict[str, type] = {}


def _unknown_exception(name: str) -> type:
    """A class of that name for an exception whose own class exists only on the other side."""
    if name not in _unknown:
        shown = name.rpartition(".")[2]
        if not shown.isidentifier() or len(_unknown) > 100:
            raise ProtocolError("not the name of an exception")
        _unknown[name] = type(shown, (Exception,), {"__module__": "builtins"})
    return _unknown[name]
