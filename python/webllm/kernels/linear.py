"""Matrix products without workgroup barriers: every thread sums a small tile of the output in registers.

    y = x · Wᵀ [+ bias] [+ B · (A · x)] [+ residual]          or, gated:  y = silu(gate) · up

SwiftShader runs a barrier very slowly (every thread of a workgroup is suspended), so threads share nothing.
One kernel also computes the operations around the product, because on SwiftShader a dispatch costs as much as
a small product.
"""

from __future__ import annotations

from dataclasses import dataclass

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

from .threads import SCHEDULED, ceil_div, f32, index, kernel, loop, registers, when

Q4_WORD, Q4_GROUP, Q4_ZERO = 8, 32, 7
# Columns of W that a thread unrolls per iteration of the loop: many if a step is one product, few if it is
# sixteen, because the browser compiles the unrolled code (sixteen products eightfold made loading a third
# slower, and nothing faster).
UNROLL_ONE_ROW, UNROLL = 8, 2


@dataclass(frozen=True)
class Weight:
    """A matrix [out, in]: float32, or four-bit with a scale for every 32 columns (`q4f32_1`)."""

    values: nn.Tensor
    scale: nn.Tensor | None = None

    @property
    def tensors(self) -> list[nn.Tensor]:
        return [self.values] if self.scale is None else [self.values, self.scale]


@dataclass(frozen=True)
class LowRank:
    """LoRA's term: `low` = A · x [1, n, parts·rank], `b` [out, rank], `ends`: the end row of each part of W."""

    low: nn.Tensor
    b: nn.Tensor
    ends: tuple[int, ...]


def linear(
    x: nn.Tensor,
    weight: Weight,
    *,
    bias: nn.Tensor | None = None,
    lora: LowRank | None = None,
    residual: nn.Tensor | None = None,
    gated: bool = False,
    name: str = "linear",
) -> nn.Tensor:
    """x [1, n, in] → [1, n, out]; gated: W's rows are gate then up, and the result is silu(gate) · up [1, n, out / 2]."""
    groups = {
        "x": [x],
        "weight": weight.tensors,
        "bias": [bias] if bias is not None else [],
        "lora": [lora.low, lora.b] if lora else [],
        "residual": [residual] if residual is not None else [],
    }
    counts = {key: len(tensors) for key, tensors in groups.items()}
    ends = lora.ends if lora else ()

    def build(*tensors: te.Tensor) -> te.Tensor:
        parts, start = {}, 0
        for key, count in counts.items():
            parts[key], start = tensors[start : start + count], start + count
        return _Product(parts, ends, gated).build(name)

    return op.tensor_expr_op(build, name, [t for group in groups.values() for t in group], attrs=SCHEDULED)


class _Product:
    """One kernel: its sizes, and the statements of a thread."""

    def __init__(self, parts: dict, ends: tuple[int, ...], gated: bool):
        self.parts, self.ends, self.gated = parts, ends, gated
        x, weight = parts["x"][0], parts["weight"][0]
        self.n, self.inner = x.shape[1], int(x.shape[2])
        self.quantised = len(parts["weight"]) == 2
        self.out = int(weight.shape[0]) // (2 if gated else 1)
        self.one_row = isinstance(self.n, tirx.IntImm) and int(self.n) == 1
        # Rows of x and columns of y that a thread sums: sixteen products for eight loads.
        self.rows = 1 if self.one_row else 4
        self.columns = (2 if gated else 1) if self.one_row else 4
        per_thread = self.columns // (2 if gated else 1)
        self.threads = min(32, max(4, ceil_div(self.out, per_thread)))
        self.step = self.threads * per_thread
        self.stride = self.threads

    def build(self, name: str) -> te.Tensor:
        inputs = [tensor for group in self.parts.values() for tensor in group]
        grid = (ceil_div(self.out, self.step), ceil_div(self.n, self.rows))
        return kernel(name, inputs, (1, self.n, self.out), grid, self.threads, self._thread)

    def _thread(self, block, thread, inputs, y):
        groups, start = {}, 0
        for key, tensors in self.parts.items():
            groups[key], start = inputs[start : start + len(tensors)], start + len(tensors)
        x, weight = groups["x"][0], groups["weight"]
        n = index(self.n)
        first_row = index(block[1].var) * self.rows
        first_column = index(block[0].var) * self.step + thread
        # Past the last row or column a thread repeats the last one and does not store, so the sums need no
        # check.
        rows = [0] if self.one_row else [tirx.min(first_row + r, n - 1) for r in range(self.rows)]
        outputs = [first_column + c * self.stride for c in range(self.step // self.threads)]
        safe = [tirx.min(column, self.out - 1) for column in outputs]
        columns = safe + [column + self.out for column in safe] if self.gated else safe
        total = registers(self.rows * len(columns))
        for cell in range(self.rows * len(columns)):
            total[cell] = f32(0)
        self._sum(total, x, weight, rows, columns)
        if groups["lora"]:
            self._add_lora(total, *groups["lora"], rows, columns)
        for r, row in enumerate(rows):
            for c, column in enumerate(outputs):
                value = self._value(total, groups, r, c, row, columns, len(outputs))
                guard = column < self.out if self.one_row else tirx.all(column < self.out, first_row + r < n)
                with when(guard):
                    y[0, row, column] = value

    def _sum(self, total, x, weight, rows, columns):
        xs, w = registers(len(rows)), registers(1)
        most = UNROLL_ONE_ROW if self.one_row else UNROLL
        unroll = next(u for u in (most, 4, 2, 1) if self.inner % u == 0)
        with loop(self.inner // unroll) as outer:
            for inner in range(unroll):
                k = outer * unroll + inner
                for r, row in enumerate(rows):
                    xs[r] = x[0, row, k]
                for c, column in enumerate(columns):
                    w[0] = dequantised(weight, column, k) if self.quantised else weight[0][column, k]
                    for r in range(len(rows)):
                        total[r * len(columns) + c] = total[r * len(columns) + c] + xs[r] * w[0]

    def _add_lora(self, total, low, b, rows, columns):
        rank = int(b.shape[1]) if hasattr(b, "shape") else self.rank
        with loop(rank) as j:
            for c, column in enumerate(columns):
                part = sum((tirx.Cast("int32", column >= end) for end in self.ends[:-1]), 0)
                for r, row in enumerate(rows):
                    cell = r * len(columns) + c
                    total[cell] = total[cell] + low[0, row, part * rank + j] * b[column, j]

    def _value(self, total, groups, r, c, row, columns, outputs):
        def cell(at):
            value = total[r * len(columns) + at]
            return value + groups["bias"][0][columns[at]] if groups["bias"] else value

        if self.gated:
            gate = cell(c)
            return gate / (f32(1) + tirx.exp(-gate)) * cell(c + outputs)
        return cell(c) + groups["residual"][0][0, row, columns[c]] if groups["residual"] else cell(c)


def dequantised(weight, row, k):
    """Value k of a row of a q4f32_1 matrix: (nibble − 7) · scale of its group of 32."""
    words, scale = weight
    shift = tirx.Cast("uint32", (k % Q4_WORD) * 4)
    nibble = tirx.bitwise_and(tirx.shift_right(words[row, k // Q4_WORD], shift), tirx.const(15, "uint32"))
    return (tirx.Cast("float32", nibble) - f32(Q4_ZERO)) * scale[row, k // Q4_GROUP]
