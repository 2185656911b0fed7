// SPDX-License-Identifier: Apache-2.0
// SRAM wrapper with error correction: Sram of sram.h with kEcc. Each masked part of a word is a code word of its own
// (secded.h), so that a masked write needs no read before it.
//
// Beside the ports of sram.h there is `corrected`. Both pulses are of the word that q shows: of the read at the edge before.
// A word with one error in a part and two in another sets both.
//
// Reading: the array gives the stored word, q is what the decoders make of it in the same cycle. A part with two errors
// goes out as it is stored.
// Scrubbing: a corrected word waits in a register and is written back in the first cycle without an access, from two cycles
// behind the read on. A write to that word meanwhile is newer: nothing is written back. A word corrected later takes the
// register; the one before is corrected again when it is read again.
//
//   clk         _/~\_/~\_/~\_/~\_/~\_
//   enable      ~~~~\____________~~~~    A is read, then nothing, then the next access
//   stored word ----<A: a bit wrong>-
//   q           ----<A             >-
//   corrected   ____/~~~\____________
//   array write ________/~~~\________    A, corrected; with an access there it would wait
//
// Reset: rst_n clears pulses and the word that waits, not the array. While it is low nothing is written back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clocked.h"
#include "secded.h"  // and sram.h, which includes this file at its end

namespace eie {

template <unsigned kWidth, unsigned kDepth, unsigned kMaskBits>
class Sram<kWidth, kDepth, kMaskBits, true> : public sc_core::sc_module {
 public:
  using Word = typename WordOf<kWidth>::Type;
  using Address = UInt<at_least_one(log2_ceil(kDepth))>;
  static constexpr unsigned kParts = kWidth / kMaskBits;
  using Mask = UInt<kParts>;
  static constexpr bool kHasReset = true;
  static_assert(kWidth % kMaskBits == 0 && kMaskBits <= 64, "a word is a whole number of code words");
  static_assert(kWidth <= 64 || 64 % kMaskBits == 0, "a beat of a wide word is a whole number of code words");
  /// Check bits of a part; of a word, those of part p from bit kCheckBits * p on.
  static constexpr unsigned kCheckBits = secded_check_bits(kMaskBits);
  static constexpr unsigned kCheckWidth = kParts * kCheckBits;
  static const SecdedCode& code() { return kSecdedCode<kMaskBits>; }  // a static member would be a record for a compiler

#if EIE_SYNTHESIS_VIEW
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
#endif
  NetIn<bool> SC_NAMED(enable);
  NetIn<bool> SC_NAMED(write);
  NetIn<Address> SC_NAMED(address);
  NetIn<Mask> SC_NAMED(mask);
  NetIn<Word> SC_NAMED(data);
  NetOut<Word> SC_NAMED(q);
  NetOut<bool> SC_NAMED(corrected);
  NetOut<bool> SC_NAMED(error);

#if EIE_SYNTHESIS_VIEW
  EIE_HAS_PROCESS(Sram)
  explicit Sram(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_METHOD(clock_edge);
    sensitive << clk.pos();
    dont_initialize();
    __SC_TOOL_MODULE_NAME__ = rtl_name();
    __SC_TOOL_VERILOG_MOD__ = rtl();
  }
  std::string __SC_TOOL_VERILOG_MOD__;
  std::string __SC_TOOL_MODULE_NAME__;
#else
  explicit Sram(const sc_core::sc_module_name& name) : sc_module(name) {}

  /// One clock edge.
  void step() { edge(false); }
  void reset_step() { edge(true); }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(q, corrected, error, fix_valid_, fix_address_);
    list.late();
    EIE_TRACE(enable);
    list.late_while(enable);
    EIE_TRACE(write, address);
    list.late_while(enable, write);
    EIE_TRACE(mask, data);
    list.on_time();
  }
#endif

  /// 64-bit beats in a word, and parts in a beat.
  static constexpr unsigned kBeats = BeatsOf<kWidth>::kBeats;
  static constexpr unsigned kPartsPerBeat = kParts / kBeats;

