#include "reader.h"

#include <algorithm>
#include <cstring>

namespace jpeg {
namespace {

/// Rows asked of libjpeg at once.
constexpr int rowsAtOnce = 16;
/// Scans of a progressive file: encoders write about ten; thousands of empty ones are an attack on time.
constexpr int mostScans = 100;
/// libjpeg keeps the coefficients of a progressive picture: beyond this, the other decoder may try.
constexpr long mostMemory = 256L << 20;
/// Bytes after the end mark that are looked through, as in core/data/damage.ts.
constexpr size_t tailBytes = 64 * 1024;
constexpr size_t pixelBytes = 4;
/// Bytes behind each row that may be read.
constexpr size_t rowSlack = 64;

}  // namespace

// Nothing with a destructor lives in a frame between `setjmp` and a call of libjpeg, as `longjmp` would pass it over.

Reader::Reader(const uint8_t* bytes, size_t length) : bytes_(bytes), length_(length) {
  std::memset(&info_, 0, sizeof info_);
  info_.err = jpeg_std_error(&trap_.base);
  trap_.base.error_exit = fail;
  trap_.base.emit_message = warn;
}

Reader::~Reader() { jpeg_destroy_decompress(&info_); }

void Reader::fail(j_common_ptr info) { std::longjmp(reinterpret_cast<Trap*>(info->err)->back, 1); }

/// libjpeg goes on with grey where data are missing. Whether that is good enough is for the other decoder to judge.
void Reader::warn(j_common_ptr info, int level) {
  if (level < 0) fail(info);
}

void Reader::watch(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > mostScans) fail(info);
}

bool Reader::open(int width, int height) {
  if (setjmp(trap_.back) != 0) return false;
  jpeg_create_decompress(&info_);
  info_.mem->max_memory_to_use = mostMemory;
  std::memset(&progress_, 0, sizeof progress_);
  progress_.progress_monitor = watch;
  info_.progress = &progress_;
  jpeg_mem_src(&info_, bytes_, static_cast<unsigned long>(length_));
  jpeg_read_header(&info_, TRUE);
  const bool isUsual = info_.data_precision == 8 && !info_.arith_code &&
                       (info_.jpeg_color_space == JCS_YCbCr || info_.jpeg_color_space == JCS_GRAYSCALE);
  const bool isAsSaid = static_cast<int>(info_.image_width) == width && static_cast<int>(info_.image_height) == height;
  // A file of several scans is read whole, so that its end is met; else the rows below the part are never looked at.
  return isUsual && isAsSaid && (jpeg_has_multiple_scans(&info_) || hasEnd());
}

/// Whether an end mark comes after the header: without one the file was cut short.
bool Reader::hasEnd() const {
  const size_t left = info_.src->bytes_in_buffer;
  const uint8_t* end = bytes_ + length_;
  const uint8_t* from = end - std::min(left, tailBytes);
  for (const uint8_t* at = end - 2; at >= from; at--)
    if (at[0] == 0xff && at[1] == JPEG_EOI) return true;
  return false;
}

bool Reader::scaleTo(int eighths) {
  if (setjmp(trap_.back) != 0) return false;
  info_.scale_num = static_cast<unsigned>(eighths);
  info_.scale_denom = 8;
  info_.out_color_space = JCS_EXT_RGBX;
  jpeg_calc_output_dimensions(&info_);
  return true;
}

/// @param from first column of the scaled picture that libjpeg is going to give
void Reader::takeOver(unsigned from, ScanTables& tables) {
#if JPEG_LIB_VERSION >= 70
  const int blockWidth = info_.min_DCT_h_scaled_size;
#else
  const int blockWidth = info_.min_DCT_scaled_size;
#endif
  const unsigned mcuWidth = static_cast<unsigned>(info_.max_h_samp_factor * blockWidth);
  scan_.takeOver(info_, tables, from / mcuWidth, (from + info_.output_width - 1) / mcuWidth);
}

size_t Reader::rowMemory() const { return rowsAtOnce * (info_.output_width * pixelBytes + rowSlack); }

bool Reader::read(const Box& region, uint8_t* memory, ScanTables& tables, RowSink& sink) {
  if (setjmp(trap_.back) != 0) return false;
  jpeg_start_decompress(&info_);
  // The outermost columns of what libjpeg cuts out lack a neighbour for the upsampling of colour: cut them off again.
  const int left = std::max(region.x - 2, 0);
  const int right = std::min(region.x + region.width + 2, static_cast<int>(info_.output_width));
  JDIMENSION from = static_cast<JDIMENSION>(left);
  JDIMENSION width = static_cast<JDIMENSION>(right - left);
  if (width < info_.output_width) jpeg_crop_scanline(&info_, &from, &width);
  else from = 0;
  takeOver(from, tables);
  if (region.y > 0) jpeg_skip_scanlines(&info_, static_cast<JDIMENSION>(region.y));
  const size_t stride = info_.output_width * pixelBytes + rowSlack;
  uint8_t* first = memory + (static_cast<size_t>(region.x) - from) * pixelBytes;
  JSAMPROW rows[rowsAtOnce];
  for (int row = 0; row < rowsAtOnce; row++) rows[row] = memory + row * stride;
  for (int y = 0; y < region.height;) {
    const int wanted = std::min(rowsAtOnce, region.height - y);
    int got = 0;
    while (got < wanted) {
      const JDIMENSION read = jpeg_read_scanlines(&info_, rows + got, static_cast<JDIMENSION>(wanted - got));
      if (read == 0) return false;
      got += static_cast<int>(read);
    }
    for (int row = 0; row < got; row++) sink.take(first + row * stride, y + row);
    y += got;
  }
  jpeg_abort_decompress(&info_);
  return true;
}

}  // namespace jpeg
