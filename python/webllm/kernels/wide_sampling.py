"""Top-p sampling from a large vocabulary: many threads, each on a slice, without barriers.

The same tokens as sampling.py's one thread, which on a real GPU would take longer than the model. The threshold is
found by a search among 32 candidates at a time instead of two.
"""

from __future__ import annotations

from tvm import tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.script.ir_builder import tirx as T

from .threads import SCHEDULED, f32, index, kernel, loop, registers, when

WAYS = 32
STEPS = [1 << bits for bits in (25, 20, 15, 10, 5, 0)]
"""Distance of the candidates in a round, in bits of a float: together they reach from 0 to 2."""
SEARCH_SLICES = 32
SLICES = 256


def sample_with_top_p(probs: nn.Tensor, uniform: nn.Tensor, rows: nn.Tensor, top_p: nn.Tensor) -> nn.Tensor:
    """One token for each uniform [n] in [0, 1), drawn from row rows[i] of probs [b, V]; top_p [b] → int32 [n]."""
    low = _start(rows)
    for step in STEPS:
        masses = _candidate_masses(probs, rows, top_p, low, step)
        low = _greatest_candidate(masses, rows, top_p, low, step)
    above, ties = _above(probs, rows, low), _ties(probs, rows, low)
    return _draw(probs, uniform, rows, top_p, low, above, ties)


def _op(build, name: str, *args: nn.Tensor) -> nn.Tensor:
    return op.tensor_expr_op(build, name, list(args), attrs=SCHEDULED)


def _start(rows: nn.Tensor) -> nn.Tensor:
    """Bits of the lowest threshold, 0, for every draw [n]."""

    def build(rows):
        def body(block, thread, inputs, y):
            y[index(block[0].var)] = tirx.const(0, "int32")

        return kernel("threshold_start", [rows], rows.shape, (rows.shape[0],), 1, body, dtype="int32")

    return _op(build, "threshold_start", rows)


