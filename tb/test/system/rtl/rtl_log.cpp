// SPDX-License-Identifier: Apache-2.0
// Prints every port of every block of the Verilated RTL in every cycle, in the format of view_log.cpp and
// under the same stimulus. view_test compares the logs line by line.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iostream>
#include <sstream>

#include "Veie4_public.h"
#include "tb/engines/rtl/rtl_engine.h"
#include "tb/engines/rtl/rtl_model_impl.h"
#include "tb/test/system/rtl/view_layers.h"

namespace eie::tb {
namespace {

/// A variable of the RTL, shown as a number. `signed_bits`: its width if it is signed, else 0.
class Probe {
 public:
  Probe(const RtlModel& model, const std::string& scope, const std::string& name, unsigned signed_bits)
      : at_(model.variable(scope, name)), signed_bits_(signed_bits) {
    if (at_.data == nullptr) throw DeviceError("no variable " + name + " in " + scope);
  }
  std::string text() const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, at_.data, at_.word_bytes);
    if (signed_bits_ == 0) return std::to_string(bits);
    return std::to_string(static_cast<std::int64_t>(bits << (64 - signed_bits_)) >> (64 - signed_bits_));
  }

 private:
  RtlArray at_;
  unsigned signed_bits_;
};

/// What one line of the log shows after a text: one variable.
struct Item {
  std::string text;
  Probe probe;
  std::string after;
};

class Logger {
 public:
  Logger(const RtlModel& model, const HwConfig& config) : model_(model), config_(config) {
    text(" ccu ");
    record("ccu", "root", {"valid", "column", "value"});
    values("ccu", {"root_exhausted", "any_full"});
    record("ccu", "broadcast", {"valid", "column", "value"});
    record("ccu", "control", {"op", "relu", "address", "base", "offset", "length"});
    values("ccu", {"drain", "all_drained", "finish", "cycles"});
    for (const char* counter : {"broadcasts", "queue_full_cycles", "act_transfer_cycles"}) {
      text(" ");
      values("ccu", {counter});
    }
    text(" host ");
    values("host_port", {"awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp", "irq", "busy"});
    record("host_port", "host", {"valid", "write", "region", "pe", "word", "strobe", "data"});
    for (unsigned k = 0; k < config.n_pe; ++k) {
      const std::string pe = "pe_" + std::to_string(k);
      text(" pe ");
      record(pe + ".act_queue", "head", {"valid", "column", "value"});
      values(pe + ".act_queue", {"full"});
      values(pe + ".ptr_read", {"head_ready"});
      record(pe + ".ptr_read", "entry_address", {"valid", "first", "address", "value"});
      values(pe + ".ptr_read", {"drained", "error"});
      record(pe + ".spmat_read", "entry", {"valid", "first", "code", "run", "value"});
      record(pe + ".arith_unit", "access", {"read_row", "write", "write_row", "sum"});
      values(pe + ".arith_unit", {"saturated", "error"});
      values(pe + ".act_rw", {"accumulated"});
      record(pe + ".act_rw", "candidate", {"valid", "column", "value"});
      values(pe + ".act_rw", {"exhausted", "pop"});
      values(pe, {"host_q"});
    }
  }

  void print() {
    std::ostringstream os;
    os << "cycle " << cycle_++;
    for (const Item& item : items_) os << item.text << item.probe.text() << item.after;
    std::cout << os.str() << '\n';
  }

 private:
  void text(const std::string& text) { pending_ += text; }
  void variable(const std::string& scope, const std::string& name) {
    const bool is_signed = name == "accumulated" || name.rfind("value") == name.size() - 5;
    const bool is_sum = name == "access_sum" || name == "accumulated";
    items_.push_back({pending_, Probe(model_, scope, name, is_sum ? config_.acc_width : is_signed ? config_.data_width : 0), ""});
    pending_.clear();
  }
  void values(const std::string& scope, std::initializer_list<const char*> names) {
    for (const char* name : names) variable(scope, name);
  }
  /// As the records of hw/types.h print.
  void record(const std::string& scope, const std::string& name, std::initializer_list<const char*> fields) {
    text("{");
    bool first = true;
    for (const char* field : fields) {
      text(std::string(first ? "" : " ") + field + " ");
      variable(scope, name + "_" + field);
      first = false;
    }
    items_.back().after = "}";
  }

  const RtlModel& model_;
  HwConfig config_;
  std::vector<Item> items_;
  std::string pending_;
  std::uint64_t cycle_ = 0;
};

int log_layers(std::uint64_t seed) {
  const HwConfig config = shipped_config("eie4");
  RtlEngine engine(std::make_unique<VerilatedDevice<Veie4_public>>(), config);
  Logger logger(engine.model(), config);
  engine.set_observer([&logger] { logger.print(); });
  engine.set_host_stalls(20, seed);
  return run_view_layers(engine, config, seed);
}

}  // namespace
}  // namespace eie::tb

int main(int argc, char* argv[]) {
  try {
    return eie::tb::log_layers(argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "view_log_rtl: %s\n", error.what());
    return 2;
  }
}
