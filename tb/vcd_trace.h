// Waves of a device: which blocks are traced, in which window of cycles.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

#include "engines.h"

namespace eie::tb {

/// True when `text` matches the glob: '*' any characters, '?' one.
bool glob_match(const std::string& glob, const std::string& text);

/// A VCD file of the modules below `top`. Each module that overrides sc_module::trace() lists its ports and registers.
class VcdTrace {
 public:
  VcdTrace(sc_core::sc_module& top, const TraceOptions& options);
  ~VcdTrace();
  VcdTrace(const VcdTrace&) = delete;
  VcdTrace& operator=(const VcdTrace&) = delete;

  bool enabled() const { return !options_.file.empty(); }

  /// Next cycle at which the trace must be opened or closed; UINT64_MAX when none is left.
  std::uint64_t next_change() const;

  /// Ends the trace. Throws UserError, and removes the file, when it could not be written in full.
  void finish();

  /// Opens or closes the file when `cycle` says so.
  void at_cycle(std::uint64_t cycle);

 private:
  void open();
  void close();
  void trace_below(sc_core::sc_object& object);
  bool in_scope(const std::string& name) const;
  bool whole() const;

  sc_core::sc_module& top_;
  TraceOptions options_;
  sc_core::sc_trace_file* file_ = nullptr;
  bool finished_ = false;
  bool failed_ = false;
};

}  // namespace eie::tb
