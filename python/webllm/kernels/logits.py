"""WebLLM's changes to logits before sampling, in place: bias, penalties, grammar mask."""

from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.script import tirx as T

LOWEST = -3.4028234e38  # not −∞: the difference of two infinities is NaN


def apply_bias(logits: nn.Tensor, rows: nn.Tensor, tokens: nn.Tensor, bias: nn.Tensor) -> nn.Tensor:
    """logits [b, V] += bias[i] at (rows[i], tokens[i])."""
    return _in_place(_bias(int(logits.shape[1])), "logit_bias", [logits, rows, tokens, bias])


def apply_penalty(logits, sequences, rows, tokens, counts, penalties) -> nn.Tensor:
    """Subtracts presence and frequency, then divides positive logits by repetition and multiplies the others
    by it.

    logits [b, V]; penalties [m, 3] of sequence sequences[m]; token tokens[i] appeared counts[i] times in
    sequence rows[i].
    """
    args = [logits, sequences, rows, tokens, counts, penalties]
    return _in_place(_penalty(int(logits.shape[1])), "penalty", args)


def apply_mask(logits: nn.Tensor, rows: nn.Tensor, mask: nn.Tensor) -> nn.Tensor:
    """Sets logits [b, V] of rows[i] to the lowest float if bit t of mask [b, ⌈V/32⌉] is 0."""
    return _in_place(_mask(int(logits.shape[1])), "bitmask", [logits, rows, mask])


def _in_place(kernel, name: str, args: list[nn.Tensor]) -> nn.Tensor:
    return op.tensor_ir_inplace_op(kernel, name, args, 0, nn.Tensor.placeholder(args[0].shape, "float32"))


def _bias(vocab: int):
    @T.prim_func(private=True, s_tir=True)
    def kernel(logits_h: T.handle, rows_h: T.handle, tokens_h: T.handle, bias_h: T.handle):
        T.func_attr({"tirx.is_scheduled": True})
        b = T.int32()
        n = T.int32()
        logits = T.match_buffer(logits_h, (b, vocab), "float32")
        rows = T.match_buffer(rows_h, (n,), "int32")
        tokens = T.match_buffer(tokens_h, (n,), "int32")
        bias = T.match_buffer(bias_h, (n,), "float32")
        for block in T.thread_binding((n + 63) // 64, thread="blockIdx.x"):
            for thread in T.thread_binding(64, thread="threadIdx.x"):
                with T.sblock("bias"):
                    T.reads()
                    T.writes()
                    i: T.let[T.int32] = block * 64 + thread
                    if i < n:
                        logits[rows[i], tokens[i]] = logits[rows[i], tokens[i]] + bias[i]

    return kernel


def _penalty(vocab: int):
    @T.prim_func(private=True, s_tir=True)
    def kernel(
        logits_h: T.handle,
        sequences_h: T.handle,
        rows_h: T.handle,
        tokens_h: T.handle,
        counts_h: T.handle,
        penalties_h: T.handle,
    ):
        T.func_attr({"tirx.is_scheduled": True})
        b = T.int32()
        m = T.int32()
        n = T.int32()
        logits = T.match_buffer(logits_h, (b, vocab), "float32")
        sequences = T.match_buffer(sequences_h, (m,), "int32")
        rows = T.match_buffer(rows_h, (n,), "int32")
        tokens = T.match_buffer(tokens_h, (n,), "int32")
        counts = T.match_buffer(counts_h, (n,), "int32")
        penalties = T.match_buffer(penalties_h, (m, 3), "float32")
        for block in T.thread_binding((n + 63) // 64, thread="blockIdx.x"):
            for thread in T.thread_binding(64, thread="threadIdx.x"):
                with T.sblock("penalty"):
                    T.reads()
                    T.writes()
                    value = T.sblock_alloc_buffer((1,), "float32", scope="local")
                    i: T.let[T.int32] = block * 64 + thread
                    if i < n:
                        value[0] = logits[sequences[rows[i]], tokens[i]] - penalties[rows[i], 0]
                        value[0] = value[0] - T.Cast("float32", counts[i]) * penalties[rows[i], 1]
                        if value[0] < T.float32(0):
                            value[0] = value[0] * penalties[rows[i], 2]
                        else:
                            value[0] = value[0] / penalties[rows[i], 2]
                        logits[sequences[rows[i]], tokens[i]] = value[0]

    return kernel


def _mask(vocab: int):
    words = -(-vocab // 32)
    blocks = -(-vocab // 64)

    @T.prim_func(private=True, s_tir=True)
    def kernel(logits_h: T.handle, rows_h: T.handle, mask_h: T.handle):
        T.func_attr({"tirx.is_scheduled": True})
        b = T.int32()
        m = T.int32()
        logits = T.match_buffer(logits_h, (b, vocab), "float32")
        rows = T.match_buffer(rows_h, (m,), "int32")
        mask = T.match_buffer(mask_h, (b, words), "int32")
        for row in T.thread_binding(m, thread="blockIdx.y"):
            for block in T.thread_binding(blocks, thread="blockIdx.x"):
                for thread in T.thread_binding(64, thread="threadIdx.x"):
                    with T.sblock("mask"):
                        T.reads()
                        T.writes()
                        token: T.let[T.int32] = block * 64 + thread
                        if token < vocab:
                            if T.bitwise_and(T.shift_right(mask[rows[row], token // 32], token % 32), 1) == 0:
                                logits[rows[row], token] = T.float32(LOWEST)

    return kernel
