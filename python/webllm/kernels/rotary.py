"""Rotary positions: splits fused q, k, v and rotates q and k, to float32 accuracy.

WGSL's pow, sin and cos are accurate only to about 1e-4 on SwiftShader (the specification allows 2⁻¹¹), which
is visible in the logits (9e-3 in log-probability). Therefore frequencies are constants, the angle is reduced
by multiples of π/2, and Taylor polynomials give sine and cosine.
"""

import math
import struct
from collections.abc import Sequence

from tvm import tirx
from tvm.script import tirx as T

# π/2 in three parts; the first two have so few bits that their product with an integer is exact in float32.
_HALF_PI_1 = 1.5703125
_HALF_PI_2 = float(int((math.pi / 2 - _HALF_PI_1) * 2**23)) / 2**23
_HALF_PI_3 = math.pi / 2 - _HALF_PI_1 - _HALF_PI_2


def split_rotary(heads: int, kv_heads: int, head_dim: int, frequencies: Sequence[float]):
    """The kernel that the KV cache calls: qkv [n, heads + 2·kv_heads, d], positions [n] → q, k (rotated) and
    v, separately.

    frequencies: d / 2 angles per position, radians; pair i of a head is its channels i and i + d / 2.
    """
    every, half = heads + 2 * kv_heads, head_dim // 2

    def turned(qkv, row, head, channel, position):
        sin, cos, lets = _sin_cos(position, channel % half, frequencies)
        other = tirx.if_then_else(channel < half, -qkv[row, head, channel + half], qkv[row, head, channel - half])
        value = cos * qkv[row, head, channel] + sin * other
        for var, definition in lets:
            value = tirx.Let(var, definition, value)
        return value

    @T.prim_func(s_tir=True)
    def kernel(qkv_h: T.handle, positions_h: T.handle, q_h: T.handle, k_h: T.handle, v_h: T.handle, apply: T.int64):
        T.func_attr({"op_pattern": 8, "tirx.noalias": True, "tirx.is_scheduled": True})
        n = T.int32()
        positions_offset = T.int32()
        qkv = T.match_buffer(qkv_h, (n, every, head_dim), "float32")
        q = T.match_buffer(q_h, (n, heads, head_dim), "float32")
        k = T.match_buffer(k_h, (n, kv_heads, head_dim), "float32")
        v = T.match_buffer(v_h, (n, kv_heads, head_dim), "float32")
        positions = T.match_buffer(positions_h, (n,), "int32", elem_offset=positions_offset)
        for block in T.thread_binding((n * every * head_dim + 63) // 64, thread="blockIdx.x"):
            for thread in T.thread_binding(64, thread="threadIdx.x"):
                with T.sblock("rotary"):
                    T.reads()
                    T.writes()
                    row: T.let[T.int32] = (block * 64 + thread) // (every * head_dim)
                    head: T.let[T.int32] = (block * 64 + thread) // head_dim % every
                    channel: T.let[T.int32] = (block * 64 + thread) % head_dim
                    if row < n:
                        if head < heads:
                            q[row, head, channel] = T.if_then_else(
                                apply > 0, turned(qkv, row, head, channel, positions[row]), qkv[row, head, channel]
                            )
                        elif head < heads + kv_heads:
                            k[row, head - heads, channel] = T.if_then_else(
                                apply > 0, turned(qkv, row, head, channel, positions[row]), qkv[row, head, channel]
                            )
                        else:
                            v[row, head - heads - kv_heads, channel] = qkv[row, head, channel]

    return kernel


def _sin_cos(position, pair, frequencies: Sequence[float]):
    """sin and cos of position · frequencies[pair], and the definitions they need, innermost first."""
    const = lambda value: tirx.const(value, "float32")  # noqa: E731
    exact = lambda value: tirx.reinterpret("float32", tirx.const(_bits(value), "int32"))  # noqa: E731
    bits = tirx.const(_bits(frequencies[-1]), "int32")
    for i, value in enumerate(frequencies[:-1]):
        bits = tirx.Select(pair == i, tirx.const(_bits(value), "int32"), bits)
    frequency = tirx.reinterpret("float32", bits)
    angle, turns, rest = (tirx.Var(name, "float32") for name in ("angle", "turns", "rest"))
    square = rest * rest
    sin = rest * _polynomial(square, [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880])
    cos = _polynomial(square, [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800])
    quarter = tirx.bitwise_and(turns.astype("int32"), tirx.const(3, "int32"))
    odd = tirx.bitwise_and(quarter, tirx.const(1, "int32")) == 1
    turned_cos = tirx.Select(odd, sin, cos) * tirx.Select(tirx.any(quarter == 1, quarter == 2), const(-1), const(1))
    turned_sin = tirx.Select(odd, cos, sin) * tirx.Select(quarter >= 2, const(-1), const(1))
    lets = [
        (rest, ((angle - turns * exact(_HALF_PI_1)) - turns * exact(_HALF_PI_2)) - turns * exact(_HALF_PI_3)),
        (turns, tirx.floor(angle * const(2 / math.pi) + const(0.5))),
        (angle, position.astype("float32") * frequency),
    ]
    return turned_sin, turned_cos, lets


def _bits(value: float) -> int:
    """A float32 as its bits: TVM writes floats with seven digits, and the position multiplies the rounding
    error.
    """
    return struct.unpack("<i", struct.pack("<f", value))[0]


def _polynomial(x, coefficients: Sequence[float]):
    """Horner's rule; coefficients from the constant term up."""
    value = tirx.const(coefficients[-1], "float32")
    for coefficient in reversed(coefficients[:-1]):
        value = tirx.const(coefficient, "float32") + x * value
    return value
