// SPDX-License-Identifier: Apache-2.0
// The blocks of value changes of an FST file. Each variable's changes are encoded as they come, as the file has them: a chain of
// steps in time and values. fstapi keeps digits in a list instead and encodes it at the end of a block, which took most of
// the time of tracing a large device; all else of the file is fstapi's (fst_file.cpp).
//
// A block (FST_BL_VCDATA_DYN_ALIAS2) holds all values at its start, the chains of variables that change in it, each packed by
// zlib's format or not, equal ones once, a table of where they are, and its times. It is packed and written by a second thread.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace eie::tb {

class FstBlocks {
 public:
  enum class Kind : std::uint8_t { kBits, kReal, kText };

  /// The blocks go to a file beside the one that is made: only its end tells what stands in its header.
  explicit FstBlocks(const std::string& file);
  ~FstBlocks();
  FstBlocks(const FstBlocks&) = delete;
  FstBlocks& operator=(const FstBlocks&) = delete;

  /// Variables count from 0; the file's handles from 1.
  void add_variable(Kind kind, unsigned width);

  void time(std::uint64_t now);
  void bits(std::uint32_t variable, std::uint64_t value);
  void digits(std::uint32_t variable, const char* digits);
  void unknown(std::uint32_t variable);
  void real(std::uint32_t variable, double value);
  void text(std::uint32_t variable, const std::string& value);

  /// Ends the last block. False when not all could be written.
  bool finish();

  std::uint64_t first_time() const { return first_time_; }
  std::uint64_t last_time() const { return now_; }
  std::uint64_t count() const { return count_; }  // blocks

 private:
  struct Chain;
  class Chunks;
  struct Packer;
  struct Content;

  void end_block();
  void append_frame(std::string& block);
  std::string pack_chains(const Content& from, std::uint64_t& unpacked);
  void write(const Content& content);

  std::string file_;
  int descriptor_ = -1;
  bool failed_ = false;
  std::unique_ptr<Chunks> chunks_;  // what the chains are made of
  std::vector<Chain> chains_;
  // Of the thread that writes
  std::future<void> writing_;
  std::unique_ptr<Chunks> idle_;
  std::vector<char> gathered_;                                  // chains, each in one piece
  std::unordered_map<std::uint32_t, std::string> long_values_;  // digits
  std::string frame_;                                           // all values at the start of the block, as digits
  std::string times_;                                           // steps, encoded
  std::uint32_t time_index_ = 0;
  std::uint32_t time_count_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t first_time_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t count_ = 0;
  bool started_ = false;
};

}  // namespace eie::tb
