// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <poll.h>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "tb/cli/help/nearest.h"
#include "tb/cli/program.h"
#include "tb/engines/model_device.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace po = boost::program_options;

namespace {

template <class T>
T parse_number(const std::string& name, const std::string& text, const std::string& expected) {
  T value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || text.empty()) {
    throw UserError("--" + name + " is '" + text + "': expected " + expected);
  }
  return value;
}

constexpr int kMostJobs = 256;
constexpr const char* kArguments = "arguments without an option";

void check_text(const std::string& name, const std::string& text) {
  if (text.empty()) throw UserError("--" + name + " is '': expected a value");
  if (first_not_utf8(text) != std::string::npos) {  // reports could not name it
    throw UserError("--" + name + " is '" + printable(text) +
                    "': expected UTF-8 text (a file of another name: rename it, or link to it)");
  }
}

}  // namespace

Options::Options(std::string usage, std::string about)
    : usage_(std::move(usage)), about_(std::move(about)), description_("options", 110, 60) {
  add()("help,h", "this text");
}

void Options::add_config(const char* name) {
  add()("config", po::value<std::string>()->value_name("NAME|FILE")->default_value(name),
        "hardware configuration: the name of one that `eie info` lists, or a YAML file");
  add()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
        "change a key of the configuration, may be repeated; default: as in its file");
}

void Options::add_engine() {
  add()("engine", po::value<std::string>()->value_name("hw|tlm|rtl")->default_value("hw"),
        "hw: signal-level model; tlm: fast model with the same cycles; rtl: generated RTL");
  add()("load", po::value<std::string>()->value_name("backdoor|port")->default_value("backdoor"),
        "how weights and activations get in: the simulation's back door, or the device's port, beat by beat");
}

void Options::add_json() {
  add()("json", po::value<std::string>()->value_name("FILE"), "write the full report; - is standard output; default: none");
}

void Options::add_technology() {
  add()("technology", po::value<std::string>()->value_name("NAME|FILE")->default_value("paper45"),
        "what energy and area are reckoned with (docs/energy.md): paper45, ours45, scaled28");
}

void Options::add_memory() {
  add()("memory", po::value<std::string>()->value_name("NAME|FILE"),
        "what a cold start loads from (docs/cold_start.md): lpddr2, ddr4; default: none");
}

std::shared_ptr<const Memory> Options::memory() const {
  if (!has("memory")) return nullptr;
  return std::make_shared<Memory>(Memory::load(data_file(DataKind::kMemory, "memory")));
}

std::shared_ptr<const Technology> Options::technology() const {
  if (defaulted("technology")) {  // a program without the files that come with it runs all the same
    const std::vector<DataFile> known = list_data_files(DataKind::kTechnology);
    const bool there =
        std::any_of(known.begin(), known.end(), [&](const DataFile& file) { return file.name == text("technology"); });
    if (!there) return nullptr;
  }
  return std::make_shared<Technology>(Technology::load(data_file(DataKind::kTechnology, "technology")));
}

bool Options::parse(const std::vector<std::string>& arguments) {
  po::options_description all;
  all.add(description_).add_options()(kArguments, po::value<std::vector<std::string>>(), "");
  po::positional_options_description anywhere;
  anywhere.add(kArguments, -1);
  std::vector<std::string> plain;
  try {
    const int style = po::command_line_style::unix_style & ~static_cast<int>(po::command_line_style::allow_guessing);
    const po::parsed_options parsed = po::command_line_parser(arguments).options(all).positional(anywhere).style(style).run();
    po::parsed_options named(&description_, parsed.m_options_prefix);
    for (const po::option& option : parsed.options) {
      if (option.string_key == kArguments) {
        plain.insert(plain.end(), option.value.begin(), option.value.end());
      } else {
        named.options.push_back(option);
      }
    }
    po::store(named, values_);
    po::notify(values_);
  } catch (const po::unknown_option& error) {
    throw UserError(std::string(error.what()) + ": expected an option of --help" +
                    nearest_text(error.get_option_name(), names()));
  } catch (const po::multiple_occurrences& error) {
    throw UserError(error.get_option_name() + " is given more than once: expected it once");
  } catch (const po::invalid_command_line_syntax& error) {
    throw UserError(std::string(error.what()) + ": expected " + shape(error.get_option_name()));
  } catch (const po::error& error) {
    throw UserError(std::string(error.what()) + ": expected an option of --help");
  }
  if (values_.count("help") != 0) {
    std::ostringstream help;
    help << "usage: eie " << usage_ << "\n\n" << about_ << "\n\n" << description_;
    std::fputs(help.str().c_str(), stdout);
    flush_stdout();
    return false;
  }
  place_arguments(plain);
  for (const auto& [name, value] : values_) {
    if (const auto* text = boost::any_cast<std::string>(&value.value())) check_text(name, *text);
    if (const auto* texts = boost::any_cast<std::vector<std::string>>(&value.value())) {
      for (const std::string& text : *texts) check_text(name, text);
    }
  }
  return true;
}

