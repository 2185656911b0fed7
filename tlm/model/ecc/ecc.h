// SPDX-License-Identifier: Apache-2.0
// SRAMs with error correction (hw/sram_ecc.h): which bits of which words are wrong, what reads make of them, and when a
// corrected word is written back.
//
// Memories (memories.h) keep what was written; here are the bits that differ from it. The code is linear (hw/secded.h), so
// what a decoder does follows from these alone. Only SRAMs that have, or had a moment ago, a wrong bit are followed: their
// accesses must be told, each SRAM's in the order of its clock edges. An access of cycle c of a launch is at the edge that
// ends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "hw/secded.h"
#include "tlm/config/device_config.h"
#include "tlm/model/address_map.h"
#include "tlm/model/flip_replay.h"
#include "tlm/model/memories.h"

namespace eie::model {

/// One of the single-ported SRAMs of a PE.
enum class SramKind : unsigned { kEven, kOdd, kSpmat, kAct };
struct SramId {
  unsigned pe = 0;
  SramKind kind = SramKind::kEven;
  bool operator<(const SramId& o) const { return std::pair(pe, kind) < std::pair(o.pe, o.kind); }
  bool operator==(const SramId& o) const { return pe == o.pe && kind == o.kind; }
};

/// A word that was read, as counters see it.
struct EccEvent {
  std::uint64_t edge = 0;  // behind which counters and flags show it
  bool corrected = false;
  bool detected = false;
};

/// What happens to an SRAM at an edge; a bit flips before the access of the same edge.
struct EccOperation {
  enum class Kind { kFlip, kRead, kWrite };
  std::uint64_t edge = 0;
  SramId sram;
  Kind kind = Kind::kRead;
  std::uint64_t word = 0;
  std::uint64_t parts = 0;  // kWrite: code words that are written
  unsigned part = 0;        // kFlip
  SecdedBits bits;          // kFlip
};

/// Of a place in a memory window.
inline MemoryFlip::Memory memory_of(AddressMap::Target target) {
  return target == AddressMap::Target::kSpmat ? MemoryFlip::Memory::kSpmat
         : target == AddressMap::Target::kPtr ? MemoryFlip::Memory::kPtr
                                              : MemoryFlip::Memory::kAct;
}

class EccMemories {
 public:
  /// From the edge at which a word is read to the one behind which counters, flags and the interrupt show it.
  static constexpr std::uint64_t kEventLatency = 3;

  explicit EccMemories(const DeviceConfig& config);

  /// Wrong bits of a word, a part (code word) each; those of the data count in the part.
  using Errors = std::vector<SecdedBits>;

  /// Accesses of this SRAM must be told.
  bool is_followed(const SramId& sram) const { return srams_.count(sram) != 0; }
  bool any() const { return !srams_.empty(); }

  /// What is wrong in what goes out, and what is to be counted, if anything.
  Errors read(const SramId& sram, std::uint64_t word, std::uint64_t edge, EccEvent& event);
  void write(const SramId& sram, std::uint64_t word, std::uint64_t parts, std::uint64_t edge);
  void flip(const SramId& sram, std::uint64_t word, unsigned part, const SecdedBits& bits, std::uint64_t edge);
  void apply(const EccOperation& operation);

  /// The back door wrote these parts.
  void poke(const SramId& sram, std::uint64_t word, std::uint64_t parts);
  /// What is stored now differs from what was written in these bits.
  Errors stored(const SramId& sram, std::uint64_t word) const;

  /// Nothing else happens before this edge.
  void settle(std::uint64_t edge);
  /// The core is reset at this edge: what waits to be written back is forgotten.
  void reset(std::uint64_t edge);

  /// Code words in a word of an SRAM, and their code.
  unsigned parts_of(SramKind kind) const;
  const SecdedCode& code_of(SramKind kind) const;

  // --- Places: a 64-bit beat of the memory windows as SRAM words and parts ----------------------------------------

