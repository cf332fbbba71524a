"""Writing a GPU kernel as plain Python: threads, registers and guarded statements on top of TVM's IR builder.

A kernel is a function called by `te.extern`. Python's own `for` and `if` unroll and specialise; `loop` and
`when` become loops and branches of the shader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tvm import te, tirx
from tvm.script.ir_builder import IRBuilder
from tvm.script.ir_builder import tirx as T

# These kernels are already bound to threads, so no schedule rule may change them.
SCHEDULED = {"tirx.is_scheduled": True}


def kernel(
    name: str,
    inputs: Sequence[te.Tensor],
    shape: Sequence,
    grid: Sequence,
    threads: int,
    body: Callable,
    dtype: str = "float32",
) -> te.Tensor:
    """A tensor computed by `body(block, thread, inputs, output)` on `grid` workgroups of `threads` threads.

    shape, dtype: of the output. grid: number of workgroups as (x,) or (x, y). block: its indices, in grid's order.
    """

    def generate(ins, outs):
        blocks = [te.thread_axis(f"blockIdx.{axis}") for axis, _ in zip("xyz", grid)]
        thread = te.thread_axis("threadIdx.x")
        frames = [T.attr(block, "thread_extent", extent) for block, extent in zip(blocks, grid)]
        with IRBuilder() as builder:
            with T.frame_scope([*frames, T.attr(thread, "thread_extent", threads)]):
                body(blocks, thread.var, [T.buffer_proxy(b) for b in ins], T.buffer_proxy(outs[0]))
            return builder.get()

    return te.extern([tuple(shape)], list(inputs), generate, name=name, dtype=dtype)


def registers(count: int, dtype: str = "float32"):
    """`count` private values of the thread."""
    return T.buffer_proxy(T.alloc_buffer((count,), dtype, scope="local"))


def loop(extent):
    return T.serial(0, extent)


class when:  # noqa: N801 (reads as a keyword)
    """`with when(condition): …` runs the block only if the condition holds."""

    def __init__(self, condition):
        self._frames = (T.If(condition), T.Then())

    def __enter__(self):
        for frame in self._frames:
            frame.__enter__()

    def __exit__(self, *failure):
        for frame in reversed(self._frames):
            frame.__exit__(*failure)


def f32(value: float):
    return tirx.const(value, "float32")


def index(value):
    """A size or index as int32: WGSL has no other integer."""
    return value if isinstance(value, int) else value.astype("int32")


def ceil_div(a, b: int):
    return (a + (b - 1)) // b
