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

from .forms import Float32, element
from .threads import SCHEDULED, ceil_div, f32, index, kernel, loop, registers, when

# Columns of W that a thread unrolls per iteration of the loop: many if a step is one product, few if it is
# sixteen, because the browser compiles the unrolled code (sixteen products eightfold made loading a third
# slower, and nothing faster).
UNROLL_ONE_ROW, UNROLL = 8, 2
# Threads of a workgroup if the number of outputs is known only at run time (LoRA of any rank).
THREADS_IF_UNKNOWN = 16


@dataclass(frozen=True)
class Weight:
    """A matrix [out, in]: the tensors that hold it, and how (forms.py)."""

    tensors: tuple[nn.Tensor, ...]
    form: object = Float32()


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
        "weight": list(weight.tensors),
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
        return _Product(parts, weight.form, ends, gated).build(name)

    return op.tensor_expr_op(build, name, [t for group in groups.values() for t in group], attrs=SCHEDULED)


class _Product:
    """One kernel: its sizes, and the statements of a thread."""

    def __init__(self, parts: dict, form, ends: tuple[int, ...], gated: bool):
        self.parts, self.form, self.ends, self.gated = parts, form, ends, gated
        x, weight = parts["x"][0], parts["weight"][0]
        self.n, self.inner = x.shape[1], int(x.shape[2])
        self.out = _extent(weight.shape[0]) // (2 if gated else 1)
        self.one_row = isinstance(self.n, tirx.IntImm) and int(self.n) == 1
        # Rows of x and columns of y that a thread sums: sixteen products for eight loads.
        self.rows = 1 if self.one_row else 4
        self.columns = (2 if gated else 1) if self.one_row else 4
        per_thread = self.columns // (2 if gated else 1)
        known = isinstance(self.out, int)
        self.threads = min(32, max(4, ceil_div(self.out, per_thread))) if known else THREADS_IF_UNKNOWN
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
        out = index(self.out)
        safe = [tirx.min(column, out - 1) for column in outputs]
        columns = safe + [column + out for column in safe] if self.gated else safe
        total = registers(self.rows * len(columns))
        for cell in range(self.rows * len(columns)):
            total[cell] = f32(0)
        if self.form.columns == 1:
            self._sum(total, x, weight, rows, columns)
        else:
            self._sum_packed(total, x, weight, rows, columns)
        if groups["lora"]:
            self._add_lora(total, *groups["lora"], rows, columns)
        for r, row in enumerate(rows):
            for c, column in enumerate(outputs):
                value = self._value(total, groups, r, c, row, columns, len(outputs))
                guard = column < out if self.one_row else tirx.all(column < out, first_row + r < n)
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
                    w[0] = weight[0][column, k]
                    for r in range(len(rows)):
                        total[r * len(columns) + c] = total[r * len(columns) + c] + xs[r] * w[0]

    def _sum_packed(self, total, x, weight, rows, columns):
        """Loads a word of each column once. Of many rows, the columns in a word are a loop if they are many."""
        form = self.form
        xs, words = registers(len(rows)), registers(len(columns), form.register)
        scales = registers(len(columns))
        most = UNROLL_ONE_ROW // form.columns if self.one_row else 1
        per_loop = next(u for u in (most, 1) if self.inner // form.columns % u == 0)

        def add(k, i):
            for r, row in enumerate(rows):
                xs[r] = x[0, row, k]
            for c in range(len(columns)):
                value = form.unpacked(words[c], scales[c], i)
                for r in range(len(rows)):
                    total[r * len(columns) + c] = total[r * len(columns) + c] + xs[r] * value

        with loop(self.inner // form.columns // per_loop) as outer:
            for inner in range(per_loop):
                j = outer * per_loop + inner
                for c, column in enumerate(columns):
                    words[c] = form.word(weight, column, j)
                    scale = form.scale(weight, column, j)
                    if scale is not None:
                        scales[c] = scale
                if self.one_row or form.columns <= UNROLL:
                    for i in range(form.columns):
                        add(j * form.columns + i, i)
                else:
                    with loop(form.columns) as i:
                        add(j * form.columns + i, i)

    def _add_lora(self, total, low, b, rows, columns):
        rank = index(_extent(self.parts["lora"][1].shape[1]))
        with loop(rank) as j:
            for c, column in enumerate(columns):
                part = sum((tirx.Cast("int32", column >= end) for end in self.ends[:-1]), 0)
                for r, row in enumerate(rows):
                    cell = r * len(columns) + c
                    total[cell] = total[cell] + low[0, row, part * rank + j] * b[column, j]

    def _value(self, total, groups, r, c, row, columns, outputs):
        def cell(at):
            value = total[r * len(columns) + at]
            if not groups["bias"]:
                return value
            return value + element(groups["bias"][0], self.parts["bias"][0].dtype)(columns[at])

        if self.gated:
            gate = cell(c)
            return gate / (f32(1) + tirx.exp(-gate)) * cell(c + outputs)
        return cell(c) + groups["residual"][0][0, row, columns[c]] if groups["residual"] else cell(c)


def _extent(size):
    """A size as int, or the expression if it is known only at run time."""
    return int(size) if isinstance(size, (int, tirx.IntImm)) else size
