#include "vcd_trace.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <tuple>

#include "error.h"

namespace eie::tb {
namespace {

/// Blocks in the order in which data flows.
const char* const kFlow[] = {"lnzd_tree",  "ccu",        "act_queue", "ptr_read",
                             "spmat_read", "arith_unit", "act_rw",    "host_port"};

/// Where a variable stands in the save file: the tree and the CCU, then PE by PE, the host port last.
struct Place {
  int pe = -1;
  int block = 0;
  std::string heading;
};

Place place_of(const std::string& scope) {
  Place place;
  const std::size_t pe = scope.find(".pe_");
  if (pe != std::string::npos) place.pe = std::atoi(scope.c_str() + pe + 4);
  place.heading = scope;
  for (const char* block : kFlow) {
    const std::size_t at = scope.find(std::string(".") + block);
    if (at != std::string::npos) {
      // A record is a scope of its own; it belongs to its block. A node of the tree is a block.
      const std::string name = block;
      const std::size_t from = name == "lnzd_tree" ? scope.find('.', at + 1) : at;
      const std::size_t end = from == std::string::npos ? from : scope.find('.', from + 1);
      place.heading = scope.substr(0, end);
      break;
    }
    ++place.block;
  }
  if (place.pe < 0 && scope.find(".host_port") != std::string::npos) place.pe = INT_MAX;
  return place;
}

struct Variable {
  std::string name;  // hierarchical, with the bit range that GTKWave expects
  Place place;
};

/// The variables that a VCD header declares.
std::vector<Variable> declared_variables(const std::string& file) {
  std::vector<Variable> variables;
  std::vector<std::string> scope;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line) && line.find("$enddefinitions") == std::string::npos) {
    std::istringstream words(line);
    std::string keyword;
    words >> keyword;
    if (keyword == "$scope") {
      std::string kind;
      std::string name;
      words >> kind >> name;
      scope.push_back(name);
    } else if (keyword == "$upscope") {
      if (!scope.empty()) scope.pop_back();
    } else if (keyword == "$var") {
      std::string type;
      std::string width;
      std::string id;
      std::string name;
      std::string range;
      words >> type >> width >> id >> name >> range;
      std::string path;
      for (const std::string& s : scope) path += (path.empty() ? "" : ".") + s;
      const bool has_range = !range.empty() && range[0] == '[';
      variables.push_back({path + "." + name + (has_range ? range : ""), place_of(path)});
    }
  }
  return variables;
}

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
  failed_ = !whole() || !write_save_file();
}

void VcdTrace::finish() {
  close();
  if (!failed_) return;
  for (const std::string& file : {options_.file, save_file()}) {
    std::error_code ignored;  // a link or a device stays
    if (std::filesystem::is_regular_file(std::filesystem::symlink_status(file, ignored))) {
      std::filesystem::remove(file, ignored);
    }
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

std::string VcdTrace::save_file() const {
  return options_.file.substr(0, options_.file.size() - 4) + ".gtkw";
}

bool VcdTrace::in_scope(const std::string& name) const {
  return options_.scopes.empty() || std::any_of(options_.scopes.begin(), options_.scopes.end(),
                                                [&name](const std::string& g) { return glob_match(g, name); });
}

void VcdTrace::trace_below(sc_core::sc_object& object) {
  if (dynamic_cast<sc_core::sc_module*>(&object) != nullptr && in_scope(object.name())) object.trace(file_);
  for (sc_core::sc_object* child : object.get_child_objects()) trace_below(*child);
}

bool VcdTrace::write_save_file() const {
  std::vector<Variable> variables = declared_variables(options_.file);
  std::stable_sort(variables.begin(), variables.end(), [](const Variable& a, const Variable& b) {
    return std::tie(a.place.pe, a.place.block, a.place.heading) < std::tie(b.place.pe, b.place.block, b.place.heading);
  });
  const std::string base = options_.file.substr(0, options_.file.size() - 4);
  std::ofstream out(save_file());
  const std::size_t slash = options_.file.find_last_of('/');
  out << "[*] Blocks in the order in which data flows. Open with: gtkwave " << base << ".gtkw\n"
      << "[dumpfile] \"" << options_.file.substr(slash == std::string::npos ? 0 : slash + 1) << "\"\n"
      << "[timestart] 0\n"
      << "[size] 1600 1000\n"
      << "*-15.0 -1\n";  // zoom: about seven pixels a cycle at 800 MHz
  std::string heading;
  for (const Variable& v : variables) {
    if (v.place.heading != heading) {
      heading = v.place.heading;
      out << "@200\n-" << heading << "\n@22\n";  // a comment line, then values in hexadecimal
    }
    // Shown without the block's path, but with the record's name before a field's (GTKWave cuts an alias at a dot).
    std::string alias = v.name.substr(heading.size() + 1);
    std::replace(alias.begin(), alias.end(), '.', '_');
    out << "+{" << alias << "} " << v.name << "\n";
  }
  out.flush();
  return out.good();
}

}  // namespace eie::tb
