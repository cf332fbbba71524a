"""Folders and expected answers for the check of the libraries: `npm run libraries -- --check`.

    python -m webllm.check_libraries --out build/checks [--only ID …]       random weights at published widths
    python -m webllm.check_libraries --out build/checks --real FOLDER       a whole model, in the page's form

writes `<id>/model` (a folder as WebLLM gets it) and `<id>/work` (the adapter and the expected answers), which
scripts/check-model.mjs takes. Random models have the published widths and few layers; the library is the shipped
one in every other respect, except for the function that returns the logits of every position.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from .architecture import ANY_RANK, Architecture, Parameter
from .build import ADAPTER_SEED, OBJECTS, write_adapter
from .catalogue import PREFILL_CHUNK, Library, libraries
from .chat_config import END, START, chat_config
from .convert import convert_weights, part_names, plain_weights
from .expected import Expectations, expected_chats, random_adapter
from .libraries import SHIPPED
from .manifest import write_manifest
from .reference import Adapter, Reference
from .shards import ZEROS, write_tensor_cache, zero_shard

LAYERS, LAYERS_IF_WIDE, WIDE = 2, 1, 3000
"""Layers of the checks, fewer from a width of 3000 on: the reference must fit into memory."""
LIBRARY = "library.wasm"
CHUNK, CONTEXT = 64, 512
LORA_RANK = 24
"""Rank of the records in the checks: more than the adapter's, and none that a library was compiled for."""
WIDEST = 70 * 10**6
"""Values of an embedding that the check takes whole; of a larger one it takes fewer words, at the same width, because every answer
computes the head for every word. The whole 151,936 words of `WHOLE` check the sampler of large vocabularies."""
WHOLE = "qwen2-896-24-f16"
FEWER_WORDS = 16_032
ANSWER_TOKENS = 6
RANDOM_PROMPTS = [f"{word} {i}?" for i in range(12) for word in ("Pears", "Figs", "Why")]
REAL_PROMPTS = [
    "What is the capital of France?",
    "Name three fruits.",
    "What color is the sky?",
    "How many days are in a week?",
    "Is water wet?",
    "Write one sentence about the sea.",
    "Who wrote Hamlet?",
    "What do bees make?",
    "Say hello in Spanish.",
    "What is 2 + 2?",
]


def main() -> None:
    options = parse_options()
    if options.real:
        prepare_real(options.out, options.real, options.libraries)
        return
    for library in libraries():
        if not options.only or library.id in options.only:
            prepare_random(options.out / library.id, library)


def prepare_random(folder: Path, library: Library) -> None:
    whole = library.id == WHOLE or library.arch.vocab * library.arch.hidden <= WIDEST
    words = library.arch.vocab if whole else FEWER_WORDS
    short = library.shortened(LAYERS if library.arch.hidden < WIDE else LAYERS_IF_WIDE, words)
    tokenizer = filled_tokenizer(words)
    records = convert_weights(short.arch, random_checkpoint(short.arch), short.weights)
    base = Reference(short.arch, plain_weights(short.arch, records, short.weights))
    adapter = random_adapter(short.arch, ADAPTER_SEED)
    tuned = base.adapted(adapter)
    stop = _stop(Expectations(base, tuned, tokenizer, ANSWER_TOKENS))
    expectations = Expectations(base, tuned, tokenizer, ANSWER_TOKENS, [stop])
    chats = expected_chats(expectations, RANDOM_PROMPTS, CHUNK, second_turn=False)
    chats["second"] = second_turn(expectations, chats["single"])
    config = chat_config(short.arch, short.weights, tokenizer.token_to_id, CONTEXT, CHUNK, ["tokenizer.json"])
    config["conv_template"]["stop_token_ids"].append(stop)
    model = fresh(folder / "model")
    tokenizer.save(str(model / "tokenizer.json"))
    files = write_tensor_cache(model, records, short.arch.lora_parameters(LORA_RANK))
    compile_checked(short.arch, config, model / LIBRARY)
    finish(folder, short.arch, config, files, {**chats, "prefillChunk": CHUNK}, adapter)


def prepare_real(folder: Path, kept: Path, shipped: Path) -> None:
    """kept: a folder as the page keeps it; its shards are read in place, under a view of tensor-cache.json.

    shipped: the folder with the libraries for the page, whose very bytes are checked.
    """
    library = next(library for library in libraries() if library.id == folder.name)
    tokenizer = Tokenizer.from_file(str(kept / "tokenizer.json"))
    cache = json.loads((kept / "tensor-cache.json").read_text())
    parameters = {parameter.name: parameter for parameter in library.arch.parameters(library.weights, 0)}
    view = library_view(cache, parameters)
    base = Reference(library.arch, plain_weights(library.arch, read_records(kept, view), library.weights))
    adapter = random_adapter(library.arch, ADAPTER_SEED, size=0.1)
    expectations = Expectations(base, base.adapted(adapter), tokenizer, 12)
    chats = expected_chats(expectations, REAL_PROMPTS * 6, PREFILL_CHUNK)
    chats["long"]["everyPosition"] = None  # the shipped library has no function for it
    config = chat_config(library.arch, library.weights, tokenizer.token_to_id, 1024, PREFILL_CHUNK, ["tokenizer.json"])
    model = fresh(folder / "model")
    files = ["tokenizer.json", "tensor-cache.json", ZEROS]
    shutil.copyfile(kept / "tokenizer.json", model / "tokenizer.json")
    for shard in view["records"]:
        os.link(kept / shard["dataPath"], model / shard["dataPath"])
        files.append(shard["dataPath"])
    shard, zeros = zero_shard(library.arch.lora_parameters(LORA_RANK))
    (model / ZEROS).write_bytes(zeros)
    view["records"].append(shard)
    (model / "tensor-cache.json").write_text(json.dumps(view))
    (model / LIBRARY).write_bytes(gzip.decompress((shipped / f"{library.id}.wasm.gz").read_bytes()))
    finish(folder, library.arch, config, files, {**chats, "prefillChunk": PREFILL_CHUNK}, adapter)


