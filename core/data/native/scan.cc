#include "scan.h"

#include <cstring>

namespace jpeg {
namespace {

/// How libjpeg's entropy decoder begins, in every version since 6 (1995): its public headers only name it.
struct EntropyDecoder {
  void (*startPass)(j_decompress_ptr info);
  boolean (*decodeMcu)(j_decompress_ptr info, JBLOCKROW* blocks);
};

/// Places of the coefficients in a block, and for runs that lead out of it, its last place.
const uint8_t zigzag[64 + 16] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,
    6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31,
    39, 46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63};

boolean readMcu(j_decompress_ptr info, JBLOCKROW* blocks) {
  if (!static_cast<Scan*>(info->client_data)->read(blocks)) info->err->error_exit(reinterpret_cast<j_common_ptr>(info));
  return TRUE;
}

bool isPlain(const jpeg_decompress_struct& info) {
  return !info.progressive_mode && !info.arith_code && info.restart_interval == 0 && info.unread_marker == 0 &&
         info.comps_in_scan == info.num_components && info.Ss == 0 && info.Se == DCTSIZE2 - 1;
}

bool hasTables(const jpeg_decompress_struct& info) {
  for (int n = 0; n < info.comps_in_scan; n++) {
    const jpeg_component_info& component = *info.cur_comp_info[n];
    if (component.dc_tbl_no < 0 || component.dc_tbl_no >= NUM_HUFF_TBLS) return false;
    if (component.ac_tbl_no < 0 || component.ac_tbl_no >= NUM_HUFF_TBLS) return false;
    if (!info.dc_huff_tbl_ptrs[component.dc_tbl_no] || !info.ac_huff_tbl_ptrs[component.ac_tbl_no]) return false;
  }
  return true;
}

/// The symbol of the next code, taken. @param entry what the look found, without a value @returns -1 where there is none
inline int takeSymbol(Bits& bits, const HuffmanTable& table, Entry entry) {
  int length = lengthOf(entry);
  const int symbol = entry != 0 ? symbolOf(entry) : table.symbol(bits.next(16), length);
  bits.take(static_cast<Entry>(length));
  return symbol;
}

/// @returns false where there is no such code
inline bool readDc(Bits& bits, const HuffmanTable& table, int& lastDc) {
  bits.need();
  const Entry entry = table.look(bits.next(lookBits));
  if (hasValue(entry)) {
    bits.take(entry);
    lastDc += valueOf(entry);
  } else {
    const int size = takeSymbol(bits, table, entry);
    if (size < 0 || size > 15) return false;
    if (size > 0) lastDc += bits.takeValue(size);
  }
  return lastDc >= -32768 && lastDc <= 32767;
}

/// A coefficient whose value is not in the look, or zeros. @param place of the next coefficient, moved on; 64 at the end
template <bool isWanted>
inline bool readOne(Bits& bits, const HuffmanTable& table, Entry entry, JCOEF* block, int& place) {
  const int symbol = takeSymbol(bits, table, entry);
  if (symbol < 0) return false;
  const int size = symbol & 15;
  if (size == 0) {
    place = isEnd(symbol) ? DCTSIZE2 : place + sixteenZeros;
    return true;
  }
  place += symbol >> 4;
  const int value = bits.takeValue(size);
  if (isWanted) block[zigzag[place]] = static_cast<JCOEF>(value);
  place++;
  return true;
}

inline bool readAc(Bits& bits, const HuffmanTable& table, JCOEF* block) {
  int place = 1;
  while (place < DCTSIZE2) {
    bits.need();
    const Entry entry = table.look(bits.next(lookBits));
    if (hasValue(entry)) {
      bits.take(entry);
      place += skipOf(entry);
      block[zigzag[place]] = static_cast<JCOEF>(valueOf(entry));
      place++;
    } else if (!readOne<true>(bits, table, entry, block, place)) {
      return false;
    }
  }
  return place == DCTSIZE2;
}

inline bool passAc(Bits& bits, const HuffmanTable& table) {
  int place = 1;
  while (place < DCTSIZE2) {
    bits.need();
    const Entry several = table.pass(bits.next(lookBits));
    // Where the block might be full before its end code, what follows is not its own: one after the other then.
    if (several != 0 && place + skipOf(several) < DCTSIZE2) {
      bits.take(several);
      if (hasValue(several)) return true;
      place += skipOf(several);
      continue;
    }
    const Entry entry = table.look(bits.next(lookBits));
    if (hasValue(entry)) {
      bits.take(entry);
      place += skipOf(entry) + 1;
    } else if (!readOne<false>(bits, table, entry, nullptr, place)) {
      return false;
    }
  }
  return place == DCTSIZE2;
}

}  // namespace

void Scan::takeOver(jpeg_decompress_struct& info, ScanTables& tables, unsigned firstColumn, unsigned lastColumn) {
  if (!isPlain(info) || !hasTables(info)) return;
  bits_ = Bits(info.src->next_input_byte, info.src->next_input_byte + info.src->bytes_in_buffer);
  std::memset(lastDc_, 0, sizeof lastDc_);
  for (int n = 0; n < info.comps_in_scan; n++) {
    const jpeg_component_info& component = *info.cur_comp_info[n];
    tables.dc[component.dc_tbl_no].set(*info.dc_huff_tbl_ptrs[component.dc_tbl_no], true);
    tables.ac[component.ac_tbl_no].set(*info.ac_huff_tbl_ptrs[component.ac_tbl_no], false);
  }
  blocksInMcu_ = info.blocks_in_MCU;
  for (int n = 0; n < blocksInMcu_; n++) {
    component_[n] = info.MCU_membership[n];
    const jpeg_component_info& component = *info.cur_comp_info[component_[n]];
    dc_[n] = &tables.dc[component.dc_tbl_no];
    ac_[n] = &tables.ac[component.ac_tbl_no];
  }
  column_ = 0;
  columns_ = info.MCUs_per_row;
  firstColumn_ = firstColumn;
  lastColumn_ = lastColumn;
  info.client_data = this;
  reinterpret_cast<EntropyDecoder*>(info.entropy)->decodeMcu = readMcu;
}

bool Scan::read(JBLOCKROW* blocks) {
  const bool isWanted = blocks != nullptr && column_ >= firstColumn_ && column_ <= lastColumn_;
  if (++column_ == columns_) column_ = 0;
  Bits bits = bits_;
  for (int n = 0; n < blocksInMcu_; n++) {
    int& lastDc = lastDc_[component_[n]];
    if (!readDc(bits, *dc_[n], lastDc)) return false;
    if (isWanted) blocks[n][0][0] = static_cast<JCOEF>(lastDc);
    if (!(isWanted ? readAc(bits, *ac_[n], blocks[n][0]) : passAc(bits, *ac_[n]))) return false;
  }
  bits_ = bits;
  return !bits.isOverdrawn();
}

}  // namespace jpeg
