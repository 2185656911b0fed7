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
  std::map<std::string, std::shared_ptr<const FileBytes>> pipes;
  std::map<std::string, std::shared_ptr<const StoredNetwork>> containers;
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
  kept().pipes.clear();
  kept().containers.clear();
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

std::shared_ptr<const FileBytes> KeptFiles::pipe(const std::string& path) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  const auto at = kept().pipes.find(path);
  return at == kept().pipes.end() ? nullptr : at->second;
}

void KeptFiles::keep_pipe(const std::string& path, const FileBytes& bytes) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (kept().users > 0) kept().pipes.emplace(path, std::make_shared<const FileBytes>(bytes));
}

std::shared_ptr<const StoredNetwork> KeptFiles::container(const std::string& path) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  const auto at = kept().containers.find(path);
  return at == kept().containers.end() ? nullptr : at->second;
}

void KeptFiles::keep_container(const std::string& path, const std::shared_ptr<const StoredNetwork>& network) {
  const std::lock_guard<std::mutex> lock(kept().mutex);
  if (kept().users > 0) kept().containers.emplace(path, network);
}

}  // namespace eie::tb
