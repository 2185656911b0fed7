// SPDX-License-Identifier: Apache-2.0
// Starts the `eie` program on bad input, one process a case, and checks that it refuses it properly.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tb/test/support/test_support.h"

namespace eie::tb {

namespace fs = std::filesystem;

constexpr unsigned kSecondsPerCase = 60;

// A .npy file, made without the code under test.
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                       const std::string& fortran = "False") {
  std::string header = "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  const char length[2] = {static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + std::string(length, 2) + header + data;
}

template <class T>
std::string bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

inline std::vector<float> floats(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(1 + i % 7) / 8;
  return values;
}

// The configuration with one key's line replaced.
inline std::string config_with(const std::string& key, const std::string& line) {
  std::string text = "\n" + read_text(EIE_SOURCE_DIR "/configs/eie4.yaml");
  const std::size_t at = text.find("\n" + key + ":") + 1;
  return text.replace(at, text.find('\n', at) + 1 - at, line).substr(1);
}

inline const char* const kNetwork =
    "inputs: x.npy\nlabels: labels.npy\nlayers:\n"
    "  - {name: one, weights: w.npy, bias: b.npy, relu: true}\n"
    "  - {name: two, weights: w2.npy, relu: false}\n";
inline const char* const kWorkload =
    "n_pe: 64\nfifo_depths: [1, 8]\nlayers:\n"
    "  - {name: a, inputs: 40, outputs: 30, weight_density: 0.2, activation_density: 0.5, time_us: 2,"
    " theoretical_us: 1, load_balance: [0.5, 0.9]}\n"
    "  - {name: b, inputs: 20, outputs: 10, weight_density: 0.2, activation_density: 1, time_us: 2,"
    " theoretical_us: 1, load_balance: [0.5, 0.8]}\n";

struct Case {
  std::string name;
  std::string line;                   // command and options as words; '' is an empty word
  std::vector<std::string> report;    // all of these are on stderr
  rlim_t file_limit = RLIM_INFINITY;  // bytes a file may have
  bool full_stdout = false;           // standard output is /dev/full
};

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

// The program's options when a case does not give them. A word !name takes one away.
inline const std::map<std::string, std::map<std::string, std::string>> kGoodOptions = {
    {"run", {{"--config", "eie4.yaml"}, {"--weights", "w.npy"}, {"--activations", "a.npy"}}},
    {"encode", {{"--config", "eie4.yaml"}, {"--weights", "w.npy"}, {"--output", "enc"}}},
    {"export", {{"--config", "eie4.yaml"}, {"--weights", "w.npy"}, {"--activations", "a.npy"}, {"--output", "exp"}}},
    {"network", {{"--config", "eie4.yaml"}, {"--network", "net.yaml"}}},
    {"bench", {{"--config", "eie4.yaml"}, {"--workload", "work.yaml"}}},
    {"figure3", {{"--config", "eie4.yaml"}}},
};

inline std::vector<std::string> arguments_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream text(line);
  for (std::string word; text >> word;) words.push_back(word == "''" ? "" : word);
  const auto good = kGoodOptions.find(words.empty() ? "" : words.front());
  std::vector<std::string> arguments;
  for (const std::string& word : words) {
    if (word[0] != '!') arguments.push_back(word);
  }
  if (good == kGoodOptions.end()) return arguments;
  std::vector<std::string> defaults;
  for (const auto& [option, value] : good->second) {
    const bool given = std::any_of(words.begin(), words.end(), [&name = option](const std::string& word) {
      return word == name || "--" + word.substr(word.empty() ? 0 : 1) == name;
    });
    if (!given) defaults.insert(defaults.end(), {option, value});
  }
  arguments.insert(arguments.begin() + 1, defaults.begin(), defaults.end());
  return arguments;
}

