"""The paged KV cache as WebLLM creates it, with only the kernels that a chat calls.

Sliding windows and attention under a tree mask are left out, because the browser would compile even unused
kernels.
"""

from __future__ import annotations

import tvm
from tvm import relax, tirx
from tvm.relax.frontend.nn.llm import kv_cache as stock
from tvm.relax.frontend.nn.llm.kv_cache import AttnKind, PagedKVCache, RopeMode
from tvm.target import Target

from .architecture import Architecture
from .kernels import attention, rotary

NONE = relax.Tuple([])


def create_cache(arch: Architecture, backend, sizes: list[tirx.Var], page_size: tirx.Var, target: Target) -> PagedKVCache:
    """sizes: max batch, max total length, prefill chunk, page, sliding window or not, in WebLLM's order."""
    builder = relax.BlockBuilder.current()
    heads, kv_heads, size = arch.heads, arch.kv_heads, arch.head_dim

    def add(kernel, name: str):
        return builder.add_func(kernel.with_attr("global_symbol", name), name)

    def entry(kernel, name: str):
        return relax.Tuple([tvm.ir.StringImm("tirx"), add(kernel, name)])

    ragged, paged, decode = backend.attention(heads, kv_heads, size, target)
    turn = rotary.split_rotary(heads, kv_heads, size, [float(f) for f in arch.rope_frequencies])
    layers = range(arch.layers)
    arguments = [
        relax.ShapeExpr(sizes),
        relax.ShapeExpr([0, arch.layers]),
        *(relax.prim_value(value) for value in (heads, kv_heads, size, size)),
        relax.ShapeExpr([int(AttnKind.MHA) for _ in layers]),
        relax.prim_value(False),  # no transfer between machines
        relax.prim_value(RopeMode.NORMAL),
        relax.prim_value(1),  # rope scale and theta are in the kernel's frequencies
        relax.prim_value(arch.rope_theta),
        relax.prim_value(0),  # no scaling factors for a longer context
        relax.op.zeros((), "float32"),
        add(stock._kv_cache_transpose_append(kv_heads, size, "float32"), "cache_append"),
        relax.prim_value(0),  # separate append for latent attention: not in this family
        entry(ragged, "attention_ragged_prefill"),
        entry(paged, "attention_paged_prefill"),
        entry(decode, "attention_paged_decode"),
        NONE,  # prefill and decode in a sliding window
        NONE,
        NONE,  # tree masks, over pages and over new keys
        NONE,
        NONE,  # latent attention
        relax.Tuple([add(attention.merge_states(heads, size), "attention_merge")]),
        add(turn, "split_rotary"),
        add(stock._copy_single_page(kv_heads, page_size, size, "float32", target), "cache_copy_page"),
        add(stock._kv_cache_debug_get_kv(arch.layers, kv_heads, size, "float32"), "cache_read"),
        add(stock._compact_kv_copy(kv_heads, size, "float32", target), "cache_compact"),
    ]
    call = relax.call_pure_packed("vm.builtin.paged_attention_kv_cache_create", *arguments, ty_args=relax.AnyType())
    return PagedKVCache(_expr=call, _name="paged_kv_cache")