  /// Simulation only: 64-bit beat `beat` of word `word` as it is stored, without a clock edge; poke() writes its check
  /// bits too, and nothing older over it.
  std::uint64_t peek(std::size_t word, unsigned beat = 0) const { return words_[word * kBeats + beat]; }
  void poke(std::size_t word, std::uint64_t value, unsigned beat = 0) {
    words_[word * kBeats + beat] = value & Beats::kMask;
    for (unsigned p = 0; p < kPartsPerBeat; ++p) encode(word, beat * kPartsPerBeat + p);
    if (word == fix_address_) fix_valid_ = false;
    if (word == read_address_) fixable_ = false;
  }
  /// The check bits of a beat, those of its first part lowest.
  std::uint64_t peek_checks(std::size_t word, unsigned beat = 0) const {
    std::uint64_t checks = 0;
    for (unsigned p = 0; p < kPartsPerBeat; ++p) {
      checks |= std::uint64_t{checks_[word * kParts + beat * kPartsPerBeat + p]} << (p * kCheckBits);
    }
    return checks;
  }
  /// Simulation only: a bit of the array is inverted: of a beat, or from 64 on of its check bits.
  void flip(std::size_t word, unsigned bit, unsigned beat = 0) {
    if (bit < 64) {
      words_[word * kBeats + beat] ^= (std::uint64_t{1} << bit) & Beats::kMask;
    } else {
      const unsigned part = (bit - 64) / kCheckBits;
      checks_[word * kParts + beat * kPartsPerBeat + part] ^= static_cast<std::uint8_t>(1u << (bit - 64) % kCheckBits);
    }
  }
  /// Simulation only: every later read of `word` finds bits of its first beat inverted, those under `flip`, and those of that
  /// beat's check bits under `flip_checks`; 0 ends the fault.
  void set_fault(std::size_t word, std::uint64_t flip, std::uint64_t flip_checks = 0) {
    fault_word_ = word;
    fault_flip_ = flip & Beats::kMask;
    fault_checks_ = flip_checks;
  }

  /// The Verilog of the wrapper: a module rtl_name() with the ports above.
  static std::string rtl_name() {
    return "eie_sram_" + std::to_string(kWidth) + "x" + std::to_string(kDepth) + "_m" + std::to_string(kMaskBits) + "_ecc";
  }
  static std::string rtl();

 private:
  using Beats = BeatsOf<kWidth>;
  static constexpr std::uint64_t kPartMask = kMaskBits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (kMaskBits % 64)) - 1;

  // Part `part` of an array of beats.
  static std::uint64_t part_of(const std::uint64_t* beats, unsigned part) {
    return beats[part / kPartsPerBeat] >> (part % kPartsPerBeat * (kMaskBits % 64)) & kPartMask;
  }
  static void invert(std::uint64_t* beats, unsigned part, std::uint64_t bits) {
    beats[part / kPartsPerBeat] ^= bits << (part % kPartsPerBeat * (kMaskBits % 64));
  }
  void encode(std::size_t word, unsigned part) {
    checks_[word * kParts + part] = static_cast<std::uint8_t>(code().check_of(part_of(&words_[word * kBeats], part)));
  }

#if EIE_SYNTHESIS_VIEW
  void clock_edge() { edge(!rst_n.read()); }
