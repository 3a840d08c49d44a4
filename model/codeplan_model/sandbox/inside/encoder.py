"""From values to a message's table of nodes."""

from __future__ import annotations

import collections
import sys
import types
from collections import deque

from . import plain
from .attributes import own_fields, state_of
from .errors import Unencodable
from .kinds import (
    IMMUTABLE_BASES,
    ITEMS_VIEW,
    MAPPINGS,
    MAX_NODES,
    PLAIN_DTYPES,
    VIEWS,
    is_enum,
    mapping_class,
    pack,
)

TYPE_CHECKING = False  # Not from typing, which is large; see boot.py.
if TYPE_CHECKING:
    from typing import Any

    from .codec import Codec

# Above this many shared objects, only those reachable from a message are sent along with it.
MAX_FOLLOWED = 300


class Encoder:
    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.world = codec.world
        self.nodes: list = []
        self.index: dict[int, int] = {}
        self.todo: deque = deque()
        self.keep: list = []

    def encode(self, roots: dict[str, object]) -> dict:
        tokens = {name: self.token(value) for name, value in roots.items()}
        self._drain()
        if len(self.codec.shared) <= MAX_FOLLOWED:
            for value in list(self.codec.shared.values()):
                self.token(value)
            self._drain()
        return {"roots": tokens, "nodes": self.nodes}

    def _drain(self) -> None:
        while self.todo:
            fill, node, value = self.todo.popleft()
            fill(node, value)
            if len(self.nodes) > MAX_NODES:
                raise Unencodable("a value with too many parts")

    def token(self, value) -> object:
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is float:
            return value
        if kind is int and -(1 << 62) < value < 1 << 62:
            return value
        at = self.index.get(id(value))
        if at is None:
            self.keep.append(value)
            try:
                at = self._node(value, kind)
            except RecursionError:
                raise Unencodable("a value nested too deeply") from None
        return [at]

    def tokens(self, values) -> list:
        return [self.token(v) for v in values]

    def pairs(self, mapping) -> list:
        return [[self.token(k), self.token(v)] for k, v in mapping]

    def _add(self, value: object, node: list) -> int:
        self.nodes.append(node)
        self.index[id(value)] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def _mutable(self, value: object, kind: str, fill, *fields) -> int:
        node = [kind, self.codec.number(value), *fields]
        at = self._add(value, node)
        self.todo.append((fill, node, value))
        return at

    def _node(self, value: Any, kind: type) -> int:
        borrowed = self.codec.borrowed(value)
        if borrowed is not None:
            return self._add(value, ["yours", borrowed])
        if kind is list:
            return self._mutable(value, "list", self._fill_items)
        if kind is dict:
            return self._mutable(value, "dict", self._fill_pairs, "dict", None)
        if kind is tuple:
            return self._add(value, ["tuple", self.tokens(value)])
        if kind is int:
            return self._add(value, ["int", hex(value)])
        if kind is set:
            return self._mutable(value, "set", self._fill_items)
        if kind is frozenset:
            return self._add(value, ["frozenset", self.tokens(value)])
        if kind in MAPPINGS:
            extra = self.token(value.default_factory) if kind is collections.defaultdict else None
            return self._mutable(value, "dict", self._fill_pairs, kind.__name__, extra)
        if kind is deque:
            return self._mutable(value, "deque", self._fill_items, value.maxlen)
        if kind is bytearray:
            return self._mutable(value, "bytearray", lambda n, v: n.append(pack(bytes(v))))
        if kind is types.SimpleNamespace:
            return self._mutable(value, "namespace", self._fill_state)
        if kind is slice:
            return self._add(value, ["slice", self.tokens((value.start, value.stop, value.step))])
        if kind in VIEWS:
            items = value if kind is not ITEMS_VIEW else list(value)
            return self._add(value, ["view", kind.__name__, self.tokens(items)])
        simple = plain.encode(value, kind)
        if simple is not None:
            return self._add(value, simple)
        name = self.world.reference(value)
        if name is not None:
            return self._add(value, ["name", name])
        if isinstance(value, type) and issubclass(value, BaseException):
            return self._add(value, ["exceptionclass", self.world.exception_name(value)])
        if isinstance(value, BaseException):
            members = getattr(value, "exceptions", None)
            if isinstance(members, tuple):
                fields = [self.world.exception_name(kind), str(value.args[0])]
                return self._add(value, ["group", *fields, self.tokens(members)])
            return self._exception(value, kind)
        known = self.world.class_name(kind)
        if known is not None:
            return self._instance(value, kind, known)
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            node = _numpy_node(numpy, value)
            if node is not None and node[0] == "ndarray":
                return self._mutable(value, "ndarray", lambda n, v: n.extend(node[1:]))
            if node is not None:
                return self._add(value, node)
        return self._add(value, self.codec.lend(value))

    def _fill_items(self, node: list, value) -> None:
        node.append(self.tokens(value))

    def _fill_pairs(self, node: list, value) -> None:
        node.append(self.pairs(value.items()))

    def _fill_state(self, node: list, value) -> None:
        node.append(self.pairs(state_of(value).items()))

    def _exception(self, value: BaseException, kind: type) -> int:
        def fill(node: list, error: BaseException) -> None:
            node.append(self.tokens(error.args))
            node.append(self.pairs(vars(error).items()))
            node.append(self.pairs(own_fields(error).items()))

        return self._mutable(value, "exception", fill, self.world.exception_name(kind))

    def _instance(self, value, kind: type, name: str) -> int:
        if is_enum(kind):
            return self._add(value, ["enum", name, self.token(value.value)])
        base = next((b for b in IMMUTABLE_BASES if issubclass(kind, b)), None)
        if base is not None:
            # A named tuple, or a user's own str: the plain value and the attributes around it.
            content = self.tokens(value) if base in (tuple, frozenset) else base(value)
            if base in (bytes, complex):
                content = plain.encode(content, base)
            elif base is int:
                content = hex(int(value))
            elif base is str:
                content = str.__str__(value)
            state = self.pairs(state_of(value).items())
            return self._add(value, ["subclass", name, base.__name__, content, state])

        def fill(node: list, instance) -> None:
            node.append(self.pairs(state_of(instance).items()))
            if issubclass(kind, dict):
                node.append(self.pairs(mapping_class(kind).items(instance)))
            elif issubclass(kind, list):
                node.append(self.tokens(list.__iter__(instance)))
            elif issubclass(kind, set):
                node.append(self.tokens(set.__iter__(instance)))
            elif issubclass(kind, deque):
                node.append(self.tokens(deque.__iter__(instance)))
            else:
                node.append(None)

        return self._mutable(value, "instance", fill, name)


def _numpy_node(numpy, value) -> list | None:
    if type(value) is numpy.ndarray and value.dtype.kind in PLAIN_DTYPES:
        data = pack(numpy.ascontiguousarray(value).tobytes())
        return ["ndarray", value.dtype.str, list(value.shape), data]
    own = isinstance(value, numpy.generic) and type(value).__module__ == "numpy"
    if own and value.dtype.kind in PLAIN_DTYPES:
        return ["npscalar", value.dtype.str, pack(value.tobytes())]
    if isinstance(value, numpy.dtype) and value.kind in PLAIN_DTYPES:
        return ["dtype", value.str]
    return None