  /// An SRAM that a beat lies in. Pointers lie in two.
  struct Place {
    SramId sram;
    std::uint64_t word = 0;
    unsigned first_part = 0;
    unsigned parts = 0;  // in the beat
    unsigned part_bits = 0;
    unsigned part_step = 0;  // from one part to the next in the beat
    unsigned shift = 0;      // of the first part in the beat
  };
  /// One, or two.
  std::vector<Place> places(MemoryFlip::Memory memory, unsigned pe, std::uint64_t beat) const;
  /// Errors of the data at a place, as bits of the beat.
  static std::uint64_t bits_of(const Place& place, const Errors& errors);
  /// The parts of a place that lie under these bits of the beat.
  static std::uint64_t parts_under(const Place& place, std::uint64_t mask);
  /// Bit `flip.bit` of a beat: of its data, or from 64 on of its check bits. Null where nothing is stored.
  std::optional<EccOperation> operation_of(const MemoryFlip& flip, std::uint64_t edge) const;

 private:
  /// A corrected word on its way back.
  struct Fix {
    std::uint64_t word = 0;
    Errors left;
  };
  struct Sram {
    std::map<std::uint64_t, Errors> errors;  // of words that have some
    std::uint64_t last_access = 0;
    std::optional<Fix> corrected;  // by the last access
    std::optional<Fix> fix;        // waits in the register
    std::uint64_t fix_from = 0;    // edge from which on it can be written
    bool is_quiet() const { return errors.empty() && !corrected && !fix; }
  };
  void settle(Sram& sram, std::uint64_t edge);
  void access(Sram& sram, std::uint64_t word, bool is_write, std::uint64_t edge);
  static void put(Sram& sram, std::uint64_t word, const Errors& errors);
  void forget_quiet();

  DeviceConfig config_;
  SecdedCode spmat_code_;
  SecdedCode pointer_code_;
  SecdedCode act_code_;
  unsigned spmat_beats_;  // in an SRAM word
  std::map<SramId, Sram> srams_;
};

/// What the reads of a launch see. Works ahead of time on a copy; operations() and events() tell the device what happens when.
class EccReplay {
 public:
  /// `flips` by cycle. The launch starts at this edge. All but `now` must outlive the replay.
  EccReplay(const DeviceConfig& config, const Memories& memories, const EccMemories& now, const std::vector<MemoryFlip>& flips,
            std::uint64_t start_edge);

  /// Some access of such an SRAM is followed.
  bool follows(unsigned pe, SramKind kind) const { return ahead_.is_followed({pe, kind}); }
  bool follows_weights() const;

  /// Each asks its SRAM in this cycle of the launch.
  std::uint64_t activations(unsigned pe, std::uint64_t word, std::uint64_t cycle);
  std::uint32_t pointer(unsigned pe, std::uint32_t index, std::uint64_t cycle);
  void fetch(unsigned pe, std::uint32_t row, std::uint64_t cycle);
  /// A beat of the row that fetch() asked for last.
  std::uint64_t fetched(unsigned pe, std::uint64_t beat) const;
  /// These bits of a word are stored in this cycle; none is an access all the same.
  void store(unsigned pe, std::uint64_t word, std::uint64_t mask, std::uint64_t cycle);

  /// By edge, once the launch is known.
  std::vector<EccOperation> operations(std::uint64_t cycles) const;
  std::vector<EccEvent> events() const;

 private:
  EccMemories::Errors read(const EccMemories::Place& place, std::uint64_t cycle);
  std::uint64_t edge_of(std::uint64_t cycle) const { return start_edge_ + 1 + cycle; }

  const DeviceConfig& config_;
  const Memories& memories_;
  EccMemories ahead_;
  std::uint64_t start_edge_;
  std::map<SramId, std::vector<EccOperation>> flips_;  // of each SRAM, by edge
  std::map<SramId, std::size_t> flipped_;              // of them
  std::vector<EccOperation> accesses_;
  std::vector<EccEvent> events_;
  std::map<unsigned, EccMemories::Errors> row_;  // wrong in the Spmat word at a PE's SRAM output
};

}  // namespace eie::model
