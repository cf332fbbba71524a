"""Packs examples into rows of fixed length without padding between them.

A row holds whole examples end to end. `segments` defines which tokens see each other: one number per example
if the examples are independent, one number for the whole row if they are the turns of one chat.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer

from config import TrainConfig
from tokenizer import answer_text, prompt_text


class Example(NamedTuple):
    ids: list[int]
    answer_start: int


class Batch(NamedTuple):
    """All [rows, row_tokens], int32 except the weights (f32). Segment 0 is padding; a weight applies to the
    prediction of its token.
    """

    ids: np.ndarray
    positions: np.ndarray
    segments: np.ndarray
    weights: np.ndarray


def read_rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def encode(rows: list[dict], tokenizer: Tokenizer) -> list[Example]:
    prompts = tokenizer.encode_batch([prompt_text(row["prompt"]) for row in rows])
    answers = tokenizer.encode_batch([answer_text(row["answer"]) for row in rows])
    return [Example(p.ids + a.ids, len(p.ids)) for p, a in zip(prompts, answers)]


def batches(examples: list[Example], config: TrainConfig) -> Iterator[Batch]:
    """Endless; every pass has a new order, derived from the seed."""
    rng = np.random.default_rng(config.seed)
    stream = _endless(examples, rng)
    held = next(stream)
    while True:
        shape = (config.batch_rows, config.row_tokens)
        batch = Batch(*(np.zeros(shape, np.int32) for _ in range(3)), np.zeros(shape, np.float32))
        for row in range(config.batch_rows):
            chat = rng.random() < config.conversation_share
            at, segment = 0, 1
            while at + len(held.ids) <= config.row_tokens:
                _place(batch, row, at, segment, held, chat, config.prompt_weight)
                at += len(held.ids)
                segment += 0 if chat else 1
                held = next(stream)
        yield batch


def _endless(examples: list[Example], rng: np.random.Generator) -> Iterator[Example]:
    while True:
        for i in rng.permutation(len(examples)):
            yield examples[i]


def _place(batch: Batch, row: int, at: int, segment: int, example: Example, chat: bool, prompt_weight: float) -> None:
    n = len(example.ids)
    span = slice(at, at + n)
    batch.ids[row, span] = example.ids
    batch.positions[row, span] = np.arange(n) + (at if chat else 0)
    batch.segments[row, span] = segment
    batch.weights[row, span] = prompt_weight
    batch.weights[row, at + example.answer_start : at + n] = 1