void Options::place_arguments(const std::vector<std::string>& arguments) {
  std::vector<std::string> open;
  for (const std::string& name : positional_) {
    if (!has(name) || defaulted(name)) open.push_back(name);
  }
  // The last one takes all the rest where it may be repeated.
  const auto is_list = [&](const std::string& name) {
    const auto semantic = description_.find(name, false).semantic();
    return dynamic_cast<const po::typed_value<std::vector<std::string>>*>(semantic.get()) != nullptr;
  };
  std::map<std::string, po::variable_value>& values = values_;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    if (!open.empty() && k + 1 == open.size() && is_list(open[k])) {
      const std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(k), arguments.end());
      values[open[k]] = po::variable_value(boost::any(rest), false);
      return;
    }
    if (k == open.size()) {
      std::string given;
      for (const std::string& name : positional_) given += (given.empty() ? " beside --" : ", --") + name;
      throw UserError("'" + printable(arguments[k]) + "' is an argument without an option: expected only options" + given +
                      " (see --help)");
    }
    values[open[k]] = po::variable_value(boost::any(arguments[k]), false);
  }
}

std::string Options::shape(const std::string& name) const {
  for (const auto& option : description_.options()) {
    if ("--" + option->long_name() != name) continue;
    if (option->semantic()->max_tokens() == 0) return name;
    const std::string value = option->format_parameter();
    return name + " " + value.substr(0, value.find(" (="));
  }
  return "an option of --help";
}

std::vector<std::string> Options::names() const {
  std::vector<std::string> names;
  for (const auto& option : description_.options()) names.push_back("--" + option->long_name());
  return names;
}

std::string Options::text(const std::string& name) const { return has(name) ? values_[name].as<std::string>() : std::string(); }

std::string Options::required(const std::string& name) const {
  if (!has(name) || text(name).empty()) throw UserError("--" + name + " is missing: expected --" + name + " FILE");
  return text(name);
}

std::uint64_t Options::number(const std::string& name) const {
  return parse_number<std::uint64_t>(name, text(name), "an integer from 0 to 2^64 - 1");
}

std::uint64_t Options::number_from_1(const std::string& name) const {
  constexpr const char* kExpected = "an integer from 1 to 2^64 - 1";
  const auto value = parse_number<std::uint64_t>(name, text(name), kExpected);
  if (value == 0) throw UserError("--" + name + " is '" + text(name) + "': expected " + kExpected);
  return value;
}

std::vector<unsigned> Options::pes(const std::string& name) const {
  const std::string list = text(name);
  std::vector<unsigned> pes;
  const char* at = list.data();
  const char* const end = at + list.size();
  for (;; ++at) {
    const auto [next, error] = std::from_chars(at, end, pes.emplace_back());
    if (error != std::errc() || (next != end && *next != ',')) {
      throw UserError("--" + name + " is '" + list + "': expected numbers of PEs with commas between them, such as 17,24");
    }
    at = next;
    if (at == end) return pes;
  }
}

std::optional<int> Options::integer(const std::string& name, int low, int high) const {
  if (!has(name)) return std::nullopt;
  const std::string expected = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  const int value = parse_number<int>(name, text(name), expected);
  if (value < low || value > high) throw UserError("--" + name + " is '" + text(name) + "': expected " + expected);
  return value;
}

