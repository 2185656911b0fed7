// SPDX-License-Identifier: Apache-2.0
// SRAM wrapper: synchronous, single port, with a write mask. Every SRAM of the design is one of these.
//
// Ports (bound to Nets of the block that owns the SRAM)
//   enable    an access happens at this clock edge
//   write     it is a write (then q keeps its value), else a read
//   address   word
//   mask      which parts of the word a write changes, kMaskBits bits each (the last part may be narrower)
//   data, q   q shows the word read at the last reading edge
//   error     (kEcc) the word read has errors that could not be corrected, one cycle; false without ECC
//   corrected (kEcc) the word read had an error that was corrected, one cycle (sram_ecc.h: the wrapper with ECC)
//
// Timing: address in cycle t, q from cycle t + 1 on until the next read. Contents survive reset.
//
// Synthesis replaces the body by a RAM macro or by the RTL text below (`__SC_TOOL_VERILOG_MOD__` of the Intel
// Compiler for SystemC). In simulation there is no process: the owner calls step() on each clock edge. Only
// in simulation there are a back door (peek, poke), and a fault hook that flips bits of what is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clocked.h"
#include "config.h"
#include "ints.h"

namespace eie {

/// A word of kWidth bits: the fast type up to 64 bits.
template <unsigned kWidth, bool kWide = (kWidth > 64)>
struct WordOf {
  using Type = UInt<kWidth>;
};
template <unsigned kWidth>
struct WordOf<kWidth, true> {
  using Type = sc_dt::sc_biguint<kWidth>;
};

/// A word as the 64-bit beats that a simulation keeps it in.
template <unsigned kWidth>
struct BeatsOf {
  using Word = typename WordOf<kWidth>::Type;
  static constexpr unsigned kBeats = (kWidth + 63) / 64;
  static constexpr std::uint64_t kMask = kWidth >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (kWidth % 64)) - 1;

  static Word join(const std::uint64_t* beats) {
    if constexpr (kWidth <= 64) {
      return Word(beats[0]);
    } else {
      Word word = 0;
      for (unsigned b = 0; b < kBeats; ++b) word.range(b * 64 + 63, b * 64) = beats[b];
      return word;
    }
  }
  static std::uint64_t beat_of(const Word& word, unsigned beat) {
    if constexpr (kWidth <= 64) {
      return word.to_uint64();
    } else {
      return Word(word.range(beat * 64 + 63, beat * 64)).to_uint64();
    }
  }
};

#if !EIE_SYNTHESIS_VIEW
/// The clock edge of an SRAM whose owner is being reset: without ECC it has no reset.
template <class Memory>
void reset_sram(Memory& memory) {
  if constexpr (Memory::kHasReset) {
    memory.reset_step();
  } else {
    memory.step();
  }
}
#endif

/// The parts of kPartBytes bytes (a power of two) that a mask of bytes names, each by its first byte.
template <unsigned kPartBytes>
UInt<8> parts_of_bytes(const UInt<8>& strobe) {
  UInt<8> parts = strobe;
  if constexpr (kPartBytes != 1) {
    parts = 0;
    for (unsigned p = 0; p < 8 / kPartBytes; ++p) {
      parts = parts | (UInt<8>(strobe[p * kPartBytes] ? 1u : 0u) << p);
    }
  }
  return parts;
}

template <unsigned kWidth, unsigned kDepth, unsigned kMaskBits = 8, bool kEcc = false>
class Sram : public sc_core::sc_module {
 public:
  using Word = typename WordOf<kWidth>::Type;
  using Address = UInt<at_least_one(log2_ceil(kDepth))>;
  static constexpr unsigned kParts = (kWidth + kMaskBits - 1) / kMaskBits;
  using Mask = UInt<kParts>;
  static constexpr bool kHasReset = false;
  static_assert(kWidth <= 64 || kWidth % kMaskBits == 0, "a wide word is a whole number of masked parts");

#if EIE_SYNTHESIS_VIEW
  sc_core::sc_in<bool> SC_NAMED(clk);
#endif
  NetIn<bool> SC_NAMED(enable);
  NetIn<bool> SC_NAMED(write);
  NetIn<Address> SC_NAMED(address);
  NetIn<Mask> SC_NAMED(mask);
  NetIn<Word> SC_NAMED(data);
  NetOut<Word> SC_NAMED(q);
  NetOut<bool> SC_NAMED(error);

#if EIE_SYNTHESIS_VIEW
  EIE_HAS_PROCESS(Sram)
  explicit Sram(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_METHOD(access);
    sensitive << clk.pos();
    dont_initialize();
    const std::string width = std::to_string(kWidth);
    const std::string depth = std::to_string(kDepth);
    const std::string module = "eie_sram_" + width + "x" + depth + "_m" + std::to_string(kMaskBits);
    __SC_TOOL_MODULE_NAME__ = module;
    __SC_TOOL_VERILOG_MOD__ = rtl(module);
  }
  std::string __SC_TOOL_VERILOG_MOD__;
  std::string __SC_TOOL_MODULE_NAME__;
#else
  explicit Sram(const sc_core::sc_module_name& name) : sc_module(name), words_(kDepth * kBeats) {}