// A folder with good files of every kind, in which the program runs.
class BadInput : public testing::Test {
 protected:
  BadInput() {
    folder.write("eie4.yaml", read_text(EIE_SOURCE_DIR "/configs/eie4.yaml"));
    folder.write("net.yaml", kNetwork);
    folder.write("work.yaml", kWorkload);
    folder.write("w.npy", npy("'<f4'", "(600, 8)", bytes(floats(4800))));
    folder.write("w2.npy", npy("'<f4'", "(5, 600)", bytes(floats(3000))));
    folder.write("a.npy", npy("'<f4'", "(8,)", bytes(floats(8))));
    folder.write("b.npy", npy("'<f8'", "(600,)", bytes(std::vector<double>(600, 0.25))));
    folder.write("x.npy", npy("'<f4'", "(3, 8)", bytes(floats(24))));
    folder.write("labels.npy", npy("'<i8'", "(3,)", bytes(std::vector<std::int64_t>{0, 1, 2})));
    fs::create_directory(folder.file("dir"));
    fs::create_directory(folder.file("dir.vcd"));
  }

  Outcome start(const Case& c) const {
    const std::vector<std::string> arguments = arguments_of(c.line);
    std::vector<char*> argv{const_cast<char*>("eie")};
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    const std::string home = folder.file("");
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
      const int sink = c.full_stdout ? open("/dev/full", O_WRONLY) : out[1];
      const bool ready = chdir(home.c_str()) == 0 && dup2(sink, STDOUT_FILENO) >= 0 && dup2(err[1], STDERR_FILENO) >= 0;
      std::signal(SIGXFSZ, SIG_IGN);  // a full disk is an error of write()
      const rlimit limit{c.file_limit, c.file_limit};
      if (c.file_limit != RLIM_INFINITY && setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(125);
      alarm(kSecondsPerCase);
      if (ready) execv(EIE_PROGRAM, argv.data());
      _exit(126);
    }
    close(out[1]);
    close(err[1]);
    Outcome outcome;
    std::string* const texts[2] = {&outcome.out, &outcome.err};
    pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    while ((ends[0].fd >= 0 || ends[1].fd >= 0) && poll(ends, 2, -1) > 0) {
      for (int e = 0; e < 2; ++e) {
        if (ends[e].fd < 0 || ends[e].revents == 0) continue;
        char buffer[4096];
        const ssize_t got = read(ends[e].fd, buffer, sizeof buffer);
        if (got > 0) texts[e]->append(buffer, static_cast<std::size_t>(got));
        if (got <= 0) ends[e].fd = -1;
      }
    }
    close(out[0]);
    close(err[0]);
    int status = 0;
    if (child > 0 && waitpid(child, &status, 0) == child) {
      outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }
    return outcome;
  }

  // Every file in the folder with its size.
  std::string listing() const {
    std::vector<std::string> lines;
    for (const auto& entry : fs::recursive_directory_iterator(folder.file(""))) {
      lines.push_back(entry.path().lexically_relative(folder.file("")).string() + " " +
                      (fs::is_regular_file(entry.symlink_status()) ? std::to_string(entry.file_size()) : "-"));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

  // The first case that fails ends the test.
  void refused(const Case& c) const {
    const std::string before = listing();
    const Outcome o = start(c);
    std::string report = "case " + c.name + ": eie";
    for (const std::string& a : arguments_of(c.line)) report += " " + (a.empty() ? "''" : a);
    report += "\nstderr: " + o.err + "stdout: " + o.out.substr(0, 500);
    ASSERT_EQ(o.status, 2) << report << "\n(126: not started, 1000 + n: ended by signal n)";
    ASSERT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << report;
    ASSERT_EQ(o.err.back(), '\n') << report;
    ASSERT_EQ(o.err.rfind("eie", 0), 0u) << report;
    ASSERT_EQ(o.out, "") << report;
    for (const std::string& part : c.report) {
      ASSERT_NE(o.err.find(part), std::string::npos) << "'" << part << "' is missing, " << report;
    }
    ASSERT_EQ(listing(), before) << "files left behind, " << report;
  }
  void all_refused(const std::vector<Case>& cases) const {
    for (const Case& c : cases) {
      refused(c);
      if (HasFatalFailure()) return;
    }
  }

  TempFolder folder;
};

}  // namespace eie::tb
