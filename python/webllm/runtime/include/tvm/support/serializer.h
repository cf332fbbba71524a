// Format of values in a Stream, as the TVM compiler of the same version writes it: numbers and enums as raw
// little-endian bytes, DLDataType as u8 code, u8 bits, u16 lanes, DLDevice as two int32, containers as a uint64 count
// and then the items (a map: key, value, key, value).
#ifndef TVM_SUPPORT_SERIALIZER_H_
#define TVM_SUPPORT_SERIALIZER_H_

#include <dlpack/dlpack.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/string.h>
#include <tvm/support/io.h>

#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tvm {
namespace support {

/*! \brief The general case is for types whose bytes are the format: numbers and enums. wasm is little-endian. */
template <typename T>
struct Serializer {
  static constexpr bool enabled = std::is_arithmetic_v<T> || std::is_enum_v<T>;
  static_assert(enabled, "this type needs a Serializer of its own");

  static void Write(Stream* stream, const T& value) { stream->Write(static_cast<const void*>(&value), sizeof(T)); }
  static bool Read(Stream* stream, T* value) {
    return stream->Read(static_cast<void*>(value), sizeof(T)) == sizeof(T);
  }
};

template <>
struct Serializer<DLDataType> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const DLDataType& type) {
    stream->Write(type.code);
    stream->Write(type.bits);
    stream->Write(type.lanes);
  }
  static bool Read(Stream* stream, DLDataType* type) {
    return stream->Read(&type->code) && stream->Read(&type->bits) && stream->Read(&type->lanes);
  }
};

template <>
struct Serializer<DLDevice> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const DLDevice& device) {
    stream->Write(static_cast<int32_t>(device.device_type));
    stream->Write(static_cast<int32_t>(device.device_id));
  }
  static bool Read(Stream* stream, DLDevice* device) {
    int32_t type = 0, id = 0;
    if (!stream->Read(&type) || !stream->Read(&id)) return false;
    device->device_type = static_cast<DLDeviceType>(type);
    device->device_id = id;
    return true;
  }
};

template <>
struct Serializer<std::string> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const std::string& text) {
    stream->Write(static_cast<uint64_t>(text.size()));
    stream->Write(static_cast<const void*>(text.data()), text.size());
  }
  static bool Read(Stream* stream, std::string* text) {
    uint64_t size = 0;
    if (!stream->Read(&size)) return false;
    text->resize(size);
    return stream->Read(static_cast<void*>(text->data()), size) == size;
  }
};

template <>
struct Serializer<ffi::String> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const ffi::String& text) { stream->Write(static_cast<std::string>(text)); }
  static bool Read(Stream* stream, ffi::String* text) {
    std::string plain;
    if (!stream->Read(&plain)) return false;
    *text = ffi::String(std::move(plain));
    return true;
  }
};

template <typename T>
struct Serializer<std::vector<T>> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const std::vector<T>& items) {
    stream->Write(static_cast<uint64_t>(items.size()));
    for (const T& item : items) stream->Write(item);
  }
  static bool Read(Stream* stream, std::vector<T>* items) {
    uint64_t size = 0;
    if (!stream->Read(&size)) return false;
    items->resize(size);
    return stream->ReadArray(items->data(), size);
  }
};

template <typename T>
struct Serializer<ffi::Array<T>> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const ffi::Array<T>& items) {
    stream->Write(static_cast<uint64_t>(items.size()));
    for (const T& item : items) stream->Write(item);
  }
  static bool Read(Stream* stream, ffi::Array<T>* items) {
    uint64_t size = 0;
    if (!stream->Read(&size)) return false;
    items->clear();
    for (uint64_t i = 0; i < size; ++i) {
      T item{};
      if (!stream->Read(&item)) return false;
      items->push_back(std::move(item));
    }
    return true;
  }
};

template <typename Key, typename Value>
struct Serializer<ffi::Map<Key, Value>> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const ffi::Map<Key, Value>& map) {
    stream->Write(static_cast<uint64_t>(map.size()));
    for (const auto& [key, value] : map) {
      stream->Write(key);
      stream->Write(value);
    }
  }
  static bool Read(Stream* stream, ffi::Map<Key, Value>* map) {
    uint64_t size = 0;
    if (!stream->Read(&size)) return false;
    map->clear();
    for (uint64_t i = 0; i < size; ++i) {
      Key key{};
      Value value{};
      if (!stream->Read(&key) || !stream->Read(&value)) return false;
      map->Set(std::move(key), std::move(value));
    }
    return true;
  }
};

template <typename Key, typename Value>
struct Serializer<std::unordered_map<Key, Value>> {
  static constexpr bool enabled = true;

  static void Write(Stream* stream, const std::unordered_map<Key, Value>& map) {
    stream->Write(static_cast<uint64_t>(map.size()));
    for (const auto& [key, value] : map) {
      stream->Write(key);
      stream->Write(value);
    }
  }
  static bool Read(Stream* stream, std::unordered_map<Key, Value>* map) {
    uint64_t size = 0;
    if (!stream->Read(&size)) return false;
    map->clear();
    for (uint64_t i = 0; i < size; ++i) {
      Key key{};
      Value value{};
      if (!stream->Read(&key) || !stream->Read(&value)) return false;
      map->emplace(std::move(key), std::move(value));
    }
    return true;
  }
};

}  // namespace support
}  // namespace tvm
#endif  // TVM_SUPPORT_SERIALIZER_H_
