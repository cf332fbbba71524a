// Profiler ranges of another vendor: nothing to do in a browser.
#ifndef TVM_SUPPORT_CUDA_NVTX_H_
#define TVM_SUPPORT_CUDA_NVTX_H_

#include <string>

namespace tvm {
namespace support {

struct NVTXScopedRange {
  explicit NVTXScopedRange(const std::string&) {}
};

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_CUDA_NVTX_H_
