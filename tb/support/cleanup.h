// SPDX-License-Identifier: Apache-2.0
// What must not be left behind when a signal ends the program: temporary files and folders.
//
// Signals are process-wide, and so is the list. A thread of its own waits for them, so that what it does is
// ordinary code; it takes the gate for good, and nothing is created or renamed any more.
#pragma once

#include <mutex>
#include <string>

namespace eie::tb {

/// From now on a signal that ends the process first removes all that is registered. SIGPIPE and SIGXFSZ
/// become errors of write(). Called once, before other threads.
void clean_up_on_signals();

/// Ends the process as SIGPIPE would, if clean_up_on_signals() took that signal from its default.
void end_by_broken_pipe();

/// While one lives, no signal ends the process: steps that belong together. Short ones only.
class SignalGate {
 public:
  SignalGate();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// A file or a folder that vanishes, with its content, unless keep() is called: at the end of this object,
/// and when a signal ends the process.
class Temporary {
 public:
  Temporary() = default;
  /// Registers a path that the caller has just made, or is about to make, under a SignalGate.
  explicit Temporary(const std::string& path);
  ~Temporary();
  Temporary(Temporary&& other) noexcept;
  Temporary& operator=(Temporary&& other) noexcept;

  /// It stays.
  void keep();
  /// Removes it now.
  void remove();
  const std::string& path() const { return path_; }

 private:
  std::string path_;  // empty: nothing
};

/// A name for a temporary file or folder in a folder: short, and unused by this process.
std::string temporary_name(const std::string& folder);

}  // namespace eie::tb
