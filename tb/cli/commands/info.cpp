// SPDX-License-Identifier: Apache-2.0
// eie info: configurations in words.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tb/cli/capacity.h"
#include "tb/cli/commands.h"
#include "tb/cli/compiled_configs.h"
#include "tb/cli/data_files.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/registers/description.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kKilobyte = 1024 * 8;

std::string kilobytes(std::uint64_t bits) {
  return bits % kKilobyte == 0 ? thousands(bits / kKilobyte) : fixed(static_cast<double>(bits) / kKilobyte, 1);
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%08llx", static_cast<unsigned long long>(value));
  return text;
}

std::vector<std::string> engines_of(const HwConfig& config) {
  std::vector<std::string> engines = {"tlm"};
  if (is_compiled(config, compiled_for_hw())) engines.emplace_back("hw");
  if (is_compiled(config, compiled_for_rtl())) engines.emplace_back("rtl");
  return engines;
}

// The parts of a PE's window: name, first offset, bytes in use.
struct WindowPart {
  const char* name;
  std::uint64_t offset;
  std::uint64_t bytes;
};
std::vector<WindowPart> window_parts(const HwConfig& config) {
  std::vector<WindowPart> parts;
  for (const reg::Memory& memory : reg::kMemories) {
    if (!has(memory.needs, config.shape())) continue;
    parts.push_back({memory.name, memory_offset(memory.region, config.window()), memory_bytes(memory.region, config.shape())});
  }
  return parts;
}

Json values_json(const HwConfig& c) {
  Json j;
  for (const std::string& key : config_keys()) {
    const std::string value = config_value(c, key);
    j[key] = key == "name" ? Json(value) : Json::parse(value);
  }
  return j;
}

Json to_json(const HwConfig& c, const std::string& path) {
  const Capacity k = capacity_of(c);
  Json j;
  j["schema"] = kReportSchema;
  j["version"] = kVersion;
  j["command"] = "info";
  j["config"] = c.name;
  j["path"] = path;
  j["configuration"] = values_json(c);
  j["engines"] = engines_of(c);
  j["per_pe"] = {{"spmat_bits", k.spmat_bits}, {"ptr_bits", k.ptr_bits}, {"act_bits", k.act_bits},
                 {"entries", k.entries},       {"pointers", k.pointers}, {"activations", k.activations}};
  j["one_launch"] = {{"rows", k.rows}, {"columns", k.columns}, {"nonzeros", k.nonzeros}};
  j["windows"] = {{"base", reg::kWindowBase}, {"stride", c.window().stride}};
  for (const WindowPart& part : window_parts(c)) j["windows"][part.name] = {{"offset", part.offset}, {"bytes", part.bytes}};
  return j;
}

