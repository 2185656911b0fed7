#include "tb/trace/wave_recorder.h"

#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <tuple>

#include "tb/error.h"

namespace eie::tb {

struct WaveRecorder::Place {
  const WaveSignal* signal = nullptr;  // of the first variable
  WaveFile::Id id = 0;
  std::size_t shadow = 0;  // of plain integers: where its copy lies
  std::string text;        // of the others: what was written last
};

struct WaveRecorder::Group {
  const unsigned char* live;
  std::uint64_t last;  // small ones: all bytes as they were, so that most comparisons touch the value alone
  std::uint32_t shadow;
  std::uint32_t bytes;
  std::uint32_t first;  // place
  std::uint32_t count;
};

struct WaveRecorder::Known {
  std::array<const bool*, 2> known;
  bool was;
  std::vector<std::size_t> places;
};

namespace {

/// Neighbours of at most this distance are compared with what lies between them.
constexpr std::size_t kGap = 7;

/// The value as a number, of up to eight bytes, cut to its width: what is signed lies in memory extended.
std::uint64_t load(const unsigned char* from, unsigned bytes, unsigned width) {
  std::uint64_t value = 0;
  switch (bytes) {
    case 1:
      value = *from;
      break;
    case 2:
      std::uint16_t half;
      std::memcpy(&half, from, 2);
      value = half;
      break;
    case 4:
      std::uint32_t word;
      std::memcpy(&word, from, 4);
      value = word;
      break;
    default:
      std::memcpy(&value, from, 8);
  }
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

/// All of 1 to 8 bytes as a number, by loads of one size that overlap.
template <class Part>
std::uint64_t both_ends(const unsigned char* from, unsigned bytes) {
  Part low;
  Part high;
  std::memcpy(&low, from, sizeof low);
  std::memcpy(&high, from + bytes - sizeof high, sizeof high);
  return std::uint64_t{low} | std::uint64_t{high} << 8 * sizeof low;
}
std::uint64_t small_value(const unsigned char* from, unsigned bytes) {
  if (bytes >= 4) return both_ends<std::uint32_t>(from, bytes);
  if (bytes >= 2) return both_ends<std::uint16_t>(from, bytes);
  return *from;
}
constexpr unsigned kSmall = 8;

bool is_plain(const WaveSignal& s) {
  return s.data != nullptr && (s.variable.kind == WaveKind::kBits || s.variable.kind == WaveKind::kSigned);
}

bool is_array_element(const WaveSignal& s) { return s.variable.name.back() == ']'; }

}  // namespace

WaveRecorder::WaveRecorder(const TraceOptions& options, double clock_mhz)
    : options_(options), femtoseconds_(static_cast<std::uint64_t>(std::llround(1e9 / clock_mhz))) {
  if (!is_wave_file_name(options_.file)) {
    throw UserError("--trace " + options_.file + ": expected a file name that ends with .fst or .vcd");
  }
  if (options_.from > options_.to) {
    throw UserError("--trace-from " + std::to_string(options_.from) + " is after --trace-to " +
                    std::to_string(options_.to));
  }
}

WaveRecorder::~WaveRecorder() = default;

std::uint64_t WaveRecorder::time_of(std::uint64_t cycle) const {
  return cycle * (femtoseconds_ % 1000 == 0 ? femtoseconds_ / 1000 : femtoseconds_);
}

const WaveSignal* WaveRecorder::find(const std::string& scope, const std::string& name) const {
  const auto found = std::find_if(signals_.begin(), signals_.end(), [&](const WaveSignal& s) {
    return s.variable.name == name && s.variable.scope == scope;
  });
  return found == signals_.end() ? nullptr : &*found;
}

bool WaveRecorder::selects(const WaveVariable& v) const {
  if (options_.scopes.empty() && options_.pes.empty()) return true;
  if (!options_.pes.empty()) {
    if (v.scope == "launch" || v.scope == "broadcast" || v.scope == "eie.ccu") return true;
    for (const unsigned p : options_.pes) {
      const std::string pe = "pe_" + std::to_string(p);
      if (v.scope == pe || v.scope == "eie." + pe || v.scope.rfind("eie." + pe + ".", 0) == 0) return true;
    }
  }
  // A glob selects a block with all that is in it, or single signals.
  const std::string full = v.scope + "." + v.name;
  return std::any_of(options_.scopes.begin(), options_.scopes.end(), [&full](const std::string& glob) {
    for (std::size_t dot = full.find('.'); dot != std::string::npos; dot = full.find('.', dot + 1)) {
      if (fnmatch(glob.c_str(), full.substr(0, dot).c_str(), 0) == 0) return true;
    }
    return fnmatch(glob.c_str(), full.c_str(), 0) == 0;
  });
}

void WaveRecorder::begin() {
  const void* busy = nullptr;
  const void* state = nullptr;
  std::vector<std::string> unused = options_.scopes;
  for (const WaveSignal& s : signals_) {
    if (s.variable.scope == "eie.host_port" && s.variable.name == "busy") busy = s.data;
    if (s.variable.scope == "eie.ccu" && s.variable.name == "state_") state = s.data;
  }
  if (busy != nullptr && state != nullptr) launch_.watch(busy, state);
  if ((options_.launch != 0 || options_.batch != 0) && !launch_.watches()) {
    throw UserError("--trace-launch: this engine does not show launches; use --trace-from and --trace-to");
  }
  for (const std::string& scope : options_.scopes) {
    TraceOptions one;
    one.scopes = {scope};
    std::swap(options_, one);
    const bool any = std::any_of(signals_.begin(), signals_.end(),
                                 [this](const WaveSignal& s) { return selects(s.variable); });
    std::swap(options_, one);
    if (!any) {
      throw UserError("--trace-scope " + scope +
                      ": matches nothing; expected a glob over names like eie.pe_0.act_queue or eie.ccu.broadcast_valid");
    }
  }
  for (const unsigned p : options_.pes) {
    const std::string pe = "eie.pe_" + std::to_string(p);
    if (std::none_of(signals_.begin(), signals_.end(), [&pe](const WaveSignal& s) { return s.variable.scope == pe; })) {
      throw UserError("--trace-pe " + std::to_string(p) + ": there is no such PE");
    }
  }
  std::vector<WaveSignal> wanted;
  for (WaveSignal& s : signals_) {
    if (selects(s.variable)) wanted.push_back(std::move(s));
  }
  signals_ = std::move(wanted);
  if (signals_.empty()) throw UserError("--trace " + options_.file + ": there is no signal to write");
  file_ = create_wave_file(options_.file, femtoseconds_ % 1000 != 0);
  declare();
  group_places(false, on_time_, known_on_time_);
  group_places(true, late_, known_late_);
}

void WaveRecorder::declare() {
  using Key = std::tuple<const void*, unsigned, WaveKind, bool, std::array<const bool*, 2>>;
  std::map<Key, std::size_t> known_places;
  for (const WaveSignal& s : signals_) {
    const Key key{s.data, s.variable.width, s.variable.kind, s.late, s.known};
    const auto same = s.data == nullptr ? known_places.end() : known_places.find(key);
    if (same != known_places.end()) {
      file_->declare_alias(s.variable, static_cast<WaveFile::Id>(same->second));
      continue;
    }
    Place place;
    place.signal = &s;
    place.id = file_->declare(s.variable);
    if (s.data != nullptr) known_places.emplace(key, place.id);
    (is_plain(s) ? places_ : special_).push_back(place);
  }
  file_->end_declarations();
  const auto order = [](const Place& place) {
    const WaveSignal& s = *place.signal;
    return std::make_tuple(s.late, s.known[0] != nullptr, reinterpret_cast<std::uintptr_t>(s.data));
  };
  std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) { return order(a) < order(b); });
}

