// SPDX-License-Identifier: Apache-2.0
// Which files a command reads and writes: no output may be another output or an input.
#pragma once

#include <string>
#include <vector>

namespace eie::tb {

/// The files of one command, under the names of their options or keys. Inputs are named first. Files are the
/// same when their paths lead to the same place, through links too. What is there and is no regular file
/// (/dev/null, a pipe) may have several roles.
class FileRoles {
 public:
  /// A file that is read, FILE or FILE:MEMBER. An empty path is fine, here and below.
  void input(const std::string& name, const std::string& path);

  /// A file that is written; `-` is standard output. Throws UserError when an input or another output is the same file.
  void output(const std::string& name, const std::string& path);

 private:
  struct Role {
    std::string name;
    std::string path;
    std::string place;  // links resolved
    bool written;
  };

  void add(const std::string& name, const std::string& path, bool written);

  std::vector<Role> roles_;
};

}  // namespace eie::tb