void print_config(const HwConfig& c, const std::string& path, std::FILE* out) {
  const Capacity k = capacity_of(c);
  const double rate = c.n_pe * c.clock_mhz / 1e3;  // multiply-accumulates a nanosecond
  std::fprintf(out, "%s: %s at %g MHz, at most %s billion multiply-accumulates a second\n", c.name.c_str(),
               counted(c.n_pe, "processing element").c_str(), c.clock_mhz,
               fixed(rate, rate >= 0.1 ? 1 : std::min(6, static_cast<int>(-std::floor(std::log10(rate))))).c_str());
  std::fprintf(out, "  file          %s\n", path.c_str());
  std::fprintf(out, "  engines       %s\n", listed(engines_of(c)).c_str());
  std::fprintf(out, "  weights       %s and 0 (codes of %s), zero runs of %s: entries of %u bits\n",
               counted(c.codes() - 1, "shared value").c_str(), counted(c.code_width, "bit").c_str(),
               counted(c.run_width, "bit").c_str(), c.entry_bits());
  std::fprintf(out, "  numbers       %u-bit activations and shared values, %u-bit accumulators\n", c.data_width, c.acc_width);
  std::fprintf(out, "  queues        %s a PE, look-ahead of %s; LNZD nodes of %u inputs\n",
               counted(c.queue_depth, "broadcast").c_str(), counted(c.look_ahead, "descriptor").c_str(), c.lnzd_fan_in);
  std::fprintf(out, "  one launch    at most %s rows; with so many, %s columns; %s non-zero weights (padding among them)\n",
               thousands(k.rows).c_str(), thousands(k.columns).c_str(), thousands(k.nonzeros).c_str());
  std::fprintf(out, "  larger layers take several launches\n\n");

  TextTable memories;
  memories.add_column("memory", TextTable::Align::kLeft);
  memories.add_column("KB", TextTable::Align::kRight, "one PE");
  memories.add_column("holds", TextTable::Align::kLeft, "one PE");
  memories.add_column("KB", TextTable::Align::kRight, "all PEs");
  memories.add_column("holds", TextTable::Align::kLeft, "all PEs");
  auto memory = [&](const char* name, std::uint64_t bits, std::uint64_t count, const char* one, const char* several) {
    memories.add_row(
        {name, kilobytes(bits), counted(count, one, several), kilobytes(bits * c.n_pe), counted(count * c.n_pe, one, several)});
  };
  memory("Spmat", k.spmat_bits, k.entries, "entry", "entries");
  memory("Ptr", k.ptr_bits, k.pointers, "pointer", "pointers");
  memory("Act", k.act_bits, k.activations, "activation", "activations");
  memory("registers", std::uint64_t{2} * c.registers * c.data_width, std::uint64_t{2} * c.registers, "activation", "activations");
  memories.print(out, "  ");

  TextTable windows;
  windows.add_column("window of PE k", TextTable::Align::kLeft);
  windows.add_column("address");
  windows.add_column("bytes");
  const std::string base = hex(reg::kWindowBase) + " + " + hex(c.window().stride) + " k + ";
  for (const WindowPart& part : window_parts(c)) {
    windows.add_row({part.name, base + hex(part.offset), thousands(part.bytes)});
  }
  std::fprintf(out, "\n");
  windows.print(out, "  ");
}

void print_list(std::FILE* out) {
  TextTable table;
  table.add_column("configuration", TextTable::Align::kLeft);
  table.add_column("PEs");
  table.add_column("MHz");
  table.add_column("queue");
  table.add_column("weights (KB a PE)");
  table.add_column("engines", TextTable::Align::kLeft);
  table.add_column("file", TextTable::Align::kLeft);
  for (const DataFile& file : list_data_files(DataKind::kConfig)) {
    try {
      const HwConfig c = load_config(file.path);
      table.add_row({file.name, thousands(c.n_pe), fixed(c.clock_mhz, c.clock_mhz == static_cast<int>(c.clock_mhz) ? 0 : 3),
                     thousands(c.queue_depth), kilobytes(capacity_of(c).spmat_bits), listed(engines_of(c)), file.path});
    } catch (const ConfigError& error) {
      table.add_row({file.name, "-", "-", "-", "-", "-", error.what()});
    }
  }
  if (table.empty()) {
    throw UserError(
        "no configurations are found: expected them in configs/ of $EIE_DATA_DIR, of the current folder, or "
        "in share/eie "
        "beside the program");
  }
  table.print(out);
}

Json list_json() {
  Json j = {{"schema", kReportSchema}, {"version", kVersion}, {"command", "info"}};
  j["configurations"] = Json::array();
  for (const DataFile& file : list_data_files(DataKind::kConfig)) {
    try {
      const HwConfig c = load_config(file.path);
      j["configurations"].push_back({{"name", file.name}, {"path", file.path}, {"n_pe", c.n_pe}, {"engines", engines_of(c)}});
    } catch (const ConfigError& error) {
      j["configurations"].push_back({{"name", file.name}, {"path", file.path}, {"error", error.what()}});
    }
  }
  return j;
}

