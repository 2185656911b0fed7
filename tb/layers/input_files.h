// SPDX-License-Identifier: Apache-2.0
// The files that a command reads, as its report names them.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

struct InputFile {
  std::string role;                // the option, or the key of a network file
  std::string layer;               // of a network; else empty
  std::string path;                // as given, member included
  std::vector<std::size_t> shape;  // of an array
  std::string dtype;               // of an array; else empty
  std::string sha256;              // of the file that holds it; empty: a folder, whose files follow
};

/// Collects them. They are read beside the simulation, and only if they are wanted.
class InputFiles {
 public:
  explicit InputFiles(bool wanted) : wanted_(wanted) {}
  /// A text (YAML); nothing for an empty path.
  void add(const std::string& role, const std::string& path, const std::string& layer = "");
  /// An array in a file of any format, chosen as the one who read it did: shape and type are those of the file. The
  /// files of a folder, and the external data of an ONNX model, follow, each by itself and once.
  void add_array(const std::string& role, const std::string& name, const Wanted& wanted, const std::string& layer = "");
  /// Waits for what is read beside. Throws UserError when a file cannot be read any more.
  std::vector<InputFile> files();

 private:
  void add_later(InputFile file, const std::function<void(InputFile&)>& read);

  bool wanted_;
  std::vector<std::future<InputFile>> files_;
  std::set<std::string> beside_;  // named already: of folders, of external data
};

}  // namespace eie::tb