void WaveRecorder::group_places(bool late, std::vector<Group>& groups, std::vector<Known>& known) {
  for (std::size_t k = 0; k < places_.size(); ++k) {
    Place& place = places_[k];
    const WaveSignal& s = *place.signal;
    if (s.late != late) continue;
    const auto* live = static_cast<const unsigned char*>(s.data);
    if (s.known[0] != nullptr) {
      place.shadow = shadow_.size();
      shadow_.resize(shadow_.size() + s.bytes);
      const auto group = std::find_if(known.begin(), known.end(), [&s](const Known& g) { return g.known == s.known; });
      if (group != known.end()) {
        group->places.push_back(k);
      } else {
        known.push_back({s.known, false, {k}});
      }
      continue;
    }
    Group* last = groups.empty() ? nullptr : &groups.back();
    // An array is compared at once; what else lies together, as far as a few bytes hold it.
    const bool joins =
        last != nullptr && live <= last->live + last->bytes + kGap &&
        (live + s.bytes <= last->live + kSmall || (is_array_element(s) && is_array_element(*places_[k - 1].signal)));
    if (!joins) {
      groups.push_back({live, 0, static_cast<std::uint32_t>(shadow_.size()), 0, static_cast<std::uint32_t>(k), 0});
      last = &groups.back();
    }
    const auto end = static_cast<std::size_t>(live - last->live) + s.bytes;
    place.shadow = last->shadow + static_cast<std::size_t>(live - last->live);
    last->bytes = std::max(last->bytes, static_cast<std::uint32_t>(end));
    ++last->count;
    shadow_.resize(last->shadow + last->bytes);
  }
}

bool WaveRecorder::in_window(std::uint64_t cycle) {
  if (launch_.watches()) launch_.step();
  if (cycle < options_.from || cycle > options_.to) return false;
  if (options_.launch == 0 && options_.batch == 0) return true;
  if (!launch_.busy() || (options_.launch != 0 && launch_.launch() != options_.launch)) return false;
  if (launch_.cycle() < options_.launch_from || launch_.cycle() > options_.launch_to) return false;
  return options_.batch == 0 || (launch_.batch() == options_.batch && !launch_.behind_batches());
}

