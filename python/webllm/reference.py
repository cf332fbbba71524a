"""The model in float64, written to be read; the compiled library is checked against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .architecture import Architecture, Projection


@dataclass(frozen=True)
class LoraPart:
    """PEFT's matrices of one projection: a [r, in], b [out, r]; the delta is scaling · b · a."""

    a: np.ndarray
    b: np.ndarray
    scaling: float


WIDENED = 250 * 10**6
"""Values up to which all weights are kept in float64; of a larger model each is widened when it is used."""

Adapter = Mapping[str, LoraPart]
"""Keyed by Hugging Face's name of the projection, `model.layers.0.self_attn.q_proj`."""


class Reference:
    """weights: plain matrices under MLC's names (convert.plain_weights)."""

    def __init__(self, arch: Architecture, weights: Mapping[str, np.ndarray], adapter: Adapter | None = None):
        self.arch = arch
        small = sum(value.size for value in weights.values()) <= WIDENED
        self.weights = {name: np.asarray(value, np.float64 if small else value.dtype) for name, value in weights.items()}
        self.adapter = adapter or {}

    def adapted(self, adapter: Adapter) -> Reference:
        """The same weights with an adapter."""
        return Reference(self.arch, self.weights, adapter)

    def logps(self, ids: Sequence[int]) -> np.ndarray:
        """ids [n] → log-probabilities of the next token at every position [n, vocab]."""
        return Reading(self).feed(ids)


class Reading:
    """A text that grows: keys and values of what was read are kept."""

    def __init__(self, reference: Reference):
        self.reference, self.arch, self.weights = reference, reference.arch, reference.weights
        self.kept: list[tuple[np.ndarray, np.ndarray] | None] = [None] * reference.arch.layers
        self.length = 0

    def feed(self, ids: Sequence[int], only_last: bool = False) -> np.ndarray:
        """ids [n] → log-probabilities of the next token after each of them [n, vocab], or after the last one [1, vocab]."""
        arch, weights = self.arch, self.weights
        x = _wide(weights["model.embed_tokens.weight"][list(ids)])
        for layer in range(arch.layers):
            prefix = f"model.layers.{layer}."
            x = x + self._attention(self._norm(x, prefix + "input_layernorm.weight"), layer)
            _, _, gate_up, down = arch.projections(layer)
            both = self._project(self._norm(x, prefix + "post_attention_layernorm.weight"), gate_up)
            gate, up = np.split(both, 2, axis=-1)
            x = x + self._project(gate / (1 + np.exp(-gate)) * up, down)
        self.length += len(ids)
        head = weights["model.embed_tokens.weight" if arch.tied else "lm_head.weight"]
        logits = self._norm(x[-1:] if only_last else x, "model.norm.weight") @ _wide(head).T
        logits -= logits.max(axis=-1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))

    def _attention(self, x: np.ndarray, layer: int) -> np.ndarray:
        arch, n, prefix = self.arch, len(x), f"model.layers.{layer}."
        qkv, o, _, _ = arch.projections(layer)
        heads = self._project(x, qkv).reshape(n, -1, arch.head_dim)
        q, k, v = np.split(heads, [arch.heads, arch.heads + arch.kv_heads], axis=1)
        if arch.head_norms:
            q, k = self._norm(q, prefix + "self_attn.q_norm.weight"), self._norm(k, prefix + "self_attn.k_norm.weight")
        q, k = self._turn(q), self._turn(k)
        kept = self.kept[layer]
        if kept is not None:
            k, v = np.concatenate([kept[0], k]), np.concatenate([kept[1], v])
        self.kept[layer] = (k, v)
        group = arch.heads // arch.kv_heads
        k, v = k.repeat(group, axis=1), v.repeat(group, axis=1)
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(arch.head_dim)
        scores += np.triu(np.full((n, len(k)), -np.inf), 1 + self.length)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return self._project(np.einsum("hqk,khd->qhd", shares, v).reshape(n, -1), o)

    def _project(self, x: np.ndarray, projection: Projection) -> np.ndarray:
        y = x @ _wide(self.weights[projection.name + ".weight"]).T
        if projection.biased:
            y = y + self.weights[projection.name + ".bias"]
        module, start = projection.name.rsplit(".", 1)[0], 0
        for name, rows in zip(projection.parts, projection.rows):
            part = self.reference.adapter.get(f"{module}.{name}")
            if part is not None:
                y[:, start : start + rows] += part.scaling * ((x @ part.a.T) @ part.b.T)
            start += rows
        return y

    def _turn(self, x: np.ndarray) -> np.ndarray:
        angles = np.arange(self.length, self.length + len(x))[:, None] * self.arch.rope_frequencies
        cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
        first, second = np.split(x, 2, axis=-1)
        return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + self.arch.norm_eps) * self.weights[name]


def _wide(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64, copy=False)
