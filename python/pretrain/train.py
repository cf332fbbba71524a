"""Pretrains the embedded model on the exported world and writes it in Hugging Face's form.

python train.py --world python/build/world.jsonl --out python/build/base
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file

from config import ModelConfig, TrainConfig
from data import Batch, batches, encode, read_rows
from model import Params, forward, init_params, logits_of
from tokenizer import CHAT_TEMPLATE, END, PAD, train_tokenizer


def loss_of(params: Params, batch: Batch, config: ModelConfig) -> jax.Array:
    """Weighted mean cross-entropy of each token given those before it in its segment, nats."""
    same = batch.segments[:, :, None] == batch.segments[:, None, :]
    mask = same & jnp.tril(jnp.ones(same.shape[1:], bool))
    hidden = forward(params, batch.ids, batch.positions, mask, config)
    logps = jax.nn.log_softmax(logits_of(params, hidden[:, :-1]))
    picked = jnp.take_along_axis(logps, batch.ids[:, 1:, None], axis=-1)[..., 0]
    weights = batch.weights[:, 1:] * (batch.segments[:, 1:] == batch.segments[:, :-1])
    return -(picked * weights).sum() / weights.sum()


def schedule_at(step: jax.Array, config: TrainConfig) -> jax.Array:
    """Share of the peak learning rates: linear warm-up, then a cosine down to `final_share`."""
    warmup = (step + 1) / config.warmup_steps
    progress = jnp.clip((step - config.warmup_steps) / (config.steps - config.warmup_steps), 0, 1)
    cosine = config.final_share + (1 - config.final_share) * 0.5 * (1 + jnp.cos(jnp.pi * progress))
    return jnp.minimum(warmup, cosine)


@partial(jax.jit, static_argnums=(4, 5), donate_argnums=(0, 1))
def train_step(
    params: Params, moments: tuple[Params, Params], batch: Batch, step: jax.Array, model: ModelConfig, train: TrainConfig
) -> tuple[Params, tuple[Params, Params], jax.Array]:
    """One AdamW step, gradient clipped by its global norm; one-dimensional weights are not decayed."""
    loss, grads = jax.value_and_grad(loss_of)(params, batch, model)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in grads.values()))
    clip = jnp.minimum(1, train.max_grad_norm / (norm + 1e-6))
    rate = train.learning_rate * schedule_at(step, train)
    first, second, updated = {}, {}, {}
    for name, weight in params.items():
        grad = grads[name] * clip
        first[name] = train.beta1 * moments[0][name] + (1 - train.beta1) * grad
        second[name] = train.beta2 * moments[1][name] + (1 - train.beta2) * grad * grad
        mean = first[name] / (1 - train.beta1 ** (step + 1))
        deviation = jnp.sqrt(second[name] / (1 - train.beta2 ** (step + 1))) + 1e-8
        decay = train.weight_decay if weight.ndim > 1 else 0.0
        updated[name] = weight - rate * (mean / deviation + decay * weight)
    return updated, (first, second), loss


def fit(params: Params, stream: Iterator[Batch], model: ModelConfig, train: TrainConfig, log_every: int) -> Params:
    moments = tuple({name: jnp.zeros_like(weight) for name, weight in params.items()} for _ in range(2))
    start = time.time()
    for step in range(train.steps):
        params, moments, loss = train_step(params, moments, next(stream), jnp.asarray(step), model, train)
        if step % log_every == 0 or step == train.steps - 1:
            print(f"step {step} loss {float(loss):.4f} {time.time() - start:.0f} s", flush=True)
    return params


def hf_config(config: ModelConfig, end_id: int, pad_id: int) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **asdict(config),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "bos_token_id": None,
        "eos_token_id": end_id,
        "pad_token_id": pad_id,
    }


def write_model(out: Path, params: Params, tokenizer, config: ModelConfig) -> None:
    out.mkdir(parents=True, exist_ok=True)
    save_file({name: np.asarray(weight, np.float32) for name, weight in params.items()}, out / "model.safetensors", {"format": "pt"})
    tokenizer.save(str(out / "tokenizer.json"))
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": None,
        "eos_token": END,
        "pad_token": PAD,
        "unk_token": None,
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": config.max_position_embeddings,
        "chat_template": CHAT_TEMPLATE,
    }
    files = {
        "config.json": hf_config(config, tokenizer.token_to_id(END), tokenizer.token_to_id(PAD)),
        "tokenizer_config.json": tokenizer_config,
    }
    for name, content in files.items():
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=TrainConfig.steps)
    parser.add_argument("--seed", type=int, default=TrainConfig.seed)
    parser.add_argument("--log-every", type=int, default=50)
    args = parser.parse_args()
    model, train = ModelConfig(), replace(TrainConfig(), steps=args.steps, seed=args.seed)

    rows = read_rows(args.world)
    sample = rows[:: max(1, len(rows) // 50_000)]
    tokenizer = train_tokenizer((text for row in sample for text in ("user\n", row["prompt"], "assistant\n", row["answer"])), model.vocab_size)
    examples = encode(rows, tokenizer)
    lengths = np.array([len(example.ids) for example in examples])
    print(f"{len(examples)} examples, {lengths.mean():.1f} tokens on average, {lengths.max()} at most", flush=True)

    params = init_params(model, train.seed)
    print(f"{sum(weight.size for weight in params.values())} parameters", flush=True)
    params = fit(params, batches(examples, train), model, train, args.log_every)
    write_model(args.out, params, tokenizer, model)
    print(f"written to {args.out}", flush=True)


if __name__ == "__main__":
    main()
