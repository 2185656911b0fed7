// SPDX-License-Identifier: Apache-2.0
// The configurations, workloads, networks and technologies that come with the program, by name.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace eie::tb {

/// configs/NAME.yaml, configs/workloads/NAME.yaml, configs/technology/NAME.yaml, configs/memory/NAME.yaml, and
/// configs/networks/NAME/NAME.yaml or configs/networks/NAME.yaml.
enum class DataKind { kConfig, kWorkload, kNetwork, kTechnology, kMemory };

struct DataFile {
  std::string name;
  std::string path;
};

/// The folders in which `configs` is looked for, in order: $EIE_DATA_DIR, the current one, and share/eie
/// beside the program or in one of the folders above it (a build folder links to the source tree there, an
/// installation has a copy). Those that are there.
std::vector<std::string> data_folders();

/// What there is of a kind, by name; the first folder wins.
std::vector<DataFile> list_data_files(DataKind kind);

/// The file that `text` stands for: a path, or a name. A file of that very path wins; what has a slash or
/// ends in .yaml and is not found is returned as it is, for the reader to complain. Throws UserError for an
/// unknown name, with those that there are and the folders that were searched; `option` is named in it.
std::string find_data_file(DataKind kind, const std::string& option, const std::string& text);

/// True for a network's file or name; false: a matrix, or a member of something.
bool names_network(const std::string& text);

/// The folder of this program, links resolved; empty if the system does not say.
std::string program_folder();

}  // namespace eie::tb
