// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/ecc/ecc.h"

#include <algorithm>

#include "hw/config.h"

namespace eie::model {
namespace {

constexpr unsigned kSpmatPart = 32;  // bits of a code word, as in hw/config.h

bool none(const EccMemories::Errors& errors) {
  return std::all_of(errors.begin(), errors.end(), [](const SecdedBits& bits) { return bits.data == 0 && bits.check == 0; });
}

}  // namespace

EccMemories::EccMemories(const DeviceConfig& config)
    : config_(config),
      spmat_code_(make_secded(kSpmatPart)),
      pointer_code_(make_secded(config.pointer_width)),
      act_code_(make_secded(config.data_width)),
      spmat_beats_(std::max(config.spmat_width, 64u) / 64) {}

unsigned EccMemories::parts_of(SramKind kind) const {
  switch (kind) {
    case SramKind::kSpmat:
      return spmat_beats_ * (64 / kSpmatPart);
    case SramKind::kAct:
      return config_.lanes();
    default:
      return 1;
  }
}

const SecdedCode& EccMemories::code_of(SramKind kind) const {
  return kind == SramKind::kSpmat ? spmat_code_ : kind == SramKind::kAct ? act_code_ : pointer_code_;
}

void EccMemories::put(Sram& sram, std::uint64_t word, const Errors& errors) {
  if (none(errors)) {
    sram.errors.erase(word);
  } else {
    sram.errors[word] = errors;
  }
}

/// What the SRAM does by itself at the edges between its last access and this one.
void EccMemories::settle(Sram& sram, std::uint64_t edge) {
  if (sram.corrected && sram.last_access + 1 < edge) {
    // It goes into the register at the edge behind the read; what was there has its turn at that edge.
    if (sram.fix) put(sram, sram.fix->word, sram.fix->left);
    sram.fix = std::exchange(sram.corrected, std::nullopt);
    sram.fix_from = sram.last_access + 2;
  }
  if (sram.fix && std::max(sram.fix_from, sram.last_access + 1) < edge) {
    put(sram, sram.fix->word, sram.fix->left);
    sram.fix.reset();
  }
}

void EccMemories::access(Sram& sram, std::uint64_t word, bool is_write, std::uint64_t edge) {
  settle(sram, edge);
  if (sram.corrected) {  // at the edge before: it takes the register, whatever was there
    sram.fix = std::exchange(sram.corrected, std::nullopt);
    sram.fix_from = edge + 1;
  }
  if (is_write && sram.fix && sram.fix->word == word) sram.fix.reset();
  sram.last_access = edge;
}

EccMemories::Errors EccMemories::read(const SramId& id, std::uint64_t word, std::uint64_t edge, EccEvent& event) {
  Errors left(parts_of(id.kind));
  const auto followed = srams_.find(id);
  if (followed == srams_.end()) return left;
  Sram& sram = followed->second;
  access(sram, word, false, edge);
  const auto found = sram.errors.find(word);
  if (found == sram.errors.end()) return left;
  for (unsigned p = 0; p < left.size(); ++p) {
    const SecdedOutcome outcome = secded_outcome(code_of(id.kind), found->second[p]);
    left[p] = outcome.left;
    event.corrected = event.corrected || outcome.corrected;
    event.detected = event.detected || outcome.detected;
  }
  event.edge = edge + kEventLatency;
  if (event.corrected) sram.corrected = Fix{word, left};
  return left;
}

void EccMemories::write(const SramId& id, std::uint64_t word, std::uint64_t parts, std::uint64_t edge) {
  const auto followed = srams_.find(id);
  if (followed == srams_.end()) return;
  access(followed->second, word, true, edge);
  Errors errors = stored(id, word);
  for (unsigned p = 0; p < errors.size(); ++p) {
    if ((parts >> p & 1) != 0) errors[p] = {};
  }
  put(followed->second, word, errors);
}

void EccMemories::flip(const SramId& id, std::uint64_t word, unsigned part, const SecdedBits& bits, std::uint64_t edge) {
  Sram& sram = srams_[id];
  settle(sram, edge);
  Errors errors = stored(id, word);
  errors[part].data ^= bits.data;
  errors[part].check ^= bits.check;
  put(sram, word, errors);
}

void EccMemories::apply(const EccOperation& operation) {
  switch (operation.kind) {
    case EccOperation::Kind::kFlip:
      flip(operation.sram, operation.word, operation.part, operation.bits, operation.edge);
      break;
    case EccOperation::Kind::kWrite:
      write(operation.sram, operation.word, operation.parts, operation.edge);
      break;
    default: {
      EccEvent event;
      read(operation.sram, operation.word, operation.edge, event);
      break;
    }
  }
}

void EccMemories::poke(const SramId& id, std::uint64_t word, std::uint64_t parts) {
  const auto followed = srams_.find(id);
  if (followed == srams_.end()) return;
  Sram& sram = followed->second;
  if (sram.fix && sram.fix->word == word) sram.fix.reset();
  if (sram.corrected && sram.corrected->word == word) sram.corrected.reset();
  Errors errors = stored(id, word);
  for (unsigned p = 0; p < errors.size(); ++p) {
    if ((parts >> p & 1) != 0) errors[p] = {};
  }
  put(sram, word, errors);
  forget_quiet();
}

EccMemories::Errors EccMemories::stored(const SramId& id, std::uint64_t word) const {
  const auto followed = srams_.find(id);
  if (followed != srams_.end()) {
    const auto found = followed->second.errors.find(word);
    if (found != followed->second.errors.end()) return found->second;
  }
  return Errors(parts_of(id.kind));
}

void EccMemories::settle(std::uint64_t edge) {
  for (auto& [id, sram] : srams_) settle(sram, edge);
  forget_quiet();
}

void EccMemories::reset(std::uint64_t edge) {
  for (auto& [id, sram] : srams_) {
    settle(sram, edge);
    sram.corrected.reset();
    sram.fix.reset();
  }
  forget_quiet();
}

void EccMemories::forget_quiet() {
  for (auto sram = srams_.begin(); sram != srams_.end();) {
    sram = sram->second.is_quiet() ? srams_.erase(sram) : std::next(sram);
  }
}

// --- Places --------------------------------------------------------------------------------------------------

std::vector<EccMemories::Place> EccMemories::places(MemoryFlip::Memory memory, unsigned pe, std::uint64_t beat) const {
  switch (memory) {
    case MemoryFlip::Memory::kSpmat: {
      constexpr unsigned parts = 64 / kSpmatPart;
      const unsigned first = static_cast<unsigned>(beat % spmat_beats_) * parts;
      return {{{pe, SramKind::kSpmat}, beat / spmat_beats_, first, parts, kSpmatPart, kSpmatPart, 0}};
    }
    case MemoryFlip::Memory::kPtr:
      return {{{pe, SramKind::kEven}, beat, 0, 1, config_.pointer_width, 32, 0},
              {{pe, SramKind::kOdd}, beat, 0, 1, config_.pointer_width, 32, 32}};
    default:
      return {{{pe, SramKind::kAct}, beat, 0, config_.lanes(), config_.data_width, config_.data_width, 0}};
  }
}

std::uint64_t EccMemories::bits_of(const Place& place, const Errors& errors) {
  std::uint64_t bits = 0;
  for (unsigned p = 0; p < place.parts; ++p) {
    bits |= errors[place.first_part + p].data << (place.shift + p * place.part_step);
  }
  return bits;
}

std::uint64_t EccMemories::parts_under(const Place& place, std::uint64_t mask) {
  std::uint64_t parts = 0;
  for (unsigned p = 0; p < place.parts; ++p) {
    const std::uint64_t under = mask >> (place.shift + p * place.part_step) & 1;
    parts |= under << (place.first_part + p);
  }
  return parts;
}

std::optional<EccOperation> EccMemories::operation_of(const MemoryFlip& flip, std::uint64_t edge) const {
  unsigned check = flip.bit < 64 ? 0 : flip.bit - 64;
  for (const Place& place : places(flip.memory, flip.pe, flip.word)) {
    const unsigned check_bits = code_of(place.sram.kind).check_bits;
    EccOperation operation;
    operation.edge = edge;
    operation.sram = place.sram;
    operation.kind = EccOperation::Kind::kFlip;
    operation.word = place.word;
    if (flip.bit >= 64) {
      if (check < place.parts * check_bits) {
        operation.part = place.first_part + check / check_bits;
        operation.bits.check = 1u << check % check_bits;
        return operation;
      }
      check -= place.parts * check_bits;
      continue;
    }
    if (flip.bit < place.shift) continue;
    const unsigned part = (flip.bit - place.shift) / place.part_step;
    const unsigned bit = (flip.bit - place.shift) % place.part_step;
    if (part >= place.parts || bit >= place.part_bits) continue;
    operation.part = place.first_part + part;
    operation.bits.data = std::uint64_t{1} << bit;
    return operation;
  }
  return std::nullopt;
}

// --- Replay --------------------------------------------------------------------------------------------------

EccReplay::EccReplay(const DeviceConfig& config, const Memories& memories, const EccMemories& now,
                     const std::vector<MemoryFlip>& flips, std::uint64_t start_edge)
    : config_(config), memories_(memories), ahead_(now), start_edge_(start_edge) {
  for (const MemoryFlip& flip : flips) {
    const auto operation = ahead_.operation_of(flip, edge_of(flip.cycle));
    if (!operation) continue;
    flips_[operation->sram].push_back(*operation);
  }
  for (const auto& [sram, list] : flips_) {
    flipped_[sram] = 0;
    ahead_.flip(sram, list.front().word, list.front().part, {}, start_edge);  // is followed from now on
  }
}

bool EccReplay::follows_weights() const {
  for (unsigned p = 0; p < config_.n_pe; ++p) {
    if (follows(p, SramKind::kEven) || follows(p, SramKind::kOdd) || follows(p, SramKind::kSpmat)) return true;
  }
  return false;
}

EccMemories::Errors EccReplay::read(const EccMemories::Place& place, std::uint64_t cycle) {
  const auto flips = flips_.find(place.sram);
  if (flips != flips_.end()) {
    std::size_t& done = flipped_[place.sram];
    for (; done < flips->second.size() && flips->second[done].edge <= edge_of(cycle); ++done) ahead_.apply(flips->second[done]);
  }
  EccOperation access;
  access.edge = edge_of(cycle);
  access.sram = place.sram;
  access.word = place.word;
  accesses_.push_back(access);
  EccEvent event;
  EccMemories::Errors errors = ahead_.read(place.sram, place.word, access.edge, event);
  if (event.corrected || event.detected) events_.push_back(event);
  return errors;
}

std::uint64_t EccReplay::activations(unsigned pe, std::uint64_t word, std::uint64_t cycle) {
  const std::uint64_t data = memories_.act(pe)[word];
  if (!follows(pe, SramKind::kAct)) return data;
  const EccMemories::Place place = ahead_.places(MemoryFlip::Memory::kAct, pe, word).front();
  return data ^ EccMemories::bits_of(place, read(place, cycle));
}

std::uint32_t EccReplay::pointer(unsigned pe, std::uint32_t index, std::uint64_t cycle) {
  const std::uint32_t stored = memories_.pointer(pe, index);
  if (!follows(pe, index % 2 == 0 ? SramKind::kEven : SramKind::kOdd)) return stored;
  const EccMemories::Place place = ahead_.places(MemoryFlip::Memory::kPtr, pe, index / 2)[index % 2];
  return stored ^ static_cast<std::uint32_t>(read(place, cycle).front().data);
}

void EccReplay::fetch(unsigned pe, std::uint32_t row, std::uint64_t cycle) {
  const std::uint64_t beat = std::uint64_t{row} * config_.spmat_width / 64;
  row_[pe] = read(ahead_.places(MemoryFlip::Memory::kSpmat, pe, beat).front(), cycle);
}

std::uint64_t EccReplay::fetched(unsigned pe, std::uint64_t beat) const {
  const EccMemories::Place place = ahead_.places(MemoryFlip::Memory::kSpmat, pe, beat).front();
  return memories_.spmat(pe)[beat] ^ EccMemories::bits_of(place, row_.at(pe));
}

void EccReplay::store(unsigned pe, std::uint64_t word, std::uint64_t mask, std::uint64_t cycle) {
  if (!follows(pe, SramKind::kAct)) return;
  const EccMemories::Place place = ahead_.places(MemoryFlip::Memory::kAct, pe, word).front();
  EccOperation access;
  access.edge = edge_of(cycle);
  access.sram = place.sram;
  access.kind = EccOperation::Kind::kWrite;
  access.word = place.word;
  access.parts = EccMemories::parts_under(place, mask);
  accesses_.push_back(access);
}

std::vector<EccOperation> EccReplay::operations(std::uint64_t cycles) const {
  std::vector<EccOperation> all;
  for (const auto& [sram, list] : flips_) {
    for (const EccOperation& flip : list) {
      if (flip.edge < edge_of(cycles)) all.push_back(flip);
    }
  }
  all.insert(all.end(), accesses_.begin(), accesses_.end());
  std::stable_sort(all.begin(), all.end(), [](const EccOperation& a, const EccOperation& b) { return a.edge < b.edge; });
  return all;
}

std::vector<EccEvent> EccReplay::events() const {
  std::vector<EccEvent> sorted = events_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const EccEvent& a, const EccEvent& b) { return a.edge < b.edge; });
  return sorted;
}

}  // namespace eie::model
