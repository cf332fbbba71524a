"""Attention over new keys, over cached keys, and the merge of the two, without barriers.

One thread serves one head of one new token: it walks the visible keys with a running maximum (online
softmax), so nothing is shared and nothing of size tokens × tokens is stored. Logarithms are base 2, as TVM's
KV cache requires: `lse` is log2 of the sum of 2^score, and a score is q·k · scale · log2(e).

The signatures match the calls of TVM's paged KV cache. Arguments about rotary positions are not used, because
q and k are rotated before. One sequence at a time, as in WebLLM.
"""

import math
from types import SimpleNamespace

from tvm.script import tirx as T

PAGE = 16
THREADS = 4
LOG2_E = math.log2(math.e)
LOWEST = -5e4  # TVM's own start of a running maximum
TOP, SUM, SCORE, SHARE = range(4)  # indices of `state`


def _online_softmax(size: int) -> SimpleNamespace:
    """The steps of a thread. query, total: `size` registers; state: TOP, SUM, SCORE, SHARE."""

    @T.macro
    def begin(query: T.Buffer, total: T.Buffer, state: T.Buffer, q: T.Buffer, row, head, sm_scale):
        for d in T.unroll(size):
            query[d] = q[row, head, d] * sm_scale * T.float32(LOG2_E)
            total[d] = T.float32(0)
        state[TOP] = T.float32(LOWEST)
        state[SUM] = T.float32(0)

    @T.macro
    def weigh(total: T.Buffer, state: T.Buffer):
        """SCORE belongs to the next key; SHARE becomes its weight, and the sums are scaled to the new top."""
        if state[SCORE] > state[TOP]:
            state[SHARE] = T.exp2(state[TOP] - state[SCORE])
            state[TOP] = state[SCORE]
            state[SUM] = state[SUM] * state[SHARE]
            for d in T.unroll(size):
                total[d] = total[d] * state[SHARE]
        state[SHARE] = T.exp2(state[SCORE] - state[TOP])
        state[SUM] = state[SUM] + state[SHARE]

    @T.macro
    def see_page(query: T.Buffer, total: T.Buffer, state: T.Buffer, pages: T.Buffer, page, head, slot):
        state[SCORE] = T.float32(0)
        for d in T.unroll(size):
            state[SCORE] = state[SCORE] + query[d] * pages[page, 0, head, slot, d]
        weigh(total, state)
        for d in T.unroll(size):
            total[d] = total[d] + state[SHARE] * pages[page, 1, head, slot, d]

    @T.macro
    def see(query: T.Buffer, total: T.Buffer, state: T.Buffer, k: T.Buffer, v: T.Buffer, key, head):
        state[SCORE] = T.float32(0)
        for d in T.unroll(size):
            state[SCORE] = state[SCORE] + query[d] * k[key, head, d]
        weigh(total, state)
        for d in T.unroll(size):
            total[d] = total[d] + state[SHARE] * v[key, head, d]

    @T.macro
    def end(total: T.Buffer, state: T.Buffer, out: T.Buffer, lse: T.Buffer, row, head):
        """Without keys the sum is 0; the floor keeps lse finite, and the merge gives this side no weight."""
        state[SUM] = T.max(state[SUM], T.float32(1e-30))
        for d in T.unroll(size):
            out[row, head, d] = total[d] / state[SUM]
        lse[row, head] = state[TOP] + T.log2(state[SUM])

    return SimpleNamespace(begin=begin, see=see, see_page=see_page, end=end)


