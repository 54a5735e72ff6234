// The bits of a scan, in order. Meant to live in registers: everything here is inlined.
#pragma once
#include <cstdint>
#include <cstring>

#include "huffman.h"

namespace jpeg {

class Bits {
 public:
  Bits() = default;
  Bits(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}

  /// Makes sure of enough bits for a code and its value, or finds that the data end.
  void need() {
    if (count_ < bitsForOne && !isAtEnd_) fill();
  }
  uint32_t next(int length) const { return static_cast<uint32_t>(bits_ >> (64 - length)); }
  /// @param entry one whose low byte is the length
  void take(Entry entry) {
    bits_ <<= entry & 63;
    count_ -= lengthOf(entry);
  }
  int takeValue(int size) {
    const int found = extended(static_cast<int>(next(size)), size);
    take(static_cast<Entry>(size));
    return found;
  }
  /// Whether more were taken than there are.
  bool isOverdrawn() const { return count_ < 0; }

 private:
  /// No code has more than 16 bits, and no value more than 15.
  static constexpr int bitsForOne = 32;

  /// At least 56 bits, unless the data end before.
  void fill() {
    if (end_ - at_ >= 8) {
      const uint64_t word = wordAt(at_);
      if (fullBytes(word) == 0) {
        // Bits of a byte that is not counted yet come in as well; they come in again, the same, with the next word.
        bits_ |= word >> count_;
        at_ += (63 - count_) >> 3;
        count_ |= 56;
        return;
      }
    }
    while (count_ <= 56) {
      if (at_ == end_ || (at_[0] == 0xff && (at_ + 1 == end_ || at_[1] != 0))) {
        isAtEnd_ = true;  // zeros follow, and once one of them is taken the picture is known to be damaged
        return;
      }
      bits_ |= static_cast<uint64_t>(*at_) << (56 - count_);
      count_ += 8;
      at_ += *at_ == 0xff ? 2 : 1;
    }
  }

  /// Eight bytes, the first one on top.
  static uint64_t wordAt(const uint8_t* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
  }

  /// Not zero where one of the bytes is 0xff: such a byte is stuffed, or begins a mark.
  static uint64_t fullBytes(uint64_t word) {
    return (~word - 0x0101010101010101ull) & word & 0x8080808080808080ull;
  }

  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  /// The next bits, from the top down; `count_` of them are known.
  uint64_t bits_ = 0;
  int count_ = 0;
  bool isAtEnd_ = false;
};

}  // namespace jpeg
