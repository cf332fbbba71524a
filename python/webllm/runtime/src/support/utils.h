// The only string helper that the browser runtime uses.
#ifndef TVM_SUPPORT_UTILS_H_
#define TVM_SUPPORT_UTILS_H_

#include <string>

namespace tvm {
namespace support {

inline bool StartsWith(const std::string& text, const char* head) { return text.rfind(head, 0) == 0; }

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_UTILS_H_
