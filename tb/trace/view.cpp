// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"
#include "tb/support/sha256.h"

namespace eie::tb {
namespace {

// How GTKWave shows a trace: bits of its flags, as a save file has them after '@'.
constexpr std::uint64_t kHex = 0x2, kDecimal = 0x4, kBinary = 0x8, kRight = 0x20, kBlank = 0x200, kSigned = 0x400, kAscii = 0x800,
                        kCollapsed = 0x1000, kClosed = 0x400000, kGroup = 0x800000, kGroupEnd = 0x1000000;

// The window, in pixels, and what its panes take of it.
constexpr int kWidth = 1840, kHeight = 1000, kTreePane = 150, kNamePane = 275, kFrames = 20;
constexpr unsigned kCyclesShown = 40;   // each is as wide as five characters
constexpr unsigned kCyclesBefore = 10;  // of the moment at which the view opens
constexpr std::size_t kNamedMarkers = 26;

/// A variable that a group shows first, under its own name: the first of `names` that the dump has.
struct Shown {
  const char* as;
  std::vector<std::string> names;
};

const std::vector<Shown>& first_in_launch() {
  static const std::vector<Shown> list = {{"cycle", {"cycle"}},
                                          {"launch cycle", {"launch_cycle"}},
                                          {"launch", {"launch"}},
                                          {"batch", {"batch"}},
                                          {"state", {"state"}}};
  return list;
}

const std::vector<Shown>& first_in_broadcast() {
  static const std::vector<Shown> list = {{"valid", {"valid"}},
                                          {"column", {"column"}},
                                          {"value", {"value"}},
                                          {"stalled", {"stalled"}},
                                          {"waiting column", {"stalled_column"}},
                                          {"any queue full", {"any_full"}},
                                          {"full PEs", {"full_pes"}}};
  return list;
}

/// The broadcast of a dump without derived signals.
const std::vector<Shown>& first_in_ccu() {
  static const std::vector<Shown> list = {{"state", {"state"}},
                                          {"valid", {"broadcast.valid", "broadcast_valid"}},
                                          {"column", {"broadcast.column", "broadcast_column"}},
                                          {"value", {"broadcast.value", "broadcast_value"}},
                                          {"root valid", {"root.valid", "root_valid"}},
                                          {"any queue full", {"any_full"}}};
  return list;
}

const std::vector<Shown>& first_in_pe() {
  static const std::vector<Shown> list = {
      {"why", {"why"}},
      {"held by", {"held_by"}},
      {"queue count", {"act_queue.count_", "act_queue.count"}},
      {"column taken", {"column_head", "act_queue.head_column", "act_queue.head.column"}},
      {"pointers of", {"column_pointer"}},
      {"entries left", {"ptr_read.left_", "ptr_read.left"}},
      {"entry of", {"column_entry", "entry__valid", "spmat_read.entry_valid", "spmat_read.entry.valid"}},
      {"sum of", {"column_sum"}},
      {"row", {"row"}},
      {"sum", {"sum", "arith_unit.access_sum", "arith_unit.access.sum"}},
      {"saturated", {"arith_unit.saturated"}}};
  return list;
}

std::string hex(std::uint64_t flags) {
  std::ostringstream text;
  text << '@' << std::hex << flags << '\n';
  return text.str();
}

class ViewWriter {
 public:
  explicit ViewWriter(const DumpHeader& header) : header_(header) {}

  void open(const std::string& name) { out_ << hex(kGroup | kBlank) << '-' << name << '\n'; }
  void close(const std::string& name) { out_ << hex(kGroupEnd | kBlank) << '-' << name << '\n'; }
  void open_closed(const std::string& name) { out_ << hex(kClosed | kGroup | kBlank) << '-' << name << '\n'; }
  void close_closed(const std::string& name) { out_ << hex(kGroupEnd | kClosed | kCollapsed | kBlank) << '-' << name << '\n'; }