def _candidate_masses(probs, rows, top_p, low, step: int) -> nn.Tensor:
    """[n, SEARCH_SLICES, WAYS]: the mass, in a slice, of the tokens of at least low + way · step."""

    def build(probs, rows, top_p, low):
        n, vocab = rows.shape[0], int(probs.shape[1])
        width = -(-vocab // SEARCH_SLICES)

        def body(block, thread, inputs, y):
            probs, rows, top_p, low = inputs
            draw, slice_ = index(block[1].var), index(block[0].var)
            mass, bits = registers(1), registers(1, "int32")
            mass[0] = f32(0)
            bits[0] = low[draw] + thread * step
            threshold = tirx.reinterpret("float32", bits[0])
            with when(top_p[rows[draw]] < f32(1)):
                with loop(width) as i, when(slice_ * width + i < vocab):
                    with when(probs[rows[draw], slice_ * width + i] >= threshold):
                        mass[0] = mass[0] + probs[rows[draw], slice_ * width + i]
            y[draw, slice_, thread] = mass[0]

        return kernel("masses", [probs, rows, top_p, low], (n, SEARCH_SLICES, WAYS), (SEARCH_SLICES, n), WAYS, body)

    return _op(build, "masses", probs, rows, top_p, low)


def _greatest_candidate(masses, rows, top_p, low, step: int) -> nn.Tensor:
    """Bits of the greatest candidate whose mass reaches top_p [n]; candidate 0 always does."""

    def build(masses, rows, top_p, low):
        def body(block, thread, inputs, y):
            masses, rows, top_p, low = inputs
            draw = index(block[0].var)
            mass = registers(1)
            y[draw] = low[draw]
            with when(top_p[rows[draw]] < f32(1)):
                with T.serial(1, WAYS) as way:
                    mass[0] = f32(0)
                    with loop(SEARCH_SLICES) as i:
                        mass[0] = mass[0] + masses[draw, i, way]
                    with when(mass[0] >= top_p[rows[draw]]):
                        y[draw] = low[draw] + way * step

        return kernel("threshold", [masses, rows, top_p, low], low.shape, (low.shape[0],), 1, body, dtype="int32")

    return _op(build, "threshold", masses, rows, top_p, low)


def _over_slices(name: str, dtype: str, add) -> object:
    """[n, SLICES]: add(register, p, threshold) over the tokens of each slice."""

    def build(probs, rows, low):
        n, vocab = rows.shape[0], int(probs.shape[1])
        width = -(-vocab // SLICES)
        threads = 32

        def body(block, thread, inputs, y):
            probs, rows, low = inputs
            draw, slice_ = index(block[1].var), index(block[0].var) * threads + thread
            total = registers(1, dtype)
            total[0] = tirx.const(0, dtype)
            with loop(width) as i, when(slice_ * width + i < vocab):
                add(total, probs[rows[draw], slice_ * width + i], tirx.reinterpret("float32", low[draw]))
            y[draw, slice_] = total[0]

        return kernel(name, [probs, rows, low], (n, SLICES), (SLICES // threads, n), threads, body, dtype=dtype)

    return build


def _above(probs, rows, low) -> nn.Tensor:
    """The mass above the threshold."""

    def add(total, p, threshold):
        with when(p > threshold):
            total[0] = total[0] + p

    return _op(_over_slices("mass_above", "float32", add), "mass_above", probs, rows, low)


def _ties(probs, rows, low) -> nn.Tensor:
    """How many tokens equal the threshold; none if it is 0, because such a token is never drawn."""

    def add(total, p, threshold):
        with when(tirx.all(p == threshold, p > f32(0))):
            total[0] = total[0] + 1

    return _op(_over_slices("ties", "int32", add), "ties", probs, rows, low)


MASS, SEEN, BEFORE = range(3)  # kept in all; walked so far; walked before the chosen slice
KEPT, LEFT, LEFT_BEFORE, CHOSEN, FOUND, TAKEN = range(6)  # ties kept; not walked; …at the chosen slice; the slice


def _draw(probs, uniform, rows, top_p, low, above, ties) -> nn.Tensor:
    """Finds the slice that holds the draw, then walks its tokens. One thread per draw."""

    def build(probs, uniform, rows, top_p, low, above, ties):
        vocab = int(probs.shape[1])
        width = -(-vocab // SLICES)

        def body(block, thread, inputs, y):
            probs, uniform, rows, top_p, low, above, ties = inputs
            draw = index(block[0].var)
            mass, count = registers(3), registers(6, "int32")
            threshold = tirx.reinterpret("float32", low[draw])
            _clear(mass, 3, f32(0))
            _clear(count, 6, tirx.const(0, "int32"))
            with loop(SLICES) as s:
                mass[MASS] = mass[MASS] + above[draw, s]
            # Ties are kept in order of id, as many as the mass still needs.
            with loop(SLICES) as s, loop(ties[draw, s]) as _tie, when(mass[MASS] < top_p[rows[draw]]):
                mass[MASS] = mass[MASS] + threshold
                count[KEPT] = count[KEPT] + 1
            count[LEFT] = count[KEPT]
            with loop(SLICES) as s, when(count[FOUND] == 0):
                count[TAKEN] = tirx.min(count[LEFT], ties[draw, s])
                # Rounding may end the walk before its goal: the last slice with a kept token is then the chosen one.
                with when(tirx.any(above[draw, s] > f32(0), count[TAKEN] > 0)):
                    count[CHOSEN] = index(s)
                    count[LEFT_BEFORE] = count[LEFT]
                    mass[BEFORE] = mass[SEEN]
                    mass[SEEN] = mass[SEEN] + above[draw, s] + tirx.Cast("float32", count[TAKEN]) * threshold
                    count[LEFT] = count[LEFT] - count[TAKEN]
                    with when(mass[SEEN] > uniform[draw] * mass[MASS]):
                        count[FOUND] = 1
            count[FOUND] = 0
            y[draw] = 0
            with loop(width) as i, when(tirx.all(count[FOUND] == 0, count[CHOSEN] * width + i < vocab)):
                token = count[CHOSEN] * width + i
                p = probs[rows[draw], token]
                kept_tie = tirx.all(p == threshold, p > f32(0), count[LEFT_BEFORE] > 0)
                with when(tirx.any(p > threshold, kept_tie)):
                    with when(p == threshold):
                        count[LEFT_BEFORE] = count[LEFT_BEFORE] - 1
                    mass[BEFORE] = mass[BEFORE] + p
                    y[draw] = index(token)
                    with when(mass[BEFORE] > uniform[draw] * mass[MASS]):
                        count[FOUND] = 1

        args = [probs, uniform, rows, top_p, low, above, ties]
        return kernel("draw", args, rows.shape, (rows.shape[0],), 1, body, dtype="int32")

    return _op(build, "draw", probs, uniform, rows, top_p, low, above, ties)


def _clear(values, count: int, zero):
    for i in range(count):
        values[i] = zero