def library_view(cache: dict, parameters: dict[str, Parameter]) -> dict:
    """tensor-cache.json with the dtypes and shapes that a library declares, for the same bytes; without LoRA."""
    shards = []
    for shard in cache["records"]:
        records = [_viewed(record, parameters[record["name"]]) for record in shard["records"] if record["name"] in parameters]
        if records:
            shards.append({**shard, "records": records})
    return {**cache, "records": shards}


def _viewed(record: dict, parameter: Parameter) -> dict:
    if record["nbytes"] != 4 * int(np.prod(parameter.shape)):
        raise ValueError(f"{record['name']} has {record['nbytes']} bytes; the library wants {parameter.dtype} {parameter.shape}")
    return {**record, "shape": list(parameter.shape), "dtype": parameter.dtype, "format": "raw"}


def read_records(folder: Path, cache: dict) -> dict[str, np.ndarray]:
    records = {}
    for shard in cache["records"]:
        data = (folder / shard["dataPath"]).read_bytes()
        for record in shard["records"]:
            part = data[record["byteOffset"] : record["byteOffset"] + record["nbytes"]]
            records[record["name"]] = np.frombuffer(part, record["dtype"]).reshape(record["shape"])
    return records


def compile_checked(arch: Architecture, config: dict, output: Path) -> None:
    """The library as shipped, with the function that returns the logits of every position."""
    from .library import Build, compile_library

    build = Build(ANY_RANK, **{**SHIPPED, "every_position": True, "quick_passes": False})
    compile_library(arch, config, output, OBJECTS, build)


def finish(folder: Path, arch: Architecture, config: dict, files: list[str], expected: dict, adapter: Adapter) -> None:
    """Writes the configuration, the manifest, the adapter and the expected answers."""
    model, work = folder / "model", fresh(folder / "work")
    (model / "mlc-chat-config.json").write_text(json.dumps(config))
    facts = {
        "id": folder.name,
        "title": folder.name,
        "library": LIBRARY,
        "quantization": config["quantization"],
        "loraMaxRank": LORA_RANK,
        "parameters": arch.parameter_count,
    }
    write_manifest(model, [*files, LIBRARY, "mlc-chat-config.json"], facts)
    write_adapter(work, adapter)
    (work / "expected.json").write_text(json.dumps({"model": folder.name, "brief": True, **expected}))


def second_turn(expectations: Expectations, chats: list[dict]) -> dict:
    """A second turn after the first answer that ends."""
    for chat in chats:
        for prompt in RANDOM_PROMPTS if chat["base"]["stopped"] else []:
            found = expectations.next_turn(chat, prompt)
            if found is not None:
                return {**found, "encodedAtOnce": False}
    raise ValueError("no answer ends, so no second turn can be checked")


def _stop(expectations: Expectations) -> int:
    """An id that random weights answer, to end answers with: they would never say the end token."""
    for prompt in RANDOM_PROMPTS:
        chat = expectations.chat([prompt])
        tokens = chat["base"]["tokens"] if chat else []
        late = [token for i, token in enumerate(tokens) if i >= 2 and token not in tokens[:i]]
        if late:
            return late[-1]
    raise ValueError("no clear answer found")


def random_checkpoint(arch: Architecture, seed: int = 3) -> dict[str, np.ndarray]:
    """Weights under Hugging Face's names, scaled so that logits are spread but a tied head does not repeat its input."""
    generator = np.random.default_rng(seed)
    projections = {p.name: p for layer in range(arch.layers) for p in arch.projections(layer)}
    weights = {}
    for parameter in arch.parameters("q0f32", lora_rank=0):
        owner, kind = parameter.name.rsplit(".", 1)
        values = generator.standard_normal(parameter.shape, dtype=np.float32)
        if "norm" in owner:
            values = 1 + 0.1 * values
        else:
            values *= 0.3 if kind == "bias" else parameter.shape[-1] ** -0.5 * (1.5 if "embed" in owner or owner == "lm_head" else 1)
        if owner not in projections:
            weights[parameter.name] = values
            continue
        for name, rows in zip(part_names(projections[owner]), np.split(values, projections[owner].ends[:-1])):
            weights[f"{name}.{kind}"] = rows
    return weights


def filled_tokenizer(words: int) -> Tokenizer:
    """One token per byte after three special ones, and words that no text has up to the size of the vocabulary."""
    specials = ["<|pad|>", START, END]
    tokens = specials + sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens += [f"<word{i}>" for i in range(len(tokens), words)]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/checks"))
    parser.add_argument("--only", nargs="*", default=[], metavar="ID")
    parser.add_argument("--real", type=Path, help="a kept folder of the model whose library is named by --out")
    parser.add_argument("--libraries", type=Path, default=Path("../public/libraries"), help="with --real: the shipped ones")
    return parser.parse_args()


if __name__ == "__main__":
    main()