  void trace(const std::string& as, std::size_t variable) {
    const DumpVariable& v = header_.variables[variable];
    out_ << hex(flags(v)) << "+{" << as << "} " << v.path() << v.range << '\n';
    placed_.insert(variable);
  }

  /// The variables that the list names, then, with `all`, the others.
  void traces(const std::vector<NamedVariable>& group, const std::vector<Shown>& first, bool all) {
    for (const Shown& shown : first) {
      if (const auto found = find_variable(group, shown.names)) trace(shown.as, *found);
    }
    if (all) others(group);
  }
  void others(const std::vector<NamedVariable>& group) {
    for (const NamedVariable& v : group) {
      if (placed_.count(v.index) == 0) trace(shown_name(v.name), v.index);
    }
  }
  /// A group of its own for what is not placed yet; none if that is nothing.
  void other_group(const std::string& name, const std::vector<NamedVariable>& group) {
    const bool any =
        std::any_of(group.begin(), group.end(), [this](const NamedVariable& v) { return placed_.count(v.index) == 0; });
    if (!any) return;
    open_closed(name);
    others(group);
    close_closed(name);
  }

  std::string text() const { return out_.str(); }

 private:
  /// GTKWave cuts an alias at a dot, and ends it at a brace.
  static std::string shown_name(std::string name) {
    for (char& c : name) {
      if (c == '.') c = ' ';
      if (c == '{' || c == '}') c = '_';
    }
    return name;
  }

  static std::uint64_t flags(const DumpVariable& v) {
    if (v.kind == DumpKind::kText) return kAscii | kRight;
    if (v.kind == DumpKind::kReal) return kSigned | kRight;
    if (v.is_signed) return kSigned | kRight;
    if (v.width == 1) return kBinary | kRight;
    return (v.width > 32 ? kHex : kDecimal) | kRight;
  }

