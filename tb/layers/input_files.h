// The files that a command reads, as its report names them.
#pragma once

#include <future>
#include <string>
#include <vector>

namespace eie::tb {

struct InputFile {
  std::string role;                // the option, or the key of a network file
  std::string layer;               // of a network; else empty
  std::string path;                // as given
  std::vector<std::size_t> shape;  // of an array
  std::string dtype;               // of an array; else empty
  std::string sha256;              // empty: not a regular file
};

/// Collects them. Digests are computed beside the simulation, and only if they are wanted.
class InputFiles {
 public:
  explicit InputFiles(bool wanted) : wanted_(wanted) {}
  /// A text (YAML); nothing for an empty path.
  void add(const std::string& role, const std::string& path, const std::string& layer = "");
  /// An array that has been read, or will be refused: shape and type are those of the file.
  void add_array(const std::string& role, const std::string& path, const std::string& layer = "");
  /// Waits for the digests.
  std::vector<InputFile> files();

 private:
  bool wanted_;
  std::vector<InputFile> files_;
  std::vector<std::future<std::string>> digests_;
};

}  // namespace eie::tb
