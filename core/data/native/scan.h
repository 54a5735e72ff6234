// Reading the coefficients of a baseline picture: most of the time that decoding takes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <jpeglib.h>

#include "bits.h"
#include "huffman.h"

namespace jpeg {

/// Tables that a thread keeps from picture to picture: most cameras and programs write the same ones into every file.
struct ScanTables {
  HuffmanTable dc[NUM_HUFF_TBLS];
  HuffmanTable ac[NUM_HUFF_TBLS];
};

/**
 * Does what libjpeg's own Huffman decoder does for a file of one scan without restart marks, for data that have no fault. Anything
 * else is left to libjpeg, or is a failure.
 */
class Scan {
 public:
  /**
   * Takes over from libjpeg, after `jpeg_start_decompress`; leaves everything as it is where the file is not such a one.
   * @param firstColumn, lastColumn MCUs whose coefficients are wanted; those of others are passed over
   */
  void takeOver(jpeg_decompress_struct& info, ScanTables& tables, unsigned firstColumn, unsigned lastColumn);

  /// Reads one MCU. @param blocks null to pass it over @returns false when the data are damaged
  bool read(JBLOCKROW* blocks);

 private:
  Bits bits_;
  int lastDc_[MAX_COMPS_IN_SCAN];
  int blocksInMcu_;
  int component_[D_MAX_BLOCKS_IN_MCU];
  const HuffmanTable* dc_[D_MAX_BLOCKS_IN_MCU];
  const HuffmanTable* ac_[D_MAX_BLOCKS_IN_MCU];
  unsigned column_, columns_, firstColumn_, lastColumn_;
};

}  // namespace jpeg