def ragged_prefill(heads: int, kv_heads: int, size: int):
    """New queries [n, heads, size] against the new keys of the same chunk."""
    group = heads // kv_heads
    step = _online_softmax(size)
    begin, see, end = step.begin, step.see, step.end

    @T.prim_func(s_tir=True)
    def kernel(
        q_h: T.handle,
        q_indptr_h: T.handle,
        k_h: T.handle,
        v_h: T.handle,
        kv_indptr_h: T.handle,
        q_position_h: T.handle,
        k_offset_h: T.handle,
        out_h: T.handle,
        lse_h: T.handle,
        causal: T.int32,
        rotary_mode: T.int32,
        rope_scale: T.float32,
        rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "tirx.noalias": True})
        batch = T.int32()
        n = T.int32()
        keys = T.int32()
        at_1 = T.int32()
        at_2 = T.int32()
        at_3 = T.int32()
        at_4 = T.int32()
        q = T.match_buffer(q_h, (n, heads, size), "float32")
        q_indptr = T.match_buffer(q_indptr_h, (batch + 1,), "int32", elem_offset=at_1)
        k = T.match_buffer(k_h, (keys, kv_heads, size), "float32")
        v = T.match_buffer(v_h, (keys, kv_heads, size), "float32")
        kv_indptr = T.match_buffer(kv_indptr_h, (batch + 1,), "int32", elem_offset=at_2)
        q_position = T.match_buffer(q_position_h, (n,), "int32", elem_offset=at_3)
        k_offset = T.match_buffer(k_offset_h, (batch,), "int32", elem_offset=at_4)
        out = T.match_buffer(out_h, (n, heads, size), "float32")
        lse = T.match_buffer(lse_h, (n, heads), "float32")
        for block in T.thread_binding((n * heads + THREADS - 1) // THREADS, thread="blockIdx.x"):
            for thread in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("attend"):
                    T.reads()
                    T.writes()
                    query = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    total = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    state = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    row: T.let[T.int32] = (block * THREADS + thread) // heads
                    head: T.let[T.int32] = (block * THREADS + thread) % heads
                    if row < n:
                        begin(query, total, state, q, row, head, sm_scale)
                        for key in T.serial(T.if_then_else(causal > 0, keys - n + row + 1, keys)):
                            see(query, total, state, k, v, key, head // group)
                        end(total, state, out, lse, row, head)

    return kernel


def paged_prefill(heads: int, kv_heads: int, size: int):
    """New queries [n, heads, size] against the keys in the cache's pages [pages, key or value, kv head, slot, size]."""
    group = heads // kv_heads
    step = _online_softmax(size)
    begin, see_page, end = step.begin, step.see_page, step.end

    @T.prim_func(s_tir=True)
    def kernel(
        q_h: T.handle,
        q_indptr_h: T.handle,
        pages_h: T.handle,
        page_indptr_h: T.handle,
        page_values_h: T.handle,
        last_page_h: T.handle,
        k_offset_h: T.handle,
        q_position_h: T.handle,
        out_h: T.handle,
        lse_h: T.handle,
        causal: T.int32,
        rotary_mode: T.int32,
        rope_scale: T.float32,
        rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "tirx.noalias": True})
        batch = T.int32()
        n = T.int32()
        used = T.int32()
        every = T.int32()
        at_pages = T.int64()
        at_1 = T.int32()
        at_2 = T.int32()
        at_3 = T.int32()
        at_4 = T.int32()
        at_5 = T.int32()
        at_6 = T.int32()
        q = T.match_buffer(q_h, (n, heads, size), "float32")
        q_indptr = T.match_buffer(q_indptr_h, (batch + 1,), "int32", elem_offset=at_1)
        pages = T.match_buffer(pages_h, (every, 2, kv_heads, PAGE, size), "float32", elem_offset=at_pages)
        page_indptr = T.match_buffer(page_indptr_h, (batch + 1,), "int32", elem_offset=at_2)
        page_values = T.match_buffer(page_values_h, (used,), "int32", elem_offset=at_3)
        last_page = T.match_buffer(last_page_h, (batch,), "int32", elem_offset=at_4)
        k_offset = T.match_buffer(k_offset_h, (batch,), "int32", elem_offset=at_5)
        q_position = T.match_buffer(q_position_h, (n,), "int32", elem_offset=at_6)
        out = T.match_buffer(out_h, (n, heads, size), "float32")
        lse = T.match_buffer(lse_h, (n, heads), "float32")
        for block in T.thread_binding((n * heads + THREADS - 1) // THREADS, thread="blockIdx.x"):
            for thread in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("attend"):
                    T.reads()
                    T.writes()
                    query = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    total = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    state = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    row: T.let[T.int32] = (block * THREADS + thread) // heads
                    head: T.let[T.int32] = (block * THREADS + thread) % heads
                    if row < n:
                        first: T.let[T.int32] = page_indptr[0]
                        count: T.let[T.int32] = page_indptr[1] - page_indptr[0]
                        keys: T.let[T.int32] = T.if_then_else(count > 0, (count - 1) * PAGE + last_page[0], 0)
                        begin(query, total, state, q, row, head, sm_scale)
                        for key in T.serial(T.if_then_else(causal > 0, keys - n + row + 1, keys)):
                            see_page(query, total, state, pages, page_values[first + key // PAGE], head // group, key % PAGE)
                        end(total, state, out, lse, row, head)

    return kernel


def paged_decode(heads: int, kv_heads: int, size: int):
    """One new query per sequence [batch, heads, size] against all keys in the cache's pages, including its
    own.
    """
    group = heads // kv_heads
    step = _online_softmax(size)
    begin, see_page, end = step.begin, step.see_page, step.end

    @T.prim_func(s_tir=True)
    def kernel(
        q_h: T.handle,
        pages_h: T.handle,
        page_indptr_h: T.handle,
        page_values_h: T.handle,
        last_page_h: T.handle,
        k_offset_h: T.handle,
        q_position_h: T.handle,
        out_h: T.handle,
        lse_h: T.handle,
        rotary_mode: T.int32,
        rope_scale: T.float32,
        rope_theta: T.float32,
        sm_scale: T.float32,
    ):
        T.func_attr({"tirx.is_scheduled": True, "tirx.noalias": True})
        batch = T.int32()
        used = T.int32()
        every = T.int32()
        at_pages = T.int64()
        at_1 = T.int32()
        at_2 = T.int32()
        at_3 = T.int32()
        at_4 = T.int32()
        at_5 = T.int32()
        q = T.match_buffer(q_h, (batch, heads, size), "float32")
        pages = T.match_buffer(pages_h, (every, 2, kv_heads, PAGE, size), "float32", elem_offset=at_pages)
        page_indptr = T.match_buffer(page_indptr_h, (batch + 1,), "int32", elem_offset=at_1)
        page_values = T.match_buffer(page_values_h, (used,), "int32", elem_offset=at_2)
        last_page = T.match_buffer(last_page_h, (batch,), "int32", elem_offset=at_3)
        k_offset = T.match_buffer(k_offset_h, (batch,), "int32", elem_offset=at_4)
        q_position = T.match_buffer(q_position_h, (batch,), "int32", elem_offset=at_5)
        out = T.match_buffer(out_h, (batch, heads, size), "float32")
        lse = T.match_buffer(lse_h, (batch, heads), "float32")
        for block in T.thread_binding((batch * heads + THREADS - 1) // THREADS, thread="blockIdx.x"):
            for thread in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("attend"):
                    T.reads()
                    T.writes()
                    query = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    total = T.sblock_alloc_buffer((size,), "float32", scope="local")
                    state = T.sblock_alloc_buffer((4,), "float32", scope="local")
                    row: T.let[T.int32] = (block * THREADS + thread) // heads
                    head: T.let[T.int32] = (block * THREADS + thread) % heads
                    if row < batch:
                        first: T.let[T.int32] = page_indptr[row]
                        count: T.let[T.int32] = page_indptr[row + 1] - page_indptr[row]
                        keys: T.let[T.int32] = T.if_then_else(count > 0, (count - 1) * PAGE + last_page[row], 0)
                        begin(query, total, state, q, row, head, sm_scale)
                        for key in T.serial(keys):
                            see_page(query, total, state, pages, page_values[first + key // PAGE], head // group, key % PAGE)
                        end(total, state, out, lse, row, head)

    return kernel


def merge_states(heads: int, size: int):
    """Adds the attention over other keys (`*_b`) to that over the first (`*_a`), in place.

    One thread per (row, head). In TVM's own kernel all threads of a head read the sum and then write it
    without a barrier in between, which is correct only if they run in lockstep: on SwiftShader every prefill
    after the first chunk was wrong.
    """

    @T.prim_func(s_tir=True)
    def kernel(out_a_h: T.handle, lse_a_h: T.handle, out_b_h: T.handle, lse_b_h: T.handle):
        T.func_attr({"tirx.is_scheduled": True})
        n = T.int32()
        out_a = T.match_buffer(out_a_h, (n, heads, size), "float32")
        lse_a = T.match_buffer(lse_a_h, (n, heads), "float32")
        out_b = T.match_buffer(out_b_h, (n, heads, size), "float32")
        lse_b = T.match_buffer(lse_b_h, (n, heads), "float32")
        for block in T.thread_binding((n * heads + THREADS - 1) // THREADS, thread="blockIdx.x"):
            for thread in T.thread_binding(THREADS, thread="threadIdx.x"):
                with T.sblock("merge"):
                    T.reads()
                    T.writes()
                    share = T.sblock_alloc_buffer((3,), "float32", scope="local")  # top, of a, of b
                    row: T.let[T.int32] = (block * THREADS + thread) // heads
                    head: T.let[T.int32] = (block * THREADS + thread) % heads
                    if row < n:
                        share[0] = T.max(lse_a[row, head], lse_b[row, head])
                        share[1] = T.exp2(lse_a[row, head] - share[0])
                        share[2] = T.exp2(lse_b[row, head] - share[0])
                        for d in T.serial(size):
                            out_a[row, head, d] = (out_a[row, head, d] * share[1] + out_b[row, head, d] * share[2]) / (
                                share[1] + share[2]
                            )
                        lse_a[row, head] = T.log2(share[1] + share[2]) + share[0]

    return kernel
