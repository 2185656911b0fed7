// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/waves/sc_signals.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "hw/clocked.h"

namespace eie::tb {
namespace {

/// Where the bits of an sc_uint or an sc_int lie.
struct UintBits : sc_dt::sc_uint_base {
  static const void* of(const sc_dt::sc_uint_base& value) { return &(value.*(&UintBits::m_val)); }
};
struct IntBits : sc_dt::sc_int_base {
  static const void* of(const sc_dt::sc_int_base& value) { return &(value.*(&IntBits::m_val)); }
};

#if EIE_SYNTHESIS_VIEW
struct LateTrace {
  virtual void late(bool is_late, const bool* known, const bool* and_known) = 0;
};
#endif

/// A trace file that only takes down what it is given.
class SignalList final : public sc_core::sc_trace_file, public LateTrace {
 public:
  explicit SignalList(const std::function<void(WaveSignal)>& add) : add_(add) {}

  void add_below(const sc_core::sc_object& object, const std::string& scope) {
    if (dynamic_cast<const sc_core::sc_module*>(&object) != nullptr) {
      scope_ = scope;
      prefix_ = std::string(object.name()) + ".";
      taken_.clear();
      object.trace(this);
    }
    for (const sc_core::sc_object* child : object.get_child_objects()) {
      if (dynamic_cast<const sc_core::sc_module*>(child) != nullptr) {
        add_below(*child, scope + "." + child->basename());
      }
    }
  }

  void late(bool is_late, const bool* known, const bool* and_known) override {
    late_ = is_late;
    known_ = {known, and_known};
  }

#define EIE_TRACED_INTEGER(Type, kind) \
  void trace(const Type& value, const std::string& name, int width) override { add(name, kind, width, &value, sizeof value); }
  EIE_TRACED_INTEGER(unsigned char, WaveKind::kBits)
  EIE_TRACED_INTEGER(unsigned short, WaveKind::kBits)
  EIE_TRACED_INTEGER(unsigned int, WaveKind::kBits)
  EIE_TRACED_INTEGER(unsigned long, WaveKind::kBits)
  EIE_TRACED_INTEGER(sc_dt::uint64, WaveKind::kBits)
  EIE_TRACED_INTEGER(char, WaveKind::kSigned)
  EIE_TRACED_INTEGER(short, WaveKind::kSigned)
  EIE_TRACED_INTEGER(int, WaveKind::kSigned)
  EIE_TRACED_INTEGER(long, WaveKind::kSigned)
  EIE_TRACED_INTEGER(sc_dt::int64, WaveKind::kSigned)
#undef EIE_TRACED_INTEGER

  void trace(const bool& value, const std::string& name) override { add(name, WaveKind::kBits, 1, &value, 1); }
  void trace(const sc_dt::sc_uint_base& value, const std::string& name) override {
    add(name, WaveKind::kBits, value.length(), UintBits::of(value), 8);
  }
  void trace(const sc_dt::sc_int_base& value, const std::string& name) override {
    add(name, WaveKind::kSigned, value.length(), IntBits::of(value), 8);
  }
  void trace(const sc_dt::sc_unsigned& value, const std::string& name) override { add_digits(name, value); }
  void trace(const sc_dt::sc_signed& value, const std::string& name) override { add_digits(name, value); }
  void trace(const sc_dt::sc_bv_base& value, const std::string& name) override { add_digits(name, value); }

#define EIE_NOT_TRACED(Type) \
  void trace(const Type&, const std::string& name) override { throw std::logic_error("no waves of the type of " + name); }
  EIE_NOT_TRACED(sc_core::sc_event)
  EIE_NOT_TRACED(sc_core::sc_time)
  EIE_NOT_TRACED(sc_dt::sc_bit)
  EIE_NOT_TRACED(sc_dt::sc_logic)
  EIE_NOT_TRACED(float)
  EIE_NOT_TRACED(double)
  EIE_NOT_TRACED(sc_dt::sc_fxval)
  EIE_NOT_TRACED(sc_dt::sc_fxval_fast)
  EIE_NOT_TRACED(sc_dt::sc_fxnum)
  EIE_NOT_TRACED(sc_dt::sc_fxnum_fast)
  EIE_NOT_TRACED(sc_dt::sc_lv_base)
#undef EIE_NOT_TRACED
  void trace(const unsigned int& value, const std::string& name, const char**) override {
    add(name, WaveKind::kBits, 32, &value, sizeof value);
  }
  void write_comment(const std::string&) override {}
  void set_time_unit(double, sc_core::sc_time_unit) override {}

 private:
  void cycle(bool) override {}

  /// The member's variable. Where a member and a field of a record would have the same name, the RTL appends a 0 to the second.
  WaveSignal signal_of(const std::string& name, WaveKind kind, int width, const void* data) {
    WaveSignal s;
    s.variable.scope = scope_;
    s.variable.name = rtl_name(name.compare(0, prefix_.size(), prefix_) == 0 ? name.substr(prefix_.size()) : name);
    const auto taken = taken_.emplace(s.variable.name, data);
    if (!taken.second && taken.first->second != data) s.variable.name += "0";
    s.variable.kind = kind;
    s.variable.width = static_cast<unsigned>(width);
    // The engine sets the reset at the time of an edge, just before it: the cycle that the edge ends has the new value.
    const bool device_reset = s.variable.name == "rst_n" && (scope_ == "eie" || scope_ == "eie.host_port");
    s.late = late_ || device_reset;
    s.known = known_;
    return s;
  }
  void add(const std::string& name, WaveKind kind, int width, const void* data, unsigned bytes) {
    WaveSignal s = signal_of(name, kind, width, data);
    s.data = data;
    s.bytes = bytes;
    add_(std::move(s));
  }
  template <class Wide>
  void add_digits(const std::string& name, const Wide& value) {
    WaveSignal s = signal_of(name, WaveKind::kBits, value.length(), &value);
    const int width = value.length();
    s.digits = [&value, width] {
      std::string digits(static_cast<std::size_t>(width), '0');
      for (int bit = 0; bit < width; ++bit) {
        if (static_cast<bool>(value[bit])) digits[static_cast<std::size_t>(width - 1 - bit)] = '1';
      }
      return digits;
    };
    add_(std::move(s));
  }

  const std::function<void(WaveSignal)>& add_;
  std::string scope_;
  std::string prefix_;
  std::map<std::string, const void*> taken_;  // names of this module
  bool late_ = false;
  std::array<const bool*, 2> known_{};
};

}  // namespace

std::string rtl_name(const std::string& member) {
  std::string name;
  std::string indices;
  for (std::size_t at = 0; at < member.size();) {
    if (member[at] == '[') {
      const std::size_t end = member.find(']', at) + 1;
      indices += member.substr(at, end - at);
      at = end;
    } else {
      name += member[at] == '.' ? '_' : member[at];
      ++at;
    }
  }
  return name + indices;
}

void add_sc_signals(const sc_core::sc_module& top, WaveRecorder& recorder) {
  list_sc_signals(top, [&recorder](WaveSignal signal) { recorder.add(std::move(signal)); });
}

void list_sc_signals(const sc_core::sc_module& top, const std::function<void(WaveSignal)>& add) {
  SignalList(add).add_below(top, "eie");
}

}  // namespace eie::tb
