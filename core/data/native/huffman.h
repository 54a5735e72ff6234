// Huffman tables that tell run, size and value of a coefficient in one look, and several coefficients where none is wanted.
#pragma once
#include <cstdint>
#include <cstdio>

#include <jpeglib.h>

namespace jpeg {

/// Bits that one look takes in.
constexpr int lookBits = 10;

/**
 * What a look finds, in 32 bits, from the lowest: 8 of length in bits, 8 of zeros to pass over, 16 of value. Where code and value
 * do not lie in the look together, or there is no value, the upper 8 of them are the code's symbol instead, and the
 * length is that of the code. 0: the code itself reaches beyond.
 */
using Entry = uint32_t;

inline int lengthOf(Entry entry) { return static_cast<int>(entry & 0xff); }
inline int skipOf(Entry entry) { return static_cast<int>(entry >> 8 & 0xff); }
inline int symbolOf(Entry entry) { return skipOf(entry); }
inline int valueOf(Entry entry) { return static_cast<int32_t>(entry) >> 16; }
inline bool hasValue(Entry entry) { return entry > 0xffff; }

constexpr int sixteenZeros = 16;

/// Symbols are made of a run of zeros and the size of a value. Without a value: sixteen zeros, or the end of the block.
inline bool isEnd(int symbol) { return (symbol & 15) == 0 && symbol >> 4 != 15; }

class HuffmanTable {
 public:
  /// Takes over a table of the file, which libjpeg has checked; no work when it is the same as before.
  void set(const JHUFF_TBL& given, bool isDc);

  Entry look(uint64_t bits) const { return entries_[bits]; }
  /// All whole coefficients within a look at once: length, coefficients; value 1 when the last one ended the block. 0: none.
  Entry pass(uint64_t bits) const { return passes_[bits]; }
  /// The symbol of a code longer than a look. @param bits the next 16 @returns -1 where there is no such code
  int symbol(uint32_t bits, int& length) const;

 private:
  void findPasses();

  Entry entries_[1 << lookBits];
  Entry passes_[1 << lookBits];
  /// For each length: one more than the largest code, shifted up to 16 bits, and what turns a code into its symbol's place.
  int32_t limit_[17];
  int32_t offset_[17];
  uint8_t counts_[17] = {};
  uint8_t symbols_[256] = {};
  bool isSet_ = false;
};

/// The number that `size` bits stand for.
inline int extended(int bits, int size) { return bits < (1 << (size - 1)) ? bits - (1 << size) + 1 : bits; }

}  // namespace jpeg
