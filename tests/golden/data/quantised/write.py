"""Writes numbers.json: small models in 4 and 8 bits in transformers and PEFT, on the dequantised numbers.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 gguf==0.19.0 && python write.py

No weights are stored: the blocks come from a hash of their position, which tests/golden/drawnModel.ts repeats. gguf decodes
its blocks; MLC's are (n - 7) * scale.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, dequantize
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config

torch.set_num_threads(1)

ROPE = {"rope_type": "default", "rope_theta": 10000.0}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
SMALL = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 24,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_parameters": ROPE,
    "tie_word_embeddings": True,
}
# Q4_K has blocks of 256.
WIDE = {"hidden_size": 256, "intermediate_size": 256, "num_attention_heads": 8, "head_dim": 32, "num_hidden_layers": 1}
QWEN2 = {"head_dim": 16, "tie_word_embeddings": False}
MODELS = {
    "llama3-q4f16_1": ("q4f16_1", LlamaConfig, {**SMALL, "rope_parameters": LLAMA3}),
    "llama-Q8_0": ("Q8_0", LlamaConfig, {**SMALL, "head_dim": 16}),
    "qwen2-Q4_0": ("Q4_0", Qwen2Config, {**SMALL, **QWEN2}),
    "qwen3-Q4_K": ("Q4_K", Qwen3Config, {**SMALL, **WIDE}),
}
# Numbers and bytes of a block, and the halves in it: offset and exponent of each.
BLOCKS = {
    "Q4_0": (32, 18, {0: 0x2000}),
    "Q8_0": (32, 34, {0: 0x1000}),
    "Q4_K": (256, 144, {0: 0x0C00, 2: 0x1800}),
}
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA, BETA, RATE, STEPS = 2, 4, 0.1, 1e-2, 4
SEQUENCE = [3, 70, 21, 5, 90, 8, 44, 11]
PAIRS = [
    {"prompt": [3, 70, 21], "chosen": [5, 90, 8, 44], "rejected": [11, 2]},
    {"prompt": [17, 4, 33, 60, 61], "chosen": [9], "rejected": [30, 31, 32]},
    {"prompt": [1], "chosen": [40, 41, 42, 43, 50, 52, 54], "rejected": [77, 3, 3]},
    {"prompt": [80, 81], "chosen": [12, 13], "rejected": [12, 14]},
]
GREEDY = [[3, 70, 21], [44, 8, 90, 5, 6, 7, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]]
ANSWER = 12


def drawn(seed, count):
    """Hashes of the positions, 32 bits each."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed << 20)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x21F0AAAD)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0xD35A2D97)
    x ^= x >> np.uint32(15)
    return x


