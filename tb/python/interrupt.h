// SPDX-License-Identifier: Apache-2.0
// How a run is ended from outside: by Ctrl-C, or by another thread of Python.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// Thrown where a run is to end; the caller turns it into the exception that Python has set, if it has.
class Interrupted {};

/// Set by one thread, seen by the runs that were given it; the class Stop of the module.
struct Stop {
  std::atomic<bool> set{false};
};

/// Asked again and again by a run that does not hold the interpreter's lock.
class Interrupt {
 public:
  /// Made by the thread whose signals are to be seen.
  explicit Interrupt(std::shared_ptr<const Stop> stop) : stop_(std::move(stop)), thread_(std::this_thread::get_id()) {}

  /// Throws Interrupted: a signal has come whose handler has raised an exception, or the stop is set. Any thread; looks for
  /// signals on that of the constructor, a few times a second.
  void check() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::shared_ptr<const Stop> stop_;
  std::thread::id thread_;
  mutable std::atomic<bool> seen_{false};
  mutable Clock::time_point asked_ = Clock::now();  // of thread_ alone
};

/// The same matrix; reading it checks the interrupt first, which must outlive it.
std::shared_ptr<const MatrixFile> interruptible(std::shared_ptr<const MatrixFile> matrix, const Interrupt& interrupt);

}  // namespace eie::tb
