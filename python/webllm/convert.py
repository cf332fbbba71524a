"""Converts weights in Hugging Face's form to MLC's records: fuses projections and stores the numbers as the
library reads them.
"""

from __future__ import annotations

from collections.abc import Mapping

import ml_dtypes
import numpy as np

from .architecture import Architecture, Parameter, Projection

PAIR_TYPES = {"f16": np.dtype(np.float16), "q4f16_1": np.dtype(np.float16), "bf16": np.dtype(ml_dtypes.bfloat16)}
"""The type of the numbers that share words."""


def convert_weights(arch: Architecture, weights: Mapping[str, np.ndarray], quantization: str) -> dict[str, np.ndarray]:
    """Every record except LoRA's, in the order of the files.

    weights: `model.layers.0.self_attn.q_proj.weight` and so on, any float type. Raises ValueError if one is
    missing, if one has a shape that differs from the config, or if one is left over.
    """
    fused = fuse(arch, weights)
    records: dict[str, np.ndarray] = {}
    for parameter in arch.parameters(quantization, lora_rank=0):
        name = parameter.name
        if name.endswith(".q_weight"):
            words, scale = quantise(fused[_plain(name)], np.float16 if quantization == "q4f16_1" else np.float32)
            records[name] = words
            records[name.replace("q_weight", "q_scale")] = scale if scale.dtype == np.float32 else scale.view(np.uint32)
        elif not name.endswith(".q_scale"):
            records[name] = fused[name] if parameter.dtype == "float32" else in_pairs(fused[name], quantization)
        _check(parameter, records[name])
    return records


def fuse(arch: Architecture, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """float32 matrices under MLC's names, unquantised."""
    left = dict(weights)

    def take(name: str) -> np.ndarray:
        if name not in left:
            raise ValueError(f"weight {name} is missing from the checkpoint")
        return np.asarray(left.pop(name), dtype=np.float32)

    fused: dict[str, np.ndarray] = {}
    projections = {p.name: p for layer in range(arch.layers) for p in arch.projections(layer)}
    for parameter in arch.parameters("q0f32", lora_rank=0):
        owner, kind = parameter.name.rsplit(".", 1)
        projection = projections.get(owner)
        if projection is None:
            fused[parameter.name] = take(parameter.name)
        else:
            fused[parameter.name] = np.concatenate([take(f"{name}.{kind}") for name in part_names(projection)])
        _check(parameter, fused[parameter.name])
    if arch.tied:
        left.pop("lm_head.weight", None)  # some checkpoints store the tied head twice
    if left:
        raise ValueError(f"the checkpoint holds weights that this architecture does not have: {', '.join(sorted(left))}")
    return fused


def part_names(projection: Projection) -> list[str]:
    """Hugging Face's names of the matrices fused in a projection, without `.weight`."""
    module = projection.name.rsplit(".", 1)[0]
    return [f"{module}.{part}" for part in projection.parts]


def in_pairs(values: np.ndarray, quantization: str) -> np.ndarray:
    """float32 [..., n] → uint32 [..., n / 2]: two halves in a word, the first one lower."""
    return values.astype(PAIR_TYPES[quantization]).view(np.uint32)


def from_pairs(words: np.ndarray, quantization: str) -> np.ndarray:
    """The float32 values of in_pairs."""
    return words.view(PAIR_TYPES[quantization]).astype(np.float32)


def quantise(matrix: np.ndarray, scales: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Four bits as MLC has them: eight values per uint32 along the columns, lowest nibble first;
    value = (nibble − 7) · scale of 32 columns.

    matrix [out, in] → words [out, in / 8] uint32, scale [out, in / 32] of the type `scales`.
    """
    rows, columns = matrix.shape
    groups = matrix.reshape(rows, columns // 32, 32)
    scale = np.maximum(np.abs(groups).max(axis=-1) / 7, 1e-8 if scales is np.float32 else 1e-7).astype(scales)
    nibbles = np.clip(np.rint(groups / scale[..., None].astype(np.float32) + 7), 0, 14).astype(np.uint32)
    shifts = np.arange(0, 32, 4, dtype=np.uint32)
    return np.bitwise_or.reduce(nibbles.reshape(rows, columns // 8, 8) << shifts, axis=-1), scale


def dequantise(words: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The float32 matrix that the library computes with."""
    nibbles = (words[..., None] >> np.arange(0, 32, 4, dtype=np.uint32)) & np.uint32(15)
    values = nibbles.reshape(words.shape[0], -1, 32).astype(np.float32) - 7
    return (values * scale[..., None]).reshape(words.shape[0], -1)


def plain_weights(arch: Architecture, records: Mapping[str, np.ndarray], quantization: str) -> dict[str, np.ndarray]:
    """Converts records back to the float32 tensors that the reference computes with, including their
    rounding.
    """
    out = {}
    for name, value in records.items():
        if name.endswith(".q_weight"):
            scale = records[name.replace("q_weight", "q_scale")]
            out[_plain(name)] = dequantise(value, scale if scale.dtype == np.float32 else from_pairs(scale, quantization))
        elif not name.endswith(".q_scale"):
            out[name] = value if value.dtype == np.float32 else from_pairs(value, quantization)
    return out


def _plain(name: str) -> str:
    return name.replace(".q_weight", ".weight")


def _check(parameter: Parameter, value: np.ndarray) -> None:
    if value.shape != parameter.shape or str(value.dtype) != parameter.dtype:
        got = f"{value.dtype} {value.shape}"
        raise ValueError(f"{parameter.name} is {got}, the config says {parameter.dtype} {parameter.shape}")
