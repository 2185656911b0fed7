// SPDX-License-Identifier: Apache-2.0
// A command asks for its files several times: for shapes, for numbers, for its report. What has to be parsed or inflated,
// and what can be read only once, is kept while it runs.
#pragma once

#include <memory>
#include <string>

#include "tb/formats/file_bytes.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// While one lives, open_matrix() parses and inflates each file once, and a pipe can be opened again. Changes to a file are
/// not seen. May be nested; what is kept goes with the outermost one. Thread-safe.
class KeptFiles {
 public:
  KeptFiles();
  ~KeptFiles();
  KeptFiles(const KeptFiles&) = delete;
  KeptFiles& operator=(const KeptFiles&) = delete;

  /// For readers. Null: not kept.
  static std::unique_ptr<MatrixFile> matrix(const std::string& key);
  static void keep(const std::string& key, const MatrixFile& file);
  /// What a reader made of a whole file, under a key of its own.
  static std::shared_ptr<const void> parsed(const std::string& key);
  static void keep_parsed(const std::string& key, const std::shared_ptr<const void>& file);
  static std::shared_ptr<const FileBytes> pipe(const std::string& path);
  static void keep_pipe(const std::string& path, const FileBytes& bytes);
};

}  // namespace eie::tb
