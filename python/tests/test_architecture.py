import numpy as np
import pytest
from family import CONFIGS, LLAMA3
from webllm.architecture import Architecture


def test_a_config_of_transformers_5_reads_like_one_of_4():
    old = CONFIGS["llama3-scaling"]
    new = {key: value for key, value in old.items() if key not in ("rope_theta", "rope_scaling")}
    new["rope_parameters"] = {**LLAMA3, "rope_theta": old["rope_theta"]}
    assert Architecture.from_config(new) == Architecture.from_config(old)


def test_llama3_scaling_keeps_fast_frequencies_and_divides_slow_ones():
    plain = Architecture.from_config({**CONFIGS["llama3-scaling"], "rope_scaling": None}).rope_frequencies
    scaled = Architecture.from_config(CONFIGS["llama3-scaling"]).rope_frequencies
    assert scaled[0] == plain[0]
    assert scaled[-1] == pytest.approx(plain[-1] / LLAMA3["factor"])
    assert np.all(np.diff(scaled) < 0)


def test_names_follow_the_family():
    names = {family: Architecture.from_config(CONFIGS[family]).qkv_name for family in ("llama", "qwen2")}
    assert names == {"llama": "qkv_proj", "qwen2": "c_attn"}


def test_lora_stands_on_every_projection(config):
    arch = Architecture.from_config(config)
    shapes = {parameter.name: parameter.shape for parameter in arch.lora_parameters(rank=16)}
    assert len(shapes) == arch.layers * 4 * 2
    q_and_kv = (arch.heads + 2 * arch.kv_heads) * arch.head_dim
    assert shapes[f"model.layers.0.self_attn.{arch.qkv_name}.lora_A"] == (48, arch.hidden)
    assert shapes[f"model.layers.0.self_attn.{arch.qkv_name}.lora_B"] == (q_and_kv, 16)
    assert shapes["model.layers.1.mlp.gate_up_proj.lora_A"] == (32, arch.hidden)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "gpt2"}, "gpt2"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"rope_scaling": {"rope_type": "yarn", "factor": 2}}, "yarn"),
        ({"attention_bias": True}, "attention_bias"),
    ],
)
def test_what_is_not_of_the_family_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        Architecture.from_config({**CONFIGS["llama"], **change})
