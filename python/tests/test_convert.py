import json

import ml_dtypes
import numpy as np
import pytest
from family import CONFIGS, checkpoint
from safetensors.numpy import load_file
from webllm.architecture import Architecture
from webllm.build import write_adapter
from webllm.convert import convert_weights, dequantise, plain_weights, quantise
from webllm.expected import random_adapter
from webllm.shards import ZEROS, write_tensor_cache


def test_projections_are_fused_in_order(config):
    arch, weights = Architecture.from_config(config), checkpoint(config)
    fused = convert_weights(arch, weights, "q0f32")[f"model.layers.1.self_attn.{arch.qkv_name}.weight"]
    parts = [weights[f"model.layers.1.self_attn.{part}.weight"] for part in ("q_proj", "k_proj", "v_proj")]
    assert np.array_equal(fused, np.concatenate(parts))


def test_records_are_those_that_the_library_expects(config):
    arch = Architecture.from_config(config)
    for quantization in ("q0f32", "q4f32_1", "f16", "bf16"):
        records = convert_weights(arch, checkpoint(config), quantization)
        wanted = {p.name: (p.shape, p.dtype) for p in arch.parameters(quantization, lora_rank=0)}
        assert {name: (value.shape, str(value.dtype)) for name, value in records.items()} == wanted


def test_a_missing_and_a_superfluous_weight_are_named():
    arch, weights = Architecture.from_config(CONFIGS["llama"]), checkpoint(CONFIGS["llama"])
    with pytest.raises(ValueError, match="model.extra.weight"):
        convert_weights(arch, {**weights, "model.extra.weight": np.zeros(3)}, "q0f32")
    del weights["model.layers.0.mlp.up_proj.weight"]
    with pytest.raises(ValueError, match="model.layers.0.mlp.up_proj.weight"):
        convert_weights(arch, weights, "q0f32")


def test_four_bits_stay_within_half_a_step():
    matrix = np.random.default_rng(1).standard_normal((5, 64)).astype(np.float32)
    words, scale = quantise(matrix)
    assert words.shape == (5, 8)
    assert scale.shape == (5, 2)
    error = np.abs(dequantise(words, scale) - matrix).reshape(5, 2, 32).max(axis=-1)
    assert np.all(error <= scale / 2 * (1 + 1e-5))


def test_the_lowest_nibble_is_the_first_column():
    row = np.array([[-7, -6, 0, 1, 2, 3, 4, 7] + [0] * 24], dtype=np.float32)
    words, scale = quantise(row)
    assert scale[0, 0] == 1
    assert words[0, 0] == int("".join(f"{int(value) + 7:x}" for value in reversed(row[0, :8])), 16)


def test_plain_weights_undo_the_records_exactly_in_float32(config):
    arch, weights = Architecture.from_config(config), checkpoint(config)
    plain = plain_weights(arch, convert_weights(arch, weights, "q0f32"), "q0f32")
    assert np.array_equal(plain["model.layers.0.mlp.down_proj.weight"], weights["model.layers.0.mlp.down_proj.weight"])


@pytest.mark.parametrize(("quantization", "kind"), [("f16", np.float16), ("bf16", ml_dtypes.bfloat16)])
def test_halves_in_pairs_have_the_bytes_of_the_halves(config, quantization, kind):
    arch, weights = Architecture.from_config(config), checkpoint(config)
    records = convert_weights(arch, weights, quantization)
    name = "model.layers.0.mlp.down_proj.weight"
    assert records[name].tobytes() == weights[name].astype(kind).tobytes()
    plain = plain_weights(arch, records, quantization)
    assert np.array_equal(plain[name], weights[name].astype(kind).astype(np.float32))
    exact = weights["model.norm.weight"]
    wanted = exact if quantization == "bf16" else exact.astype(np.float16).astype(np.float32)
    assert np.array_equal(plain["model.norm.weight"], wanted)


def test_four_bits_with_half_scales_are_read_as_they_were_written():
    config = {**CONFIGS["untied"], "intermediate_size": 128}
    arch, weights = Architecture.from_config(config), checkpoint(config)
    records = convert_weights(arch, weights, "q4f16_1")
    name = "model.layers.0.mlp.down_proj"
    words, scale = quantise(weights[f"{name}.weight"], np.float16)
    assert records[f"{name}.q_scale"].shape == (64, 2)
    assert records[f"{name}.q_scale"].tobytes() == scale.tobytes()
    plain = plain_weights(arch, records, "q4f16_1")[f"{name}.weight"]
    assert np.array_equal(plain, dequantise(words, scale.astype(np.float32)))
    steps = np.repeat(scale.astype(np.float32), 32, axis=1)
    assert np.all(np.abs(plain - weights[f"{name}.weight"]) <= steps * 0.51)


def test_columns_that_cannot_be_grouped_are_named():
    arch, weights = Architecture.from_config(CONFIGS["llama"]), checkpoint(CONFIGS["llama"])
    with pytest.raises(ValueError, match="down_proj: 96 columns"):
        convert_weights(arch, weights, "q4f16_1")


def test_shards_hold_every_record_and_lora_shares_one_run_of_zeros(tmp_path):
    arch = Architecture.from_config(CONFIGS["qwen2"])
    records, zeros = convert_weights(arch, checkpoint(CONFIGS["qwen2"]), "q0f32"), arch.lora_parameters(16)
    files = write_tensor_cache(tmp_path, records, zeros)
    index = json.loads((tmp_path / "tensor-cache.json").read_text())
    read = {}
    for shard in index["records"]:
        data = (tmp_path / shard["dataPath"]).read_bytes()
        assert len(data) == shard["nbytes"]
        for record in shard["records"]:
            raw = data[record["byteOffset"] : record["byteOffset"] + record["nbytes"]]
            read[record["name"]] = np.frombuffer(raw, dtype=record["dtype"]).reshape(record["shape"])
    assert set(read) == set(records) | {parameter.name for parameter in zeros}
    assert all(np.array_equal(read[name], value) for name, value in records.items())
    assert all(not read[parameter.name].any() for parameter in zeros)
    assert (tmp_path / ZEROS).stat().st_size == 4 * max(int(np.prod(parameter.shape)) for parameter in zeros)
    assert sorted(files) == sorted(path.name for path in tmp_path.iterdir())


def test_the_adapter_is_written_as_peft_does(config, tmp_path):
    adapter = random_adapter(Architecture.from_config(config), seed=1)
    write_adapter(tmp_path, adapter)
    tensors = load_file(tmp_path / "adapter_model.safetensors")
    assert len(tensors) == 2 * len(adapter)
    for name, part in adapter.items():
        assert np.array_equal(tensors[f"base_model.model.{name}.lora_A.weight"], part.a)
        assert np.array_equal(tensors[f"base_model.model.{name}.lora_B.weight"], part.b)
    peft = json.loads((tmp_path / "adapter_config.json").read_text())
    assert peft["peft_type"] == "LORA"
    assert all(peft["r"] == part.a.shape[0] and peft["lora_alpha"] / peft["r"] == part.scaling for part in adapter.values())
    assert {name.rsplit(".", 1)[1] for name in adapter} == set(peft["target_modules"])
