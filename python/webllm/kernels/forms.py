"""How the numbers of a tensor are stored, and how a kernel reads them as float32.

WGSL has no 16-bit storage without the optional feature `shader-f16`, so two halves share a word of 32 bits, the
lower one first: the bytes are those of a float16 or bfloat16 tensor. `unpack2x16float` is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from tvm import tirx

F16_PAIR = "float32x2"  # WGSL's vec2<f32>


@dataclass(frozen=True)
class Float32:
    """A matrix [out, in] as it is."""

    columns = 1  # of the matrix in an element of the tensor

    def value(self, tensors, row, k):
        return tensors[0][row, k]


@dataclass(frozen=True)
class Halves:
    """float16 in pairs: words [out, in / 2]."""

    columns = 2
    register = F16_PAIR

    def value(self, tensors, row, k):
        return half_at(tensors[0][row, k // 2], k % 2)

    def word(self, tensors, row, j):
        return half_pair(tensors[0][row, j])

    def scale(self, tensors, row, j):
        return None

    def unpacked(self, word, scale, i: int):
        return tirx.Shuffle([word], [i])


@dataclass(frozen=True)
class BrainHalves:
    """bfloat16 in pairs: words [out, in / 2]. A bfloat16 is the upper half of a float32."""

    columns = 2
    register = "uint32"

    def value(self, tensors, row, k):
        # Shifts the lower half up by 16 bits and the upper half by 0, then clears the rest.
        shift = tirx.Cast("uint32", (1 - k % 2) * 16)
        return _float(tirx.bitwise_and(tirx.shift_left(tensors[0][row, k // 2], shift), _UPPER))

    def word(self, tensors, row, j):
        return tensors[0][row, j]

    def scale(self, tensors, row, j):
        return None

    def unpacked(self, word, scale, i: int):
        return _float(tirx.bitwise_and(word, _UPPER) if i else tirx.shift_left(word, tirx.const(16, "uint32")))


@dataclass(frozen=True)
class FourBit:
    """MLC's four bits: words [out, in / 8], lowest nibble first, and a scale for every 32 columns.

    paired: the scales are float16 in pairs [out, in / 64] (`q4f16_1`), else float32 [out, in / 32] (`q4f32_1`).
    """

    paired: bool
    columns = 8
    register = "uint32"
    group = 32
    zero = 7.0

    def value(self, tensors, row, k):
        """(nibble − 7) · scale."""
        return self.unpacked(tensors[0][row, k // 8], self.scale(tensors, row, k // 8), k % 8)

    def word(self, tensors, row, j):
        return tensors[0][row, j]

    def scale(self, tensors, row, j):
        group = j * self.columns // self.group
        return half_at(tensors[1][row, group // 2], group % 2) if self.paired else tensors[1][row, group]

    def unpacked(self, word, scale, i):
        shift = tirx.const(4 * i, "uint32") if isinstance(i, int) else tirx.Cast("uint32", i * 4)
        nibble = tirx.bitwise_and(tirx.shift_right(word, shift), tirx.const(15, "uint32"))
        return (tirx.Cast("float32", nibble) - tirx.const(self.zero, "float32")) * scale


FORMS = {
    "q0f32": Float32(),
    "f16": Halves(),
    "bf16": BrainHalves(),
    "q4f16_1": FourBit(paired=True),
    "q4f32_1": FourBit(paired=False),
}

_UPPER = tirx.const(0xFFFF0000, "uint32")


def half_pair(word):
    """Both float16 of a word."""
    return tirx.call_pure_extern(F16_PAIR, "unpack2x16float", word)


def half_at(word, odd):
    """The lower float16 of a word if `odd` is 0, the upper one if it is 1."""
    return tirx.Shuffle([half_pair(tirx.shift_right(word, tirx.Cast("uint32", odd * 16)))], [0])


def element(vector, dtype: str):
    """A function from k to value k of a vector: float32 [n], or float16 in pairs, uint32 [n / 2]."""
    if dtype == "float32":
        return lambda k: vector[k]
    return lambda k: half_at(vector[k // 2], k % 2)


def _float(bits):
    return tirx.reinterpret("float32", bits)
