// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/data_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "tb/cli/help/nearest.h"
#include "tb/formats/container/stored_network.h"
#include "tb/formats/matrix_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace fs = std::filesystem;

namespace {

constexpr int kFoldersAbove = 3;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

const char* folder_of(DataKind kind) {
  switch (kind) {
    case DataKind::kWorkload:
      return "configs/workloads";
    case DataKind::kNetwork:
      return "configs/networks";
    case DataKind::kTechnology:
      return "configs/technology";
    case DataKind::kMemory:
      return "configs/memory";
    default:
      return "configs";
  }
}

const char* word_for(DataKind kind) {
  switch (kind) {
    case DataKind::kWorkload:
      return "workload";
    case DataKind::kNetwork:
      return "network";
    case DataKind::kTechnology:
      return "technology";
    case DataKind::kMemory:
      return "memory";
    default:
      return "configuration";
  }
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }

fs::path in_folder(const std::string& folder, const char* below) {
  return folder == "." ? fs::path(below) : fs::path(folder) / below;
}

std::vector<DataFile> files_in(const fs::path& folder, DataKind kind) {
  std::vector<DataFile> files;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    const fs::path path = entry->path();
    if (is_yaml(path) && is_file(path)) files.push_back({path.stem().string(), path.string()});
    const fs::path within = path / (path.filename().string() + ".yaml");
    if (kind == DataKind::kNetwork && is_file(within)) files.push_back({path.filename().string(), within.string()});
  }
  return files;
}

// The folders of a kind that were searched, for a message.
std::string searched(DataKind kind) {
  std::string text;
  for (const std::string& folder : data_folders()) {
    text += (text.empty() ? "" : ", ") + in_folder(folder, folder_of(kind)).string();
  }
  return text.empty() ? "found no folder of them (EIE_DATA_DIR=DIR names one that has " + std::string(folder_of(kind)) + ")"
                      : "searched " + text;
}

}  // namespace

std::vector<std::string> data_folders() {
  std::vector<fs::path> candidates;
  if (const char* named = std::getenv("EIE_DATA_DIR"); named != nullptr && *named != '\0') candidates.emplace_back(named);
  candidates.emplace_back(".");
  const fs::path share(EIE_DATA_FOLDER);
  fs::path folder = program_folder();
  for (int above = 0; above <= kFoldersAbove && !folder.empty(); ++above) {
    candidates.push_back(folder / share);
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  std::vector<std::string> folders;
  std::vector<fs::path> seen;
  for (const fs::path& candidate : candidates) {
    const fs::path configs = in_folder(candidate.string(), "configs");
    std::error_code failure;
    const fs::path place = fs::canonical(configs, failure);
    if (failure || !is_folder(configs) || std::find(seen.begin(), seen.end(), place) != seen.end()) continue;
    seen.push_back(place);
    folders.push_back(candidate.string());
  }
  return folders;
}

std::vector<DataFile> list_data_files(DataKind kind) {
  std::map<std::string, std::string> found;
  for (const std::string& folder : data_folders()) {
    for (const DataFile& file : files_in(in_folder(folder, folder_of(kind)), kind)) found.insert({file.name, file.path});
  }
  std::vector<DataFile> files;
  for (const auto& [name, path] : found) files.push_back({name, path});
  return files;
}

std::string find_data_file(DataKind kind, const std::string& option, const std::string& text) {
  if (is_file(text)) return text;
  const fs::path path(text);
  const bool plain = path.filename() == path;
  const std::string name = is_yaml(path) ? path.stem().string() : text;
  const std::vector<DataFile> files = list_data_files(kind);
  if (plain) {
    for (const DataFile& file : files) {
      if (file.name == name) return file.path;
    }
  }
  if (!plain || is_yaml(path) || (kind == DataKind::kNetwork && (path.extension() == ".onnx" || path.extension() == ".eie")) ||
      is_folder(path))
    return text;
  std::vector<std::string> names;
  for (const DataFile& file : files) names.push_back(file.name);
  throw UserError(option + " " + text + ": cannot be opened: expected a YAML file" +
                  (kind == DataKind::kNetwork ? ", a container (.eie) or an ONNX model" : "") +
                  (names.empty() ? "" : std::string(", or a ") + word_for(kind) + " by name: " + listed(names)) +
                  nearest_text(text, names) + "; " + searched(kind));
}

bool names_network(const std::string& text) {
  const fs::path path = text;
  const std::string ending = path.extension().string();
  if (ending == ".yaml" || ending == ".yml" || ending == ".onnx") return true;
  if (file_of(text) == text && is_container_file(text)) return true;
  std::error_code none;
  if (fs::exists(file_of(text), none) || text.find_first_of("/:.") != std::string::npos) return false;
  const std::vector<DataFile> known = list_data_files(DataKind::kNetwork);
  return std::any_of(known.begin(), known.end(), [&](const DataFile& file) { return file.name == text; });
}

}  // namespace eie::tb
