"""The published models that `npm run libraries` compiles for: one file a model in `sizes/`.

`parameters` is the published number of values, `weights` the forms that a library is compiled for, `config` the
fields of the model's config.json that the program depends on. `python -m webllm.catalogue` lists the ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from .architecture import ANY_RANK, Architecture

SIZES = Path(__file__).parent / "sizes"
CONTEXT, PREFILL_CHUNK = 2048, 256


@dataclass(frozen=True)
class Library:
    """One library: a model's architecture and the form of its weights."""

    model: str
    arch: Architecture
    weights: str

    @property
    def id(self) -> str:
        """For people: architecture, width, layers, weights; Llama 3.1 and 3 differ only in the scaling."""
        scaling = f"-rope{self.arch.rope_scaling.factor:g}" if self.arch.rope_scaling else ""
        return f"{self.arch.family}-{self.arch.hidden}-{self.arch.layers}{scaling}-{self.weights}"

    @property
    def chat_config(self) -> dict:
        """The fields of mlc-chat-config.json that the compiler reads."""
        return {"quantization": self.weights, "context_window_size": CONTEXT, "prefill_chunk_size": PREFILL_CHUNK}

    def shortened(self, layers: int, vocab: int) -> Library:
        """The same widths with fewer layers and words, for the checks."""
        return replace(self, arch=replace(self.arch, layers=layers, vocab=vocab))


def libraries() -> list[Library]:
    """Every library, in the order of the manifest. Raises ValueError if a size contradicts its parameter count."""
    found = []
    for path in sorted(SIZES.glob("*.json")):
        facts = json.loads(path.read_text())
        arch = Architecture.from_config(facts["config"])
        if arch.parameter_count != facts["parameters"]:
            raise ValueError(f"{path.name} has {arch.parameter_count} parameters, not {facts['parameters']} as published")
        found += [Library(path.stem, arch, weights) for weights in facts["weights"]]
    ids = [library.id for library in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"two libraries have the same id: {sorted(ids)}")
    return sorted(found, key=lambda library: library.id)


def entry(library: Library, file: str, raw: bytes, packed: bytes, sha256: str) -> dict:
    """A library in public/libraries/index.json; `config` has the names of src/core/model/model.ts."""
    return {
        "id": library.id,
        "config": model_config(library.arch),
        "weights": library.weights,
        "loraRank": ANY_RANK,
        "contextWindow": CONTEXT,
        "prefillChunk": PREFILL_CHUNK,
        "file": file,
        "bytes": len(raw),
        "compressedBytes": len(packed),
        "sha256": sha256,
    }


def model_config(arch: Architecture) -> dict:
    """Everything that the program fixes; the page compares every field with the model's."""
    scaling = arch.rope_scaling
    return {
        "architecture": arch.family,
        "hiddenSize": arch.hidden,
        "intermediateSize": arch.ffn,
        "layers": arch.layers,
        "heads": arch.heads,
        "kvHeads": arch.kv_heads,
        "headDim": arch.head_dim,
        "vocabSize": arch.vocab,
        "rmsNormEps": arch.norm_eps,
        "ropeTheta": _number(arch.rope_theta),
        "ropeScaling": None
        if scaling is None
        else {
            "factor": _number(scaling.factor),
            "lowFreqFactor": _number(scaling.low_freq_factor),
            "highFreqFactor": _number(scaling.high_freq_factor),
            "originalMaxPositions": scaling.original_context,
        },
        "tieWordEmbeddings": arch.tied,
        "attentionBias": arch.attention_bias,
        "qkNorm": arch.head_norms,
    }


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


if __name__ == "__main__":
    for each in libraries():
        print(each.id)
