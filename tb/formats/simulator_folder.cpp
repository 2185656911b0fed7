// SPDX-License-Identifier: Apache-2.0
// The folder format of the EIE authors' simulator: a layer encoded for as many PEs as it has pointer files.
//
//   act.dat       float32, the activations
//   ptr/ptr<k>.dat  uint32, columns + 1 of PE k
//   spm/spm<k>.dat  pairs of uint32 of PE k: code, run (zero rows skipped before it; code 0 is padding)
//   arithm.dat    16 float32, the shared weights; beside these or one folder up
//
// The number of rows is not written down: the last row with an element ends the matrix.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCodes = 16;
constexpr std::size_t kMaxPes = 1024;

template <class T>
std::vector<T> words(const std::string& path, const char* expected) {
  const FileBytes bytes = FileBytes::map(path, expected);
  if (bytes.size() % sizeof(T) != 0) fail_file(path, "has " + std::to_string(bytes.size()) + " bytes", expected);
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

bool exists(const std::string& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

class Folder {
 public:
  explicit Folder(const std::string& path) : path_(path) {
    while (pes_ < kMaxPes && exists(pointer_file(pes_))) ++pes_;
    if (pes_ == 0) fail_file(path_, "has no ptr/ptr0.dat", "one pointer file a PE, from ptr0.dat on");
    if (exists(pointer_file(pes_ + 1)))
      fail_file(path_, "has no ptr/ptr" + std::to_string(pes_) + ".dat", "pointer files without a gap");
    columns_ = words<std::uint32_t>(pointer_file(0), "uint32 pointers, columns + 1").size();
    if (columns_ < 2) fail_file(pointer_file(0), "has " + std::to_string(columns_) + " pointers", "columns + 1");
    --columns_;
    const std::string act = activation_file();
    inputs_ = columns_;
    if (exists(act)) {
      activations_ = words<float>(act, "float32 activations");
      inputs_ = activations_.size();
      if (inputs_ != columns_ && inputs_ + 1 != columns_) {
        fail_file(act, "has " + std::to_string(inputs_) + " activations",
                  std::to_string(columns_) + " columns, or " + std::to_string(columns_ - 1) + " and a bias");
      }
    }
  }

  bool has_bias() const { return inputs_ < columns_; }

  std::string activation_file() const { return path_ + "/act.dat"; }
  /// Of weights and bias.
  std::vector<std::string> element_files() const {
    std::vector<std::string> files{table_file()};
    for (std::size_t k = 0; k < pes_; ++k) {
      files.push_back(pointer_file(k));
      files.push_back(entry_file(k));
    }
    if (exists(truth_file())) files.push_back(truth_file());
    return files;
  }

  std::unique_ptr<MatrixFile> activations(const std::string& name) const {
    if (activations_.empty()) fail_file(path_, "has no act.dat", "float32 activations, or --activations FILE");
    return vector(name, activations_);
  }

  std::unique_ptr<MatrixFile> weights(const std::string& name) {
    read_elements();
    Triplets elements;
    for (std::size_t e = 0; e < elements_.row.size(); ++e) {
      if (elements_.column[e] < inputs_) elements.add(elements_.row[e], elements_.column[e], elements_.value[e]);
    }
    check_sparse_size(name, rows_, inputs_);
    return std::make_unique<SparseFile>(
        name, "EIE simulator", "float32", std::vector<std::size_t>{rows_, inputs_}, elements,
        rows_known_ ? "" : "does not say how many rows it has: taken are " + std::to_string(rows_) + ", up to the last element");
  }

  std::unique_ptr<MatrixFile> bias(const std::string& name) {
    if (!has_bias()) fail_file(path_, "has no bias", "a last column beyond the activations");
    read_elements();
    std::vector<float> values(rows_, 0);
    for (std::size_t e = 0; e < elements_.row.size(); ++e) {
      if (elements_.column[e] == inputs_) values[elements_.row[e]] += static_cast<float>(elements_.value[e]);
    }
    return vector(name, values);
  }

 private:
  std::string pointer_file(std::size_t pe) const { return path_ + "/ptr/ptr" + std::to_string(pe) + ".dat"; }
  std::string entry_file(std::size_t pe) const { return path_ + "/spm/spm" + std::to_string(pe) + ".dat"; }
  std::string truth_file() const { return path_ + "/groundtruth.dat"; }
  std::string table_file() const {
    const std::string beside = path_ + "/arithm.dat";
    const std::string above = path_ + "/../arithm.dat";
    return !exists(beside) && exists(above) ? above : beside;
  }

  static std::unique_ptr<MatrixFile> vector(const std::string& name, const std::vector<float>& values) {
    Triplets elements;
    for (std::size_t j = 0; j < values.size(); ++j) elements.add(0, j, values[j]);
    return std::make_unique<SparseFile>(name, "EIE simulator", "float32", std::vector<std::size_t>{values.size()}, elements);
  }

  void read_elements() {
    const std::string table = table_file();
    const std::vector<float> weights = words<float>(table, "16 float32 values");
    if (weights.size() != kCodes) fail_file(table, "has " + std::to_string(weights.size()) + " values", "16 float32 values");
    if (weights[0] != 0) fail_file(table, "element [0] is " + std::to_string(weights[0]), "0, which code 0 stands for");
    for (std::size_t k = 0; k < pes_; ++k) {
      const std::string file = pointer_file(k);
      const std::vector<std::uint32_t> pointers = words<std::uint32_t>(file, "uint32 pointers, columns + 1");
      const std::string entry_path = entry_file(k);
      const std::vector<std::uint32_t> entries = words<std::uint32_t>(entry_path, "pairs of uint32: code, run");
      if (pointers.size() != columns_ + 1) {
        fail_file(file, "has " + std::to_string(pointers.size()) + " pointers", std::to_string(columns_ + 1) + ", as ptr0.dat");
      }
      if (entries.size() % 2 != 0) fail_file(entry_path, "has an odd number of words", "pairs of uint32: code, run");
      if (!std::is_sorted(pointers.begin(), pointers.end()) || pointers.front() != 0 || pointers.back() != entries.size() / 2) {
        fail_file(file, "goes from " + std::to_string(pointers.front()) + " to " + std::to_string(pointers.back()),
                  "ascending pointers from 0 to the " + std::to_string(entries.size() / 2) + " entries of its spm file");
      }
      for (std::size_t j = 0; j < columns_; ++j) {
        std::size_t local = 0;
        for (std::size_t e = pointers[j]; e < pointers[j + 1]; ++e, ++local) {
          const std::uint32_t code = entries[2 * e];
          if (code >= kCodes)
            fail_file(entry_path, "entry " + std::to_string(e) + " has code " + std::to_string(code), "0 to 15");
          local += entries[2 * e + 1];
          const std::size_t row = local * pes_ + k;
          if (row >= std::size_t{1} << 24)
            fail_file(entry_path, "entry " + std::to_string(e) + " is in row " + std::to_string(row), "up to 2^24 rows");
          if (code == 0) continue;
          elements_.add(row, j, static_cast<double>(weights[code]));
          rows_ = std::max(rows_, row + 1);
        }
      }
    }
    const std::string truth = truth_file();  // one float32 a row
    if (!exists(truth)) return;
    const std::size_t rows = words<float>(truth, "float32, one a row").size();
    if (rows < rows_)
      fail_file(truth, "has " + std::to_string(rows) + " values", "one a row, of which there are " + std::to_string(rows_));
    rows_ = rows;
    rows_known_ = true;
  }

  std::string path_;
  std::size_t pes_ = 0;
  std::size_t columns_ = 0;  // the bias included
  std::size_t inputs_ = 0;
  std::size_t rows_ = 0;
  bool rows_known_ = false;
  std::vector<float> activations_;
  Triplets elements_;
};

}  // namespace

std::unique_ptr<MatrixFile> open_simulator_folder(const std::string& path, const std::string& member) {
  Folder folder(path);
  const std::string name = member.empty() ? path : path + ":" + member;
  if (member.empty() || member == "weights") return folder.weights(name);
  if (member == "act") return folder.activations(name);
  if (member == "bias") return folder.bias(name);
  fail_file(path, "has no member '" + member + "'", "weights, act or bias");
}

std::vector<std::string> simulator_folder_files(const std::string& name) {
  const std::string path = file_of(name);
  const Folder folder(path);
  if (name == path + ":act") return {folder.activation_file()};
  return folder.element_files();
}

bool simulator_folder_has_bias(const std::string& name) { return Folder(file_of(name)).has_bias(); }

}  // namespace eie::tb
