// Widening of a small float format by value. The runtime includes compiler-rt's header of this name for half -> float.
#ifndef COMPILER_RT_BUILTIN_FP16_H_
#define COMPILER_RT_BUILTIN_FP16_H_

#include <cmath>
#include <cstdint>

/*! \brief Source: bits `Src` with `SrcMantissa` mantissa and 5 exponent bits; the other parameters are compiler-rt's. */
template <typename Src, typename SrcRep, int SrcMantissa, typename Dst, typename DstRep, int DstMantissa>
static inline Dst __extendXfYf2__(Src bits) {
  constexpr int kMaxExponent = 31, kBias = 15;
  const int exponent = (bits >> SrcMantissa) & kMaxExponent;
  const int mantissa = bits & ((1 << SrcMantissa) - 1);
  Dst value;
  if (exponent == kMaxExponent) {
    value = mantissa ? Dst(NAN) : Dst(INFINITY);
  } else if (exponent == 0) {
    value = std::ldexp(Dst(mantissa), 1 - kBias - SrcMantissa);
  } else {
    value = std::ldexp(Dst(mantissa | (1 << SrcMantissa)), exponent - kBias - SrcMantissa);
  }
  return (bits >> 15) ? -value : value;
}

#endif  // COMPILER_RT_BUILTIN_FP16_H_