  const DumpHeader& header_;
  std::ostringstream out_;
  std::set<std::size_t> placed_;
};

/// The PEs that explain a run, and why each: the busiest one, and those of the first stall, error and saturation.
std::vector<std::pair<unsigned, std::string>> explaining(const DumpFacts& facts, const DumpGroups& groups,
                                                         const ViewRequest& request) {
  std::vector<std::pair<unsigned, std::string>> chosen;
  const auto choose = [&](unsigned pe, const std::string& why) {
    if (groups.pe.count(pe) == 0) return;
    for (auto& [have, reasons] : chosen) {
      if (have != pe) continue;
      if (reasons != why) reasons += ", " + why;
      return;
    }
    chosen.emplace_back(pe, why);
  };
  for (const unsigned pe : request.pes) choose(pe, "");
  if (!request.pes.empty()) return chosen;
  for (const ViewPlace& place : request.places) {
    if (place.pe) choose(*place.pe, place.text);
  }
  for (const auto* moment : {&facts.first_error, &facts.first_saturation, &facts.first_stall}) {
    // Many queues may be full at once: the first ones stand for them.
    if (!*moment) continue;
    for (std::size_t k = 0; k < std::min<std::size_t>(2, (*moment)->pes.size()); ++k) choose((*moment)->pes[k], (*moment)->text);
  }
  if (facts.slowest) choose(*facts.slowest, "most entries");
  if (chosen.empty() && !groups.pe.empty()) chosen.emplace_back(groups.pe.begin()->first, "the first one");
  return chosen;
}

std::string pe_list(const std::vector<unsigned>& pes) {
  std::string text;
  for (const unsigned pe : pes) text += (text.empty() ? "" : ", ") + std::to_string(pe);
  return text;
}

struct Opening {
  std::vector<DumpMoment> markers;
  std::uint64_t moment = 0;
};

/// Where the view opens, and the named markers: the moments first, then launches and batches as long as there are letters.
Opening opening(DumpFile& dump, const DumpGroups& groups, const DumpFacts& facts, const ViewRequest& request) {
  Opening result;
  std::optional<std::uint64_t> moment;
  const auto mark = [&](const DumpMoment& m) {
    if (result.markers.size() < kNamedMarkers) result.markers.push_back(m);
  };
  for (const ViewPlace& place : request.places) {
    const auto time = time_of(dump, groups, place.at);
    if (!time && !place.must) continue;
    if (!time) {
      throw UserError("cycle " + std::to_string(place.at.cycle) + " of launch " + std::to_string(place.at.launch) +
                      ": is not in the dump: expected a cycle within its window");
    }
    if (!moment) moment = *time;
    mark({*time, place.text, {}});
  }
  for (const auto* found : {&facts.first_error, &facts.first_saturation, &facts.first_stall}) {
    if (!*found) continue;
    const bool known =
        std::any_of(result.markers.begin(), result.markers.end(), [&](const DumpMoment& m) { return m.text == (*found)->text; });
    if (known) continue;
    if (!moment) moment = (*found)->time;
    mark(**found);
  }
  std::vector<DumpMoment> begins = facts.launches;
  begins.insert(begins.end(), facts.batches.begin(), facts.batches.end());
  std::stable_sort(begins.begin(), begins.end(), [](const DumpMoment& a, const DumpMoment& b) { return a.time < b.time; });
  for (const DumpMoment& m : begins) mark(m);
  if (!moment && facts.first_broadcast) moment = facts.first_broadcast->time;
  result.moment = moment.value_or(dump.header().first);
  std::stable_sort(result.markers.begin(), result.markers.end(),
                   [](const DumpMoment& a, const DumpMoment& b) { return a.time < b.time; });
  return result;
}

std::string window_lines(const DumpHeader& header, const DumpGroups& groups, const DumpFacts& facts, const Opening& opening) {
  std::ostringstream out;
  const std::uint64_t period = std::max<std::uint64_t>(1, facts.period);
  const std::uint64_t before = std::min(opening.moment - std::min(header.first, opening.moment), kCyclesBefore * period);
  const double pixels_a_cycle = static_cast<double>(kWidth - kTreePane - kNamePane - kFrames) / kCyclesShown;
  // GTKWave's zoom: 200 pixels show 2^-zoom units of time.
  const double zoom = -std::log2(200.0 / pixels_a_cycle * static_cast<double>(period));
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", zoom);
  out << "[timestart] " << opening.moment - before << "\n[size] " << kWidth << ' ' << kHeight << "\n[pos] -1 -1\n*" << text << ' '
      << opening.moment;
  for (std::size_t k = 0; k < kNamedMarkers; ++k) {
    out << ' ' << (k < opening.markers.size() ? std::to_string(opening.markers[k].time) : "-1");
  }
  out << '\n';
  for (std::size_t k = 0; k < opening.markers.size(); ++k) {
    out << "[markername] " << static_cast<char>('A' + k) << opening.markers[k].text << '\n';
  }
  for (std::size_t dot = groups.root.find('.');; dot = groups.root.find('.', dot + 1)) {
    if (!groups.root.empty()) out << "[treeopen] " << groups.root.substr(0, dot) << ".\n";
    if (dot == std::string::npos) break;
  }
  out << "[sst_width] " << kTreePane << "\n[signals_width] " << kNamePane << "\n[sst_expanded] 1\n[sst_vpaned_height] "
      << kHeight / 2 << '\n';
  return out.str();
}

}  // namespace

std::string view_text(DumpFile& dump, const ViewRequest& request) {
  const DumpHeader& header = dump.header();
  const DumpGroups groups = group_variables(header);
  for (const unsigned pe : request.pes) {
    if (groups.pe.count(pe) != 0) continue;
    throw UserError("PE " + std::to_string(pe) + ": is not in the dump: expected " +
                    (groups.pe.empty()
                         ? "a dump of PEs"
                         : "one of those that were traced, the first is PE " + std::to_string(groups.pe.begin()->first)));
  }
  const DumpFacts facts = read_facts(dump, groups);
  const Opening where = opening(dump, groups, facts, request);
  const auto open_pes = explaining(facts, groups, request);

  std::ostringstream out;
  for (const auto& [pe, why] : open_pes) {
    if (!why.empty()) out << "[*] PE " << pe << " is open: " << why << '\n';
  }
  if (facts.first_stall && !facts.first_stall->pes.empty()) {
    out << "[*] First stall: the queues of these PEs are full: " << pe_list(facts.first_stall->pes) << '\n';
  }
  out << window_lines(header, groups, facts, where);

  ViewWriter view(header);
  if (!groups.launch.empty()) {
    view.open("launch");
    view.traces(groups.launch, first_in_launch(), true);
    view.close("launch");
  }
  if (!groups.broadcast.empty()) {
    view.open("broadcast");
    view.traces(groups.broadcast, first_in_broadcast(), true);
    view.close("broadcast");
  } else if (!groups.ccu.empty()) {
    view.open("broadcast");
    view.traces(groups.ccu, first_in_ccu(), false);
    view.close("broadcast");
  }
  std::set<unsigned> shown;
  for (const auto& [pe, why] : open_pes) {
    const std::string name = "PE " + std::to_string(pe);
    view.open(name);
    view.traces(groups.pe.at(pe), first_in_pe(), false);
    view.other_group(name + " registers", groups.pe.at(pe));
    view.close(name);
    shown.insert(pe);
  }
  for (const auto& [pe, variables] : groups.pe) {
    if (shown.count(pe) != 0) continue;
    const std::string name = "PE " + std::to_string(pe);
    view.open_closed(name);
    view.traces(variables, first_in_pe(), false);
    view.other_group(name + " registers", variables);
    view.close_closed(name);
  }
  view.other_group("CCU", groups.ccu);
  view.other_group("host port", groups.host_port);
  view.other_group("other signals", groups.rest);
  view.other_group("LNZD tree", groups.lnzd_tree);
  out << view.text();
  return out.str();
}

// ---------------------------------------------------------------------------------------------------------------- files

namespace {

constexpr const char* kMark = "[*] Written by eie; sha256 of the lines below: ";

/// True when the file is as write_view() wrote it.
bool is_untouched(const std::string& file) {
  const std::string text = file_text(file).value_or("");
  const std::string mark = kMark;
  if (text.compare(0, mark.size(), mark) != 0) return false;
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return false;
  return text.substr(mark.size(), end - mark.size()) == sha256(text.substr(end + 1));
}

/// The lines by which GTKWave finds the dump. It takes the way from [savefile] to [dumpfile] and goes it from where the save
/// file lies, so that the two may be opened from any folder, and moved together.
std::string file_lines(const std::string& dump, const std::string& view) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path from = fs::weakly_canonical(fs::absolute(view), ignored);
  const fs::path to = fs::weakly_canonical(fs::absolute(dump), ignored);
  const bool together = from.parent_path() == to.parent_path();
  return "[dumpfile] \"" + (together ? to.filename() : to).string() + "\"\n[savefile] \"" +
         (together ? from.filename() : from).string() + "\"\n";
}

}  // namespace

std::string view_name(const std::string& dump) { return std::filesystem::path(dump).replace_extension(".gtkw").string(); }

WrittenView write_view(const std::string& text, const std::string& dump, const std::string& view, bool beside) {
  namespace fs = std::filesystem;
  WrittenView written{view, ""};
  for (unsigned k = 2; fs::exists(written.file) && !is_untouched(written.file); ++k) {
    if (!beside) throw UserError(view + ": was changed since it was written: expected another name, or the file removed");
    written.file = fs::path(view).replace_extension("." + std::to_string(k) + ".gtkw").string();
    written.note = view + " was changed since it was written and stays; the new view is ";
  }
  if (!written.note.empty()) written.note += written.file;
  const std::string body = file_lines(dump, written.file) + text;
  const std::string whole = kMark + sha256(body) + '\n' + body;
  AtomicFile file(written.file);
  file.write(whole.data(), whole.size());
  file.commit();
  return written;
}

WrittenView leave_view(const std::string& dump, const ViewRequest& request) {
  return write_view(view_text(*open_dump(dump), request), dump, view_name(dump), true);
}

}  // namespace eie::tb