  /// One clock edge.
  void step() {
    if (enable.read()) access();
  }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(q, error);
    list.late();
    EIE_TRACE(enable);
    list.late_while(enable);
    EIE_TRACE(write, address);
    list.late_while(enable, write);
    EIE_TRACE(mask, data);
    list.on_time();
  }
#endif

  /// Simulation only: 64-bit beat `beat` of word `word`, without a clock edge.
  std::uint64_t peek(std::size_t word, unsigned beat = 0) const { return words_[word * kBeats + beat]; }
  void poke(std::size_t word, std::uint64_t value, unsigned beat = 0) { words_[word * kBeats + beat] = value & Beats::kMask; }
  /// Simulation only: every later read of `word` sees its bits under `flip` inverted; 0 ends the fault.
  void set_fault(std::size_t word, std::uint64_t flip) {
    fault_word_ = word;
    fault_flip_ = flip & Beats::kMask;
  }

  /// 64-bit beats in a word.
  static constexpr unsigned kBeats = BeatsOf<kWidth>::kBeats;

 private:
  using Beats = BeatsOf<kWidth>;
  static constexpr std::uint64_t kPartMask = kMaskBits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (kMaskBits % 64)) - 1;
  static constexpr unsigned kPartsPerBeat = kMaskBits >= 64 ? 1 : 64 / kMaskBits;

  /// Behavioural body.
  void access() {
#if EIE_SYNTHESIS_VIEW
    if (!enable.read()) return;
#endif
    const std::size_t at = address.read().to_uint();
    if (write.read()) {
      const Word in = data.read();
      const std::uint64_t parts = mask.read().to_uint64();
      for (unsigned p = 0; p < kParts; ++p) {
        if ((parts >> p & 1) != 0) {
          const unsigned beat = p / kPartsPerBeat;
          const std::uint64_t bits = kPartMask << (p % kPartsPerBeat * (kMaskBits % 64));
          std::uint64_t& word = words_[at * kBeats + beat];
          word = (word & ~bits) | (Beats::beat_of(in, beat) & bits);
        }
      }
    } else {
      Word out = Beats::join(&words_[at * kBeats]);
      if (fault_flip_ != 0 && at == fault_word_) out = Word(out ^ Word(fault_flip_));
      q.write(out);
      error.write(false);
    }
  }

#if EIE_SYNTHESIS_VIEW
  static std::string rtl(const std::string& module) {
    const std::string last_part = std::to_string(kParts - 1);
    const std::string last_bit = std::to_string(kWidth - 1);
    return "\nmodule " + module + " (\n" +
           "    input  logic clk,\n"
           "    input  logic enable,\n"
           "    input  logic write,\n"
           "    input  logic [" +
           std::to_string(at_least_one(log2_ceil(kDepth)) - 1) + ":0] address,\n" + "    input  logic [" + last_part +
           ":0] mask,\n" + "    input  logic [" + last_bit + ":0] data,\n" + "    output logic [" + last_bit + ":0] q,\n" +
           "    output logic error\n"
           ");\n"
           "logic [" +
           last_bit + ":0] words [0:" + std::to_string(kDepth - 1) + "];\n" +
           "assign error = 1'b0;\n"
           "always_ff @(posedge clk) begin\n"
           "    if (enable) begin\n"
           "        if (write) begin\n" +
           write_parts() +
           "        end else begin\n"
           "            q <= words[address];\n"
           "        end\n"
           "    end\n"
           "end\n"
           "endmodule\n";
  }
  /// The parts that divide the word evenly in a loop, a narrower one behind them.
  static std::string write_parts() {
    const std::string part = std::to_string(kMaskBits);
    const std::string last_even = std::to_string(static_cast<int>(kWidth / kMaskBits) - 1);
    std::string text = "            for (int p = 0; p <= " + last_even + "; p++) begin\n" +
                       "                if (mask[p]) words[address][p * " + part + " +: " + part + "] <= data[p * " + part +
                       " +: " + part + "];\n" + "            end\n";
    if (kWidth % kMaskBits != 0) {
      const std::string bits = "[" + std::to_string(kWidth - 1) + ":" + std::to_string((kParts - 1) * kMaskBits) + "]";
      text += "            if (mask[" + std::to_string(kParts - 1) + "]) words[address]" + bits + " <= data" + bits + ";\n";
    }
    return text;
  }
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(std::size_t{kDepth} * kBeats);
#else
  std::vector<std::uint64_t> words_;
#endif
  std::size_t fault_word_ = 0;
  std::uint64_t fault_flip_ = 0;
};

}  // namespace eie

#include "sram_ecc.h"