std::vector<std::string> Options::texts(const std::string& name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

LoadMode Options::load_mode() const {
  const std::string mode = text("load");
  if (mode == "backdoor") return LoadMode::kBackdoor;
  if (mode == "port") return LoadMode::kPort;
  throw UserError("--load is '" + mode + "': expected backdoor or port");
}

std::size_t Options::jobs() const { return static_cast<std::size_t>(integer("jobs", 1, kMostJobs).value()); }

std::vector<ConfigChange> Options::changes() const { return config_changes(texts("set")); }

std::unique_ptr<Device> Options::engine(const HwConfig& config, const TraceOptions& trace) const {
  return named_engine(text("engine"), {config, text("config"), config_file(), changes()}, trace);
}

void Options::add_jobs() {
  add()("jobs", po::value<std::string>()->value_name("N")->default_value("1"),
        "run so many samples side by side, on --engine tlm; results are the same");
}

std::vector<std::unique_ptr<Device>> Options::engines(const HwConfig& config, std::size_t samples,
                                                      const TraceOptions& trace) const {
  std::vector<std::unique_ptr<Device>> devices;
  const std::size_t wanted = jobs();
  if (wanted > 1 && text("engine") != "tlm") {
    throw UserError("--jobs is '" + text("jobs") + "' with --engine " + text("engine") +
                    ": expected 1, or --engine tlm: another engine runs its samples one after the other");
  }
  const std::size_t count = load_mode() == LoadMode::kPort ? 1 : std::min(wanted, samples);
  if (count < 2) {
    devices.push_back(engine(config, trace));
  } else {
    for (std::size_t k = 0; k < count; ++k) devices.push_back(std::make_unique<ModelDevice>(config));
  }
  return devices;
}

std::unique_ptr<Device> named_engine(const std::string& engine, const NamedConfig& named, const TraceOptions& trace) {
  if (engine != "hw" && engine != "tlm" && engine != "rtl") {
    throw UserError("--engine is '" + engine + "': expected hw, tlm or rtl" + nearest_text(engine, {"hw", "tlm", "rtl"}));
  }
  if (engine != "tlm") check_address_range(named.config);  // the model's socket has 64-bit addresses
  try {
    return make_engine(engine, named.config, trace);
  } catch (const NotCompiled& error) {
    throw UserError(error.what() + compile_hint(error, named));
  }
}

std::vector<ConfigChange> config_changes(const std::vector<std::string>& texts) {
  std::vector<ConfigChange> changes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      throw UserError("--set is '" + text + "': expected KEY=VALUE, such as queue_depth=15");
    }
    const std::string key = text.substr(0, equals);
    const std::vector<std::string>& keys = config_keys();
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      throw UserError("--set " + text + ": unknown key '" + key + "': expected one of " + listed(keys) + nearest_text(key, keys));
    }
    changes.push_back({key, text.substr(equals + 1)});
  }
  return changes;
}

nlohmann::ordered_json Options::values() const {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const auto& option : description_.options()) {
    const std::string& name = option->long_name();
    if (name == "help") continue;
    values[name] = nullptr;
    if (!has(name)) continue;
    const boost::any& value = values_[name].value();
    if (const auto* one = boost::any_cast<std::string>(&value)) values[name] = *one;
    if (const auto* on = boost::any_cast<bool>(&value)) values[name] = *on;
    if (const auto* several = boost::any_cast<std::vector<std::string>>(&value)) values[name] = *several;
  }
  return values;
}

std::FILE* Options::table() const {
  for (const char* name : {"json", "output", "raw-output", "timeline", "events"}) {
    if (has(name) && text(name) == "-") return stderr;
  }
  return stdout;
}

Progress::Progress() : terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string& text) {
  if (!terminal_) return;
  std::fprintf(stderr, "\r\033[K%s", text.substr(0, 78).c_str());
  std::fflush(stderr);
  shown_ = true;
}

void Progress::show(const std::string& what, std::size_t done, std::size_t count) {
  if (!terminal_) return;
  if (counted_ != what || done == 0) began_ = Clock::now();
  counted_ = what;
  const std::chrono::duration<double> passed = Clock::now() - began_;
  show(what + " " + std::to_string(done + 1) + " of " + std::to_string(count) + time_left(passed.count(), done, count));
}

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

std::string time_left(double seconds, std::size_t done, std::size_t count) {
  constexpr double kFirstGuess = 1;  // seconds of work that an estimate needs
  constexpr double kWorthSaying = 2;
  if (done == 0 || seconds < kFirstGuess) return "";
  const double left = seconds / static_cast<double>(done) * static_cast<double>(count - done);
  if (left < kWorthSaying) return "";
  char text[64];
  if (left < 100) {
    std::snprintf(text, sizeof text, " (about %.0f s left)", left);
  } else if (left < 100 * 60) {
    std::snprintf(text, sizeof text, " (about %.0f min left)", left / 60);
  } else {
    std::snprintf(text, sizeof text, " (about %.0f h left)", left / 3600);
  }
  return text;
}

void flush_stdout() {
  // A write that failed earlier has emptied the buffer: then only the error flag tells.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    pollfd end{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0) {
      throw OutputClosed("standard output: has no reader any more: expected one that reads to the end");
    }
    throw UserError("standard output: cannot be written: expected a writable stream");
  }
}

void note(const std::string& command, const std::string& text) {
  if (!text.empty()) std::fprintf(stderr, "eie %s: note: %s\n", command.c_str(), printable(text).c_str());
}

int finish(const Report& report, const std::string& json_path, std::FILE* table) {
  write_json(report, json_path);
  print_report(report, table);
  flush_stdout();
  for (const std::string& text : report.warnings()) {
    std::fprintf(stderr, "eie %s: warning: %s\n", report.command.c_str(), text.c_str());
  }
  for (const LayerReport& layer : report.layers) {
    if (!layer.verdict || layer.verdict->match()) continue;
    std::fprintf(stderr, "eie %s: does not match the golden model: %s\n", report.command.c_str(), layer.verdict->first.c_str());
    return kExitMismatch;
  }
  return kExitDone;
}

}  // namespace eie::tb
