"""From logits to a token: softmax with temperature and top-p sampling, without sorting.

WebLLM 0.2.86 passes the result of `argsort_probs` to `sample_with_top_p` without reading it, so no sort is
needed: `argsort_probs` returns the probabilities unchanged. `sample_with_top_p` finds the smallest
probability inside the top-p mass by bisecting the bits of a float (for floats ≥ 0 the bits sort like the
values).
"""

from tvm import tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.script import tirx as T

from . import wide_sampling
from .threads import SCHEDULED, ceil_div, f32, index, kernel, loop, registers, when

THREADS = 32
SLICES = 32
WIDE = 4096
"""A vocabulary above this is walked in slices by many threads; one thread is faster for a small one on SwiftShader."""
BITS_PAST_ONE = 0x3F800001
LOWEST = -3.4028234e38


def softmax_with_temperature(logits: nn.Tensor, temperature: nn.Tensor) -> nn.Tensor:
    """logits [b, 1, V], temperature [b] > 0 → probabilities [b, 1, V].

    Two kernels: the greatest logit of each of 32 slices, then the sum; every thread of the second adds up the
    slices. Differences are computed before the division, so that a temperature of 1e-6 loses no accuracy.
    """
    vocab = int(logits.shape[2])
    width = -(-vocab // SLICES)

    def slices(logits, temperature):
        """[b, 2, SLICES]: the greatest logit of a slice, and the sum of exp((logit − greatest) / t) over it."""
        batch = logits.shape[0]

        def body(block, thread, inputs, y):
            logits, temperature = inputs
            row, start = index(block[0].var), thread * width
            top, total = registers(1), registers(1)
            top[0], total[0] = f32(LOWEST), f32(0)
            for step in (lambda v: _greatest(top, v), lambda v: _add_exp(total, v, top, temperature[row])):
                with loop(width) as i, when(start + i < vocab):
                    step(logits[row, 0, start + i])
            y[row, 0, thread] = top[0]
            y[row, 1, thread] = total[0]

        return kernel("softmax_slices", [logits, temperature], (batch, 2, SLICES), (batch,), SLICES, body)

    def normalise(logits, temperature, parts):
        batch = logits.shape[0]

        def body(block, thread, inputs, y):
            logits, temperature, parts = inputs
            row, start = index(block[1].var), (index(block[0].var) * THREADS + thread) * 4
            top, total = registers(1), registers(1)
            top[0], total[0] = f32(LOWEST), f32(0)
            with loop(SLICES) as i:
                _greatest(top, parts[row, 0, i])
            with loop(SLICES) as i:
                total[0] = total[0] + parts[row, 1, i] * tirx.exp((parts[row, 0, i] - top[0]) / temperature[row])
            with loop(4) as i, when(start + i < vocab):
                y[row, 0, start + i] = tirx.exp((logits[row, 0, start + i] - top[0]) / temperature[row]) / total[0]

        grid = (ceil_div(vocab, THREADS * 4), batch)
        return kernel("softmax", [logits, temperature, parts], (batch, 1, vocab), grid, THREADS, body)

    parts = op.tensor_expr_op(slices, "softmax_slices", [logits, temperature], attrs=SCHEDULED)
    return op.tensor_expr_op(normalise, "softmax", [logits, temperature, parts], attrs=SCHEDULED)


def _greatest(top, value):
    top[0] = tirx.max(top[0], value)


def _add_exp(total, value, top, temperature):
    total[0] = total[0] + tirx.exp((value - top[0]) / temperature)


def copy(probs: nn.Tensor) -> nn.Tensor:
    """A copy of probs [b, V] in a separate tensor."""

    def build(probs):
        batch, vocab = probs.shape[0], int(probs.shape[1])

        def body(block, thread, inputs, y):
            i = index(block[0].var) * THREADS + thread
            with when(i < vocab):
                y[index(block[1].var), i] = inputs[0][index(block[1].var), i]

        return kernel("copy_probs", [probs], (batch, vocab), (ceil_div(vocab, THREADS), batch), THREADS, body)

    return op.tensor_expr_op(build, "copy_probs", [probs], attrs=SCHEDULED)


def unsorted(probs: nn.Tensor) -> nn.Tensor:
    """Placeholder for the sorted indices: [b, V] int32, never read."""

    def build(probs):
        batch, vocab = probs.shape[0], int(probs.shape[1])

        def body(block, thread, inputs, y):
            y[index(block[0].var), thread] = tirx.const(0, "int32")

        return kernel("unsorted", [probs], (batch, vocab), (batch,), 1, body, dtype="int32")

    return op.tensor_expr_op(build, "unsorted", [probs], attrs=SCHEDULED)


def sample_with_top_p(probs: nn.Tensor, uniform: nn.Tensor, rows: nn.Tensor, top_p: nn.Tensor) -> nn.Tensor:
    """One token for each uniform [n] in [0, 1), drawn from row rows[i] of probs [b, V]; top_p [b] → int32
    [n].

    Kept are the tokens above a threshold and, in order of id, as many tokens equal to it as the mass still
    needs: the same set as with a stable sort. The draw walks the kept tokens in order of id until their mass
    exceeds uniform · mass.
    """
    if int(probs.shape[1]) > WIDE:
        return wide_sampling.sample_with_top_p(probs, uniform, rows, top_p)
    out = nn.Tensor.placeholder((uniform.shape[0],), "int32")
    return op.tensor_ir_op(_sampler(int(probs.shape[1])), "sample", [probs, uniform, rows, top_p], out)


def _sampler(vocab: int):
    """One thread per draw: 31 + 3 passes over the probabilities, 3 if top_p is 1."""

    @T.prim_func(private=True, s_tir=True)
    def kernel(probs_h: T.handle, uniform_h: T.handle, rows_h: T.handle, top_p_h: T.handle, out_h: T.handle):
        T.func_attr({"tirx.is_scheduled": True, "tirx.noalias": True})
        b = T.int32()
        n = T.int32()
        probs = T.match_buffer(probs_h, (b, vocab), "float32")
        uniform = T.match_buffer(uniform_h, (n,), "float32")
        rows = T.match_buffer(rows_h, (n,), "int32")
        top_p = T.match_buffer(top_p_h, (b,), "float32")
        out = T.match_buffer(out_h, (n,), "int32")
        for draw in T.thread_binding(n, thread="blockIdx.x"):
            for _thread in T.thread_binding(1, thread="threadIdx.x"):
                with T.sblock("draw"):
                    T.reads()
                    T.writes()
                    bits = T.sblock_alloc_buffer((3,), "int32", scope="local")  # low, high, middle
                    mass = T.sblock_alloc_buffer((3,), "float32", scope="local")  # of a pass, kept, walked
                    found = T.sblock_alloc_buffer((1,), "int32", scope="local")
                    bits[0] = 0
                    bits[1] = BITS_PAST_ONE
                    # The bits of the greatest threshold t for which the tokens of probability >= t have mass
                    # top_p.
                    if top_p[rows[draw]] < T.float32(1):
                        for _bit in T.serial(31):
                            if bits[1] - bits[0] > 1:
                                bits[2] = (bits[0] + bits[1]) // 2
                                mass[0] = T.float32(0)
                                for i in T.serial(vocab):
                                    if probs[rows[draw], i] >= T.reinterpret("float32", bits[2]):
                                        mass[0] = mass[0] + probs[rows[draw], i]
                                if mass[0] >= top_p[rows[draw]]:
                                    bits[0] = bits[2]
                                else:
                                    bits[1] = bits[2]
                    mass[0] = T.float32(0)
                    for i in T.serial(vocab):
                        if probs[rows[draw], i] > T.reinterpret("float32", bits[0]):
                            mass[0] = mass[0] + probs[rows[draw], i]
                    mass[1] = mass[0]
                    for i in T.serial(vocab):
                        if probs[rows[draw], i] == T.reinterpret("float32", bits[0]) and mass[1] < top_p[rows[draw]]:
                            mass[1] = mass[1] + probs[rows[draw], i]
                    # Walk the kept tokens; mass[0] still counts the ones above plus the ties met so far.
                    mass[2] = T.float32(0)
                    found[0] = 0
                    out[draw] = 0
                    for i in T.serial(vocab):
                        if found[0] == 0 and probs[rows[draw], i] >= T.reinterpret("float32", bits[0]):
                            if probs[rows[draw], i] > T.reinterpret("float32", bits[0]) or mass[0] < top_p[rows[draw]]:
                                if probs[rows[draw], i] == T.reinterpret("float32", bits[0]):
                                    mass[0] = mass[0] + probs[rows[draw], i]
                                mass[2] = mass[2] + probs[rows[draw], i]
                                if probs[rows[draw], i] > T.float32(0):
                                    out[draw] = i  # rounding may end the walk before its goal: take the last kept token
                                if mass[2] > uniform[draw] * mass[1]:
                                    found[0] = 1

    return kernel
