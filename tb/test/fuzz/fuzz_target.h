// SPDX-License-Identifier: Apache-2.0
// What a target of the fuzzer is: one reader, fed with the bytes of a file.
//
// Each file of targets/ defines fuzz_target(). Two programs come of it: one of libFuzzer (scripts/fuzz), and one that plays the
// seeds of corpus/ and some changes of them in the ordinary build (replay.cpp, part of the tests).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "tb/formats/file_bytes.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

struct FuzzTarget {
  /// Reads the bytes; throws UserError for what is wrong with them, and nothing else.
  std::function<void(const FileBytes& bytes)> read;
  /// Bytes of memory that reading may take for each byte of the file, and for any file.
  std::size_t times = 4;
  std::size_t constant = std::size_t{1} << 20;
};

FuzzTarget fuzz_target();

/// Reads every number of a matrix as the program does, a row at a time; of one that is sparse, what is there.
void read_all(const MatrixFile& file);

/// The bytes as a file without a place in a folder.
class FileInMemory {
 public:
  explicit FileInMemory(const FileBytes& bytes);
  ~FileInMemory();
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;
  std::string path() const;

 private:
  int file_;
};

/// Reads one input. Ends the process, with a line on stderr, when anything but a UserError of one line comes of it.
void run_target(const FuzzTarget& target, const unsigned char* data, std::size_t size);

}  // namespace eie::tb
