// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/file_roles.h"

#include <filesystem>
#include <system_error>

#include "tb/formats/matrix_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace fs = std::filesystem;

void FileRoles::input(const std::string& name, const std::string& path) { add(name, path.empty() ? path : file_of(path), false); }

void FileRoles::output(const std::string& name, const std::string& path) { add(name, path, true); }

void FileRoles::add(const std::string& name, const std::string& path, bool written) {
  if (path.empty()) return;
  if (path == "-") {
    for (const Role& role : roles_) {
      if (role.path != path) continue;
      throw UserError(name + " -: is standard output, as is " + role.name + ": expected - for one of them");
    }
    roles_.push_back({name, path, "standard output", written});
    return;
  }
  std::error_code failure;
  if (fs::exists(path, failure) && !fs::is_regular_file(path, failure)) return;
  fs::path place = fs::weakly_canonical(fs::absolute(path, failure), failure);
  if (failure) place = path;
  for (const Role& role : roles_) {
    if (!written && !role.written) continue;
    std::error_code ignored;  // equivalent() finds hard links; it fails where a file is not there yet
    if (role.place == place.string() || fs::equivalent(role.path, path, ignored)) {
      throw UserError(name + " " + path + ": is the file of " + role.name + " too: expected another name");
    }
  }
  roles_.push_back({name, path, place.string(), written});
}

}  // namespace eie::tb
