"""Builds a model folder for WebLLM, and the expected answers, from weights in Hugging Face's form.

    python -m webllm.build --base build/base --out ../public/models/anchor-1m --title "Anchor 1M"

reads config.json, model.safetensors, tokenizer.json and tokenizer_config.json of `--base`. The library
depends only on the architecture.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from .architecture import ANY_RANK, QUANTIZATIONS, Architecture
from .chat_config import chat_config
from .convert import convert_weights, plain_weights
from .expected import ADAPTER_RANK, Expectations, expected_chats, random_adapter
from .manifest import write_manifest
from .reference import Adapter, Reference
from .shards import write_tensor_cache

TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json"]
ADAPTER_SEED = 11
RANK_IF_ANY = 16
OBJECTS = Path(__file__).parent.parent / "build"  # the runtime's objects are the same for every model


@dataclass(frozen=True)
class Options:
    base: Path
    out: Path
    work: Path
    title: str
    seed: int
    quantization: str
    schedule: str
    lora_rank: int | str
    context: int
    prefill_chunk: int
    prompts: Path | None
    random_weights: bool
    link: str

    @property
    def record_rank(self) -> int:
        """The rank of LoRA's records; a library of any rank takes theirs."""
        return RANK_IF_ANY if self.lora_rank == ANY_RANK else self.lora_rank

    @property
    def model_id(self) -> str:
        return self.out.name


def main() -> None:
    options = parse_options()
    hf_config = json.loads((options.base / "config.json").read_text())
    arch = Architecture.from_config(hf_config)
    records = convert_weights(arch, load_file(options.base / "model.safetensors"), options.quantization)
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    config = chat_config(
        arch, options.quantization, tokenizer.token_to_id, options.context, options.prefill_chunk, TOKENIZER_FILES
    )
    write_folder(options, arch, hf_config, config, records)
    write_expected(options, arch, records, tokenizer)


def write_folder(options: Options, arch: Architecture, hf_config: dict, config: dict, records: dict[str, np.ndarray]) -> None:
    """Writes the model's folder; the previous one is replaced only when the new one is complete."""
    from .library import Build, compile_library  # TVM takes seconds to import: not needed to read --help

    folder = options.work / f"{options.model_id}.new"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "mlc-chat-config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n")
    files = ["mlc-chat-config.json", *TOKENIZER_FILES]
    for name in TOKENIZER_FILES:
        shutil.copyfile(options.base / name, folder / name)
    zeros = arch.lora_parameters(options.record_rank) if options.record_rank else []
    files += write_tensor_cache(folder, records, zeros)
    library = f"{options.model_id}-webgpu.wasm"
    build = Build(options.lora_rank, options.schedule, options.link)
    compile_library(arch, config, folder / library, OBJECTS, build)
    training = options.base / "training.json"
    facts = {
        "schema": 1,
        "id": options.model_id,
        "title": options.title,
        "license": "Apache-2.0",
        "parameters": arch.parameter_count,
        "seed": options.seed,
        "library": library,
        "schedule": options.schedule,
        "quantization": options.quantization,
        "loraMaxRank": options.record_rank,
        "contextWindow": options.context,
        "prefillChunk": options.prefill_chunk,
        **({"training": json.loads(training.read_text())} if training.exists() else {}),
        "architecture": hf_config,
        "chatTemplate": json.loads((options.base / "tokenizer_config.json").read_text())["chat_template"],
    }
    write_manifest(folder, [*files, library], facts)
    shutil.rmtree(options.out, ignore_errors=True)
    shutil.move(folder, options.out)


def write_expected(options: Options, arch: Architecture, records: dict[str, np.ndarray], tokenizer: Tokenizer) -> None:
    """expected.json and an adapter in PEFT's files, for scripts/check-model.mjs."""
    adapter = random_adapter(arch, ADAPTER_SEED)
    weights = plain_weights(arch, records, options.quantization)
    base = Reference(arch, weights)
    expectations = Expectations(base, base.adapted(adapter), tokenizer)
    chats = expected_chats(
        expectations, candidate_prompts(options.prompts), options.prefill_chunk, second_turn=not options.random_weights
    )
    write_adapter(options.work, adapter)
    expected = {"model": options.model_id, "prefillChunk": options.prefill_chunk, **chats}
    (options.work / "expected.json").write_text(json.dumps(expected) + "\n")


def write_adapter(folder: Path, adapter: Adapter) -> None:
    """PEFT's two files: adapter_model.safetensors and adapter_config.json."""
    tensors = {
        f"base_model.model.{name}.lora_{kind}.weight": getattr(part, kind.lower())
        for name, part in adapter.items()
        for kind in ("A", "B")
    }
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    rank, scaling = ADAPTER_RANK, next(iter(adapter.values())).scaling
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": scaling * rank,
        "target_modules": sorted({name.rsplit(".", 1)[1] for name in adapter}),
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n")


def candidate_prompts(path: Path | None, count: int = 60) -> list[str]:
    """Prompts of the exported world (one JSON object per line), spread over the file; without a file, a few
    plain prompts.
    """
    if path is None or not path.exists():
        return [f"Sort these {i} words: {' '.join(['pear', 'fig', 'plum', 'kiwi'][: 2 + i % 3])}, then say why." for i in range(count)]
    lines = path.read_text().splitlines()
    step = max(1, len(lines) // count)
    return list(dict.fromkeys(json.loads(line)["prompt"] for line in lines[::step][:count]))


def _rank(text: str) -> int | str:
    return text if text == ANY_RANK else int(text)


def parse_options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="folder with the Hugging Face checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write; its name is the model's")
    parser.add_argument("--work", type=Path, default=Path("build"), help="folder for expected.json and the adapter")
    parser.add_argument("--title", default="Anchor 1M", help="name shown to people")
    parser.add_argument("--seed", type=int, default=1, help="seed of the pretraining, for the manifest")
    parser.add_argument("--quantization", choices=QUANTIZATIONS, default="q0f32")
    parser.add_argument("--schedule", choices=("barrier-free", "dlight"), default="barrier-free")
    parser.add_argument("--lora-rank", type=_rank, default=16, help="largest rank of an adapter, or any; 0 leaves LoRA out")
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--prefill-chunk", type=int, default=256)
    parser.add_argument("--prompts", type=Path, help="JSON lines with a prompt each, for the check")
    parser.add_argument("--random-weights", action="store_true", help="the model never ends an answer: check no second turn")
    parser.add_argument("--link", default="-Os", help="emcc's flag; -O1 links in seconds, a library a third larger")
    return Options(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
