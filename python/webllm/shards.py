"""tensor-cache.json and its shards, as WebLLM fetches them: raw little-endian values, no bfloat16.

bfloat16 would round a small LoRA delta away, and raw values need no decoding in WebLLM's reader and the
trainer's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .architecture import Parameter

SHARD_BYTES = 32 * 2**20
ZEROS = "params_shard_lora_zeros.bin"


def write_tensor_cache(folder: Path, records: Mapping[str, np.ndarray], zeros: Sequence[Parameter]) -> list[str]:
    """Writes tensor-cache.json and shards into `folder`; returns the files' names.

    zeros: float32 records without content (LoRA's). They all refer to the same bytes of one small shard,
    which is as long as the largest of them: records may overlap, and a rank of 16 would otherwise double the
    download of a small model.
    """
    shards = [_shard(f"params_shard_{i}.bin", group) for i, group in enumerate(_groups(records))]
    if zeros:
        shards.append(zero_shard(zeros))
    for shard, data in shards:
        (folder / shard["dataPath"]).write_bytes(data)
    entries = [shard for shard, _ in shards]
    count = sum(len(shard["records"]) for shard in entries)
    index = {"metadata": {"ParamSize": count, "ParamBytes": sum(s["nbytes"] for s in entries)}, "records": entries}
    (folder / "tensor-cache.json").write_text(json.dumps(index, indent=1) + "\n")
    return ["tensor-cache.json", *(shard["dataPath"] for shard in entries)]


def _groups(records: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Records in order, at most SHARD_BYTES together; a longer record is alone in its group."""
    groups: list[dict[str, np.ndarray]] = [{}]
    size = 0
    for name, value in records.items():
        if groups[-1] and size + value.nbytes > SHARD_BYTES:
            groups.append({})
            size = 0
        groups[-1][name] = value
        size += value.nbytes
    return groups


def _shard(path: str, records: Mapping[str, np.ndarray]) -> tuple[dict, bytes]:
    data, entries = bytearray(), []
    for name, value in records.items():
        raw = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<")).tobytes()
        entries.append(_record(Parameter(name, value.shape, str(value.dtype)), len(data), len(raw)))
        data += raw
    return _entry(path, bytes(data), entries), bytes(data)


def zero_shard(zeros: Sequence[Parameter]) -> tuple[dict, bytes]:
    """The entry and the bytes of the shard that all records without content share."""
    sizes = [4 * int(np.prod(parameter.shape)) for parameter in zeros]
    data = bytes(max(sizes))
    return _entry(ZEROS, data, [_record(p, 0, size) for p, size in zip(zeros, sizes)]), data


def _entry(path: str, data: bytes, records: list[dict]) -> dict:
    digest = hashlib.md5(data).hexdigest()  # MLC's field; manifest.json has SHA-256
    return {"dataPath": path, "format": "raw-shard", "nbytes": len(data), "records": records, "md5sum": digest}


def _record(parameter: Parameter, offset: int, size: int) -> dict:
    return {
        "name": parameter.name,
        "shape": list(parameter.shape),
        "dtype": parameter.dtype,
        "format": "raw",
        "nbytes": size,
        "byteOffset": offset,
    }
