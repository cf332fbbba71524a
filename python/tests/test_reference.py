import numpy as np
from family import checkpoint
from webllm.architecture import Architecture
from webllm.convert import convert_weights, part_names
from webllm.expected import random_adapter
from webllm.reference import LoraPart, Reading, Reference

IDS = [3, 17, 90, 4, 4, 51]


def reference(config: dict, adapter=None) -> Reference:
    arch = Architecture.from_config(config)
    return Reference(arch, convert_weights(arch, checkpoint(config), "q0f32"), adapter)


def test_rows_are_log_probabilities(config):
    logps = reference(config).logps(IDS)
    assert logps.shape == (6, 96)
    assert np.allclose(np.exp(logps).sum(axis=-1), 1)


def test_no_position_sees_what_comes_after_it(config):
    model = reference(config)
    assert np.allclose(model.logps(IDS)[:4], model.logps(IDS[:4]), atol=1e-12)


def test_a_text_read_in_parts_is_the_text_read_at_once(config):
    model = reference(config)
    reading, whole = Reading(model), model.logps(IDS)
    assert np.allclose(reading.feed(IDS[:4]), whole[:4], atol=1e-12)
    assert np.allclose(reading.feed(IDS[4:5]), whole[4:5], atol=1e-12)
    assert np.allclose(reading.feed(IDS[5:], only_last=True), whole[5:], atol=1e-12)


def test_an_adapter_is_the_merged_weight(config):
    arch = Architecture.from_config(config)
    adapter, weights = random_adapter(arch, seed=1), checkpoint(config)
    for layer in range(arch.layers):
        for projection in arch.projections(layer):
            for name in part_names(projection):
                part = adapter[name]
                weights[f"{name}.weight"] = weights[f"{name}.weight"].astype(np.float64) + part.scaling * part.b @ part.a
    merged = Reference(arch, convert_weights(arch, weights, "q0f32"))
    assert np.abs(reference(config, adapter).logps(IDS) - merged.logps(IDS)).max() < 1e-4
    assert np.abs(reference(config, adapter).logps(IDS) - reference(config).logps(IDS)).max() > 0.1


def test_an_adapter_with_zeros_in_b_is_the_base_exactly(config):
    arch = Architecture.from_config(config)
    zero = {name: LoraPart(part.a, np.zeros_like(part.b), part.scaling) for name, part in random_adapter(arch, 1).items()}
    assert np.array_equal(reference(config, zero).logps(IDS), reference(config).logps(IDS))

