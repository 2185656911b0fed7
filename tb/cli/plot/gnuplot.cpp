// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/plot/gnuplot.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tb/support/atomic_file.h"
#include "tb/support/cleanup.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

constexpr const char* kNotFound = "gnuplot is not found: expected it in PATH (Debian: apt install gnuplot-nox)";

/// A temporary file of its own, with this text.
class Scratch {
 public:
  explicit Scratch(const std::string& text) {
    SignalGate gate;
    std::string name = (std::filesystem::temp_directory_path() / "eie-plot-XXXXXX").string();
    const int file = mkstemp(name.data());
    if (file < 0) throw UserError(name + ": cannot be made: " + std::strerror(errno) + "; expected a folder for temporary files");
    gone_ = Temporary(name);
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(file, text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        const std::string why = std::strerror(errno);
        close(file);
        throw UserError(name + ": cannot be written: " + why);
      }
      done += static_cast<std::size_t>(n);
    }
    close(file);
  }
  const std::string& path() const { return gone_.path(); }
  std::string text() const {
    std::string all;
    if (std::FILE* file = std::fopen(path().c_str(), "rb")) {
      char buffer[1 << 16];
      for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) all.append(buffer, n);
      std::fclose(file);
    }
    return all;
  }

 private:
  Temporary gone_;
};

/// Runs gnuplot with one argument, its output in files. Its exit status; none where it cannot be started.
std::optional<int> run_gnuplot(const std::string& argument, const std::string& out, const std::string& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_TRUNC, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_TRUNC, 0);
  std::string program = "gnuplot";
  std::string word = argument;
  char* arguments[] = {program.data(), word.data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::nullopt;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  // posix_spawn may report a program that is not there by this status.
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return std::nullopt;
  return status;
}

/// The line of gnuplot's message that says what is wrong: the one before it shows where.
std::string complaint(const std::string& errors) {
  std::string last = "no reason given";
  std::size_t begin = 0;
  while (begin < errors.size()) {
    const std::size_t end = std::min(errors.find('\n', begin), errors.size());
    const std::string line = errors.substr(begin, end - begin);
    if (line.find_first_not_of(" ^\t") != std::string::npos) last = line;
    begin = end + 1;
  }
  return last;
}

}  // namespace

std::string picture_kind(const std::string& option, const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".svg" || ending == ".png") return ending.substr(1);
  throw UserError(option + " is '" + path + "': expected a name that ends in .svg or .png");
}

void require_gnuplot() {
  const Scratch out("");
  const Scratch errors("");
  if (run_gnuplot("--version", out.path(), errors.path()) != 0) throw UserError(kNotFound);
}

void draw(const std::string& script, const std::string& path, unsigned width, unsigned height) {
  const std::string size = std::to_string(width) + "," + std::to_string(height);
  const std::string terminal = picture_kind("picture", path) == "svg"
                                   ? "set terminal svg size " + size + " background '#ffffff' font 'Helvetica,13' noenhanced\n"
                                   : "set terminal pngcairo size " + size + " background '#ffffff' font 'Sans,10' noenhanced\n";
  const Scratch commands("set encoding utf8\n" + terminal + script);
  const Scratch out("");
  const Scratch errors("");
  const std::optional<int> status = run_gnuplot(commands.path(), out.path(), errors.path());
  if (!status) throw UserError(kNotFound);
  const std::string picture = out.text();
  if (*status != 0 || picture.empty()) {
    throw UserError(path + ": gnuplot could not draw it: " + complaint(errors.text()) +
                    "; expected gnuplot 5 with svg and pngcairo");
  }
  AtomicFile file(path);
  file.write(picture.data(), picture.size());
  file.commit();
}

std::string gnuplot_text(const std::string& text) {
  // Within double quotes gnuplot would run what stands between backquotes.
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += c;
    quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;  // a line break would end the command
  }
  return quoted + "'";
}

}  // namespace eie::tb