#endif

  /// Behavioural body.
  void edge(bool in_reset) {
    const bool access = enable.read();
    const bool writes = access && write.read();
    const std::size_t at = access ? address.read().to_uint() : 0;
    if (!access && fix_valid_ && !in_reset) write_back();
    if (in_reset) {
      fix_valid_ = false;
    } else if (fixable_) {  // the word at the output was corrected
      fix_valid_ = !(writes && at == read_address_);
      fix_address_ = read_address_;
      for (unsigned b = 0; b < kBeats; ++b) fix_word_[b] = read_word_[b];
      for (unsigned p = 0; p < kParts; ++p) fix_checks_[p] = read_checks_[p];
    } else if (!access || (writes && at == fix_address_)) {
      fix_valid_ = false;
    }
    fixable_ = false;
    bool bad = false;
    if (writes) {
      write_parts(at);
    } else if (access) {
      read(at, bad);
    }
    fixable_ = fixable_ && !in_reset;
    corrected.write(fixable_);
    error.write(bad && !in_reset);
  }

  void write_back() {
    for (unsigned b = 0; b < kBeats; ++b) words_[fix_address_ * kBeats + b] = fix_word_[b];
    for (unsigned p = 0; p < kParts; ++p) checks_[fix_address_ * kParts + p] = fix_checks_[p];
  }

  void write_parts(std::size_t at) {
    const Word in = data.read();
    const std::uint64_t parts = mask.read().to_uint64();
    for (unsigned p = 0; p < kParts; ++p) {
      if ((parts >> p & 1) == 0) continue;
      const std::uint64_t bits = kPartMask << (p % kPartsPerBeat * (kMaskBits % 64));
      std::uint64_t& word = words_[at * kBeats + p / kPartsPerBeat];
      word = (word & ~bits) | (Beats::beat_of(in, p / kPartsPerBeat) & bits);
      encode(at, p);
    }
  }

  void read(std::size_t at, bool& bad) {
    const bool faulty = at == fault_word_;
    for (unsigned b = 0; b < kBeats; ++b) read_word_[b] = words_[at * kBeats + b];
    if (faulty) read_word_[0] ^= fault_flip_;
    for (unsigned p = 0; p < kParts; ++p) {
      unsigned check = checks_[at * kParts + p];
      if (faulty && p < kPartsPerBeat) check ^= static_cast<unsigned>(fault_checks_ >> (p * kCheckBits)) & kCheckMask;
      const unsigned syndrome = check ^ code().check_of(part_of(read_word_, p));
      if (syndrome != 0) {
        const SecdedBits inverted = code().correction(syndrome);
        invert(read_word_, p, inverted.data);
        check ^= inverted.check;
        if (inverted.data != 0 || inverted.check != 0) {
          fixable_ = true;
        } else {
          bad = true;
        }
      }
      read_checks_[p] = static_cast<std::uint8_t>(check);
    }
    read_address_ = at;
    q.write(Beats::join(read_word_));
  }

  static constexpr unsigned kCheckMask = (1u << kCheckBits) - 1;
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(std::size_t{kDepth} * kBeats);
  std::vector<std::uint8_t> checks_ =  // those of 0 are 0
      std::vector<std::uint8_t>(std::size_t{kDepth} * kParts);
  // The word at the output, corrected
  std::size_t read_address_ = 0;
  std::uint64_t read_word_[kBeats] = {};
  std::uint8_t read_checks_[kParts] = {};
  bool fixable_ = false;  // it was read at the last edge and had an error that could be corrected
  // The word to be written back
  bool fix_valid_ = false;
  std::size_t fix_address_ = 0;
  std::uint64_t fix_word_[kBeats] = {};
  std::uint8_t fix_checks_[kParts] = {};
  std::size_t fault_word_ = 0;
  std::uint64_t fault_flip_ = 0;
  std::uint64_t fault_checks_ = 0;
};

