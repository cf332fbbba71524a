"""The decoder as the functions that WebLLM's chat pipeline looks up in a model library.

Parameters have the names of architecture.py, so that files and library cannot disagree (`build_module` checks
it).
"""

from __future__ import annotations

import json

import tvm
from tvm import relax, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op, spec
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache
from tvm.target import Target

from .architecture import VECTORS_IN_PAIRS, Architecture, Projection, lora_rows
from .cache import create_cache
from .kernels import logits as logit_kernels
from .kernels import norm, sampling
from .kernels.backends import te_matrix
from .kernels.forms import FORMS
from .kernels.linear import LowRank, Weight


class Matrix(nn.Module):
    """A matrix [outer, inner]; forms.py says how the tensors hold it."""

    def __init__(self, outer: int, inner: int, quantization: str):
        super().__init__()
        self.form, self.quantised = FORMS[quantization], quantization.startswith("q4")
        if self.quantised:
            scale = ((outer, inner // 64), "uint32") if self.form.paired else ((outer, inner // 32), "float32")
            self.q_weight = nn.Parameter((outer, inner // 8), "uint32")
            self.q_scale = nn.Parameter(*scale)
        else:
            self.weight = nn.Parameter((outer, inner // self.form.columns), "float32" if self.form.columns == 1 else "uint32")

    @property
    def value(self) -> Weight:
        return Weight((self.q_weight, self.q_scale) if self.quantised else (self.weight,), self.form)

    def rows(self, ids: nn.Tensor) -> nn.Tensor:
        """ids [n] int32 → [n, inner]."""
        parts = [op.take(tensor, ids, axis=0) for tensor in self.value.tensors]
        if self.form.columns == 1:
            return parts[0]
        return op.tensor_expr_op(lambda *tensors: te_matrix(self.form, *tensors), "dequantise", parts)


class FusedProjection(Matrix):
    """y = W · x + bias + B · (A · x). With `lora_B` all zeros it is the plain projection, exactly."""

    def __init__(self, projection: Projection, quantization: str, lora_rank: int | str):
        super().__init__(projection.outer, projection.inner, quantization)
        self.ends, self.lora_rank, self.bias = projection.ends, lora_rank, None
        if projection.biased:
            self.bias = vector(projection.outer, quantization)
        if lora_rank:
            self.lora_A = nn.Parameter((lora_rows(len(projection.parts), lora_rank), projection.inner), "float32")
            self.lora_B = nn.Parameter((projection.outer, lora_rows(1, lora_rank)), "float32")

    def apply(self, backend, x: nn.Tensor, **around) -> nn.Tensor:
        lora = None
        if self.lora_rank:
            lora = LowRank(backend.linear(x, Weight((self.lora_A,)), name="lora_a"), self.lora_B, self.ends)
        return backend.linear(x, self.value, bias=self.bias, lora=lora, **around)


class Norm(nn.Module):
    def __init__(self, size: int, quantization: str):
        super().__init__()
        self.weight = vector(size, quantization)


def vector(size: int, quantization: str) -> nn.Parameter:
    """[size] float32, or float16 in pairs."""
    return nn.Parameter((size // 2,), "uint32") if quantization in VECTORS_IN_PAIRS else nn.Parameter((size,), "float32")


class Attention(nn.Module):
    def __init__(self, arch: Architecture, qkv: FusedProjection, o_proj: FusedProjection, quantization: str):
        super().__init__()
        self.arch = arch
        setattr(self, arch.qkv_name, qkv)
        self.o_proj = o_proj
        if arch.head_norms:
            self.q_norm, self.k_norm = (Norm(arch.head_dim, quantization) for _ in range(2))

    def forward(self, backend, x: nn.Tensor, cache: PagedKVCache, layer: int, residual: nn.Tensor) -> nn.Tensor:
        arch = self.arch
        qkv = getattr(self, arch.qkv_name).apply(backend, x, name="qkv")
        qkv = op.reshape(qkv, (1, x.shape[1], arch.heads + 2 * arch.kv_heads, arch.head_dim))
        if arch.head_norms:
            qkv = norm.head_norm(qkv, self.q_norm.weight, self.k_norm.weight, arch.heads, arch.kv_heads, arch.norm_eps)
        y = cache.attention_with_fused_qkv(layer, qkv, arch.heads, sm_scale=arch.head_dim**-0.5)
        return self.o_proj.apply(backend, op.reshape(y, (1, x.shape[1], arch.heads * arch.head_dim)), residual=residual, name="o")


class FeedForward(nn.Module):
    def __init__(self, gate_up_proj: FusedProjection, down_proj: FusedProjection):
        super().__init__()
        self.gate_up_proj, self.down_proj = gate_up_proj, down_proj

    def forward(self, backend, x: nn.Tensor, residual: nn.Tensor) -> nn.Tensor:
        hidden = self.gate_up_proj.apply(backend, x, gated=True, name="gate_up")
        return self.down_proj.apply(backend, hidden, residual=residual, name="down")


class Block(nn.Module):
    def __init__(self, arch: Architecture, layer: int, quantization: str, lora_rank: int | str):
        super().__init__()
        self.eps = arch.norm_eps
        qkv, o, gate_up, down = (FusedProjection(p, quantization, lora_rank) for p in arch.projections(layer))
        self.input_layernorm, self.post_attention_layernorm = (Norm(arch.hidden, quantization) for _ in range(2))
        self.self_attn, self.mlp = Attention(arch, qkv, o, quantization), FeedForward(gate_up, down)

    def forward(self, backend, x: nn.Tensor, cache: PagedKVCache, layer: int) -> nn.Tensor:
        normal = backend.rms_norm(x, self.input_layernorm.weight, self.eps)
        x = self.self_attn(backend, normal, cache, layer, x)
        normal = backend.rms_norm(x, self.post_attention_layernorm.weight, self.eps)
        return self.mlp(backend, normal, x)


class Decoder(nn.Module):
    def __init__(self, arch: Architecture, quantization: str, lora_rank: int | str):
        super().__init__()
        self.embed_tokens = Matrix(arch.vocab, arch.hidden, quantization)
        self.layers = nn.ModuleList([Block(arch, i, quantization, lora_rank) for i in range(arch.layers)])
        self.norm = Norm(arch.hidden, quantization)


class ChatLibrary(nn.Module):
    """Every public method is a function of the library."""

    def __init__(self, arch: Architecture, backend, quantization: str, lora_rank: int | str, target: Target):
        super().__init__()
        self.arch, self.backend, self.target = arch, backend, target
        self.model = Decoder(arch, quantization, lora_rank)
        self.lm_head = None if arch.tied else Matrix(arch.vocab, arch.hidden, quantization)

    def embed(self, input_ids: nn.Tensor) -> nn.Tensor:
        return self.model.embed_tokens.rows(input_ids)

    def prefill(self, input_embed: nn.Tensor, paged_kv_cache: PagedKVCache):
        return self._head(norm.last_row(self._layers(input_embed, paged_kv_cache))), paged_kv_cache

    def prefill_all(self, input_embed: nn.Tensor, paged_kv_cache: PagedKVCache):
        """Logits of every position; an extension that WebLLM does not call."""
        return self._head(self._layers(input_embed, paged_kv_cache)), paged_kv_cache

    def decode(self, input_embed: nn.Tensor, paged_kv_cache: PagedKVCache):
        return self._head(self._layers(input_embed, paged_kv_cache)), paged_kv_cache

    def _layers(self, x: nn.Tensor, cache: PagedKVCache) -> nn.Tensor:
        for i, block in enumerate(self.model.layers):
            x = block(self.backend, x, cache, i)
        return x

    def _head(self, x: nn.Tensor) -> nn.Tensor:
        x = self.backend.rms_norm(x, self.model.norm.weight, self.arch.norm_eps)
        return self.backend.linear(x, (self.lm_head or self.model.embed_tokens).value, name="head")

    def create_tir_paged_kv_cache(self, max_batch_size, max_total_seq_len, prefill_chunk_size, page_size, support_sliding_window):
        sizes = [max_batch_size, max_total_seq_len, prefill_chunk_size, page_size, support_sliding_window]
        return create_cache(self.arch, self.backend, sizes, page_size, self.target)

    def softmax_with_temperature(self, logits: nn.Tensor, temperature: nn.Tensor) -> nn.Tensor:
        return sampling.softmax_with_temperature(logits, temperature)

    def argsort_probs(self, probs: nn.Tensor):
        """Copies without sorting (see kernels/sampling.py); a copy is needed because WebLLM frees both."""
        return sampling.copy(probs), sampling.unsorted(probs)

    def sample_with_top_p(self, sorted_probs, sorted_indices, uniform_samples, sample_indices, top_p) -> nn.Tensor:
        return sampling.sample_with_top_p(sorted_probs, uniform_samples, sample_indices, top_p)

    def apply_logit_bias_inplace(self, logits, pos2seq_id, token_ids, token_logit_bias) -> nn.Tensor:
        return logit_kernels.apply_bias(logits, pos2seq_id, token_ids, token_logit_bias)

    def apply_penalty_inplace(self, logits, seq_ids, pos2seq_id, token_ids, token_cnt, penalties) -> nn.Tensor:
        return logit_kernels.apply_penalty(logits, seq_ids, pos2seq_id, token_ids, token_cnt, penalties)

    def apply_bitmask_inplace(self, logits, seq_ids, bitmask) -> nn.Tensor:
        return logit_kernels.apply_mask(logits, seq_ids, bitmask)


def _signatures(arch: Architecture, every_position: bool) -> dict:
    """Argument types of the library's functions. Functions with `packed` take all parameters as one more
    argument.
    """
    packed, plain = ({"param_mode": mode, "effect_mode": "none"} for mode in ("packed", "none"))
    f32 = lambda *shape: spec.Tensor(list(shape), "float32")  # noqa: E731
    i32 = lambda *shape: spec.Tensor(list(shape), "int32")  # noqa: E731
    cache, vocab = spec.Object(object_type=PagedKVCache), arch.vocab
    forward = lambda rows: {"input_embed": f32(1, rows, arch.hidden), "paged_kv_cache": cache, "$": packed}  # noqa: E731
    sizes = ("max_batch_size", "max_total_seq_len", "prefill_chunk_size", "page_size", "support_sliding_window")
    return {
        "embed": {"input_ids": i32("seq_len"), "$": packed},
        "prefill": forward("seq_len"),
        **({"prefill_all": forward("seq_len")} if every_position else {}),
        "decode": forward(1),
        "create_tir_paged_kv_cache": {**{size: int for size in sizes}, "$": plain},
        "softmax_with_temperature": {"logits": f32("b", 1, vocab), "temperature": f32("b"), "$": plain},
        "argsort_probs": {"probs": f32("b", vocab), "$": plain},
        "sample_with_top_p": {
            "sorted_probs": f32("b", vocab),
            "sorted_indices": i32("b", vocab),
            "uniform_samples": f32("n"),
            "sample_indices": i32("n"),
            "top_p": f32("b"),
            "$": plain,
        },
        "apply_logit_bias_inplace": {
            "logits": f32("b", vocab),
            "pos2seq_id": i32("n"),
            "token_ids": i32("n"),
            "token_logit_bias": f32("n"),
            "$": plain,
        },
        "apply_penalty_inplace": {
            "logits": f32("b", vocab),
            "seq_ids": i32("m"),
            "pos2seq_id": i32("n"),
            "token_ids": i32("n"),
            "token_cnt": i32("n"),
            "penalties": f32("m", 3),
            "$": plain,
        },
        "apply_bitmask_inplace": {
            "logits": f32("b", vocab),
            "seq_ids": i32("m"),
            "bitmask": i32("b", (vocab + 31) // 32),
            "$": plain,
        },
    }


def build_module(
    arch: Architecture, backend, chat_config: dict, lora_rank: int | str, target: Target, every_position: bool = True
) -> tvm.IRModule:
    """The library before lowering, with `_metadata` as WebLLM reads it. chat_config: mlc-chat-config.json.

    every_position: with `prefill_all`, which only the check calls.
    """
    quantization, chunk = chat_config["quantization"], chat_config["prefill_chunk_size"]
    library = ChatLibrary(arch, backend, quantization, lora_rank, target)
    module, parameters = library.export_tvm(spec=_signatures(arch, every_position))
    records = [{"name": name, "shape": [_size(s) for s in p.shape], "dtype": p.dtype} for name, p in parameters]
    _check_parameters(records, arch, quantization, lora_rank)
    for variable, function in module.functions_items():
        # An upper bound of the one dynamic size lets the memory planner allocate once.
        if isinstance(function, relax.Function) and variable.name_hint in ("embed", "prefill", "prefill_all"):
            module[variable] = function.with_attr("tir_var_upper_bound", {"seq_len": chunk})
    metadata = {
        "model_type": arch.family,
        "quantization": quantization,
        "context_window_size": chat_config["context_window_size"],
        "sliding_window_size": -1,
        "attention_sink_size": -1,
        "prefill_chunk_size": chunk,
        "tensor_parallel_shards": 1,
        "kv_state_kind": "kv_cache",
        "max_batch_size": 1,
        "memory_usage": {},
        "lora_max_rank": lora_rank,
        "params": records,
    }
    builder = relax.BlockBuilder(module)
    with builder.function("_metadata", params=[]):
        builder.emit_func_output(tvm.ir.StringImm(json.dumps(metadata)))
    return builder.finalize()


def _size(extent) -> int | str:
    return extent.name if isinstance(extent, tirx.Var) else int(extent)


def _check_parameters(records: list[dict], arch: Architecture, quantization: str, lora_rank: int | str) -> None:
    made = {(r["name"], tuple(r["shape"]), r["dtype"]) for r in records}
    wanted = {(p.name, p.shape, p.dtype) for p in arch.parameters(quantization, lora_rank)}
    if made != wanted:
        raise AssertionError(f"library and files disagree about parameters: {sorted(made ^ wanted)}")
