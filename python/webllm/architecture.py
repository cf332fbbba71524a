"""The architecture of a model, read from a Hugging Face config, and the resulting list of parameters.

One family of decoders: Llama (with Llama-3's rope scaling; SmolLM2 is a Llama), Qwen2 (biases on q, k, v) and
Qwen3 (norms on q and k). The converter, the compiler and the reference all take their shapes from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FAMILIES = ("llama", "qwen2", "qwen3")
QUANTIZATIONS = ("q0f32", "q4f32_1", "f16", "bf16", "q4f16_1")
"""How the library reads the weights; README.md lists the records of each.

q0f32, q4f32_1: as MLC writes them, with float32 beside the four bits. f16, bf16: two numbers share a word of
uint32, with the bytes of a float16 or bfloat16 tensor. q4f16_1: as MLC publishes it, the float16 records in pairs.
"""
VECTORS_IN_PAIRS = ("f16", "q4f16_1")
ANY_RANK = "any"
"""LoRA of a rank that is known only when the records are loaded."""


@dataclass(frozen=True)
class Parameter:
    """One record of tensor-cache.json."""

    name: str
    shape: tuple[int | str, ...]
    """A name in place of a number: a size that the loaded record decides."""
    dtype: str = "float32"


@dataclass(frozen=True)
class Projection:
    """A fused matrix [sum of part rows, inner], the Hugging Face projections fused in it, and their rows."""

    name: str
    parts: tuple[str, ...]
    rows: tuple[int, ...]
    inner: int
    biased: bool = False

    @property
    def outer(self) -> int:
        return sum(self.rows)

    @property
    def ends(self) -> tuple[int, ...]:
        """The row after the last one of each part."""
        return tuple(int(end) for end in np.cumsum(self.rows))


@dataclass(frozen=True)
class Llama3Scaling:
    """Supports longer contexts by slowing the low frequencies of rotary positions (Llama 3.1 and later)."""

    factor: float
    low_freq_factor: float
    high_freq_factor: float
    original_context: int

    def apply(self, frequencies: np.ndarray) -> np.ndarray:
        wavelength = 2 * math.pi / frequencies
        slow, fast = self.original_context / self.low_freq_factor, self.original_context / self.high_freq_factor
        smooth = (self.original_context / wavelength - self.low_freq_factor) / (self.high_freq_factor - self.low_freq_factor)
        mixed = (1 - smooth) * frequencies / self.factor + smooth * frequencies
        return np.where(wavelength > slow, frequencies / self.factor, np.where(wavelength < fast, frequencies, mixed))


@dataclass(frozen=True)
class Architecture:
    """Sizes and switches of a decoder. `ffn`: width of the feed-forward part; `tied`: the embedding is also
    the head.
    """

    family: str
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    norm_eps: float
    rope_theta: float
    rope_scaling: Llama3Scaling | None
    tied: bool
    attention_bias: bool
    head_norms: bool

    @classmethod
    def from_config(cls, config: dict) -> Architecture:
        """config: a Hugging Face config.json, of transformers 4 or 5. Raises ValueError if the model is not
        of this family.
        """
        family = config["model_type"]
        if family not in FAMILIES:
            raise ValueError(f"model_type {family!r} is not supported; known are {', '.join(FAMILIES)}")
        for key in ("mlp_bias", "use_sliding_window"):
            if config.get(key):
                raise ValueError(f"{family} with {key} is not supported")
        if config.get("attention_bias") and family != "qwen2":
            raise ValueError("attention_bias is only supported as Qwen2 has it: on q, k and v")
        heads = config["num_attention_heads"]
        rope = config.get("rope_parameters") or config
        scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
        return cls(
            family=family,
            vocab=config["vocab_size"],
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=heads,
            kv_heads=config.get("num_key_value_heads") or heads,
            head_dim=config.get("head_dim") or config["hidden_size"] // heads,
            ffn=config["intermediate_size"],
            norm_eps=config.get("rms_norm_eps", 1e-6),
            rope_theta=float(rope.get("rope_theta", 10000.0)),
            rope_scaling=_scaling(scaling),
            tied=bool(config.get("tie_word_embeddings", False)),
            attention_bias=family == "qwen2",
            head_norms=family == "qwen3",
        )

    @property
    def rope_frequencies(self) -> np.ndarray:
        """[head_dim / 2] radians per position, float64."""
        frequencies = self.rope_theta ** (-np.arange(0, self.head_dim, 2) / self.head_dim)
        return self.rope_scaling.apply(frequencies) if self.rope_scaling else frequencies

    @property
    def parameter_count(self) -> int:
        """Number of values in the base model, without LoRA."""
        return sum(math.prod(parameter.shape) for parameter in self.parameters("q0f32", lora_rank=0))

    @property
    def qkv_name(self) -> str:
        """MLC's name of the fused projection, which differs by family."""
        return "qkv_proj" if self.family == "llama" else "c_attn"

    def projections(self, layer: int) -> list[Projection]:
        prefix, q, kv = f"model.layers.{layer}.", self.heads * self.head_dim, self.kv_heads * self.head_dim
        attention, mlp = prefix + "self_attn.", prefix + "mlp."
        qkv = ("q_proj", "k_proj", "v_proj")
        return [
            Projection(attention + self.qkv_name, qkv, (q, kv, kv), self.hidden, self.attention_bias),
            Projection(attention + "o_proj", ("o_proj",), (self.hidden,), q),
            Projection(mlp + "gate_up_proj", ("gate_proj", "up_proj"), (self.ffn, self.ffn), self.hidden),
            Projection(mlp + "down_proj", ("down_proj",), (self.hidden,), self.ffn),
        ]

    def parameters(self, quantization: str, lora_rank: int | str) -> list[Parameter]:
        """Every record, in the order of the files. lora_rank 0: without LoRA; ANY_RANK: see there."""
        out = _matrix("model.embed_tokens", self.vocab, self.hidden, quantization)
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}."
            out.append(_vector(prefix + "input_layernorm.weight", self.hidden, quantization))
            for projection in self.projections(layer):
                if projection.name.endswith("gate_up_proj"):
                    out.append(_vector(prefix + "post_attention_layernorm.weight", self.hidden, quantization))
                out += _matrix(projection.name, projection.outer, projection.inner, quantization)
                if projection.biased:
                    out.append(_vector(projection.name + ".bias", projection.outer, quantization))
                if projection.name.endswith(self.qkv_name) and self.head_norms:
                    out += [_vector(f"{prefix}self_attn.{n}_norm.weight", self.head_dim, quantization) for n in ("q", "k")]
        out.append(_vector("model.norm.weight", self.hidden, quantization))
        if not self.tied:
            out += _matrix("lm_head", self.vocab, self.hidden, quantization)
        return out + (self.lora_parameters(lora_rank) if lora_rank else [])

    def lora_parameters(self, rank: int | str) -> list[Parameter]:
        """A [parts · rank, in] and B [out, rank] of every projection."""
        out = []
        for layer in range(self.layers):
            for projection in self.projections(layer):
                out.append(Parameter(projection.name + ".lora_A", (lora_rows(len(projection.parts), rank), projection.inner)))
                out.append(Parameter(projection.name + ".lora_B", (projection.outer, lora_rows(1, rank))))
        return out


