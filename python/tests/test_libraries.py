import json

import numpy as np
import pytest
from family import CONFIGS, checkpoint
from webllm.architecture import ANY_RANK, Architecture
from webllm.catalogue import entry, libraries, model_config
from webllm.check_libraries import library_view, read_records
from webllm.convert import convert_weights
from webllm.libraries import LIMIT, write_index
from webllm.shards import write_tensor_cache


def test_every_size_has_its_published_number_of_parameters():
    assert len(libraries()) >= 24  # the catalogue raises if one differs


def test_only_small_models_have_sixteen_bits():
    for library in libraries():
        assert library.arch.parameter_count < 2e9 or library.weights == "q4f16_1"


def test_the_config_names_everything_that_the_program_fixes():
    by_id = {library.id: library for library in libraries()}
    config = model_config(by_id["llama-4096-32-rope8-q4f16_1"].arch)
    assert config["ropeScaling"] == {"factor": 8, "lowFreqFactor": 1, "highFreqFactor": 4, "originalMaxPositions": 8192}
    assert model_config(by_id["llama-4096-32-q4f16_1"].arch) == {**config, "ropeScaling": None}
    assert model_config(by_id["qwen3-1024-28-f16"].arch)["headDim"] == 128


def test_the_index_keeps_other_entries_in_the_order_of_the_catalogue(tmp_path):
    first, second, *_ = libraries()
    for library in (second, first, second):
        write_index(tmp_path, entry(library, f"{library.id}.wasm.gz", b"raw", b"packed", "0" * 64))
    index = json.loads((tmp_path / "index.json").read_text())
    assert [item["id"] for item in index["libraries"]] == [first.id, second.id]
    assert index["libraries"][0]["loraRank"] == ANY_RANK


def test_the_index_refuses_more_bytes_than_the_repository_should_hold(tmp_path):
    library = libraries()[0]
    with pytest.raises(SystemExit, match="drop the least needed"):
        write_index(tmp_path, {**entry(library, "x", b"", b"", ""), "compressedBytes": LIMIT + 1})


def test_a_view_of_a_kept_folder_gives_the_records_of_the_library(tmp_path):
    """The page keeps float16 tensors; the library wants the same bytes as pairs."""
    arch = Architecture.from_config(CONFIGS["qwen2"])
    plain = convert_weights(arch, checkpoint(CONFIGS["qwen2"]), "q0f32")
    write_tensor_cache(tmp_path, {name: value.astype(np.float16) for name, value in plain.items()}, arch.lora_parameters(4))
    cache = json.loads((tmp_path / "tensor-cache.json").read_text())
    view = library_view(cache, {parameter.name: parameter for parameter in arch.parameters("f16", 0)})
    wanted = convert_weights(arch, checkpoint(CONFIGS["qwen2"]), "f16")
    found = read_records(tmp_path, view)
    assert {name: value.tobytes() for name, value in found.items()} == {name: value.tobytes() for name, value in wanted.items()}
    with pytest.raises(ValueError, match="input_layernorm.weight has 128 bytes"):
        library_view(cache, {parameter.name: parameter for parameter in arch.parameters("bf16", 0)})
