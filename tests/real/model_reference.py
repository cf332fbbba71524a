"""Numbers of SmolLM2-135M-Instruct in transformers and PEFT, with the weights that a kept folder holds.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 gguf==0.19.0
    python tests/real/model_reference.py numbers FILE.gguf FOLDER     writes FOLDER/numbers.json
    python tests/real/model_reference.py trace FILE.gguf FOLDER       writes FOLDER/trace.json

FOLDER holds problem.json and an adapter in PEFT's form; the tests write both. Token ids come from the tests, because
tokenizers.test.ts compares the tokenizer. Matrices are dequantised and rounded to f16, as the page stores them.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from peft import PeftModel
from transformers import LlamaConfig, LlamaForCausalLM, get_scheduler

LAYER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}


def name_of(tensor):
    if tensor in TOP:
        return TOP[tensor]
    _, layer, part, kind = tensor.split(".")
    return f"model.layers.{layer}.{LAYER[part]}.{kind}"


def halves_apart(weight, heads):
    """The inverse of llama.cpp's permutation of q and k: reshape(heads, 2, d/2, in).swapaxes(1, 2)."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def load(path, dtype):
    reader = GGUFReader(path)
    field = lambda name: reader.fields[f"llama.{name}"].contents()  # noqa: E731
    heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
    weights = {}
    for tensor in reader.tensors:
        value = dequantize(tensor.data, tensor.tensor_type).reshape([int(n) for n in tensor.shape][::-1])
        if ".attn_q." in tensor.name:
            value = halves_apart(value, heads)
        if ".attn_k." in tensor.name:
            value = halves_apart(value, kv_heads)
        weights[name_of(tensor.name)] = torch.from_numpy(value.astype(np.float16).astype(np.float32))
    config = LlamaConfig(
        vocab_size=weights["model.embed_tokens.weight"].shape[0],
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=field("context_length"),
        rms_norm_eps=float(f"{field('attention.layer_norm_rms_epsilon'):.3g}"),
        rope_parameters={"rope_type": "default", "rope_theta": float(field("rope.freq_base"))},
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert set(missing) <= {"lm_head.weight"} and not unexpected, (missing, unexpected)
    model.tie_weights()
    return model.to(dtype).eval()


def token_logps(model, prompt, completion):
    logits = model(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
    return torch.log_softmax(logits, -1).gather(-1, torch.tensor(completion)[:, None])[:, 0]


def sums(model, pair):
    return [token_logps(model, pair["prompt"], pair[side]).sum() for side in ("chosen", "rejected")]


def apo_zero(policy, reference, beta):
    """TRL's loss and rewards of one pair."""
    chosen, rejected = (beta * (p - r) for p, r in zip(policy, reference))
    return 1 - torch.sigmoid(chosen) + torch.sigmoid(rejected), chosen, rejected


def references(model, pairs):
    with torch.no_grad(), model.disable_adapter():
        return [sums(model, pair) for pair in pairs]


def greedy(model, prompts, count):
    """Without a stop at the end-of-sequence token."""
    answers = []
    for prompt in prompts:
        answer, cache, ids = [], None, prompt
        for _ in range(count):
            out = model(torch.tensor([ids]), past_key_values=cache, use_cache=True)
            cache, ids = out.past_key_values, [int(out.logits[0, -1].argmax())]
            answer += ids
        answers.append(answer)
    return answers


def trained(model):
    """By PEFT's names in files."""
    return {n.replace(".default", ""): p for n, p in model.named_parameters() if p.requires_grad}


def picked(tensors, names):
    """A few numbers of each tensor, its norm and its size."""
    out = {}
    for name in names:
        flat = tensors[name].detach().double().flatten()
        out[name] = {"norm": float(flat.norm()), "values": flat[:: max(1, len(flat) // 8)][:8].tolist()}
    return out


def numbers(model, problem):
    sides = [(p["prompt"], p[side]) for p in problem["pairs"] for side in ("chosen", "rejected")]
    logps = {}
    with torch.no_grad():
        with model.disable_adapter():
            logps["base"] = [token_logps(model, *side).tolist() for side in sides]
            off = greedy(model, **problem["greedy"])
        logps["adapted"] = [token_logps(model, *side).tolist() for side in sides]
        on = greedy(model, **problem["greedy"])
    reference = references(model, problem["pairs"])
    params = trained(model)
    optimiser = torch.optim.AdamW(params.values(), lr=problem["learningRate"], weight_decay=0)
    terms = [apo_zero(sums(model, p), r, problem["beta"])[0] for p, r in zip(problem["pairs"], reference)]
    loss = torch.stack(terms).mean()
    loss.backward()
    norm = math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in params.values()))
    gradients = picked({n: p.grad for n, p in params.items()}, problem["picked"])
    optimiser.step()
    updated = picked(params, problem["picked"])
    step = {"loss": float(loss), "gradNorm": norm, "gradients": gradients, "updated": updated}
    return {"logps": logps, "greedy": {"off": off, "on": on}, "step": step}


def trace(model, problem):
    settings = problem["optimiser"]
    reference = references(model, problem["pairs"])
    params = list(trained(model).values())
    optimiser = torch.optim.AdamW(
        params,
        lr=settings["learningRate"],
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        weight_decay=settings["weightDecay"],
    )
    steps = len(problem["order"])
    scheduler = get_scheduler(settings["schedule"], optimiser, settings["warmupSteps"], steps)
    rows = []
    for batch in problem["order"]:
        results = [apo_zero(sums(model, problem["pairs"][i]), reference[i], problem["beta"]) for i in batch]
        loss, chosen, rejected = (torch.stack(values).mean() for values in zip(*results))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(params, settings["maxGradNorm"])
        optimiser.step()
        scheduler.step()
        optimiser.zero_grad()
        rows.append(
            {"loss": float(loss), "chosen": float(chosen), "rejected": float(rejected), "gradNorm": float(norm)}
        )
    return rows


def run(kind, path, folder, dtype):
    problem = json.loads((folder / "problem.json").read_text())
    model = PeftModel.from_pretrained(load(path, dtype), folder, is_trainable=True)
    for parameter in trained(model).values():
        parameter.data = parameter.data.to(dtype)
    return {"numbers": numbers, "trace": trace}[kind](model, problem)


def main(kind, path, folder):
    torch.manual_seed(0)
    folder = Path(folder)
    result = {"float32": run(kind, path, folder, torch.float32)}
    if kind == "trace":
        # The distance between the two is the noise floor of f32. transformers keeps norms and rotary tables in f32.
        result["float64"] = run(kind, path, folder, torch.float64)
    (folder / f"{kind}.json").write_text(json.dumps(result))


main(*sys.argv[1:])
