"""Values cross as they are, and a dishonest sender gets nowhere."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import random
import re
import types
import uuid

import pytest

from codeplan_model.sandbox.inside.codec import Codec
from codeplan_model.sandbox.inside.errors import ProtocolError, Unencodable
from codeplan_model.sandbox.inside.world import World


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Item:
    name: str
    parts: list = dataclasses.field(default_factory=list)


class Slots:
    __slots__ = ("__hidden", "a")

    def __init__(self) -> None:
        self.a, self.__hidden = 1, 2

    def hidden(self) -> int:
        return self.__hidden


class Stack(list):
    pass


Point = collections.namedtuple("Point", "x y")


def helper() -> None:
    pass


def _world() -> World:
    # The "user's file" of these tests is this very module.
    module = types.ModuleType(__name__)
    vars(module).update(globals())
    return World(module)


def _pair() -> tuple[Codec, Codec]:
    def lend(value: object) -> dict:
        raise Unencodable(type(value).__name__)

    return Codec(_world(), 0, lend, None), Codec(_world(), 1, lend, None)


def _send(sender: Codec, receiver: Codec, value: object) -> object:
    message = json.loads(json.dumps(sender.encode({"value": value})))
    return receiver.decode(message)["value"]


_VALUES = [
    None,
    True,
    0,
    -1,
    1 << 61,
    1 << 63,
    -(1 << 200),
    0.1,
    -0.0,
    float("inf"),
    1e300,
    "",
    "äö\ud800😀\0",
    b"\xff\0",
    bytearray(b"x"),
    1 + 2j,
    (),
    ((1,), [2, (3,)]),
    [],
    {},
    {1: "a", "1": [None], (2, 3): {4}},
    {1, "a", (2,)},
    frozenset([1]),
    range(10, 0, -2),
    slice(1, None, 2),
    ...,
    NotImplemented,
    collections.deque([1, 2], maxlen=2),
    collections.Counter("aab"),
    collections.OrderedDict([("b", 1), ("a", 2)]),
    collections.defaultdict(list, {1: [2]}),
    types.SimpleNamespace(a=1),
    datetime.date(2024, 2, 29),
    datetime.time(1, 2, 3, 4, fold=1),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    datetime.timedelta(days=-1, microseconds=5),
    datetime.timezone(datetime.timedelta(hours=2), "CEST"),
    decimal.Decimal("-1.50"),
    fractions.Fraction(-1, 3),
    uuid.UUID(int=5),
    pathlib.PurePosixPath("/a/b"),
    pathlib.PureWindowsPath("C:\\a"),
    re.compile("a+", re.IGNORECASE),
    re.compile(rb"x"),
    Color.RED,
    Item("a", [1]),
    Point(1, 2),
    Stack([1, 2]),
    Item,
    helper,
    len,
    int,
]


@pytest.mark.parametrize("value", _VALUES, ids=repr)
def test_a_value_arrives_as_it_was_sent(value: object) -> None:
    arrived = _send(*_pair(), value)

    assert type(arrived) is type(value)
    assert arrived == value
    assert repr(arrived) == repr(value)


def test_random_nested_values_arrive() -> None:
    generator = random.Random(7)

    def make(depth: int) -> object:
        kind = generator.randrange(9 if depth else 5)
        if kind < 5:
            return generator.choice([None, 1, "x", 2.5, -(1 << 90)])
        parts = [make(depth - 1) for _ in range(generator.randrange(4))]
        if kind == 5:
            return parts
        if kind == 6:
            return tuple(parts)
        if kind == 7:
            return {str(i): p for i, p in enumerate(parts)}
        return Item("r", parts)

    for _ in range(300):
        value = make(5)
        assert _send(*_pair(), value) == value


def test_sharing_and_cycles_are_kept() -> None:
    inner: list = [1]
    value: list = [inner, inner, (inner,)]
    value.append(value)

    arrived = _send(*_pair(), value)

    assert isinstance(arrived, list)
    assert arrived[0] is arrived[1] is arrived[2][0]
    assert arrived[3] is arrived


def test_an_object_comes_back_as_itself_with_its_changes() -> None:
    here, there = _pair()
    value = {"items": [Item("a")]}
    arrived = _send(here, there, value)
    assert isinstance(arrived, dict)
    arrived["items"][0].name = "b"
    arrived["items"].append(Slots())

    back = _send(there, here, arrived["items"])

    assert back is value["items"]
    assert value["items"][0].name == "b"
    assert value["items"][1].hidden() == 2


def test_a_linked_list_of_thousands_does_not_recurse() -> None:
    head = None
    for i in range(5000):
        head = Item(str(i), [head])

    arrived = _send(*_pair(), head)

    count = 0
    while arrived is not None:
        assert isinstance(arrived, Item)
        arrived, count = arrived.parts[0], count + 1
    assert count == 5000


class Equal:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def test_a_class_that_only_the_sender_has_does_not_cross() -> None:
    here, there = _pair()
    del vars(there.world.module)["Equal"]

    message = here.encode({"value": Equal()})

    with pytest.raises(ProtocolError, match="no class Equal"):
        there.decode(message)


def _nodes(*nodes: object) -> dict:
    return {"roots": {"value": [0]}, "nodes": list(nodes)}


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {},
        {"roots": [], "nodes": {}},
        {"roots": {"value": [5]}, "nodes": []},
        {"roots": {"value": [-1]}, "nodes": [["tuple", []]]},
        {"roots": {"value": {"a": 1}}, "nodes": []},
        _nodes(["unknown", 1]),
        _nodes([]),
        _nodes([[], []]),
        _nodes(["list", 1]),
        _nodes(["list", "x", []]),
        _nodes(["list", 3, []]),
        _nodes(["dict", 1, "int", None, []]),
        _nodes(["dict", 1, "dict", None, [[1]]]),
        _nodes(["instance", 1, "World", [], None]),
        _nodes(["instance", 1, "Color", [], None]),
        _nodes(["instance", 1, "Point", [], None]),
        _nodes(["instance", 1, "Item", [[1, 2]], None]),
        _nodes(["instance", 1, "Item", [], []]),
        _nodes(["instance", 1, "helper", [], None]),
        _nodes(["subclass", "Item", "int", "0x1", []]),
        _nodes(["subclass", "Point", "list", [], []]),
        _nodes(["enum", "Color", 7]),
        _nodes(["enum", "Item", 7]),
        _nodes(["name", "eval"]),
        _nodes(["name", "getattr"]),
        _nodes(["name", ":World"]),
        _nodes(["name", ":json"]),
        _nodes(["yours", 1]),
        _nodes(["lent", "x", {}]),
        _nodes(["int", "zz"]),
        _nodes(["bytes", "!!"]),
        _nodes(["path", "Path.home", "x"]),
        _nodes(["fraction", "0x1", "0x0"]),
        _nodes(["decimal", "x"]),
        _nodes(["pattern", False, "(", 0]),
        _nodes(["range", "0x1", "0x2", "0x0"]),
        _nodes(["timezone", ["zone", "../../etc/passwd"]]),
        _nodes(["frozenset", [[1]]], ["list", 1, []]),
        _nodes(["ndarray", 1, "<f8", [1], "AAAA"]),
        _nodes(["npscalar", "O", "AAAA"]),
        _nodes(["exception", 1, "builtins:int", [], [], []], ["tuple", [[0]]], 5),
    ],
    ids=str,
)
def test_what_no_honest_sender_sends_is_refused(message: object) -> None:
    _, receiver = _pair()

    with pytest.raises(ProtocolError):
        receiver.decode(message)


@pytest.mark.parametrize(
    "name",
    [
        "codeplan_model.sandbox.inside.errors:ProtocolError",
        "codeplan_inside.statements:NotJudged",
        "unittest.case:SkipTest",
        "os:system",
    ],
)
def test_exceptions_of_this_program_and_of_test_libraries_are_not_made(name: str) -> None:
    _, receiver = _pair()

    made = receiver.decode(_nodes(["exception", 2, name, ["x"], [], []]))["value"]

    assert isinstance(made, Exception)
    assert type(made).__name__ == name.rpartition(":")[2]
    assert type(made).__bases__ == (Exception,)


def test_a_shared_object_cannot_change_its_type() -> None:
    here, there = _pair()
    arrived = _send(here, there, [1])
    number = next(n for n, v in there.shared.items() if v is arrived)

    with pytest.raises(ProtocolError, match="can't change its type"):
        here.decode(_nodes(["dict", number, "dict", None, []]))


def test_state_can_only_be_data_and_hides_no_name() -> None:
    world = _world()
    for name, value in [
        ("helper", 1),
        ("Item", 1),
        ("json", 1),
        ("len", 1),
        ("__name__", "x"),
        ("__builtins__", {}),
        ("Item.__eq__", 1),
        ("new", lambda: True),
    ]:
        world.set_state(name, value)

    assert vars(world.module)["helper"] is helper
    assert vars(world.module)["Item"] is Item
    assert vars(world.module)["json"] is json
    assert vars(world.module)["__name__"] == __name__
    assert {"len", "new"}.isdisjoint(vars(world.module))
    assert Item("a") == Item("a")