/// Names of the modules and the text of encoders, decoders and write-back; the matrix is code()'s.
template <unsigned kWidth, unsigned kDepth, unsigned kMaskBits>
std::string Sram<kWidth, kDepth, kMaskBits, true>::rtl() {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const std::string k = number(kMaskBits);
  const std::string r = number(kCheckBits);
  const std::string parts = number(kParts);
  const std::string part_data = "[p * " + k + " +: " + k + "]";
  const std::string part_check = "[p * " + r + " +: " + r + "]";
  const auto vector_of = [&number](unsigned width) { return "[" + number(width - 1) + ":0] "; };
  const std::string address = vector_of(at_least_one(log2_ceil(kDepth)));
  std::string encoder;
  std::string syndrome;
  for (unsigned c = 0; c < kCheckBits; ++c) {
    const std::string place = "[p * " + r + " + " + number(c) + "]";
    const std::string covered = " & " + k + "'d" + number(code().row[c]) + ")";
    encoder += "    assign in_checks" + place + " = ^(data" + part_data + covered + ";\n";
    syndrome += "    assign syndrome[" + number(c) + "] = checks_out" + place + " ^ (^(word_out" + part_data + covered + ");\n";
  }
  std::string locators;
  for (unsigned bit = 0; bit < kMaskBits; ++bit) {
    locators +=
        "    assign wrong[p * " + k + " + " + number(bit) + "] = syndrome == " + r + "'d" + number(code().column[bit]) + ";\n";
  }
  for (unsigned c = 0; c < kCheckBits; ++c) {
    locators += "    assign wrong_checks[p * " + r + " + " + number(c) + "] = syndrome == " + r + "'d" + number(1u << c) + ";\n";
  }
  return "\nmodule " + rtl_name() + " (\n" +
         "    input  logic clk,\n"
         "    input  logic rst_n,\n"
         "    input  logic enable,\n"
         "    input  logic write,\n"
         "    input  logic " +
         address + "address,\n" + "    input  logic " + vector_of(kParts) + "mask,\n" + "    input  logic " + vector_of(kWidth) +
         "data,\n" + "    output logic " + vector_of(kWidth) + "q,\n" +
         "    output logic corrected,\n"
         "    output logic error\n"
         ");\n"
         "// The array: data and check bits of one macro\n"
         "logic " +
         vector_of(kWidth) + "words [0:" + number(kDepth - 1) + "];\n" + "logic " + vector_of(kCheckWidth) +
         "checks [0:" + number(kDepth - 1) + "];\n" + "logic " + vector_of(kWidth) + "word_out;\n" + "logic " +
         vector_of(kCheckWidth) + "checks_out;\n" +
         "// Check bits of what is written\n"
         "logic " +
         vector_of(kCheckWidth) + "in_checks;\n" +
         "// Bits that are wrong in what was read\n"
         "logic " +
         vector_of(kWidth) + "wrong;\n" + "logic " + vector_of(kCheckWidth) + "wrong_checks;\n" + "logic " + vector_of(kParts) +
         "some_corrected;\n" + "logic " + vector_of(kParts) + "some_detected;\n" +
         "logic fresh;\n"
         "logic " +
         address + "read_address;\n" +
         "// The word to be written back\n"
         "logic fix_valid;\n"
         "logic " +
         address + "fix_address;\n" + "logic " + vector_of(kWidth) + "fix_word;\n" + "logic " + vector_of(kCheckWidth) +
         "fix_checks;\n" +
         "logic fix_now;\n"
         "logic write_now;\n"
         "logic " +
         address + "row;\n" + "logic " + vector_of(kParts) + "row_mask;\n" + "logic " + vector_of(kWidth) + "row_word;\n" +
         "logic " + vector_of(kCheckWidth) + "row_checks;\n" +
         "genvar p;\n"
         "generate for (p = 0; p < " +
         parts + "; p = p + 1) begin : part\n" + encoder + "    logic " + vector_of(kCheckBits) + "syndrome;\n" + syndrome +
         locators + "    assign some_corrected[p] = (|wrong" + part_data + ") || (|wrong_checks" + part_check + ");\n" +
         "    assign some_detected[p] = (|syndrome) && !some_corrected[p];\n"
         "end endgenerate\n"
         "assign q = word_out ^ wrong;\n"
         "assign corrected = fresh && (|some_corrected);\n"
         "assign error = fresh && (|some_detected);\n"
         "assign fix_now = rst_n && !enable && fix_valid;\n"
         "assign write_now = fix_now || (enable && write);\n"
         "assign row = fix_now ? fix_address : address;\n"
         "assign row_mask = fix_now ? {" +
         parts + "{1'b1}} : mask;\n" +
         "assign row_word = fix_now ? fix_word : data;\n"
         "assign row_checks = fix_now ? fix_checks : in_checks;\n"
         "always_ff @(posedge clk) begin\n"
         "    if (write_now) begin\n"
         "        for (int i = 0; i < " +
         parts + "; i++) begin\n" + "            if (row_mask[i]) words[row][i * " + k + " +: " + k + "] <= row_word[i * " + k +
         " +: " + k + "];\n" + "            if (row_mask[i]) checks[row][i * " + r + " +: " + r + "] <= row_checks[i * " + r +
         " +: " + r + "];\n" +
         "        end\n"
         "    end else if (enable) begin\n"
         "        word_out <= words[row];\n"
         "        checks_out <= checks[row];\n"
         "    end\n"
         "end\n"
         "always_ff @(posedge clk) begin\n"
         "    if (enable && !write) read_address <= address;\n"
         "    if (corrected) begin\n"
         "        fix_address <= read_address;\n"
         "        fix_word <= q;\n"
         "        fix_checks <= checks_out ^ wrong_checks;\n"
         "    end\n"
         "    if (!rst_n) begin\n"
         "        fresh <= 1'b0;\n"
         "        fix_valid <= 1'b0;\n"
         "    end else begin\n"
         "        fresh <= enable && !write;\n"
         "        if (corrected) begin\n"
         "            fix_valid <= !(enable && write && address == read_address);\n"
         "        end else if (!enable || (write && address == fix_address)) begin\n"
         "            fix_valid <= 1'b0;\n"
         "        end\n"
         "    end\n"
         "end\n"
         "endmodule\n";
}

}  // namespace eie
