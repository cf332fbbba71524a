"""Packing, masking and the tokenizer, where a mistake would spoil the model without an error."""

import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from config import ModelConfig, TrainConfig  # noqa: E402
from data import batches, encode  # noqa: E402
from model import forward, init_params  # noqa: E402
from tokenizer import END, answer_text, prompt_text, train_tokenizer  # noqa: E402
from train import loss_of  # noqa: E402

ROWS = [{"prompt": f"Add: {a} + {b}.", "answer": f"{a} + {b} = {a + b}."} for a in range(2, 30) for b in range(2, 30)]
SMALL = ModelConfig(vocab_size=263, hidden_size=32, num_hidden_layers=2, head_dim=8, intermediate_size=48)
TRAIN = TrainConfig(batch_rows=6, row_tokens=96, conversation_share=0.5)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer((text for row in ROWS for text in row.values()), SMALL.vocab_size)


def test_tokenizer_gives_any_text_back_and_splits_digits(tokenizer):
    for text in ["17 + 26 = 43.", "Größe 漢字 🙂\t\n", ' {"a": 1}']:
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert [tokenizer.decode([i]) for i in tokenizer.encode("1726").ids] == list("1726")


def test_prompt_and_answer_are_tokenised_alike_together_and_apart(tokenizer):
    for row in ROWS[:50]:
        apart = tokenizer.encode(prompt_text(row["prompt"])).ids + tokenizer.encode(answer_text(row["answer"])).ids
        assert tokenizer.encode(prompt_text(row["prompt"]) + answer_text(row["answer"])).ids == apart


def test_packing_keeps_examples_whole_and_weighs_answers(tokenizer):
    examples = encode(ROWS, tokenizer)
    batch = next(batches(examples, TRAIN))
    end = tokenizer.token_to_id(END)
    for row in range(TRAIN.batch_rows):
        used = batch.segments[row] > 0
        assert np.all(np.diff(used.astype(int)) <= 0), "padding only at the end"
        assert (batch.ids[row] == end).sum() % 2 == 0, "a prompt's end and its answer's end"
        assert np.all(batch.weights[row][~used] == 0)
        text = tokenizer.decode(batch.ids[row][batch.weights[row] == 1].tolist())
        assert text.count("=") == text.count(".") and "Add" not in text


def test_examples_do_not_see_each_other_and_tokens_not_their_future(tokenizer):
    config = TrainConfig(batch_rows=1, row_tokens=96, conversation_share=0.0)
    batch = next(batches(encode(ROWS, tokenizer), config))
    params = init_params(SMALL, 1)
    mask = (batch.segments[:, :, None] == batch.segments[:, None, :]) & np.tril(np.ones((96, 96), bool))
    before = forward(params, jnp.asarray(batch.ids), jnp.asarray(batch.positions), mask, SMALL)
    changed = batch.ids.copy()
    second = int(np.argmax(batch.segments[0] == 2))
    changed[0, second + 3] = 7
    after = forward(params, jnp.asarray(changed), jnp.asarray(batch.positions), mask, SMALL)
    moved = np.abs(np.asarray(after - before))[0].max(-1) > 1e-6
    assert not moved[: second + 3].any()
    assert moved[second + 3]
    assert not moved[batch.segments[0] != 2].any()


def test_loss_of_an_untrained_model_is_near_that_of_chance(tokenizer):
    batch = next(batches(encode(ROWS, tokenizer), TRAIN))
    loss = float(loss_of(init_params(SMALL, 1), batch, SMALL))
    assert abs(loss - np.log(SMALL.vocab_size)) < 1
