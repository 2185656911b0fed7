// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/flips/live_flips.h"

#include <algorithm>
#include <cstring>

#include "tb/support/error.h"

namespace eie::tb {

LiveFlips::LiveFlips(const std::vector<WaveSignal>& signals) {
  const std::string top = "eie.";
  for (const WaveSignal& signal : signals) {
    const std::string& scope = signal.variable.scope;
    const std::string& name = signal.variable.name;
    if (signal.data == nullptr || signal.bytes > 8 || signal.late || signal.known[0] != nullptr) continue;
    if (scope.compare(0, top.size() + 3, top + "pe_") != 0) continue;
    const std::size_t dot = scope.find('.', top.size());
    if (dot == std::string::npos || scope.find('.', dot + 1) != std::string::npos) continue;  // wires of the PE; SRAM ports
    const std::string member = name.substr(0, name.find('['));
    static const char* const kDecoded[] = {"fresh_length_", "remaining_", "ready_", "error_", "even_error_", "odd_error_"};
    if (member.back() != '_' || std::find(std::begin(kDecoded), std::end(kDecoded), member) != std::end(kDecoded)) continue;
    const std::string local = scope.substr(dot + 1) + "." + name;
    // The simulation writes what it reads here; a wave recorder only reads it.
    auto* const data = const_cast<unsigned char*>(static_cast<const unsigned char*>(signal.data));
    registers_.emplace(scope.substr(top.size(), dot - top.size()) + "." + local,
                       Register{data, signal.bytes, signal.variable.width, signal.variable.kind == WaveKind::kSigned});
    if (scope.compare(top.size(), dot - top.size(), "pe_0") == 0) in_order_.push_back(local);
  }
}

std::string LiveFlips::names() const {
  std::string text;
  for (std::size_t k = 0; k < in_order_.size();) {
    const std::string& first = in_order_[k];
    const std::string member = first.substr(0, first.find('['));
    std::size_t last = k;
    while (last + 1 < in_order_.size() && in_order_[last + 1].substr(0, in_order_[last + 1].find('[')) == member) ++last;
    text += text.empty() ? "" : ", ";
    text += last == k ? first : first + " to " + in_order_[last].substr(member.size());
    k = last + 1;
  }
  return text;
}

void LiveFlips::check(const BitFlip& flip) const {
  if (flip.register_name.empty()) return;
  const auto found = registers_.find("pe_" + std::to_string(flip.pe) + "." + flip.register_name);
  if (found == registers_.end()) {
    throw UserError("--flip " + flip.text + ": there is no register '" + flip.register_name + "' in a PE: expected one of " +
                    names());
  }
  if (flip.bit >= found->second.width) {
    throw UserError("--flip " + flip.text + ": bit=" + std::to_string(flip.bit) + ": expected at most " +
                    std::to_string(found->second.width - 1));
  }
}

void LiveFlips::add(const BitFlip& flip) {
  check(flip);
  pending_.push_back(flip);
}

void LiveFlips::flip(const Register& at, unsigned bit) {
  std::uint64_t value = 0;
  std::memcpy(&value, at.data, at.bytes);
  value ^= std::uint64_t{1} << bit;
  if (at.is_signed && bit + 1 == at.width && at.width < 64) {  // it lies there extended
    const std::uint64_t above = ~((std::uint64_t{1} << at.width) - 1);
    value = (value >> bit & 1) != 0 ? value | above : value & ~above;
  }
  std::memcpy(at.data, &value, at.bytes);
}

int LiveFlips::step(bool busy, const std::function<void(const BitFlip&)>& memory) {
  if (!busy) {
    if (busy_) {
      for (const BitFlip& flip : pending_) missed_.push_back(flip.text);
      pending_.clear();
    }
    busy_ = false;
    return -1;
  }
  cycle_ = busy_ ? cycle_ + 1 : 0;
  busy_ = true;
  int touched = -1;
  for (const BitFlip& now : pending_) {
    if (now.cycle != cycle_) continue;
    if (now.register_name.empty()) {
      memory(now);
    } else {
      flip(registers_.at("pe_" + std::to_string(now.pe) + "." + now.register_name), now.bit);
      touched = static_cast<int>(now.pe);
    }
  }
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(), [this](const BitFlip& f) { return f.cycle == cycle_; }),
                 pending_.end());
  return touched;
}

}  // namespace eie::tb
