// SPDX-License-Identifier: Apache-2.0
#include "tb/faults/flip.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "tb/support/error.h"
#include "tb/support/thousands.h"
#include "tlm/model/ecc/ecc.h"

namespace eie::tb {
namespace {

[[noreturn]] void wrong(const std::string& text, const std::string& what) { throw UserError("--flip " + text + ": " + what); }

/// KEY=VALUE,... as a map.
std::map<std::string, std::string> pairs_of(const std::string& text) {
  std::map<std::string, std::string> pairs;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    static const char* const kKeys[] = {"pe", "spmat", "ptr", "act", "register", "bit", "check", "launch", "cycle"};
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      wrong(text, "unknown key '" + key +
                      "': expected pe, one of spmat, ptr, act and register, bit or check, launch and cycle, such as "
                      "pe=3,spmat=306,bit=1");
    }
    if (equals == std::string::npos || equals + 1 == part.size()) {
      wrong(text, "'" + part + "': expected " + key + (key == "register" ? "=NAME" : "=NUMBER"));
    }
    if (!pairs.emplace(key, part.substr(equals + 1)).second) wrong(text, "'" + key + "' is there twice: expected it once");
  }
  return pairs;
}

std::uint64_t number_of(const std::string& text, const std::string& key, const std::string& value) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size()) {
    wrong(text, "'" + key + "=" + value + "': expected " + key + "=NUMBER");
  }
  return number;
}

model::SramKind sram_of(Flip::Memory memory) {
  return memory == Flip::Memory::kSpmat ? model::SramKind::kSpmat
         : memory == Flip::Memory::kPtr ? model::SramKind::kEven
                                        : model::SramKind::kAct;
}

/// How many bits `check=` counts: of the code word that holds an entry or a pointer, or of all in an activation word.
unsigned check_bits_of(Flip::Memory memory, const HwConfig& config) {
  const model::EccMemories ecc(config);
  const unsigned parts = memory == Flip::Memory::kAct ? config.lanes() : 1;
  return ecc.code_of(sram_of(memory)).check_bits * parts;
}

/// The check bits of a word of the windows are its bits from 64 on.
void set_check_bit(BitFlip& bit, const Flip& flip, const HwConfig& config) {
  const model::EccMemories ecc(config);
  std::uint64_t at = flip.index * 64;  // bit of the memory
  std::uint64_t before = 0;            // check bits of code words before it in its word
  if (flip.memory == Flip::Memory::kSpmat) {
    at = flip.index * config.entry_bits();
    const unsigned part_bits = ecc.code_of(model::SramKind::kSpmat).data_bits;
    before = at % 64 / part_bits * check_bits_of(flip.memory, config);
  } else if (flip.memory == Flip::Memory::kPtr) {
    at = flip.index * 32;
    before = flip.index % 2 * check_bits_of(flip.memory, config);
    bit.address += config.window().ptr_offset;
  } else {
    bit.address += config.window().act_offset;
  }
  bit.address += at / 64 * 8;
  bit.bit = 64 + static_cast<unsigned>(before) + flip.bit;
}

/// Where a memory's bit lies for the host: the address of its word, and the bit of that.
BitFlip bit_of(const Flip& flip, const HwConfig& config) {
  BitFlip bit;
  bit.text = flip.text;
  bit.cycle = flip.cycle.value_or(0);
  bit.pe = flip.pe;
  bit.register_name = flip.register_name;
  bit.bit = flip.bit;
  bit.address = config.window_base(flip.pe);
  if (flip.check) {
    set_check_bit(bit, flip, config);
    return bit;
  }
  std::uint64_t at = 0;
  switch (flip.memory) {
    case Flip::Memory::kSpmat:
      at = flip.index * config.entry_bits() + flip.bit;
      bit.address += at / 64 * 8;
      bit.bit = static_cast<unsigned>(at % 64);
      break;
    case Flip::Memory::kPtr:
      at = flip.index * 32 + flip.bit;
      bit.address += config.window().ptr_offset + at / 64 * 8;
      bit.bit = static_cast<unsigned>(at % 64);
      break;
    case Flip::Memory::kAct:
      bit.address += config.window().act_offset + flip.index * 8;
      break;
    case Flip::Memory::kRegister:
      break;
  }
  return bit;
}

}  // namespace

