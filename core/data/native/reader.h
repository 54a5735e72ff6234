// libjpeg behind a door: its errors, warnings included, come out as `false`.
#pragma once
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <jpeglib.h>

#include "plan.h"
#include "scan.h"

namespace jpeg {

/// Takes rows of RGBX pixels as they are decoded, and may change them. Must not throw: libjpeg's frames may lie below it.
class RowSink {
 public:
  virtual void take(uint8_t* row, int y) noexcept = 0;

 protected:
  ~RowSink() = default;
};

/// Reads one file. `open`, then `prepare`, then `read`; each false once anything about the file is unusual or damaged.
class Reader {
 public:
  Reader(const uint8_t* bytes, size_t length);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Reads the header. @returns false for anything but an 8-bit grey or YCbCr picture of the size given.
  bool open(int width, int height);
  /// Sets the size to decode at, in eighths: 8, 4, 2 or 1. Then `width` and `height` are known.
  bool scaleTo(int eighths);
  int width() const { return static_cast<int>(info_.output_width); }
  int height() const { return static_cast<int>(info_.output_height); }
  /// Bytes that `read` wants for its rows.
  size_t rowMemory() const;
  /**
   * Decodes the part of the scaled picture in `region` and no more than libjpeg needs for it.
   * @param memory `rowMemory()` bytes
   */
  bool read(const Box& region, uint8_t* memory, ScanTables& tables, RowSink& sink);

 private:
  struct Trap {
    jpeg_error_mgr base;
    std::jmp_buf back;
  };
  static void fail(j_common_ptr info);
  static void warn(j_common_ptr info, int level);
  static void watch(j_common_ptr info);
  bool hasEnd() const;
  void takeOver(unsigned from, ScanTables& tables);

  jpeg_decompress_struct info_;
  jpeg_progress_mgr progress_;
  Trap trap_;
  Scan scan_;
  const uint8_t* bytes_;
  size_t length_;
};

}  // namespace jpeg
