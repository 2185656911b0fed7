// SPDX-License-Identifier: Apache-2.0
// Apart from the other functions of data_files.h: what is no program has its own (tb/python).
#include <filesystem>
#include <string>
#include <system_error>

#include "tb/cli/data_files.h"

namespace eie::tb {

std::string program_folder() {
  std::error_code failure;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return failure ? "" : program.parent_path().string();
}

}  // namespace eie::tb
