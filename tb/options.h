// What the commands of the `eie` program have in common: parsing, common options, progress, the last steps.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config.h"
#include "device.h"
#include "driver.h"
#include "engines.h"
#include "report.h"

namespace eie::tb {

/// The options of one command.
class Options {
 public:
  /// `usage` is the line after `eie`, `about` a paragraph; both appear in --help.
  Options(std::string usage, std::string about);

  /// Where a command declares its options.
  boost::program_options::options_description_easy_init add() { return description_.add_options(); }

  /// --config
  void add_config();
  /// --engine, --load
  void add_engine();
  /// --json
  void add_json();

  /// Parses. Returns false after printing --help. Throws UserError on wrong usage.
  bool parse(const std::vector<std::string>& arguments);

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  bool defaulted(const std::string& name) const { return values_[name].defaulted(); }
  /// The option's text; empty when it was not given.
  std::string text(const std::string& name) const;
  /// The option's text; throws UserError when it was not given.
  std::string required(const std::string& name) const;
  /// An option without a value.
  bool flag(const std::string& name) const { return values_[name].as<bool>(); }
  /// Numbers, checked; throws UserError.
  std::uint64_t number(const std::string& name) const;
  std::optional<int> integer(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  /// Where the table for people goes: stderr when one of --json, --output, --raw-output is `-`, standard output.
  std::FILE* table() const;

  /// Every option of the command with its value, defaults included; null where it has none.
  nlohmann::ordered_json values() const;

  /// The file of --config.
  HwConfig config() const { return load_config(required("config")); }
  LoadMode load_mode() const;
  /// The engine of --engine. One process builds one: SystemC elaborates once.
  std::unique_ptr<Device> engine(const HwConfig& config, const TraceOptions& trace = {}) const;

 private:
  std::string usage_;
  std::string about_;
  boost::program_options::options_description description_;
  boost::program_options::variables_map values_;
};

/// A line on stderr that is rewritten as work goes on; silent when stderr is no terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& text);
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
};

/// Flushes standard output. Throws UserError when any of what was printed could not be written.
void flush_stdout();

/// Writes the JSON file, prints the table, names the first mismatch on stderr; returns the exit status.
int finish(const Report& report, const std::string& json_path, std::FILE* table = stdout);

/// Says on stderr what was assumed in reading a file; nothing for an empty text.
void note(const std::string& command, const std::string& text);

}  // namespace eie::tb
