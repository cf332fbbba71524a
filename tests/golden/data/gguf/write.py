"""Writes numbers.json: blocks of random bytes in every block type of GGUF, and their values as the gguf package
decodes them.

    pip install gguf==0.23.3 && python write.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

TYPES = ("F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K")
# Bytes of a block that hold half-precision scales: random bits there could be infinite.
SCALES = {"Q4_1": (0, 2), "Q5_1": (0, 2), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}
BLOCKS = 4


def blocks(name: str, random: np.random.Generator) -> np.ndarray:
    _, size = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    if name in ("F16", "BF16"):
        values = random.normal(size=32).astype(np.float32)
        return values.astype(np.float16).view(np.uint8) if name == "F16" else (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    data = random.integers(0, 256, size=(BLOCKS, size), dtype=np.uint8)
    for at in SCALES.get(name, (0,)):
        data[:, at : at + 2] = random.normal(scale=0.01, size=(BLOCKS, 1)).astype(np.float16).view(np.uint8)
    return data.reshape(-1)


def main() -> None:
    random = np.random.default_rng(7)
    text = lambda array: base64.b64encode(array.tobytes()).decode()  # noqa: E731
    out = {}
    for name in TYPES:
        data = blocks(name, random)
        values = dequantize(data, GGMLQuantizationType[name]).astype(np.float32)
        out[name] = {"bytes": text(data), "values": text(values.reshape(-1))}
    path = Path(__file__).with_name("numbers.json")
    path.write_text(json.dumps(out, indent="\t") + "\n")


main()