Flip parse_flip(const std::string& text, const HwConfig& config) {
  const auto pairs = pairs_of(text);
  const auto places = pairs.count("spmat") + pairs.count("ptr") + pairs.count("act") + pairs.count("register");
  if (pairs.count("pe") == 0 || pairs.count("bit") + pairs.count("check") != 1 || places != 1) {
    wrong(text, "expected pe=, bit= (or check=) and one of spmat=, ptr=, act= and register=, such as pe=3,spmat=306,bit=1");
  }
  auto below = [&](const std::string& key, std::uint64_t limit) {
    const std::uint64_t value = number_of(text, key, pairs.at(key));
    if (value >= limit) wrong(text, key + "=" + std::to_string(value) + ": expected at most " + std::to_string(limit - 1));
    return value;
  };
  Flip flip;
  flip.text = text;
  flip.pe = static_cast<unsigned>(below("pe", config.n_pe));
  unsigned bits = 64;
  if (pairs.count("spmat") != 0) {
    flip.memory = Flip::Memory::kSpmat;
    flip.index = below("spmat", std::uint64_t{config.spmat_depth} * config.entries_per_row());
    bits = config.entry_bits();
  } else if (pairs.count("ptr") != 0) {
    flip.memory = Flip::Memory::kPtr;
    flip.index = below("ptr", config.pointer_depth);
    bits = config.pointer_width;
  } else if (pairs.count("act") != 0) {
    flip.memory = Flip::Memory::kAct;
    flip.index = below("act", config.act_depth);
  } else {
    flip.memory = Flip::Memory::kRegister;
    flip.register_name = pairs.at("register");
    flip.cycle = 0;
  }
  flip.check = pairs.count("check") != 0;
  if (flip.check && flip.memory == Flip::Memory::kRegister) wrong(text, "check: a register has no check bits: expected bit=");
  if (flip.check && !config.ecc) {
    wrong(text, "check: configuration '" + config.name + "' has `ecc: false` and no check bits: expected bit=");
  }
  flip.bit = static_cast<unsigned>(flip.check ? below("check", check_bits_of(flip.memory, config)) : below("bit", bits));
  if (pairs.count("launch") != 0) flip.launch = number_of(text, "launch", pairs.at("launch"));
  if (flip.launch == 0) wrong(text, "launch=0: expected a launch from 1");
  if (pairs.count("cycle") != 0) flip.cycle = number_of(text, "cycle", pairs.at("cycle"));
  return flip;
}

std::vector<Flip> parse_flips(const std::vector<std::string>& texts, const HwConfig& config) {
  std::vector<Flip> flips;
  for (const std::string& text : texts) flips.push_back(parse_flip(text, config));
  return flips;
}

FaultyDevice::FaultyDevice(std::unique_ptr<Device> device, const HwConfig& config, std::vector<Flip> flips)
    : ForwardingDevice(*device),
      owned_(std::move(device)),
      config_(config),
      flips_(std::move(flips)),
      done_(flips_.size(), false) {
  for (const Flip& flip : flips_) {
    if (flip.cycle) device_.check_flip(bit_of(flip, config_));
  }
}

void FaultyDevice::check_all_done() const {
  for (std::size_t k = 0; k < flips_.size(); ++k) {
    if (done_[k]) continue;
    wrong(flips_[k].text, "the run has " + counted(launches_, "launch", "launches") + ": expected launch=N of one of them");
  }
  for (const std::string& text : device_.missed_flips()) {
    wrong(text, "the launch is over before this cycle: expected an earlier one");
  }
}

void FaultyDevice::announce(const LaunchContext& context) {
  launches_ = std::max(launches_, context.launch);
  for (std::size_t k = 0; k < flips_.size(); ++k) {
    const Flip& flip = flips_[k];
    if (done_[k] || context.launch < flip.launch) continue;
    done_[k] = true;
    const BitFlip bit = bit_of(flip, config_);
    // A run that begins behind the launch (tb/faults/places.h) has had the flip.
    if (flip.cycle && context.launch == flip.launch) {
      device_.flip_in_next_launch(bit);
    } else if (flip.memory != Flip::Memory::kRegister) {
      device_.flip_now(bit);
    }
  }
  device_.announce(context);
}

}  // namespace eie::tb
