"""`Request.then` for decoders that can't go on from a text by themselves: a second batch.

The llama.cpp host doesn't need this: there a text goes on in the batch in which it was finished.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from codeplan_model.generation import Completion, Request

Generate = Callable[[Sequence[Request]], Generator[Completion, None, None]]


def with_followers(
    generate: Generate,
    requests: Sequence[Request],
    fits: Callable[[Request], bool] = lambda _: True,
) -> Iterator[Completion]:
    """Every completion of `generate(requests)`, and then of what their texts go on with.

    The generators are closed when this one is. fits: whether a prompt leaves room in the context.
    """
    parents: list[Completion] = []
    followers: list[Request] = []
    seen: set[tuple[int, str]] = set()
    with closing(generate(requests)) as first:
        for completion in first:
            yield completion
            request, text = requests[completion.request], completion.text
            key = (completion.request, text)
            if request.then is None or not text.strip() or key in seen:
                continue
            seen.add(key)
            then = request.then
            follower = Request(f"{request.prompt}{text}{then.joint}", then.n, then.sampling)
            if then.n and fits(follower):
                parents.append(completion)
                followers.append(follower)
    if not followers:
        return
    with closing(generate(followers)) as second:
        for completion in second:
            parent = parents[completion.request]
            number = parent.sample * followers[completion.request].n + completion.sample
            yield replace(completion, request=parent.request, sample=number, after=parent.sample)
