// Tensors as base64 text occur only in graph files, which a WebLLM library never reads, so this throws.
#ifndef TVM_SUPPORT_BASE64_H_
#define TVM_SUPPORT_BASE64_H_

#include <tvm/ffi/error.h>
#include <tvm/support/io.h>

namespace tvm {
namespace support {

class NoBase64Stream : public Stream {
 public:
  using Stream::Read;
  using Stream::Write;

  explicit NoBase64Stream(Stream*) {
    TVM_FFI_THROW(RuntimeError) << "base64 tensors are not built into this library";
  }
  size_t Read(void*, size_t) final { return 0; }
  size_t Write(const void*, size_t) final { return 0; }
  void Finish() {}
  void InitPosition() {}
};

using Base64OutStream = NoBase64Stream;
using Base64InStream = NoBase64Stream;

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_BASE64_H_