int print_names(const std::string& kind) {
  std::vector<std::string> names;
  auto add = [&names](DataKind of) {
    for (const DataFile& file : list_data_files(of)) names.push_back(file.name);
  };
  if (kind == "config") {
    add(DataKind::kConfig);
  } else if (kind == "network") {
    add(DataKind::kNetwork);
  } else if (kind == "workload") {
    add(DataKind::kWorkload);
  } else if (kind == "technology") {
    add(DataKind::kTechnology);
  } else if (kind == "memory") {
    add(DataKind::kMemory);
  } else if (kind == "key") {
    names = config_keys();
  } else {
    throw UserError("--names is '" + kind + "': expected config, memory, network, technology, workload or key");
  }
  for (const std::string& name : names) std::printf("%s\n", name.c_str());
  flush_stdout();
  return kExitDone;
}

struct RegisterForm {
  const char* name;
  std::string (*text)(const MapDescription&);
};
constexpr RegisterForm kRegisterForms[] = {{"ip-xact", ip_xact}, {"systemrdl", system_rdl}, {"json", map_json}, {"c", c_header}};

std::string register_text(const HwConfig& config, const std::string& form) {
  for (const RegisterForm& f : kRegisterForms) {
    if (form != f.name) continue;
    check_address_range(config);  // the descriptions are of the AXI4-Lite port
    return f.text(describe_map(config));
  }
  throw UserError("--registers is '" + form + "': expected ip-xact, systemrdl, json or c");
}

}  // namespace

Options info_options() {
  Options options("info [NAME|FILE] [options]",
                  "Says what a configuration has: sizes, memories, the largest layer in one launch, the "
                  "engines that are compiled for\n"
                  "it, and where a host finds the memories. Without a name it lists the configurations.");
  options.add_positional({"config"});
  options.add()("config", po::value<std::string>()->value_name("NAME|FILE"), "the configuration; default: all that are found");
  options.add()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
                "change a key of it, may be repeated; default: as in its file");
  options.add()("write", po::value<std::string>()->value_name("FILE"),
                "write the configuration, with its changes, as a YAML file; default: none");
  options.add()("names", po::value<std::string>()->value_name("config|memory|network|technology|workload|key"),
                "only the names of what comes with the program, or of the keys of a configuration");
  options.add()("registers", po::value<std::string>()->value_name("ip-xact|systemrdl|json|c"),
                "print the register map of the configuration and nothing else: IP-XACT (IEEE 1685-2014), SystemRDL 2.0, JSON, "
                "a C header");
  options.add()("output", po::value<std::string>()->value_name("FILE"),
                "write the register map there; default: to standard output");
  options.add_json();
  return options;
}

int info_command(const std::vector<std::string>& arguments) {
  Options options = info_options();
  if (!options.parse(arguments)) return kExitDone;
  if (options.has("names")) return print_names(options.text("names"));
  const std::string json = options.text("json");
  if (!options.has("config")) {
    for (const char* needs : {"set", "write", "registers", "output"}) {
      if (!options.has(needs)) continue;
      throw UserError(std::string("no configuration is named: expected eie info NAME with --") + needs);
    }
    if (!json.empty()) write_json(list_json(), json);
    if (json != "-") print_list(stdout);
    flush_stdout();
    return kExitDone;
  }
  const std::string path = options.config_file();
  FileRoles files;
  files.input("--config", path);
  files.output("--write", options.text("write"));
  files.output("--json", json);
  files.output("--output", options.text("output"));
  const HwConfig config = options.config();
  if (options.has("output") && !options.has("registers")) {
    throw UserError("--output is given without --registers: expected both, or --write for a YAML file");
  }
  const bool prints_registers = options.has("registers") && !options.has("output");
  if (prints_registers && json == "-") {
    throw UserError("--json - and --registers both go to standard output: expected --output FILE for the register map");
  }
  const std::string registers = options.has("registers") ? register_text(config, options.text("registers")) : "";
  if (options.has("write")) write_if_changed(options.text("write"), config_yaml(config));
  if (!json.empty()) write_json(to_json(config, path), json);
  if (options.has("output")) write_if_changed(options.text("output"), registers);
  if (prints_registers) {
    std::fwrite(registers.data(), 1, registers.size(), stdout);
  } else if (!options.has("registers") && json != "-") {
    print_config(config, path, stdout);
  }
  flush_stdout();
  return kExitDone;
}

}  // namespace eie::tb