void WaveRecorder::write_value(const Place& place, const unsigned char* live) {
  const WaveSignal& s = *place.signal;
  if (s.bytes <= 8) {
    file_->change(place.id, load(live, s.bytes, s.variable.width));
    return;
  }
  std::string digits(s.variable.width, '0');
  for (unsigned bit = 0; bit < s.variable.width; ++bit) {
    if ((live[bit / 8] >> bit % 8 & 1) != 0) digits[s.variable.width - 1 - bit] = '1';
  }
  file_->change_digits(place.id, digits.c_str());
}

void WaveRecorder::write_all(std::vector<Group>& groups) {
  for (Group& g : groups) {
    std::memcpy(&shadow_[g.shadow], g.live, g.bytes);
    for (std::uint32_t k = g.first; k < g.first + g.count; ++k) write_value(places_[k], &shadow_[places_[k].shadow]);
    if (g.bytes <= kSmall) g.last = small_value(g.live, g.bytes);
  }
}

void WaveRecorder::write_group(const Group& g) {
  for (std::uint32_t k = g.first; k < g.first + g.count; ++k) {
    const Place& place = places_[k];
    const unsigned char* const live = g.live + (place.shadow - g.shadow);
    if (std::memcmp(&shadow_[place.shadow], live, place.signal->bytes) != 0) write_value(place, live);
  }
  std::memcpy(&shadow_[g.shadow], g.live, g.bytes);
}

void WaveRecorder::write_changes(std::vector<Group>& groups) {
  for (Group& g : groups) {
    if (g.bytes <= kSmall) {
      const std::uint64_t now = small_value(g.live, g.bytes);
      if (now == g.last) continue;
      g.last = now;
      write_group(g);
    } else if (std::memcmp(&shadow_[g.shadow], g.live, g.bytes) != 0) {
      write_group(g);
    }
  }
}

/// What is known behind the edge belongs to the cycle that was written last.
void WaveRecorder::write_late(bool all) {
  if (all) {
    write_all(late_);
  } else {
    write_changes(late_);
  }
  write_known(known_late_, all);
}

void WaveRecorder::write_known(std::vector<Known>& groups, bool all) {
  for (Known& g : groups) {
    const bool now = *g.known[0] && *g.known[1];
    if (!now && (g.was || all)) {
      for (const std::size_t k : g.places) {
        file_->change_digits(places_[k].id, std::string(places_[k].signal->variable.width, 'x').c_str());
      }
    }
    if (now) {
      for (const std::size_t k : g.places) {
        const Place& place = places_[k];
        const auto* live = static_cast<const unsigned char*>(place.signal->data);
        if (!g.was || all || std::memcmp(&shadow_[place.shadow], live, place.signal->bytes) != 0) {
          write_value(place, live);
          std::memcpy(&shadow_[place.shadow], live, place.signal->bytes);
        }
      }
    }
    g.was = now;
  }
}

void WaveRecorder::write_special(bool all) {
  for (Place& place : special_) {
    const WaveSignal& s = *place.signal;
    if (s.variable.kind == WaveKind::kReal) {
      double value;
      std::memcpy(&value, s.data, sizeof value);
      const std::string now(static_cast<const char*>(s.data), sizeof value);
      if (all || place.text != now) file_->change_real(place.id, value);
      place.text = now;
    } else if (s.variable.kind == WaveKind::kText) {
      const auto& now = *static_cast<const std::string*>(s.data);
      if (all || place.text != now) file_->change_text(place.id, now);
      place.text = now;
    } else {
      const std::string now = s.digits();
      if (all || place.text != now) file_->change_digits(place.id, now.c_str());
      place.text = now;
    }
  }
}

void WaveRecorder::sample(std::uint64_t cycle) {
  if (done_) return;
  const bool wanted = in_window(cycle);
  const bool first = first_ > last_;
  if (open_) write_late(last_ == first_);
  if (!wanted) {
    done_ = open_ && cycle > options_.to;
    open_ = false;
    return;
  }
  file_->time(time_of(cycle));
  if (first) {
    first_ = cycle;
    write_all(on_time_);
  } else {
    write_changes(on_time_);
  }
  write_known(known_on_time_, first);
  write_special(first);
  last_ = cycle;
  open_ = true;
}

void WaveRecorder::finish() {
  if (file_ == nullptr) return;
  const std::unique_ptr<WaveFile> file = std::move(file_);
  done_ = true;
  if (first_ > last_) {
    throw UserError("--trace " + options_.file +
                    ": no cycle was in the window; expected one within the run (--trace-from, --trace-to, --trace-launch, "
                    "--trace-batch)");
  }
  if (open_) {  // the edge that ends the last cycle has not come
    for (const Place& place : places_) {
      if (place.signal->late) file->change_digits(place.id, std::string(place.signal->variable.width, 'x').c_str());
    }
  }
  file->close();
}

}  // namespace eie::tb
