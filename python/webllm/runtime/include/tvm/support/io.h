// Byte streams for the browser runtime. The wheels of apache-tvm carry the runtime's sources but not tvm/support:
// this is our own version, with only the functions that the callers use.
#ifndef TVM_SUPPORT_IO_H_
#define TVM_SUPPORT_IO_H_

#include <cstddef>
#include <cstdint>

namespace tvm {
namespace support {

template <typename T>
struct Serializer;  // tvm/support/serializer.h

/*! \brief A sequence of bytes that values are read from or written to. */
class Stream {
 public:
  virtual ~Stream() = default;

  /*! \brief Reads at most `size` bytes; returns the number read. */
  virtual size_t Read(void* data, size_t size) = 0;
  /*! \brief Writes `size` bytes; returns the number written. */
  virtual size_t Write(const void* data, size_t size) = 0;

  /*! \brief Reads one value; false if the stream ends first. */
  template <typename T>
  bool Read(T* value) {
    return Serializer<T>::Read(this, value);
  }

  template <typename T>
  void Write(const T& value) {
    Serializer<T>::Write(this, value);
  }

  /*! \brief Reads `count` values that have no count in front. */
  template <typename T>
  bool ReadArray(T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (!Serializer<T>::Read(this, values + i)) return false;
    }
    return true;
  }

  template <typename T>
  void WriteArray(const T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) Serializer<T>::Write(this, values[i]);
  }
};

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_IO_H_
