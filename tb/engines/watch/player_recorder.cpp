// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/watch/player_recorder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace eie::tb {
namespace {

/// What web/player.js reads, by block; "*" at the end: whatever follows.
constexpr const char* kWanted[] = {"ccu.state_",
                                   "ccu.root_valid",
                                   "ccu.any_full",
                                   "ccu.broadcast_valid",
                                   "ccu.broadcast_column",
                                   "ccu.broadcast_value",
                                   "act_queue.count_",
                                   "act_queue.read_",
                                   "act_queue.head_valid",
                                   "act_queue.head_ready",
                                   "act_queue.head_column",
                                   "act_queue.head_value",
                                   "act_queue.column_[*",
                                   "act_queue.value_[*",
                                   "ptr_read.fresh_",
                                   "ptr_read.odd_column_",
                                   "ptr_read.even_q_",
                                   "ptr_read.odd_q_",
                                   "ptr_read.remaining_",
                                   "ptr_read.count_",
                                   "ptr_read.entry_address_valid",
                                   "ptr_read.entry_address_address",
                                   "spmat_read.enable_",
                                   "spmat_read.held_",
                                   "spmat_read.held_row_",
                                   "spmat_read.q_",
                                   "spmat_read.entry_valid",
                                   "spmat_read.entry_first",
                                   "spmat_read.entry_code",
                                   "spmat_read.entry_run",
                                   "spmat_read.entry_value",
                                   "arith_unit.codebook_[*",
                                   "arith_unit.row_",
                                   "arith_unit.valid1_",
                                   "arith_unit.row1_",
                                   "arith_unit.one1_",
                                   "arith_unit.two1_",
                                   "arith_unit.negative1_",
                                   "arith_unit.value1_",
                                   "arith_unit.valid2_",
                                   "arith_unit.row2_",
                                   "arith_unit.product2_",
                                   "arith_unit.sum3_",
                                   "arith_unit.bypass_",
                                   "arith_unit.shift",
                                   "act_rw.accumulated",
                                   "act_rw.access_write",
                                   "act_rw.access_write_row",
                                   "act_rw.access_sum",
                                   "act_rw.control_op",
                                   "act_rw.candidate_valid",
                                   "act_rw.candidate_column",
                                   "act_rw.candidate_value",
                                   "act_rw.exhausted",
                                   "act_rw.pop",
                                   "act_rw.source_[*",
                                   "act_rw.destination_[*"};

/// "eie.pe_3.act_rw" and "pop": block and signal, and the same with the PE before them. False: not one that is shown.
bool is_wanted(const WaveVariable& variable, std::string& name) {
  const std::string top = "eie.";
  if (variable.scope.compare(0, top.size(), top) != 0) return false;
  name = variable.scope.substr(top.size()) + "." + variable.name;
  std::string local = name;
  if (local.compare(0, 3, "pe_") == 0) local = local.substr(local.find('.') + 1);
  return std::any_of(std::begin(kWanted), std::end(kWanted), [&local](const std::string& wanted) {
    const bool open = wanted.back() == '*';
    return open ? local.compare(0, wanted.size() - 1, wanted, 0, wanted.size() - 1) == 0 : local == wanted;
  });
}

}  // namespace

PlayerRecorder::PlayerRecorder(PlayerData& data, const std::vector<WaveSignal>& signals) : data_(data) {
  constexpr unsigned kPart = 32;
  for (const WaveSignal& signal : signals) {
    std::string name;
    if (signal.data == nullptr || signal.bytes > 8 || !is_wanted(signal.variable, name)) continue;
    const bool is_signed = signal.variable.kind == WaveKind::kSigned;
    const unsigned width = signal.variable.width;
    const auto* const place = static_cast<const unsigned char*>(signal.data);
    // A row of the Spmat SRAM in parts: the page's numbers have 53 bits.
    const bool parts = !is_signed && name.find("spmat_read.q_") != std::string::npos;
    for (unsigned from = 0; from < width; from += parts ? kPart : width) {
      sources_.push_back({place, signal.bytes, from, parts ? std::min(kPart, width - from) : width, is_signed, signal.late});
      data_.signals.push_back({parts ? name + ":" + std::to_string(from / kPart) : name, {}});
    }
  }
  data_.left_out.clear();
  if (!sources_.empty()) most_cycles_ = PlayerData::kValues / sources_.size();
}

void PlayerRecorder::announce(std::uint64_t launch) {
  if (launch != announced_ + 1) stop("Launches that did not follow one another on this device");
  announced_ = launch;
}

void PlayerRecorder::stop(const char* why) {
  if (over_) return;
  over_ = true;
  data_.left_out = std::string(why) + ": the player has the first " + std::to_string(data_.cycles) + " cycles.";
}

std::int64_t PlayerRecorder::value_of(const Source& source) {
  std::uint64_t word = 0;
  std::memcpy(&word, source.data, source.bytes);  // little-endian hosts only, as the waves
  word >>= source.shift;
  if (source.width >= 64) return static_cast<std::int64_t>(word);
  const std::uint64_t mask = (std::uint64_t{1} << source.width) - 1;
  word &= mask;
  const bool negative = source.is_signed && (word >> (source.width - 1) & 1) != 0;
  return static_cast<std::int64_t>(negative ? word | ~mask : word);
}

void PlayerRecorder::sample(bool busy) {
  if (recorded_) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].late) data_.signals[i].values.back() = value_of(sources_[i]);
    }
  }
  recorded_ = false;
  if (busy && data_.cycles >= most_cycles_) stop("The run is longer than one page can hold wire by wire");
  if (!busy || over_) return;
  for (std::size_t i = 0; i < sources_.size(); ++i) data_.signals[i].values.push_back(value_of(sources_[i]));
  ++data_.cycles;
  recorded_ = true;
}

}  // namespace eie::tb
