#include "vcd_trace.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "error.h"

namespace eie::tb {
namespace {

/// The last words of a trace.
constexpr const char* kEnd = "end of the trace";

/// True when the glob matches a module of the hierarchy.
bool matches_below(const std::string& glob, const sc_core::sc_object& object) {
  if (dynamic_cast<const sc_core::sc_module*>(&object) != nullptr && glob_match(glob, object.name())) return true;
  const std::vector<sc_core::sc_object*>& children = object.get_child_objects();
  return std::any_of(children.begin(), children.end(),
                     [&glob](const sc_core::sc_object* child) { return matches_below(glob, *child); });
}

}  // namespace

bool glob_match(const std::string& glob, const std::string& text) {
  // Classic two-pointer match: on a mismatch after a '*', let the star take one character more.
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || (glob[g] == text[t] && glob[g] != '*'))) {
      ++g;
      ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      mark = t;
    } else if (star != std::string::npos) {
      g = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

VcdTrace::VcdTrace(sc_core::sc_module& top, const TraceOptions& options) : top_(top), options_(options) {
  if (!enabled()) return;
  const std::string& file = options_.file;
  if (file.size() < 5 || file.compare(file.size() - 4, 4, ".vcd") != 0) {
    throw UserError("--trace " + file + ": expected a file name that ends with .vcd");
  }
  if (options_.from > options_.to) {
    throw UserError("--trace-from " + std::to_string(options_.from) + " is after --trace-to " +
                    std::to_string(options_.to));
  }
  for (const std::string& scope : options_.scopes) {
    if (!matches_below(scope, top_)) {
      throw UserError("--trace-scope " + scope + ": matches no block; expected a glob over names like " +
                      std::string(top_.name()) + ".pe_0.act_queue");
    }
  }
  std::ofstream probe(file);
  if (!probe) throw UserError("--trace " + file + ": cannot be written");
}

VcdTrace::~VcdTrace() { close(); }

std::uint64_t VcdTrace::next_change() const {
  if (!enabled() || finished_) return UINT64_MAX;
  if (file_ == nullptr) return options_.from;
  return options_.to == UINT64_MAX ? UINT64_MAX : options_.to + 1;
}

void VcdTrace::at_cycle(std::uint64_t cycle) {
  if (!enabled() || finished_) return;
  if (file_ == nullptr && cycle >= options_.from) open();
  if (file_ != nullptr && cycle > options_.to) close();
}

void VcdTrace::open() {
  const std::string base = options_.file.substr(0, options_.file.size() - 4);
  file_ = sc_core::sc_create_vcd_trace_file(base.c_str());
  trace_below(top_);
}

void VcdTrace::close() {
  if (file_ == nullptr) return;
  sc_core::sc_write_comment(file_, kEnd);
  sc_core::sc_close_vcd_trace_file(file_);
  file_ = nullptr;
  finished_ = true;
  failed_ = !whole();
}

void VcdTrace::finish() {
  close();
  if (!failed_) return;
  std::error_code ignored;  // a link or a device stays
  if (std::filesystem::is_regular_file(std::filesystem::symlink_status(options_.file, ignored))) {
    std::filesystem::remove(options_.file, ignored);
  }
  throw UserError("--trace " + options_.file + ": cannot be written in full: expected room for the waves");
}

/// True when the file has the comment that was written last: SystemC does not say whether its writes succeeded.
bool VcdTrace::whole() const {
  std::ifstream in(options_.file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  const std::streamoff tail = static_cast<std::streamoff>(std::string(kEnd).size()) + 64;
  in.seekg(size > tail ? size - tail : 0);
  std::string text(static_cast<std::size_t>(tail), '\0');
  in.read(text.data(), tail);
  return text.find(kEnd) != std::string::npos;
}

bool VcdTrace::in_scope(const std::string& name) const {
  return options_.scopes.empty() || std::any_of(options_.scopes.begin(), options_.scopes.end(),
                                                [&name](const std::string& g) { return glob_match(g, name); });
}

void VcdTrace::trace_below(sc_core::sc_object& object) {
  if (dynamic_cast<sc_core::sc_module*>(&object) != nullptr && in_scope(object.name())) object.trace(file_);
  for (sc_core::sc_object* child : object.get_child_objects()) trace_below(*child);
}

}  // namespace eie::tb
