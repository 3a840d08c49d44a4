"""Values as plain JSON and back, strictly: nothing is rebuilt but types listed here.

This is the border between the candidate's process and the examiner's. `pickle` would let the
candidate run code in the examiner's process; here the receiver builds exact types from plain data
and looks user classes up in its own copy of the file.

A message holds a table of nodes and tokens that refer to them. A token is a JSON scalar, or a
list of one number: an index into the table. Tables keep sharing and cycles. A node that can
change in place (a list, an instance) carries a number that both sides keep, so that the same
object arrives as the same object, and a change made on one side reaches the other with the next
message: arguments changed in place behave as in one process.

Whatever has no plain form (generators, closures, instances of unknown classes) stays where it is
and crosses as a handle; `remote.py` makes the stand-in.
"""

from __future__ import annotations

from . import wire
from .decoder import Decoder
from .encoder import Encoder
from .errors import Unencodable
from .world import World


class Codec:
    """One side's tables: objects known to both sides, and objects lent as handles.

    first: 0 on one side and 1 on the other, so that numbers never collide.
    lend: called with an object that has no plain form; returns what the other side needs to know
        of it, a JSON object, or raises Unencodable.
    stand_in: called with the number and that JSON object; returns the stand-in.
    """

    def __init__(self, world: World, first: int, lend, stand_in) -> None:
        self.world = world
        self._parity = first
        self._next = first
        self._lend = lend
        self._stand_in = stand_in
        self.shared: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self.lent: dict[int, object] = {}
        self._lent_numbers: dict[int, int] = {}
        self._stand_ins: dict[int, object] = {}
        self._stand_in_numbers: dict[int, int] = {}

    def encode(self, roots: dict[str, object]) -> dict:
        """Roots by name as a JSON object. Raises Unencodable, and then nothing new is shared."""
        known = set(self.shared)
        try:
            return Encoder(self).encode(roots)
        except Unencodable:
            for number in set(self.shared) - known:
                del self._numbers[id(self.shared.pop(number))]
            raise

    def warm(self) -> None:
        """Encode and decode something small, of which nothing stays.

        For a moment in which a process would only wait: the pages of memory that this touches are
        then this process's own when they are needed.
        """
        other = Codec(self.world, self._parity, self._lend, self._stand_in)
        text = wire.to_text(other.encode({"args": [1], "kwargs": {}, "value": ""}))
        Codec(self.world, 1 - self._parity, self._lend, self._stand_in).decode(wire.from_text(text))

    def decode(self, message: object) -> dict[str, object]:
        """The roots of a message. Raises ProtocolError, and whatever a user's class raises."""
        return Decoder(self, message).decode()

    def number(self, value: object) -> int:
        """The number of a shared object, given now if it has none."""
        known = self._numbers.get(id(value))
        if known is not None:
            return known
        self._next += 2
        self.share(self._next, value)
        return self._next

    def share(self, number: int, value: object) -> None:
        self.shared[number] = value
        self._numbers[id(value)] = number

    def theirs(self, number: int) -> bool:
        return number % 2 != self._parity

    def lend(self, value: object) -> list:
        number = self._lent_numbers.get(id(value))
        if number is None:
            about = self._lend(value)
            number = len(self.lent) + 1
            self.lent[number] = value
            self._lent_numbers[id(value)] = number
        else:
            about = self._lend(value)
        return ["lent", number, about]

    def stand_in(self, number: int, about: dict) -> object:
        if number not in self._stand_ins:
            self.stand_in_for(number, self._stand_in(number, about))
        return self._stand_ins[number]

    def stand_in_for(self, number: int, value: object) -> None:
        self._stand_ins[number] = value
        self._stand_in_numbers[id(value)] = number

    def borrowed(self, value: object) -> int | None:
        """The number under which the other side lent this, None if it is our own."""
        return self._stand_in_numbers.get(id(value))
