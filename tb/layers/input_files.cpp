// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/input_files.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "tb/formats/kept_files.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/support/sha256.h"

namespace eie::tb {
namespace {

std::string digest(const std::string& path) {
  if (const auto pipe = KeptFiles::pipe(path)) return sha256(pipe->text());
  std::error_code failure;
  return std::filesystem::is_regular_file(path, failure) ? sha256_file(path) : std::string();
}

}  // namespace

void InputFiles::add_later(InputFile file, const std::function<void(InputFile&)>& read) {
  files_.push_back(std::async(std::launch::async, [file = std::move(file), read]() mutable {
    read(file);
    return std::move(file);
  }));
}

void InputFiles::add(const std::string& role, const std::string& path, const std::string& layer) {
  if (!wanted_ || path.empty()) return;
  add_later({role, layer, path, {}, "", ""}, [](InputFile& file) { file.sha256 = digest(file.path); });
}

void InputFiles::add_array(const std::string& role, const std::string& name, const Wanted& wanted, const std::string& layer) {
  if (!wanted_ || name.empty()) return;
  add_later({role, layer, name, {}, "", ""}, [wanted](InputFile& file) {
    const std::unique_ptr<MatrixFile> array = open_matrix(file.path, wanted);
    file.shape = array->shape();
    file.dtype = array->type();
    file.sha256 = digest(file_of(file.path));
  });
  for (const std::string& path : is_simulator_folder(name) ? simulator_folder_files(name) : onnx_data_files(name)) {
    if (beside_.insert(path).second) add(role, path, layer);
  }
}

std::vector<InputFile> InputFiles::files() {
  std::vector<InputFile> files;
  for (std::future<InputFile>& file : files_) files.push_back(file.get());
  files_.clear();
  return files;
}

}  // namespace eie::tb
