#include "huffman.h"

#include <cstring>

namespace jpeg {
namespace {

constexpr int looks = 1 << lookBits;

Entry entryWith(int length, int skip, int value) {
  return static_cast<Entry>(value) << 16 | static_cast<Entry>(skip) << 8 | static_cast<Entry>(length);
}

/// All that the bits after a code tell about it. @param rest the bits of the look behind the code
Entry entryOf(int symbol, int length, int rest, int restBits, bool isDc) {
  const int size = symbol & 15, run = isDc ? 0 : symbol >> 4;
  if (size == 0 || size > restBits) return entryWith(length, symbol, 0);
  return entryWith(length + size, run, extended(rest >> (restBits - size), size));
}

}  // namespace

void HuffmanTable::set(const JHUFF_TBL& given, bool isDc) {
  const bool isSame = isSet_ && std::memcmp(counts_, given.bits, sizeof counts_) == 0 &&
                      std::memcmp(symbols_, given.huffval, sizeof symbols_) == 0;
  if (isSame) return;
  std::memcpy(counts_, given.bits, sizeof counts_);
  std::memcpy(symbols_, given.huffval, sizeof symbols_);
  std::memset(entries_, 0, sizeof entries_);
  int code = 0, place = 0;
  for (int length = 1; length <= 16; length++) {
    offset_[length] = place - code;
    for (int n = 0; n < counts_[length] && place < 256; n++, code++, place++) {
      const int restBits = lookBits - length;
      if (restBits < 0) continue;
      for (int rest = 0; rest < 1 << restBits; rest++)
        entries_[(code << restBits | rest) & (looks - 1)] = entryOf(symbols_[place], length, rest, restBits, isDc);
    }
    limit_[length] = code << (16 - length);
    code <<= 1;
  }
  if (!isDc) findPasses();
  isSet_ = true;
}

void HuffmanTable::findPasses() {
  for (int bits = 0; bits < looks; bits++) {
    int length = 0, passed = 0;
    bool hasEnded = false;
    while (!hasEnded) {
      const Entry next = entries_[bits << length & (looks - 1)];
      if (next == 0 || length + lengthOf(next) > lookBits) break;
      if (!hasValue(next) && (symbolOf(next) & 15) != 0) break;
      length += lengthOf(next);
      hasEnded = !hasValue(next) && isEnd(symbolOf(next));
      if (!hasEnded) passed += hasValue(next) ? skipOf(next) + 1 : sixteenZeros;
    }
    passes_[bits] = entryWith(length, passed, hasEnded);
  }
}

int HuffmanTable::symbol(uint32_t bits, int& length) const {
  for (length = lookBits + 1; length <= 16; length++) {
    if (static_cast<int32_t>(bits) >= limit_[length]) continue;
    const int place = static_cast<int>(bits >> (16 - length)) + offset_[length];
    return place >= 0 && place < 256 ? symbols_[place] : -1;
  }
  return -1;
}

}  // namespace jpeg
