"""Two ways to run the same model: our barrier-free kernels, or TVM's schedules made for real GPUs.

`BarrierFree` runs well on SwiftShader (ten times faster there than the other) and suits small models on every
device. `Dlight` shares work between threads through workgroup memory and barriers, which suits wide models on
a real GPU. Both compute the same numbers up to rounding; the model's code names neither.
"""

from __future__ import annotations

from collections.abc import Sequence

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.relax.frontend.nn.llm import kv_cache as stock
from tvm.s_tir import dlight
from tvm.target import Target

from . import attention, norm
from .linear import LowRank, Weight, linear


class BarrierFree:
    """Kernels of this folder."""

    schedule_rules = (dlight.gpu.Fallback(),)

    def linear(self, x: nn.Tensor, weight: Weight, **around) -> nn.Tensor:
        return linear(x, weight, **around)

    def rms_norm(self, x: nn.Tensor, weight: nn.Tensor, eps: float) -> nn.Tensor:
        return norm.rms_norm(x, weight, eps)

    def attention(self, heads: int, kv_heads: int, size: int, target: Target) -> Sequence:
        """The kernels of the KV cache: ragged prefill, paged prefill, paged decode."""
        return (
            attention.ragged_prefill(heads, kv_heads, size),
            attention.paged_prefill(heads, kv_heads, size),
            attention.paged_decode(heads, kv_heads, size),
        )


class Dlight:
    """Plain tensor expressions, scheduled by dlight; attention kernels are TVM's."""

    schedule_rules = (
        dlight.gpu.Matmul(),
        dlight.gpu.GEMV(),
        dlight.gpu.Reduction(),
        dlight.gpu.GeneralReduction(),
        dlight.gpu.Fallback(),
    )

    def linear(
        self,
        x: nn.Tensor,
        weight: Weight,
        *,
        bias: nn.Tensor | None = None,
        lora: LowRank | None = None,
        residual: nn.Tensor | None = None,
        gated: bool = False,
        name: str = "linear",
    ) -> nn.Tensor:
        product = lambda x, *tensors: _product(x, te_matrix(weight.form, *tensors))  # noqa: E731
        y = op.tensor_expr_op(product, name, [x, *weight.tensors])
        y = y if bias is None else y + bias
        y = y if lora is None else y + _low_rank(lora)
        if gated:
            gate, up = op.split(y, 2, axis=-1)
            y = op.silu(gate) * up
        return y if residual is None else y + residual

    def rms_norm(self, x: nn.Tensor, weight: nn.Tensor, eps: float) -> nn.Tensor:
        return op.rms_norm(x, weight, axes=[-1], epsilon=eps)

    def attention(self, heads: int, kv_heads: int, size: int, target: Target) -> Sequence:
        no_scaling: dict = {}
        return (
            stock._attention_prefill_ragged(kv_heads, heads, size, size, "float32", no_scaling, target),
            stock._attention_prefill(kv_heads, heads, size, "float32", False, no_scaling, target),
            stock._attention_decode(kv_heads, heads, size, "float32", False, no_scaling, target),
        )


def _product(x: te.Tensor, matrix: te.Tensor) -> te.Tensor:
    """x · Wᵀ as one function, so that a packed W is never written out in full."""
    batch, rows, inner = x.shape
    k = te.reduce_axis((0, inner), "k")
    shape = (batch, rows, matrix.shape[0])
    return te.compute(shape, lambda b, i, j: te.sum(x[b, i, k] * matrix[j, k], axis=k), name="NT_matmul")


def te_matrix(form, *tensors: te.Tensor) -> te.Tensor:
    """The float32 matrix [out, in] that packed tensors hold."""
    if form.columns == 1:
        return tensors[0]
    shape = (tensors[0].shape[0], tensors[0].shape[1] * form.columns)
    return te.compute(shape, lambda row, k: form.value(tensors, row, k), name="dequantise")


def _low_rank(lora: LowRank) -> nn.Tensor:
    """B · (A · x); each row of B uses the A of its own part."""

    def build(low: te.Tensor, b: te.Tensor) -> te.Tensor:
        rank = b.shape[1]
        r = te.reduce_axis((0, rank), "r")

        def cell(batch, row, column):
            part = sum((tirx.Cast("int64", column >= end) for end in lora.ends[:-1]), tirx.const(0, "int64"))
            return te.sum(low[batch, row, part * rank + r] * b[column, r], axis=r)

        return te.compute((low.shape[0], low.shape[1], b.shape[0]), cell, name="low_rank")

    return op.tensor_expr_op(build, "low_rank", [lora.low, lora.b])


SCHEDULES = {"barrier-free": BarrierFree, "dlight": Dlight}
