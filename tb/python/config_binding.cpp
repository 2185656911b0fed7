// SPDX-License-Identifier: Apache-2.0
// Configurations: found by name, changed by keys, every key an attribute.
#include <algorithm>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <string>
#include <utility>
#include <vector>

#include "tb/cli/data_files.h"
#include "tb/cli/help/nearest.h"
#include "tb/config/config.h"
#include "tb/python/bindings.h"
#include "tlm/config/config_keys.h"

namespace eie::tb {
namespace {

namespace py = pybind11;

using Changes = std::vector<std::pair<std::string, std::string>>;

HwConfig load(const std::string& path, const Changes& changes) {
  std::vector<ConfigChange> list;
  for (const auto& [key, value] : changes) {
    const std::vector<std::string>& keys = config_keys();
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      throw UserError("unknown key '" + key + "': expected one of " + listed(keys) + nearest_text(key, keys));
    }
    list.push_back({key, value});
  }
  return load_config(path, list);
}

std::vector<std::pair<std::string, std::string>> listed_files(DataKind kind) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const DataFile& file : list_data_files(kind)) files.emplace_back(file.name, file.path);
  return files;
}

}  // namespace

void bind_configs(py::module_& module) {
  py::class_<HwConfig> config(module, "HwConfig", "The values of a configuration.");
  for_each_key([&config](const auto& key, auto) { config.def_readonly(key.name, key.value, key.meaning); });
  module.def("config_keys", &config_keys, "The keys of a configuration, in the order of a file.");
  module.def("config_yaml", &config_yaml, py::arg("config"), "A configuration as a file.");
  module.def("load_config", &load, py::arg("path"), py::arg("changes"), "Reads a file and changes keys, (key, value) each.");
  module.def(
      "config_file", [](const std::string& text) { return find_data_file(DataKind::kConfig, "config", text); }, py::arg("text"),
      "The file that a name or a path stands for.");
  module.def(
      "network_file", [](const std::string& text) { return find_data_file(DataKind::kNetwork, "network", text); },
      py::arg("text"), "The file that a name or a path stands for.");
  module.def(
      "technology_file", [](const std::string& text) { return find_data_file(DataKind::kTechnology, "technology", text); },
      py::arg("text"), "The file that a name or a path stands for.");
  module.def(
      "memory_file", [](const std::string& text) { return find_data_file(DataKind::kMemory, "memory", text); }, py::arg("text"),
      "The file that a name or a path stands for.");
  module.def(
      "configs", [] { return listed_files(DataKind::kConfig); }, "Names and files of the configurations that are found by name.");
}

}  // namespace eie::tb
