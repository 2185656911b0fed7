// SPDX-License-Identifier: Apache-2.0
// Plays the seeds of a target, and changes of each, drawn from a seed: a short run of what scripts/fuzz does for long, without
// clang. An input that ends the process is left beside the program, as NAME_replay.last.
//   NAME_replay FOLDER [changes of each seed] [seed]
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

#include "tb/test/fuzz/fuzz_target.h"

namespace {

using Bytes = std::vector<unsigned char>;

// The input that is being read, for the handler of a signal.
struct Input {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  std::string path;
  struct sigaction before[NSIG] = {};
};
Input input;

// Keeps the input and leaves the rest to who was there before: a sanitizer, or the default, when the instruction faults again.
void keep_input(int signal) {
  const int file = open(input.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const bool kept = file >= 0 && write(file, input.data, input.size) == static_cast<ssize_t>(input.size);
  if (!kept) std::fputs("the input cannot be kept\n", stderr);
  sigaction(signal, &input.before[signal], nullptr);
  if (signal == SIGABRT) std::raise(signal);
}

void play(const eie::tb::FuzzTarget& target, const Bytes& bytes) {
  input.data = bytes.data();
  input.size = bytes.size();
  eie::tb::run_target(target, bytes.data(), bytes.size());
}

// Bits, bytes, runs and lengths: one to four changes.
Bytes changed(Bytes bytes, std::mt19937_64& random) {
  auto below = [&random](std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit); };
  const std::size_t changes = 1 + below(4);
  for (std::size_t k = 0; k < changes && !bytes.empty(); ++k) {
    const std::size_t at = below(bytes.size());
    const std::size_t run = 1 + below(std::min<std::size_t>(16, bytes.size() - at));
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(7)) {
      case 0:
        bytes[at] = static_cast<unsigned char>(bytes[at] ^ 1 << below(8));
        break;
      case 1:
        bytes[at] = static_cast<unsigned char>(random());
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(place, place + static_cast<std::ptrdiff_t>(run));
        break;
      case 4: {
        const Bytes piece(place, place + static_cast<std::ptrdiff_t>(run));
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size())), piece.begin(), piece.end());
        break;
      }
      case 5:
        std::fill(place, place + static_cast<std::ptrdiff_t>(run), below(2) == 0 ? 0x00 : 0xFF);
        break;
      default:  // a digit of a text
        bytes[at] = static_cast<unsigned char>("0123456789-.eE,: \n[]{}\""[below(23)]);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [changes of each seed] [seed]\n", argv[0]);
    return 64;
  }
  const std::size_t changes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    std::fprintf(stderr, "%s: holds no seeds\n", argv[1]);
    return 1;
  }
  const eie::tb::FuzzTarget target = eie::tb::fuzz_target();
  std::mt19937_64 random(seed);
  input.path = std::string(argv[0]) + ".last";
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) {
    struct sigaction action = {};
    action.sa_handler = keep_input;
    sigaction(signal, &action, &input.before[signal]);
  }
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const Bytes whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    play(target, whole);
    for (std::size_t k = 0; k < changes; ++k) play(target, changed(whole, random));
  }
  std::printf("%zu seeds, %zu changes of each, seed %llu\n", files.size(), changes, static_cast<unsigned long long>(seed));
  return 0;
}
