// SPDX-License-Identifier: Apache-2.0
// The module in the place of a program: what comes with it is looked for from the folder of its package on.
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <system_error>

#include "tb/cli/data_files.h"

namespace eie::tb {

std::string program_folder() {
  Dl_info module;
  if (dladdr(reinterpret_cast<const void*>(&program_folder), &module) == 0 || module.dli_fname == nullptr) return "";
  std::error_code failure;
  const std::filesystem::path file = std::filesystem::canonical(module.dli_fname, failure);
  return failure ? "" : file.parent_path().parent_path().string();
}

}  // namespace eie::tb
