"""Small random models of every kind that the compiler supports, in Hugging Face's form.

    python tests/family.py OUT        writes OUT/<kind>/ for each, to be compiled and checked (build.sh --family)
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

sys.path.insert(0, str(Path(__file__).parent.parent))

from webllm.architecture import Architecture  # noqa: E402

SIZES = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
CONFIGS = {
    "llama": {"model_type": "llama", **SIZES, "head_dim": 16},
    "llama3-scaling": {"model_type": "llama", **SIZES, "rope_theta": 500000.0, "rope_scaling": LLAMA3},
    "smollm2": {"model_type": "llama", **SIZES, "num_attention_heads": 2, "num_key_value_heads": 1},
    "untied": {"model_type": "llama", **SIZES, "tie_word_embeddings": False},
    "qwen2": {"model_type": "qwen2", **SIZES, "rope_theta": 1e6},
    "qwen3-own-head-size": {"model_type": "qwen3", **SIZES, "head_dim": 32, "rope_theta": 1e6},
}


def checkpoint(config: dict, seed: int = 3) -> dict[str, np.ndarray]:
    """Random weights under Hugging Face's names, scaled so that logits are spread."""
    arch, generator = Architecture.from_config(config), np.random.default_rng(seed)
    weights = {}
    for parameter in arch.parameters("q0f32", lora_rank=0):
        owner, kind = parameter.name.rsplit(".", 1)
        projection = next((p for i in range(arch.layers) for p in arch.projections(i) if p.name == owner), None)
        values = _values(generator, parameter.name, parameter.shape)
        if projection is None:
            weights[parameter.name] = values
            continue
        module = owner.rsplit(".", 1)[0]
        for part, rows in zip(projection.parts, np.split(values, projection.ends[:-1])):
            weights[f"{module}.{part}.{kind}"] = rows
    return weights


def _values(generator: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = generator.standard_normal(shape)
    if "norm" in name:
        return (1 + 0.1 * values).astype(np.float32)
    return (values * (0.3 if "embed" in name or "bias" in name else shape[-1] ** -0.5)).astype(np.float32)


def byte_tokenizer() -> Tokenizer:
    """A tokenizer with one token per byte, after three special ones: it needs no training, and any text has
    ids.
    """
    specials = ["<|pad|>", "<|im_start|>", "<|im_end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(specials + alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def write_family(out: Path) -> None:
    tokenizer = byte_tokenizer()
    for kind, config in CONFIGS.items():
        folder, sized = out / kind, {**config, "vocab_size": tokenizer.get_vocab_size()}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(sized))
        (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "ChatML"}))
        tokenizer.save(str(folder / "tokenizer.json"))
        save_file(checkpoint(sized), folder / "model.safetensors")


if __name__ == "__main__":
    write_family(Path(sys.argv[1]))