def gguf_matrix(kind, seed, shape):
    numbers, size, halves = BLOCKS[kind]
    words = drawn(seed, math.prod(shape) // numbers * size).reshape(-1, size)
    data = (words & 255).astype(np.uint8)
    for at, exponent in halves.items():
        half = (exponent | (words[:, at] >> 8 & 0x3FF)).astype(np.uint16)
        data[:, at : at + 2] = half.view(np.uint8).reshape(-1, 2)
    return dequantize(data.reshape(-1), GGMLQuantizationType[kind]).astype(np.float32).reshape(shape)


def mlc_matrix(seed, shape):
    size = math.prod(shape)
    nibbles = (drawn(seed, size) % 15).astype(np.float32)
    scales = (0x2000 | (drawn(seed + 500, size // 32) & 0x3FF)).astype(np.uint16).view(np.float16)
    return ((nibbles - 7) * np.repeat(scales.astype(np.float32), 32)).reshape(shape)


def matrix(kind, seed, shape, heads):
    if kind == "q4f16_1":
        return mlc_matrix(seed, shape)
    value = gguf_matrix(kind, seed, shape)
    if heads is None:
        return value
    rows, columns = shape
    return value.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(shape)


def weights(kind, config):
    """Numbers by Hugging Face's names; a tensor's place in their order is its seed."""
    c, hd = config, config.head_dim
    heads = {"q": c.num_attention_heads, "k": c.num_key_value_heads, "v": c.num_key_value_heads}
    biased, normed = c.model_type == "qwen2", c.model_type == "qwen3"
    interleaved = c.model_type == "llama" and kind != "q4f16_1"
    out = {}

    def put(name, *shape, heads=None):
        seed = len(out)
        if len(shape) == 1:
            value = ((drawn(seed, shape[0]) & 255).astype(np.float32) - 128) / 1024
            out[name] = value + (0 if name.endswith("bias") else 1)
        else:
            out[name] = matrix(kind, seed, shape, heads)

    put("model.embed_tokens.weight", c.vocab_size, c.hidden_size)
    for layer in range(c.num_hidden_layers):
        prefix = f"model.layers.{layer}."
        put(prefix + "input_layernorm.weight", c.hidden_size)
        for part, count in heads.items():
            mixed = count if interleaved and part != "v" else None
            put(f"{prefix}self_attn.{part}_proj.weight", count * hd, c.hidden_size, heads=mixed)
            if biased:
                put(f"{prefix}self_attn.{part}_proj.bias", count * hd)
        if normed:
            put(prefix + "self_attn.q_norm.weight", hd)
            put(prefix + "self_attn.k_norm.weight", hd)
        put(prefix + "self_attn.o_proj.weight", c.hidden_size, c.num_attention_heads * hd)
        put(prefix + "post_attention_layernorm.weight", c.hidden_size)
        put(prefix + "mlp.gate_proj.weight", c.intermediate_size, c.hidden_size)
        put(prefix + "mlp.up_proj.weight", c.intermediate_size, c.hidden_size)
        put(prefix + "mlp.down_proj.weight", c.hidden_size, c.intermediate_size)
    put("model.norm.weight", c.hidden_size)
    if not c.tie_word_embeddings:
        put("lm_head.weight", c.vocab_size, c.hidden_size)
    return {name: torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32)) for name, value in out.items()}


def with_adapter(model):
    lora = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=MODULES, lora_dropout=0.0, bias="none")
    model = get_peft_model(model, lora)
    params = {n.replace(".default", ""): p for n, p in model.named_parameters() if p.requires_grad}
    for layer in range(model.config.num_hidden_layers):
        for i, module in enumerate(MODULES):
            for j, side in enumerate("AB"):
                parent = "mlp" if i > 3 else "self_attn"
                name = f"base_model.model.model.layers.{layer}.{parent}.{module}.lora_{side}.weight"
                draws = drawn(1000 + 14 * layer + 2 * i + j, params[name].numel()) / 2**32 - 0.5
                with torch.no_grad():
                    params[name].copy_(torch.from_numpy((draws * 0.4).astype(np.float32)).reshape(params[name].shape))
    return model, params


def logits_of(model, ids):
    return model(torch.tensor([ids])).logits[0]


def token_logps(model, pair, side):
    logits = logits_of(model, pair["prompt"] + pair[side])[len(pair["prompt"]) - 1 : -1]
    return torch.log_softmax(logits, -1).gather(-1, torch.tensor(pair[side])[:, None])[:, 0]


def greedy(model, prompt):
    ids = list(prompt)
    for _ in range(ANSWER):
        best, second = logits_of(model, ids)[-1].topk(2)[0].tolist()
        assert best - second > 1e-3, "two tokens are nearly equal: take another prompt"
        ids.append(int(logits_of(model, ids)[-1].argmax()))
    return ids[len(prompt) :]


def base_numbers(model):
    with torch.no_grad():
        return {
            "logits": logits_of(model, SEQUENCE)[-3:].flatten().tolist(),
            "logps": [[token_logps(model, p, side).tolist() for side in ("chosen", "rejected")] for p in PAIRS],
            "greedy": [greedy(model, prompt) for prompt in GREEDY],
        }


def loss_of(model, pairs, reference):
    losses = []
    for pair, (chosen, rejected) in zip(pairs, reference):
        w = BETA * (token_logps(model, pair, "chosen").sum() - chosen)
        l = BETA * (token_logps(model, pair, "rejected").sum() - rejected)  # noqa: E741
        losses.append(1 - torch.sigmoid(w) + torch.sigmoid(l))
    return torch.stack(losses).mean()


def norm_of(params):
    return math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in params.values()))


def picked(tensors):
    out = {}
    for name, tensor in tensors.items():
        flat = tensor.detach().double().flatten()
        out[name] = {"norm": float(flat.norm()), "values": flat[:: max(1, len(flat) // 8)][:8].tolist()}
    return out


def numbers(kind, config):
    model = AutoModelForCausalLM.from_config(config)
    missing, unexpected = model.load_state_dict(weights(kind, config), strict=False)
    assert set(missing) <= {"lm_head.weight"} and not unexpected, (missing, unexpected)
    model.tie_weights()
    model, params = with_adapter(model.eval())
    with model.disable_adapter():
        off = base_numbers(model)
    on = base_numbers(model)
    reference = [[sum(side) for side in sides] for sides in off["logps"]]
    loss = loss_of(model, PAIRS, reference)
    loss.backward()
    whole = {"loss": float(loss), "gradNorm": norm_of(params), "gradients": picked({n: p.grad for n, p in params.items()})}
    optimiser = torch.optim.AdamW(params.values(), lr=RATE, weight_decay=0)
    steps = []
    for step in range(STEPS):
        optimiser.zero_grad()
        batch = [2 * step % len(PAIRS), (2 * step + 1) % len(PAIRS)]
        loss = loss_of(model, [PAIRS[i] for i in batch], [reference[i] for i in batch])
        loss.backward()
        steps.append({"loss": float(loss), "gradNorm": norm_of(params)})
        optimiser.step()
    return {"off": off, "on": on, "whole": whole, "steps": steps, "after": picked(params)}


def main():
    models = {}
    for name, (kind, family, fields) in MODELS.items():
        config = family(**fields, attn_implementation="eager")
        if family is Qwen2Config:
            config.head_dim = fields["head_dim"]
        models[name] = {"kind": kind, "config": {"model_type": config.model_type, **fields}, **numbers(kind, config)}
    settings = {"rank": RANK, "alpha": ALPHA, "beta": BETA, "learningRate": RATE}
    out = {"settings": settings, "sequence": SEQUENCE, "pairs": PAIRS, "prompts": GREEDY, "models": models}
    Path(__file__).with_name("numbers.json").write_text(json.dumps(out) + "\n")


main()
