// SPDX-License-Identifier: Apache-2.0
#include "tb/host/memory_images.h"

#include <algorithm>

#include "hw/register_map.h"

namespace eie::tb {
namespace {

/// `bits` bits, the highest digit first.
void append_digits(std::string& text, std::uint64_t value, unsigned bits, bool binary) {
  static const char kDigits[] = "0123456789abcdef";
  const unsigned step = binary ? 1 : 4;
  for (unsigned digits = (bits + step - 1) / step; digits-- > 0;) text += kDigits[value >> (digits * step) & ((1u << step) - 1)];
}

std::string hex(std::uint64_t value) {
  std::string text;
  unsigned bits = 4;
  while (bits < 64 && value >> bits != 0) bits += 4;
  append_digits(text, value, bits, false);
  return text;
}

}  // namespace

const char* memory_name(PeMemory memory) {
  static constexpr const char* kNames[] = {"spmat", "ptr_even", "ptr_odd", "act"};
  return kNames[static_cast<unsigned>(memory)];
}

const char* memory_array(PeMemory memory) {
  static constexpr const char* kArrays[] = {"spmat_read.spmat.words", "ptr_read.even.words", "ptr_read.odd.words",
                                            "act_rw.act.words"};
  return kArrays[static_cast<unsigned>(memory)];
}

unsigned memory_width(PeMemory memory, const HwConfig& config) {
  if (memory == PeMemory::kSpmat) return std::max(config.spmat_width, 64u);  // two rows of 32 bits are a word
  return memory == PeMemory::kAct ? 64 : config.pointer_width;
}

MemoryContents::MemoryContents(const HwConfig& config)
    : config_(config), beats_(config.n_pe, std::vector<Word>((config.window().act_offset + config.window().act_bytes) / 8)) {}

void MemoryContents::write(std::uint64_t address, std::uint64_t data, std::uint8_t strobe) {
  const std::uint64_t base = config_.window_base(0);
  if (address < base) return;
  const std::uint64_t pe = (address - base) / config_.window().stride;
  const std::uint64_t beat = (address - base) % config_.window().stride / 8;
  if (pe >= beats_.size() || beat >= beats_[pe].size()) return;
  std::uint64_t mask = 0;
  for (unsigned byte = 0; byte < 8; ++byte) mask |= (strobe >> byte & 1) != 0 ? std::uint64_t{0xFF} << (8 * byte) : 0;
  Word& word = beats_[pe][beat];
  word.data = (word.data & ~mask) | (data & mask);
  word.written = true;
}

std::string MemoryContents::text(unsigned pe, PeMemory memory, bool binary) const {
  const reg::WindowLayout window = config_.window();
  const bool pointers = memory == PeMemory::kPtrEven || memory == PeMemory::kPtrOdd;
  const std::uint64_t offset = memory == PeMemory::kSpmat ? 0 : pointers ? window.ptr_offset : window.act_offset;
  const std::uint64_t bytes = memory == PeMemory::kSpmat ? window.spmat_bytes : pointers ? window.ptr_bytes : window.act_bytes;
  const unsigned width = memory_width(memory, config_);
  const std::size_t beats = pointers ? 1 : width / 64;  // of a word
  std::string text;
  std::size_t next = 0;
  for (std::size_t word = 0; word < bytes / 8 / beats; ++word) {
    const Word* const first = beats_[pe].data() + offset / 8 + word * beats;
    if (std::none_of(first, first + beats, [](const Word& beat) { return beat.written; })) continue;
    if (word != next) text += "@" + hex(word) + "\n";
    next = word + 1;
    if (pointers) {  // the even pointer of a pair is in the lower half
      append_digits(text, first->data >> (memory == PeMemory::kPtrOdd ? 32 : 0), width, binary);
    } else {
      for (std::size_t beat = beats; beat-- > 0;) append_digits(text, first[beat].data, 64, binary);
    }
    text += '\n';
  }
  return text;
}

void MemoryRecorder::see(std::uint64_t address, std::uint64_t data) {
  if (address == reg::kCtrl && (data & reg::kCtrlStart) != 0) sink_(launches_++, contents_);
}

void MemoryRecorder::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  if (bytes == 4) {
    const unsigned lane = address % 8 / 4;
    contents_.write(address - address % 8, data << (32 * lane), static_cast<std::uint8_t>(0x0F << (4 * lane)));
  } else {
    contents_.write(address, data, 0xFF);
  }
  see(address, data);
  device_.write(address, data, bytes);
}

void MemoryRecorder::write_stream(const std::vector<Beat>& beats) {
  for (const Beat& beat : beats) {
    contents_.write(beat.address, beat.data, beat.strobe);
    if ((beat.strobe & 1) != 0) see(beat.address, beat.data);
  }
  device_.write_stream(beats);
}

void MemoryRecorder::backdoor_write(std::uint64_t address, std::uint64_t data) {
  contents_.write(address, data, 0xFF);
  device_.backdoor_write(address, data);
}

std::string image_loader(const HwConfig& config, const std::vector<std::string>& files, const std::vector<std::string>& arrays) {
  std::string text = "// Loads the memories of configuration " + config.name +
                     " from the images beside this file: a second top module beside the\n"
                     "// testbench. +images=DIR names their folder. EIE_DUT is the device's instance.\n"
                     "`ifndef EIE_DUT\n`define EIE_DUT eie_tb.dut\n`endif\n"
                     "module eie_load_images;\n"
                     "  reg [8*1024-1:0] images;\n"
                     "  initial begin\n"
                     "    if (!$value$plusargs(\"images=%s\", images)) images = \".\";\n";
  for (std::size_t k = 0; k < files.size(); ++k) {
    const bool binary = files[k].back() == 'b';
    text += std::string("    ") + (binary ? "$readmemb" : "$readmemh") + "($sformatf(\"%0s/" + files[k] +
            "\", images), `EIE_DUT." + arrays[k] + ");\n";
  }
  return text + "  end\nendmodule\n";
}

}  // namespace eie::tb
