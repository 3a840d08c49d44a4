import json
import struct

import pytest

from codeplan_model.generation import (
    Completion,
    Message,
    ModelInfo,
    Request,
    Sampling,
    Then,
)
from codeplan_model.host import wire

REQUESTS = [
    Request("plain \u20ac \U0001f600 text", 3, Sampling(0.1, 0.2, 0.3, 4, ("a", "\n"), 5)),
    Request((Message("system", "s"), Message("user", "u")), 1),
    Request("plan", 2, Sampling(stop=("x",)), Then("<|code|>", 3, Sampling(0.2, stop=("y", "z")))),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_survives_the_wire(request_: Request) -> None:
    there = json.loads(json.dumps(wire.request_to_json(request_)))

    assert wire.request_from_json(there) == request_


def test_answers_survive_the_wire() -> None:
    completion = Completion(1, 2, "text", -0.5, 7, "length", 3, 0.25, 40)
    info = ModelInfo("n", "p", "chat", "CPU", 1024, 5)

    assert wire.completion_from_json(wire.completion_to_json(completion)) == completion
    assert wire.info_from_json(wire.info_to_json(info)) == info


def test_frames_are_found_however_the_bytes_arrive() -> None:
    frames = [{"type": "a", "text": "x" * 300}, {"type": "b"}, {"type": "c", "n": 1}]
    data = b"".join(map(wire.pack, frames))
    for size in (1, 3, 100, len(data)):
        unpacker = wire.Unpacker()
        found = []
        for at in range(0, len(data), size):
            found += unpacker.feed(data[at : at + size])

        assert found == frames


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 1 << 31),
        struct.pack(">I", 3) + b"{{{",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 2) + b"{}",
        struct.pack(">I", 2) + b"\xff\xfe",
    ],
)
def test_nonsense_is_a_wire_error(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.Unpacker().feed(data))


@pytest.mark.parametrize(
    "value", [{}, {"prompt": "x", "n": 1, "sampling": {}}, {"prompt": [1], "n": 1, "sampling": {}}]
)
def test_a_request_without_its_fields_is_a_wire_error(value: dict) -> None:
    with pytest.raises(wire.WireError):
        wire.request_from_json(value)
