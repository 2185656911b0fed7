#include "tb/faults/flip.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "tb/error.h"

namespace eie::tb {
namespace {

[[noreturn]] void wrong(const std::string& text, const std::string& what) {
  throw UserError("--flip " + text + ": " + what);
}

/// KEY=NUMBER,... as a map.
std::map<std::string, std::uint64_t> pairs_of(const std::string& text) {
  std::map<std::string, std::uint64_t> pairs;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (key == "cycle" || key == "register") {
      wrong(text, "'" + key + "' is not built: expected a bit of spmat, ptr or act, which flips before a launch starts "
                  "(launch=N)");
    }
    static const char* const kKeys[] = {"pe", "spmat", "ptr", "act", "bit", "launch"};
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      wrong(text, "unknown key '" + key + "': expected pe, spmat, ptr or act, bit and launch, such as pe=3,spmat=306,bit=1");
    }
    std::uint64_t value = 0;
    const char* const first = part.data() + (equals == std::string::npos ? part.size() : equals + 1);
    const char* const last = part.data() + part.size();
    const auto parsed = std::from_chars(first, last, value);
    if (first == last || parsed.ec != std::errc{} || parsed.ptr != last) wrong(text, "'" + part + "': expected " + key + "=NUMBER");
    if (!pairs.emplace(key, value).second) wrong(text, "'" + key + "' is there twice: expected it once");
  }
  return pairs;
}

}  // namespace

Flip parse_flip(const std::string& text, const HwConfig& config) {
  const auto pairs = pairs_of(text);
  const auto memories = pairs.count("spmat") + pairs.count("ptr") + pairs.count("act");
  if (pairs.count("pe") == 0 || pairs.count("bit") == 0 || memories != 1) {
    wrong(text, "expected pe=, bit= and one of spmat=, ptr= and act=, such as pe=3,spmat=306,bit=1");
  }
  auto below = [&](const std::string& key, std::uint64_t limit) {
    const std::uint64_t value = pairs.at(key);
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
  } else {
    flip.memory = Flip::Memory::kAct;
    flip.index = below("act", config.act_depth);
  }
  flip.bit = static_cast<unsigned>(below("bit", bits));
  if (pairs.count("launch") != 0) flip.launch = pairs.at("launch");
  if (flip.launch == 0) wrong(text, "launch=0: expected a launch from 1");
  return flip;
}

bool FaultyDevice::all_done() const { return std::all_of(done_.begin(), done_.end(), [](bool done) { return done; }); }

void FaultyDevice::announce(const LaunchContext& context) {
  for (std::size_t k = 0; k < flips_.size(); ++k) {
    const Flip& flip = flips_[k];
    if (done_[k] || context.launch < flip.launch) continue;
    done_[k] = true;
    std::uint64_t address = config_.window_base(flip.pe);
    std::uint64_t bit = 0;
    switch (flip.memory) {
      case Flip::Memory::kSpmat:
        bit = flip.index * config_.entry_bits() + flip.bit;
        address += bit / 64 * 8;
        break;
      case Flip::Memory::kPtr:
        bit = flip.index * 32 + flip.bit;
        address += config_.window().ptr_offset + bit / 64 * 8;
        break;
      case Flip::Memory::kAct:
        bit = flip.bit;
        address += config_.window().act_offset + flip.index * 8;
        break;
    }
    device_.backdoor_write(address, device_.backdoor_read(address) ^ std::uint64_t{1} << bit % 64);
  }
  device_.announce(context);
}

}  // namespace eie::tb
