"""Continuous batching: many prompts and samples of several clients in one stream of decode steps.

A step computes one token for every strand of running samples (those of a prompt that have drawn
the same tokens so far) and, in the room that is left, a piece of the prompts that wait. Strands
fork from their prompt and where their samples part; prompts fork from what they share with earlier
ones. Knows no sockets; everything happens in the caller's thread.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from codeplan_model.generation import BackendError, Completion, Request, Sampling, Then
from codeplan_model.host.cache import BranchCache
from codeplan_model.host.calls import Calls
from codeplan_model.host.chat import chat_renderer
from codeplan_model.host.company import Company
from codeplan_model.host.jobs import Call, Prompt, Sample, Slots, Strand
from codeplan_model.host.llama import Floats, Interrupted, Ints, LlamaModel
from codeplan_model.host.seeds import sequence_key
from codeplan_model.host.steps import Steps
from codeplan_model.host.text import TextBuilder

# On a CPU the logits of a step are one product, which no cancel interrupts: 32 rows of a vocabulary
# of 150,000 take up to 90 ms on two busy cores, half as many 26 ms, at a higher rate.
_LOGITS_A_STEP = 2_500_000
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Finished:
    """An event: a completion of a call."""

    call: Hashable
    completion: Completion


@dataclass(frozen=True, slots=True)
class Ended:
    """An event: the last completion of a call is out."""

    call: Hashable


class Engine:
    """Runs calls on one model. parallel: samples decoded at the same time at most; fewer where
    the vocabulary is so large that a cancel would have to wait."""

    def __init__(self, model: LlamaModel, parallel: int = 32) -> None:
        self.model = model
        if not model.on_gpu:
            parallel = min(parallel, max(_FEWEST, _LOGITS_A_STEP // model.vocabulary))
        if model.keeps_state:
            # They fit one batch, and as many prompts may wait, each in a sequence; two are taken.
            parallel = min(parallel, model.batch, model.sequences // 2 - 1)
        self.parallel = parallel
        self._cache = BranchCache(model)
        self._render = chat_renderer(
            _text(model.metadata.get("tokenizer.chat_template")),
            model.token_text(model.bos),
            model.token_text(model.eos),
        )
        self._calls = Calls()
        self._running: dict[int, Sample] = {}
        self._strands: list[Strand] = []
        self._free_slots = list(range(parallel - 1, -1, -1))
        self._slots = Slots(parallel, model.vocabulary)
        self._company = Company(model, self._cache)
        self._steps = Steps(model, self._cache, self._company)
        # Whether the last step of a model that keeps a state read of a prompt.
        self._read = False

    @property
    def busy(self) -> bool:
        return bool(self._calls)

    @property
    def calls(self) -> list[Hashable]:
        return self._calls.names()

    def submit(self, call: Hashable, owner: Hashable, requests: Sequence[Request]) -> None:
        """Queue a call. Raises BackendError when a prompt can't be rendered or is too long."""
        prompts = [self._prompt(index, request) for index, request in enumerate(requests)]
        prompts = [prompt for prompt in prompts if prompt.left]
        remaining = sum(prompt.left for prompt in prompts)
        if not self._calls:
            coming = remaining + len(prompts)
            coming += sum(p.left * (1 + p.then.n) for p in prompts if p.then is not None)
            coming = min(coming, self.parallel + len(prompts))
            self._cache.tidy(coming, [prompt.tokens for prompt in prompts])
            self._read = False
            if not self._cache.used:
                self._company.padding = 0
        self._calls.add(Call(call, owner, prompts, remaining))

    def _prompt(self, index: int, request: Request) -> Prompt:
        text = request.prompt if isinstance(request.prompt, str) else self._render(request.prompt)
        tokens = self.model.tokenize(text)
        if not len(tokens):
            raise BackendError(f"Prompt {index + 1} is empty, and the model has no start token.")
        if len(tokens) >= self.model.context:
            raise BackendError(
                f"The prompt has {len(tokens):,} tokens, and the model reads "
                f"{self.model.context:,} at most. Shorten the docstring or the code around it, or "
                "choose a model with a longer context."
            )
        sampling, then = request.sampling, request.then
        return Prompt(index, text, tokens, sampling, request.n, self._limit(sampling, tokens), then)

    def _limit(self, sampling: Sampling, tokens: Ints) -> int:
        return max(1, min(sampling.max_tokens, self.model.context - len(tokens)))

    def _follow(self, sample: Sample, completion: Completion, then: Then) -> None:
        """Queue what this text goes on with, before everything else of its call."""
        before, text = sample.prompt, completion.text
        if not text.strip() or text in before.followed:
            return
        before.followed.add(text)
        whole = before.text + text + then.joint
        tokens = self.model.tokenize(whole)
        if len(tokens) >= self.model.context or not then.n:
            return
        limit = self._limit(then.sampling, tokens)
        follower = Prompt(before.index, whole, tokens, then.sampling, then.n, limit)
        follower.after = sample.sample
        follower.first = sample.sample * then.n
        sample.call.prompts.insert(0, follower)
        sample.call.remaining += then.n

    def cancel(self, call: Hashable) -> None:
        """Drop a call with all its samples; unknown calls are ignored."""
        dropped = self._calls.pop(call)
        if dropped is None:
            return
        for slot, sample in list(self._running.items()):
            if sample.call is dropped:
                self._leave(slot)
        for prompt in dropped.prompts:
            self._let_go(prompt)

    def step(self) -> list[Finished | Ended]:
        """Compute one batch; returns what ended with it. Raises BackendError for a dead model.

        When the model's `interrupt` stops the batch, the next step does it again.
        """
        events: list[Finished | Ended] = []
        for name in [call.name for call in self._calls if not call.remaining]:
            self._calls.pop(name)
            events.append(Ended(name))
        self._start_prompts()
        self._admit(events)
        strands = self._strands
        pieces = list(self._steps.pieces((p for _, p in self._calls.prompts()), len(strands)))
        if self.model.keeps_state:
            self._read = bool(pieces) and not (self._read and strands)
            strands, pieces = ([], pieces[:1]) if self._read else (strands, [])
        rows = len(strands)
        if not rows and not pieces:
            if self._calls:
                self._start_over()
            return events
        sequences = np.array([strand.branch.sequence for strand in strands], dtype=np.int32)
        tokens = np.array([strand.token for strand in strands], dtype=np.int32)
        positions = self._cache.computed[sequences]
        self._cache.tokens[sequences, positions] = tokens
        padding = self._company.padding
        lone = rows == 1 and not pieces
        guess = self._company.guess(int(sequences[0])) if lone else None
        try:
            logits = self._steps.compute(tokens, positions, sequences, pieces, guess)
        except Interrupted:
            self._company.take_back(padding)
            return events
        self._cache.computed[sequences] += 1
        self._cache.used += rows
        row = rows
        for prompt, count in pieces:
            branch = prompt.branch
            assert branch is not None
            self._cache.computed[branch.sequence] += count
            self._cache.used += count
            if self._cache.computed[branch.sequence] == len(prompt.tokens):
                branch.logits = logits[row].copy()
                row += 1
                self._company.learn(prompt.tokens.tolist())
        if rows:
            for number, strand in enumerate(strands):
                strand.row = number
            first, samples = strands[0], list(self._running.values())
            self._accept(samples, logits[:rows], events)
            if guess is not None:
                took = all(s.token == guess and s.slot in self._running for s in samples)
                self._go_on(first, guess if took else None, logits[rows:], events)
            for strand in self._strands[:]:
                self._part(strand)
        return events

    def _go_on(
        self, strand: Strand, token: int | None, logits: Floats, events: list[Finished | Ended]
    ) -> None:
        """Behind the lone strand a guess was computed as well: `token`, if that is what all of its
        samples have drawn, and then they draw once more. Else it was for nothing: had only some of
        them run ahead, or when others have ended, the order of finishing would depend on guesses.
        """
        self._cache.used += 1
        if token is None:
            self._cache.cut(strand.branch)
            return
        sequence = strand.branch.sequence
        self._cache.tokens[sequence, self._cache.computed[sequence]] = token
        self._cache.computed[sequence] += 1
        self._accept(strand.samples[:], logits, events)

    def fail(self) -> list[Hashable]:
        """Give up every call after an error; returns their names."""
        names = self._calls.names()
        for name in names:
            self.cancel(name)
        self._cache.reset()
        self._company.padding = 0
        return names

    def _admit(self, events: list[Finished | Ended]) -> None:
        """Start samples whose prompt is computed, while there are slots and cells."""
        while self._free_slots:
            roots: dict[Prompt, Strand] = {}
            started: list[Sample] = []
            while self._free_slots:
                sample = self._start_next(roots)
                if sample is None:
                    break
                started.append(sample)
            if not started:
                return
            ends = [root.branch.logits for root in roots.values()]
            rows = np.stack([logits for logits in ends if logits is not None])
            self._accept(started, rows, events)
            for root in roots.values():
                self._part(root)
                root.branch.pins -= 1

    def _start_next(self, roots: dict[Prompt, Strand]) -> Sample | None:
        """Begin one more sample at the end of its prompt, where `roots` has its strand."""
        ready = next(((c, p) for c, p in self._calls.prompts() if p.ready), None)
        if ready is None:
            return None
        call, prompt = ready
        # A prompt's first running sample has its cells reserved already.
        more = prompt.limit if prompt.running else 0
        if not self._cache.make_room(self._promised() + more):
            return None
        if not self._cache.keep_free(self._partings() + 1):
            return None
        branch = prompt.branch
        assert branch is not None
        if prompt not in roots:
            roots[prompt] = Strand(branch, [], row=len(roots))
            branch.pins += 1
            self._cache.touch(branch)
        root = roots[prompt]
        slot = self._free_slots.pop()
        sampling, slots = prompt.sampling, self._slots
        number = prompt.first + prompt.taken
        sample = Sample(call, prompt, number, root, slot, TextBuilder(sampling.stop))
        root.samples.append(sample)
        self._running[slot] = sample
        slots.temperature[slot] = sampling.temperature
        slots.top_p[slot] = sampling.top_p
        slots.min_p[slot] = sampling.min_p
        slots.key[slot] = sequence_key(sampling.seed, prompt.index, number)
        slots.count[slot] = 0
        prompt.running += 1
        prompt.taken += 1
        prompt.left -= 1
        if not prompt.left:
            self._let_go(prompt)
        return sample

    def _part(self, strand: Strand) -> None:
        """Divide a strand by the tokens that its samples drew last."""
        groups: dict[int, list[Sample]] = {}
        for sample in strand.samples:
            groups.setdefault(sample.token, []).append(sample)
        stays = strand in self._strands
        for token, samples in groups.items():
            if stays:
                part, stays = strand, False
                part.samples = samples
            else:
                part = self._fork(strand, samples)
            part.token = token

    def _fork(self, strand: Strand, samples: list[Sample]) -> Strand:
        sequence = strand.branch.sequence
        length = int(self._cache.computed[sequence])
        branch = self._cache.fork(strand.branch, length, self._cache.tokens[sequence, :length])
        branch.pins = 1
        part = Strand(branch, samples)
        self._strands.append(part)
        for sample in samples:
            sample.strand = part
        return part

    def _partings(self) -> int:
        """How many forks the running samples may still come to: so many sequences stay free."""
        return len(self._running) - len(self._strands)

    def _promised(self) -> int:
        """Cells that what was begun may still take: so much must stay free.

        A started prompt is promised the rest of itself and one sample at a time.
        """
        cells = sum(sample.prompt.limit - sample.count for sample in self._running.values())
        for call in self._calls:
            for prompt in call.prompts:
                if prompt.branch is not None:
                    cells += len(prompt.tokens) - int(self._cache.computed[prompt.branch.sequence])
                    cells += prompt.limit if prompt.left and not prompt.running else 0
        return cells

    def _start_over(self) -> None:
        """Nothing can go on for want of cells: forget all, and let the first prompt begin alone."""
        for call in self._calls:
            for prompt in call.prompts:
                prompt.branch = None
        self._cache.reset()
        self._company.padding = 0

    def _start_prompts(self) -> None:
        """Give prompts their branch; further ahead than there is use for, none.

        Prompts are read while all places are taken, so that a newcomer can take the next one.
        """
        ahead = 0
        for call, prompt in self._calls.prompts():
            if ahead >= self.parallel:
                return
            ahead += prompt.left
            if prompt.branch is None:
                self._start_prompt(prompt)
            if prompt.branch is not None:
                call.began = call.began or time.perf_counter()

    def _start_prompt(self, prompt: Prompt) -> None:
        match = self._cache.match(prompt.tokens)
        if match.awaited:
            return
        if match.length == len(prompt.tokens):
            branch = match.branch
        else:
            need = self._promised() + len(prompt.tokens) - match.length + prompt.limit
            branch = self._cache.extend(match, prompt.tokens, need, self._partings())
        if branch is not None:
            branch.pins += 1
            prompt.branch = branch

    def _accept(
        self, samples: list[Sample], logits: Floats, events: list[Finished | Ended]
    ) -> None:
        """Draw a token for each sample from the logits of its strand's row."""
        slots = np.array([sample.slot for sample in samples], dtype=np.intp)
        rows = np.array([sample.strand.row for sample in samples], dtype=np.intp)
        tokens, logprobs = self._slots.draw(logits, slots, rows)
        for sample, token, logprob in zip(samples, tokens, logprobs, strict=True):
            sample.token = token
            sample.logprob += logprob
            sample.count += 1
            piece = self.model.piece(token)
            if piece is None or sample.text.add(piece):
                self._finish(sample, "stop", events)
            elif sample.count >= sample.prompt.limit:
                self._finish(sample, "length", events)

    def _finish(self, sample: Sample, how: str, events: list[Finished | Ended]) -> None:
        call = sample.call
        completion = Completion(
            request=sample.prompt.index,
            sample=sample.sample,
            text=sample.text.text(),
            logprob=sample.logprob / sample.count,
            tokens=sample.count,
            finish="stop" if how == "stop" else "length",
            after=sample.prompt.after,
            seconds=time.perf_counter() - call.began,
            prompt_tokens=len(sample.prompt.tokens),
        )
        self._learn(sample)
        self._leave(sample.slot)
        call.remaining -= 1
        events.append(Finished(call.name, completion))
        if sample.prompt.then is not None:
            self._follow(sample, completion, sample.prompt.then)
        if not call.remaining:
            self._calls.pop(call.name)
            events.append(Ended(call.name))

    def _learn(self, sample: Sample) -> None:
        """Remember what came after what in a completion."""
        sequence = sample.strand.branch.sequence
        length = int(self._cache.computed[sequence])
        text = [*self._cache.tokens[sequence, :length].tolist(), sample.token]
        self._company.learn(text, len(sample.prompt.tokens))

    def _leave(self, slot: int) -> None:
        sample = self._running.pop(slot)
        self._free_slots.append(slot)
        sample.prompt.running -= 1
        strand = sample.strand
        strand.samples.remove(sample)
        if not strand.samples and strand in self._strands:
            self._strands.remove(strand)
            strand.branch.pins -= 1
            self._cache.stop(strand.branch)

    def _let_go(self, prompt: Prompt) -> None:
        branch, prompt.branch = prompt.branch, None
        prompt.left = 0
        if branch is not None:
            branch.pins -= 1
            if branch.logits is None:
                self._cache.stop(branch)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
