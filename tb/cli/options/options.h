// SPDX-License-Identifier: Apache-2.0
// What the commands of the `eie` program have in common: parsing, common options, progress, the last steps.
#pragma once

#include <boost/program_options.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tb/cli/data_files.h"
#include "tb/cli/help/compile_hint.h"
#include "tb/cli/report/report.h"
#include "tb/config/config.h"
#include "tb/cost/memory.h"
#include "tb/cost/technology.h"
#include "tb/engines/engines.h"
#include "tb/host/device.h"
#include "tb/host/driver.h"

namespace eie::tb {

/// The options of one command.
class Options {
 public:
  /// `usage` is the line after `eie`, `about` a paragraph; both appear in --help.
  Options(std::string usage, std::string about);

  /// Where a command declares its options.
  boost::program_options::options_description_easy_init add() { return description_.add_options(); }

  /// --config, with its default, and --set
  void add_config(const char* name = "eie64");
  /// Arguments without an option stand for these options, in this order, as far as they are not given.
  void add_positional(std::vector<std::string> names) { positional_ = std::move(names); }
  /// --engine, --load
  void add_engine();
  /// --json
  void add_json();
  /// --technology
  void add_technology();
  /// --memory
  void add_memory();

  /// Parses. Returns false after printing --help. Throws UserError on wrong usage.
  bool parse(const std::vector<std::string>& arguments);

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  /// The command has such an option.
  bool declares(const std::string& name) const { return description_.find_nothrow(name, false) != nullptr; }
  bool defaulted(const std::string& name) const { return values_[name].defaulted(); }
  /// The option's text; empty when it was not given.
  std::string text(const std::string& name) const;
  /// The option's text; throws UserError when it was not given.
  std::string required(const std::string& name) const;
  /// An option without a value.
  bool flag(const std::string& name) const { return values_[name].as<bool>(); }
  /// Numbers, checked; throws UserError.
  std::uint64_t number(const std::string& name) const;
  /// One of things that are counted from 1.
  std::uint64_t number_from_1(const std::string& name) const;
  /// "17,24" as numbers of PEs.
  std::vector<unsigned> pes(const std::string& name) const;
  std::optional<int> integer(const std::string& name, int low, int high) const;
  std::vector<std::string> texts(const std::string& name) const;
  /// Where the table for people goes: stderr when one of --json, --output, --raw-output, --timeline, --events is `-`, standard
  /// output.
  std::FILE* table() const;

  /// Every option of the command with its value, defaults included; null where it has none.
  nlohmann::ordered_json values() const;

  /// The file of an option: a path, or what comes with the program, by name.
  std::string data_file(DataKind kind, const std::string& name) const {
    return find_data_file(kind, "--" + name, required(name));
  }
  /// The file of --config.
  std::string config_file() const { return data_file(DataKind::kConfig, "config"); }
  /// Its configuration, with the changes of --set.
  HwConfig config() const { return load_config(config_file(), changes()); }
  std::vector<ConfigChange> changes() const;
  /// What an event costs, of --technology; null where none is asked for and the default is not found.
  std::shared_ptr<const Technology> technology() const;
  /// The memory of --memory; null where none is asked for.
  std::shared_ptr<const Memory> memory() const;
  LoadMode load_mode() const;
  /// --jobs
  std::size_t jobs() const;
  /// --jobs of a command whose samples run side by side.
  void add_jobs();
  /// The devices of --engine and --jobs, as many as there are samples to use them: one, or on engine tlm several. With
  /// --load port the order of loads is part of the result, and there is one. Throws UserError for several on another
  /// engine.
  std::vector<std::unique_ptr<Device>> engines(const HwConfig& config, std::size_t samples, const TraceOptions& trace = {}) const;
  /// The engine of --engine. One process builds one: SystemC elaborates once.
  std::unique_ptr<Device> engine(const HwConfig& config, const TraceOptions& trace = {}) const;

  /// For texts that are made of the options: help, completion, manual.
  const std::string& usage() const { return usage_; }
  const std::string& about() const { return about_; }
  const std::vector<std::string>& positional() const { return positional_; }
  const boost::program_options::options_description& description() const { return description_; }

 private:
  void place_arguments(const std::vector<std::string>& arguments);
  std::vector<std::string> names() const;
  /// The option with what it takes: "--json FILE".
  std::string shape(const std::string& name) const;

  std::string usage_;
  std::string about_;
  std::vector<std::string> positional_;
  boost::program_options::options_description description_;
  boost::program_options::variables_map values_;
};

/// A driver for each device.
class Drivers {
 public:
  Drivers(const std::vector<std::unique_ptr<Device>>& devices, const HwConfig& config, LoadMode mode) {
    for (const auto& device : devices) drivers_.push_back(std::make_unique<Driver>(*device, config, mode));
  }
  Driver& front() { return *drivers_.front(); }
  std::vector<Driver*> all() const {
    std::vector<Driver*> all;
    for (const auto& driver : drivers_) all.push_back(driver.get());
    return all;
  }

 private:
  std::vector<std::unique_ptr<Driver>> drivers_;
};

/// KEY=VALUE texts of --set. Throws UserError for another form and for an unknown key.
std::vector<ConfigChange> config_changes(const std::vector<std::string>& texts);

/// The device of an engine: checks the name and the address range. A configuration that is not compiled is refused with what
/// to do about it.
std::unique_ptr<Device> named_engine(const std::string& engine, const NamedConfig& config, const TraceOptions& trace = {});

/// A line on stderr that is rewritten as work goes on; silent when stderr is no terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& text);
  /// "sample 3 of 10", and how long the rest will take when that is seconds; `done` of `count` parts are over.
  void show(const std::string& what, std::size_t done, std::size_t count);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  bool shown_ = false;
  std::string counted_;  // what is being counted since `began_`
  Clock::time_point began_;
};

/// " (about 40 s left)" or " (about 3 min left)" after `seconds` for `done` of `count` parts; nothing while that is no better
/// than a guess, or short.
std::string time_left(double seconds, std::size_t done, std::size_t count);

/// Flushes standard output. Throws UserError when any of what was printed could not be written.
void flush_stdout();

/// Writes the JSON file, prints the table, names the first mismatch on stderr; returns the exit status.
int finish(const Report& report, const std::string& json_path, std::FILE* table = stdout);

/// Says on stderr what was assumed in reading a file; nothing for an empty text.
void note(const std::string& command, const std::string& text);

}  // namespace eie::tb
