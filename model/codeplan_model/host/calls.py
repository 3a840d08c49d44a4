"""The calls that are not done yet, and whose prompt comes next."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from codeplan_model.host.jobs import Call, Prompt


class Calls:
    """By their names, in the order in which they came."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, Call] = {}
        self._turn: list[Hashable] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    def names(self) -> list[Hashable]:
        return list(self._calls)

    def add(self, call: Call) -> None:
        self._calls[call.name] = call
        if call.owner not in self._turn:
            self._turn.append(call.owner)

    def pop(self, name: Hashable) -> Call | None:
        """Take a call out; None where there is none of this name."""
        return self._calls.pop(name, None)

    def prompts(self) -> Iterator[tuple[Call, Prompt]]:
        """Those with samples to start. The owner with the fewest running samples comes first."""
        for owner in self._owners():
            for call in self._calls.values():
                if call.owner == owner:
                    for prompt in call.prompts:
                        if prompt.left:
                            yield call, prompt

    def _owners(self) -> list[Hashable]:
        if len(self._turn) > 1:
            running = {call.owner: 0 for call in self._calls.values()}
            for call in self._calls.values():
                running[call.owner] += sum(prompt.running for prompt in call.prompts)
            self._turn = [owner for owner in self._turn if owner in running]
            self._turn.sort(key=running.__getitem__)
        return self._turn