def lora_rows(parts: int, rank: int | str) -> int | str:
    """Rows of A for the parts of a projection; a name if the loaded records decide."""
    return f"rank_{parts}" if rank == ANY_RANK else parts * rank


def _scaling(config: dict) -> Llama3Scaling | None:
    kind = config.get("rope_type", config.get("type", "default"))
    if kind == "default":
        return None
    if kind != "llama3":
        raise ValueError(f"rope scaling {kind!r} is not supported; known is llama3")
    original = config["original_max_position_embeddings"]
    return Llama3Scaling(config["factor"], config["low_freq_factor"], config["high_freq_factor"], original)


def _matrix(name: str, outer: int, inner: int, quantization: str) -> list[Parameter]:
    if quantization not in QUANTIZATIONS:
        raise ValueError(f"quantization {quantization!r} is not supported; known are {', '.join(QUANTIZATIONS)}")
    in_group = {"q4f32_1": 32, "q4f16_1": 64, "f16": 2, "bf16": 2, "q0f32": 1}[quantization]
    if inner % in_group:
        raise ValueError(f"{name}: {inner} columns cannot be grouped by {in_group} for {quantization}")
    if quantization == "q0f32":
        return [Parameter(name + ".weight", (outer, inner))]
    if quantization in ("f16", "bf16"):
        return [Parameter(name + ".weight", (outer, inner // 2), "uint32")]
    scale = "float32" if quantization == "q4f32_1" else "uint32"
    return [
        Parameter(name + ".q_weight", (outer, inner // 8), "uint32"),
        Parameter(name + ".q_scale", (outer, inner // in_group), scale),
    ]


def _vector(name: str, size: int, quantization: str) -> Parameter:
    if quantization in VECTORS_IN_PAIRS:
        return Parameter(name, (size // 2,), "uint32")
    return Parameter(name, (size,))
