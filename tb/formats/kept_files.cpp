// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/kept_files.h"

#include <map>
#include <mutex>

namespace eie::tb {
namespace {

struct Kept {
  std::mutex mutex;
  unsigned users = 0;
  std::map<std::string, std::unique_ptr<MatrixFile>> matrices;
  std::map<std::string, std::shared_ptr<const void>> parsed;
  std::map<std::string, std::shared_ptr<const FileBytes>> pipes;
};

Kept& kept() {
  static Kept all;
  return all;
}

}  // namespace

KeptFiles::KeptFiles() {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  ++kept().users;
}

KeptFiles::~KeptFiles() {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (--kept().users > 0) return;
  kept().matrices.clear();
  kept().parsed.clear();
  kept().pipes.clear();
}

std::unique_ptr<MatrixFile> KeptFiles::matrix(const std::string& key) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  const auto at = kept().matrices.find(key);
  return at == kept().matrices.end() ? nullptr : at->second->again();
}

void KeptFiles::keep(const std::string& key, const MatrixFile& file) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (kept().users > 0) kept().matrices.emplace(key, file.again());
}

std::shared_ptr<const void> KeptFiles::parsed(const std::string& key) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  const auto at = kept().parsed.find(key);
  return at == kept().parsed.end() ? nullptr : at->second;
}

void KeptFiles::keep_parsed(const std::string& key, const std::shared_ptr<const void>& file) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (kept().users > 0) kept().parsed.emplace(key, file);
}

std::shared_ptr<const FileBytes> KeptFiles::pipe(const std::string& path) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  const auto at = kept().pipes.find(path);
  return at == kept().pipes.end() ? nullptr : at->second;
}

void KeptFiles::keep_pipe(const std::string& path, const FileBytes& bytes) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (kept().users > 0) kept().pipes.emplace(path, std::make_shared<const FileBytes>(bytes));
}

}  // namespace eie::tb
