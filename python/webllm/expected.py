"""Expected answers of the library: chats with the adapter off and on, from the float64 reference.

Greedy choices are comparable only if they are clear, so an answer is used up to its first unclear choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from tokenizers import Tokenizer

from .architecture import Architecture
from .chat_config import ASSISTANT, END, USER, prompt_text
from .convert import part_names
from .reference import Adapter, LoraPart, Reading, Reference

ANSWER_TOKENS, FEWEST_TOKENS = 24, 4
CLEAR = 2e-2  # nats between the first and the second choice
TOP = 5
ADAPTER_RANK = 8


class Expectations:
    """Chats of one model, with and without one adapter.

    answer_tokens: the longest answer. stops: more ids that end an answer, beside the end token.
    """

    def __init__(
        self, base: Reference, tuned: Reference, tokenizer: Tokenizer, answer_tokens: int = ANSWER_TOKENS, stops: Sequence[int] = ()
    ):
        self.base, self.tuned, self.tokenizer, self.answer_tokens = base, tuned, tokenizer, answer_tokens
        self.ends = (tokenizer.token_to_id(END), *stops)

    def chat(self, turns: Sequence[str]) -> dict | None:
        """The answers to one prompt; None if one of them is unclear from its start."""
        return self._chat(turns, self.encode(prompt_text(list(turns))))

    def next_turn(self, chat: dict, prompt: str) -> dict | None:
        """A second turn after the answer of the base, whose ids are not encoded again."""
        answer = chat["base"]["tokens"]
        ids = [*chat["prompt"], *answer, *self.encode(f"{END}\n{USER}{prompt}{END}\n{ASSISTANT}")]
        return self._chat([*chat["turns"], self.text(answer), prompt], ids)

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def _chat(self, turns: Sequence[str], ids: list[int]) -> dict | None:
        answers = [self._greedy(reference, ids) for reference in (self.base, self.tuned)]
        if any(answer is None for answer in answers):
            return None
        return {"turns": list(turns), "prompt": ids, "base": answers[0], "tuned": answers[1]}

    def every_position(self, ids: Sequence[int]) -> dict:
        """Log-probability of each id after the first, given the ids before it."""
        rows = {"base": self.base.logps(ids), "tuned": self.tuned.logps(ids)}
        return {name: [float(row[token]) for row, token in zip(logps, ids[1:])] for name, logps in rows.items()}

    def text(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def _greedy(self, reference: Reference, prompt: Sequence[int]) -> dict | None:
        """Ids up to the end token, exclusive, and the likeliest tokens at each step, including the last."""
        ids, steps, reading = list(prompt), [], Reading(reference)
        unread = ids
        while len(steps) < self.answer_tokens:
            logps = reading.feed(unread, only_last=True)[-1]
            order = np.argsort(-logps, kind="stable")[: TOP + 1]
            if logps[order[0]] - logps[order[1]] < CLEAR:
                break
            steps.append([[int(token), float(logps[token])] for token in order[:TOP]])
            unread = [int(order[0])]
            ids = ids + unread
            if ids[-1] in self.ends:
                break
        tokens = ids[len(prompt) :]
        stopped = ids[-1] in self.ends
        if not stopped and len(tokens) < FEWEST_TOKENS:
            return None
        return {"tokens": tokens[:-1] if stopped else tokens, "stopped": stopped, "steps": steps}


def expected_chats(expectations: Expectations, prompts: Iterable[str], chunk: int, second_turn: bool = True) -> dict:
    """Three single prompts, one longer than a prefill chunk, and one with a second turn.

    second_turn: False for random weights, which never end an answer. Raises ValueError if the candidates do
    not suffice.
    """
    prompts = list(prompts)
    short = _first_clear(([prompt] for prompt in prompts), expectations, 3)
    long_ones = ([_lengthened(prompts[i:] + prompts[:i], expectations, chunk)] for i in range(len(prompts)))
    answered = [(chat["turns"][0], expectations.text(chat["base"]["tokens"])) for chat in short if chat["base"]["stopped"]]
    seconds = ([first, answer, prompt] for first, answer in answered for prompt in prompts)
    long = _first_clear(long_ones, expectations, 1)[0]
    return {
        "single": short,
        "long": {**long, "everyPosition": expectations.every_position(long["prompt"])},
        "second": _first_clear(seconds, expectations, 1)[0] if second_turn else None,
    }


def _lengthened(prompts: Sequence[str], expectations: Expectations, chunk: int) -> str:
    """Joins prompts until they exceed a chunk by a third."""
    text = ""
    for prompt in prompts:
        text = f"{text} {prompt}".strip()
        if len(expectations.tokenizer.encode(text).ids) > chunk + chunk // 3:
            return text
    raise ValueError(f"the candidate prompts together are shorter than {chunk} tokens")


def _first_clear(candidates: Iterable[Sequence[str]], expectations: Expectations, count: int) -> list[dict]:
    found: list[dict] = []
    for turns in candidates:
        chat = expectations.chat(turns)
        if chat is not None:
            found.append(chat)
        if len(found) == count:
            return found
    raise ValueError(f"only {len(found)} of {count} chats with clear answers found: give more candidate prompts")


def random_adapter(arch: Architecture, seed: int, size: float = 1.5) -> Adapter:
    """LoRA on all seven projections, float32 values, with a scaling of 0.5.

    size: magnitude of b · a · input for an input of size 1; large enough that answers change.
    """
    generator = np.random.default_rng(seed)
    adapter = {}
    for layer in range(arch.layers):
        for projection in arch.projections(layer):
            for name, rows in zip(part_names(projection), projection.rows):
                a = generator.standard_normal((ADAPTER_RANK, projection.inner)) * projection.inner**-0.5
                b = generator.standard_normal((rows, ADAPTER_RANK)) * size * ADAPTER_RANK**-0.5
                adapter[name] = LoraPart(a.astype(np.float32), b.astype(np.float32), scaling=0.5)
    return adapter
