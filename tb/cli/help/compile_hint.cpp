// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/help/compile_hint.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tb/cli/data_files.h"

namespace eie::tb {
namespace fs = std::filesystem;

namespace {

constexpr unsigned kMostCompiledPes = 256;  // eie_config_gen

// A path as short as it can be written from here.
std::string from_here(const fs::path& path) {
  std::error_code failure;
  const fs::path here = fs::current_path(failure);
  const fs::path relative = path.lexically_relative(here);
  return !failure && !relative.empty() && *relative.begin() != ".." ? relative.string() : path.string();
}

// A variable of the build that made this program; empty: it is installed, or was not built by CMake here.
std::string build_variable(const fs::path& build, const std::string& name) {
  std::ifstream cache(build / "CMakeCache.txt");
  for (std::string line; std::getline(cache, line);) {
    if (line.rfind(name + ":", 0) == 0 && line.find('=') != std::string::npos) return line.substr(line.find('=') + 1);
  }
  return "";
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code failure;
  return fs::equivalent(a, b, failure) && !failure;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream text(list);
  for (std::string name; std::getline(text, name, ';');) names.push_back(name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ";") + name;
  return list;
}

}  // namespace

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.' ||
           c == '/' || c == '=' || c == ':' || c == ',' || c == '+' || c >= 0x80;
  });
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string compile_hint(const NotCompiled& error, const NamedConfig& named) {
  const HwConfig& config = named.config;
  const std::string now = "; --engine tlm runs it now";
  if (config.n_pe > kMostCompiledPes) {
    return now + ", and no other engine is compiled for more than " + std::to_string(kMostCompiledPes) + " PEs";
  }
  const fs::path build = program_folder();
  const std::string source = build_variable(build, "CMAKE_HOME_DIRECTORY");
  const bool rtl = error.engine() == "rtl";
  const std::string shipped = source.empty() ? "" : source + "/configs/" + config.name + ".yaml";
  const bool is_shipped = source.empty() ? fs::path(named.path).parent_path().filename() == "configs" && named.changes.empty() &&
                                               named.text == config.name
                                         : named.changes.empty() && same_file(named.path, shipped);
  if (rtl) {
    std::error_code ignored;
    if (!is_shipped || (!source.empty() && !fs::exists(source + "/hw/rtl/" + config.name + ".sv", ignored))) {
      return now + ", and its RTL has to be generated first (docs/synthesis.md)";
    }
  }
  std::string command;
  std::string entry = config.name;
  if (!is_shipped) {
    std::error_code ignored;
    fs::path file = fs::absolute(named.path, ignored);
    if (!named.changes.empty() || file.stem() != config.name) {
      file = (source.empty() ? fs::current_path(ignored) : build) / (config.name + ".yaml");
      command = (source.empty() ? "eie" : shell_word(from_here(build / "eie"))) + " info " + shell_word(named.text);
      for (const ConfigChange& change : named.changes) command += " --set " + shell_word(change.text());
      command += " --write " + shell_word(from_here(file)) + " && ";
    }
    entry = file.string();
  }
  // What the build has now; some of it may be paths.
  const std::string built = build_variable(build, rtl ? "EIE_RTL_CONFIGS" : "EIE_CONFIGS");
  std::vector<std::string> names = built.empty() ? error.compiled() : split(built);
  const auto same = [&config](const std::string& name) {
    const fs::path path(name);
    return (path.extension() == ".yaml" ? path.stem().string() : name) == config.name;
  };
  names.erase(std::remove_if(names.begin(), names.end(), same), names.end());
  names.push_back(entry);
  const std::string list = std::string("-DEIE_") + (rtl ? "RTL_" : "") + "CONFIGS=" + joined(names);
  if (source.empty()) {
    return now + "; compile it in the source tree: " + command + "cmake --preset release " + shell_word(list) +
           " && cmake --build --preset release --target eie";
  }
  const std::string folder = shell_word(from_here(build));
  return now + "; compile it: " + command + "cmake " + shell_word(list) + " " + folder + " && cmake --build " + folder +
         " --target eie";
}

}  // namespace eie::tb
