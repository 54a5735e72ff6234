// CRC-32C of TFRecord files, by the processor's own instruction.
#pragma once
#include <cstddef>
#include <cstdint>

namespace crc {

/// Whether this processor has the instruction.
bool isQuick();

/// Castagnoli's CRC, begun and ended with all bits set. Only where `isQuick`.
uint32_t crc32c(const uint8_t* bytes, size_t length);

}  // namespace crc
