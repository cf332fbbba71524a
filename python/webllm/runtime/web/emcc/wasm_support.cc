// The C entry points that WebLLM's JavaScript side (tvmjs) calls in addition to tvm-ffi's C API. The wheel's own
// tvmjs_support.cc has these too, but adds a remote-procedure session that no chat needs.
#define TVM_LOG_CUSTOMIZE 1
#define TVM_FFI_ALWAYS_LOG_BEFORE_THROW 1

#include <tvm/ffi/function.h>
#include <tvm/runtime/base.h>

#include <cstdlib>
#include <string>

extern "C" {

// Provided by the JavaScript side.
int TVMFFIWasmSafeCall(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result);
void TVMFFIWasmFunctionDeleter(void* self);

TVM_DLL void* TVMWasmAllocSpace(int size) { return std::malloc(size > 0 ? size : 1); }

TVM_DLL void TVMWasmFreeSpace(void* space) { std::free(space); }

TVM_DLL int TVMFFIWasmFunctionCreate(void* handle, TVMFFIObjectHandle* out) {
  return TVMFFIFunctionCreate(handle, TVMFFIWasmSafeCall, TVMFFIWasmFunctionDeleter, out);
}

/*! \brief Text of the last error; it lives until the next call. */
TVM_DLL const char* TVMFFIWasmGetLastError() {
  static std::string text;
  text = tvm::ffi::details::MoveFromSafeCallRaised().what();
  return text.c_str();
}

}  // extern "C"
