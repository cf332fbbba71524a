"""RMSNorm of rows and of attention heads, and the last row of a prompt. One thread per row, no barriers."""

from __future__ import annotations

from tvm import tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

from .forms import element
from .threads import SCHEDULED, ceil_div, f32, index, kernel, loop, registers, when

THREADS = 16
WIDE = 512
SLICES = 32


def rms_norm(x: nn.Tensor, weight: nn.Tensor, eps: float) -> nn.Tensor:
    """x [1, n, c] → x / √(mean(x²) + eps) · weight, over the last axis."""
    if isinstance(x.shape[1], (int, tirx.IntImm)) and int(x.shape[1]) == 1 and int(x.shape[2]) >= WIDE:
        return _rms_norm_of_one(x, weight, eps)

    def build(x, weight):
        n, channels, dtype = x.shape[1], int(x.shape[2]), weight.dtype

        def body(block, thread, inputs, y):
            x, weight = inputs[0], element(inputs[1], dtype)
            row = index(block[0].var) * THREADS + thread
            with when(row < index(n)):
                scale = _inverse_rms(lambda k: x[0, row, k], channels, eps)
                with loop(channels) as k:
                    y[0, row, k] = x[0, row, k] * scale[0] * weight(k)

        return kernel("rms_norm", [x, weight], (1, n, channels), (ceil_div(n, THREADS),), THREADS, body)

    return op.tensor_expr_op(build, "rms_norm", [x, weight], attrs=SCHEDULED)


def _rms_norm_of_one(x: nn.Tensor, weight: nn.Tensor, eps: float) -> nn.Tensor:
    """One wide row, as when decoding: a kernel sums slices, another adds them up and scales. A single thread would
    take longer than the products around it.
    """
    channels = int(x.shape[2])

    def squares(x):
        width = -(-channels // SLICES)

        def body(block, thread, inputs, y):
            total = registers(1)
            total[0] = f32(0)
            with loop(width) as i:
                k = thread * width + i
                with when(k < channels):
                    total[0] = total[0] + inputs[0][0, 0, k] * inputs[0][0, 0, k]
            y[thread] = total[0]

        return kernel("squares", [x], (SLICES,), (1,), SLICES, body)

    def scaled(x, weight, parts):
        threads, dtype = 64, weight.dtype

        def body(block, thread, inputs, y):
            x, weight, parts = inputs[0], element(inputs[1], dtype), inputs[2]
            k = index(block[0].var) * threads + thread
            scale = registers(1)
            scale[0] = f32(0)
            with loop(SLICES) as i:
                scale[0] = scale[0] + parts[i]
            with when(k < channels):
                y[0, 0, k] = x[0, 0, k] / tirx.sqrt(scale[0] * f32(1 / channels) + f32(eps)) * weight(k)

        return kernel("rms_norm", [x, weight, parts], (1, 1, channels), (ceil_div(channels, threads),), threads, body)

    parts = op.tensor_expr_op(squares, "squares", [x], attrs=SCHEDULED)
    return op.tensor_expr_op(scaled, "rms_norm", [x, weight, parts], attrs=SCHEDULED)


def head_norm(qkv: nn.Tensor, q_weight: nn.Tensor, k_weight: nn.Tensor, heads: int, kv_heads: int, eps: float) -> nn.Tensor:
    """qkv [1, n, heads + 2·kv_heads, d]: RMSNorm of every q and k head separately (Qwen3); v is unchanged."""

    def build(qkv, q_weight, k_weight):
        n, every, size, dtype = qkv.shape[1], heads + 2 * kv_heads, int(qkv.shape[3]), q_weight.dtype

        def body(block, thread, inputs, y):
            x, q_weight, k_weight = inputs[0], element(inputs[1], dtype), element(inputs[2], dtype)
            item = index(block[0].var) * THREADS + thread
            row, head = item // every, item % every
            with when(item < index(n) * every):
                scale = _inverse_rms(lambda k: x[0, row, head, k], size, eps)
                with loop(size) as k:
                    weight = tirx.Select(head < heads, q_weight(k), k_weight(k))
                    normal = x[0, row, head, k] * scale[0] * weight
                    y[0, row, head, k] = tirx.Select(head < heads + kv_heads, normal, x[0, row, head, k])

        grid = (ceil_div(n * every, THREADS),)
        return kernel("head_norm", [qkv, q_weight, k_weight], qkv.shape, grid, THREADS, body)

    return op.tensor_expr_op(build, "head_norm", [qkv, q_weight, k_weight], attrs=SCHEDULED)


def last_row(x: nn.Tensor) -> nn.Tensor:
    """x [1, n, c] → [1, 1, c]: a prompt needs only the logits of its last position."""

    def build(x):
        n, channels = x.shape[1], int(x.shape[2])
        threads = 64

        def body(block, thread, inputs, y):
            k = index(block[0].var) * threads + thread
            with when(k < channels):
                y[0, 0, k] = inputs[0][0, index(n) - 1, k]

        return kernel("last_row", [x], (1, 1, channels), (ceil_div(channels, threads),), threads, body)

    return op.tensor_expr_op(build, "last_row", [x], attrs=SCHEDULED)


def _inverse_rms(value, count: int, eps: float):
    """A register with 1 / √(mean of value(k)² over k < count + eps)."""
    scale = registers(1)
    scale[0] = f32(0)
    with loop(count) as k:
        scale[0] = scale[0] + value(k) * value(k)
    scale[0] = f32(1) / tirx.sqrt(scale[0] * f32(1 / count) + f32(eps))
    return scale
