#include "options.h"

#include <poll.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <sstream>
#include <utility>

#include "error.h"
#include "program.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace po = boost::program_options;

namespace {

template <class T>
T parse_number(const std::string& name, const std::string& text, const char* expected) {
  T value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || text.empty()) {
    throw UserError("--" + name + " is '" + text + "': expected " + expected);
  }
  return value;
}

}  // namespace

Options::Options(std::string usage, std::string about)
    : usage_(std::move(usage)), about_(std::move(about)), description_("options", 110, 60) {
  add()("help,h", "this text");
}

void Options::add_config() {
  add()("config", po::value<std::string>()->value_name("FILE"),
        "hardware configuration, a YAML file; required");
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

bool Options::parse(const std::vector<std::string>& arguments) {
  try {
    const int style =
        po::command_line_style::unix_style & ~static_cast<int>(po::command_line_style::allow_guessing);
    const po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(description_).positional(none).style(style).run(),
              values_);
    po::notify(values_);
  } catch (const po::too_many_positional_options_error&) {
    throw UserError("an argument without an option: expected only options (see --help)");
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
  for (const auto& [name, value] : values_) {
    const auto* text = boost::any_cast<std::string>(&value.value());
    if (text == nullptr) continue;
    if (text->empty()) throw UserError("--" + name + " is '': expected a value");
    if (first_not_utf8(*text) != std::string::npos) {  // reports could not name it
      throw UserError("--" + name + " is '" + printable(*text) +
                      "': expected UTF-8 text (a file of another name: rename it, or link to it)");
    }
  }
  return true;
}

std::string Options::text(const std::string& name) const {
  return has(name) ? values_[name].as<std::string>() : std::string();
}

std::string Options::required(const std::string& name) const {
  if (!has(name) || text(name).empty())
    throw UserError("--" + name + " is missing: expected --" + name + " FILE");
  return text(name);
}

std::uint64_t Options::number(const std::string& name) const {
  return parse_number<std::uint64_t>(name, text(name), "an integer from 0 to 2^64 - 1");
}

std::optional<int> Options::integer(const std::string& name) const {
  if (!has(name)) return std::nullopt;
  return parse_number<int>(name, text(name), "an integer");
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

std::unique_ptr<Device> Options::engine(const HwConfig& config, const TraceOptions& trace) const {
  const std::string name = text("engine");
  if (name != "hw" && name != "tlm" && name != "rtl") {
    throw UserError("--engine is '" + name + "': expected hw, tlm or rtl");
  }
  if (name != "tlm") check_address_range(config);  // the model's socket has 64-bit addresses
  return make_engine(name, config, trace);
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
  for (const char* name : {"json", "output", "raw-output"}) {
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

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
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
  if (!text.empty()) std::fprintf(stderr, "eie %s: note: %s\n", command.c_str(), text.c_str());
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
    std::fprintf(stderr, "eie %s: does not match the golden model: %s\n", report.command.c_str(),
                 layer.verdict->first.c_str());
    return kExitMismatch;
  }
  return kExitDone;
}

}  // namespace eie::tb
