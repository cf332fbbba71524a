// Streams over bytes in memory.
#ifndef TVM_SUPPORT_BYTES_IO_H_
#define TVM_SUPPORT_BYTES_IO_H_

#include <tvm/support/io.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace tvm {
namespace support {

/*! \brief Reads bytes that somebody else owns and keeps alive. */
class BytesInStream : public Stream {
 public:
  using Stream::Read;
  using Stream::Write;

  template <typename Bytes>
  explicit BytesInStream(const Bytes& bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  size_t Read(void* data, size_t size) final {
    size = std::min(size, static_cast<size_t>(end_ - next_));
    if (size != 0) std::memcpy(data, next_, size);
    next_ += size;
    return size;
  }
  size_t Write(const void*, size_t) final { return 0; }

 private:
  const char* next_;
  const char* end_;
};

/*! \brief Appends to a string that somebody else owns. */
class BytesOutStream : public Stream {
 public:
  using Stream::Read;
  using Stream::Write;

  explicit BytesOutStream(std::string* out) : out_(out) {}

  size_t Read(void*, size_t) final { return 0; }
  size_t Write(const void* data, size_t size) final {
    out_->append(static_cast<const char*>(data), size);
    return size;
  }

 private:
  std::string* out_;
};

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_BYTES_IO_H_
