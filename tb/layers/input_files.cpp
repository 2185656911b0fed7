#include "tb/layers/input_files.h"

#include <filesystem>
#include <system_error>

#include "tb/error.h"
#include "tb/npy.h"
#include "tb/sha256.h"

namespace eie::tb {

void InputFiles::add(const std::string& role, const std::string& path, const std::string& layer) {
  if (!wanted_ || path.empty()) return;
  files_.push_back({role, layer, path, {}, "", ""});
  digests_.push_back(std::async(std::launch::async, [path] {
    std::error_code failure;
    return std::filesystem::is_regular_file(path, failure) ? sha256_file(path) : std::string();
  }));
}

void InputFiles::add_array(const std::string& role, const std::string& path, const std::string& layer) {
  if (!wanted_ || path.empty()) return;
  add(role, path, layer);
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return;  // a pipe can be read once only
  const NpyReader array(path);
  files_.back().shape = array.shape();
  files_.back().dtype = array.type();
}

std::vector<InputFile> InputFiles::files() {
  for (std::size_t f = 0; f < digests_.size(); ++f) files_[f].sha256 = digests_[f].get();
  digests_.clear();
  return files_;
}

}  // namespace eie::tb
