// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/waves/wave_recorder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fnmatch.h>
#include <map>
#include <tuple>

#include "tb/support/error.h"

namespace eie::tb {

/// A value that is no plain integer.
struct WaveRecorder::Special {
  const WaveSignal* signal;
  WaveFile::Id id;
  std::uint64_t number;  // of a real one: its bits as they were
  std::string text;      // of the others: as it was
};

namespace {

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
    throw UserError("--trace-from " + std::to_string(options_.from) + " is after --trace-to " + std::to_string(options_.to));
  }
}

WaveRecorder::~WaveRecorder() = default;

std::uint64_t WaveRecorder::time_of(std::uint64_t cycle) const {
  return cycle * (femtoseconds_ % 1000 == 0 ? femtoseconds_ / 1000 : femtoseconds_);
}

const WaveSignal* WaveRecorder::find(const std::string& scope, const std::string& name) const {
  const auto found = std::find_if(signals_.begin(), signals_.end(),
                                  [&](const WaveSignal& s) { return s.variable.name == name && s.variable.scope == scope; });
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
    const bool any = std::any_of(signals_.begin(), signals_.end(), [this](const WaveSignal& s) { return selects(s.variable); });
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
    const WaveFile::Id id = file_->declare(s.variable);
    if (s.data != nullptr) known_places.emplace(key, id);
    if (is_plain(s)) {
      (s.late ? late_ : on_time_)
          .add({id, static_cast<const unsigned char*>(s.data), s.bytes, s.variable.width, is_array_element(s), s.known});
    } else {
      special_.push_back({&s, id, 0, ""});
    }
  }
  file_->end_declarations();
  on_time_.prepare();
  late_.prepare();
}

bool WaveRecorder::in_window(std::uint64_t cycle) {
  if (launch_.watches()) launch_.step();
  if (cycle < options_.from || cycle > options_.to) return false;
  if (options_.launch == 0 && options_.batch == 0) return true;
  if (!launch_.busy() || (options_.launch != 0 && launch_.launch() != options_.launch)) return false;
  if (launch_.cycle() < options_.launch_from || launch_.cycle() > options_.launch_to) return false;
  return options_.batch == 0 || (launch_.batch() == options_.batch && !launch_.behind_batches());
}

void WaveRecorder::write_special(bool all) {
  for (Special& special : special_) {
    const WaveSignal& s = *special.signal;
    if (s.variable.kind == WaveKind::kReal) {
      std::uint64_t now;
      std::memcpy(&now, s.data, sizeof now);
      if (!all && special.number == now) continue;
      special.number = now;
      double value;
      std::memcpy(&value, &now, sizeof value);
      file_->change_real(special.id, value);
    } else if (s.variable.kind == WaveKind::kText) {
      const auto& now = *static_cast<const std::string*>(s.data);
      if (!all && special.text == now) continue;
      special.text = now;
      file_->change_text(special.id, now);
    } else {
      const std::string now = s.digits();
      if (!all && special.text == now) continue;
      special.text = now;
      file_->change_digits(special.id, now.c_str());
    }
  }
}

void WaveRecorder::sample(std::uint64_t cycle) {
  if (done_) return;
  const bool wanted = in_window(cycle);
  const bool first = first_ > last_;
  if (open_ && last_ == first_) {  // what is known behind the edge belongs to the cycle that was written last
    late_.write_all(*file_);
  } else if (open_) {
    late_.write_changes(*file_);
  }
  if (!wanted) {
    done_ = open_ && cycle > options_.to;
    open_ = false;
    return;
  }
  file_->time(time_of(cycle));
  if (first) {
    first_ = cycle;
    on_time_.write_all(*file_);
  } else {
    on_time_.write_changes(*file_);
  }
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
  if (open_) late_.write_unknown(*file);  // the edge that ends the last cycle has not come
  file->close();
}

}  // namespace eie::tb
