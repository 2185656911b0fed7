// SPDX-License-Identifier: Apache-2.0
// Processes that stay on a processor each and start together. Not threads: an OpenBLAS that is built without threads gives wrong
// products when two threads call it at once.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <functional>
#include <new>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tb/support/error.h"

namespace eie::baseline {

/// The processors that this process may use, in order.
inline std::vector<int> own_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> found;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return found;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) found.push_back(cpu);
  }
  return found;
}

/// `count` values, zero at first, that processes made from now on share.
template <class T>
class Shared {
 public:
  explicit Shared(std::size_t count) : bytes_(count * sizeof(T)) {
    data_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~Shared() { munmap(data_, bytes_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* data() const { return static_cast<T*>(data_); }

 private:
  std::size_t bytes_;
  void* data_;
};

/// The calling process is part 0. Between two runs the others wait by looking, so that they start at once. They have what memory
/// the caller had when the team was made, and what they write nobody else sees, but for Shared.
class Team {
 public:
  using Work = std::function<void(std::size_t part, std::size_t argument)>;
  static constexpr std::size_t kMostParts = CPU_SETSIZE;

  /// A part on each of `processors`; each calls prepare(part, 0) once, and later work(part, argument). Throws UserError.
  Team(const std::vector<int>& processors, const Work& prepare, const Work& work)
      : parts_(processors.size()), prepare_(prepare), work_(work), shared_(1) {
    const pid_t parent = getpid();
    for (std::size_t part = 1; part < parts_; ++part) {
      const pid_t child = fork();
      if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) follow(part, processors[part]);
        _exit(1);
      }
      if (child < 0) {
        const std::string cause = std::strerror(errno);
        stop();
        throw host::UserError("a process cannot be made: " + cause + ": expected --threads to be fewer");
      }
      children_.push_back(child);
    }
    try {
      stay_on(processors.front());
      command(Step::kPrepare, 0);
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Team() { stop(); }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// All parts work at once, and have done so when it returns. Throws UserError when one has died.
  void run(std::size_t argument) { command(Step::kWork, argument); }

  /// How often the kernel has taken a processor away from one of the parts so far.
  long switches() {
    command(Step::kCount, 0);
    long sum = 0;
    for (std::size_t part = 0; part < parts_; ++part) sum += board().switches[part];
    return sum;
  }

 private:
  enum class Step { kPrepare, kWork, kCount };
  struct Board {
    std::atomic<unsigned> round;
    std::atomic<std::size_t> done;
    std::atomic<bool> failed;
    Step step;
    std::size_t argument;
    std::array<long, kMostParts> switches;
  };

  Board& board() const { return *shared_.data(); }

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  static void stay_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
      throw host::UserError("processor " + std::to_string(cpu) + ": " + std::strerror(errno) + ": expected one that may be used");
    }
  }

  void take(std::size_t part) {
    if (board().step == Step::kPrepare) {
      prepare_(part, 0);
    } else if (board().step == Step::kWork) {
      work_(part, board().argument);
    } else {
      rusage used;
      getrusage(RUSAGE_SELF, &used);
      board().switches[part] = used.ru_nivcsw;
    }
  }

  void command(Step step, std::size_t argument) {
    board().step = step;
    board().argument = argument;
    board().done.store(0, std::memory_order_relaxed);
    board().round.fetch_add(1, std::memory_order_release);
    take(0);
    for (std::size_t looks = 1; board().done.load(std::memory_order_acquire) + 1 < parts_; ++looks) {
      pause();
      if (looks % (1 << 20) == 0) check_alive();
    }
    if (board().failed.load()) throw host::UserError("a process has failed: expected memory for copies of the weights");
  }

  void check_alive() {
    for (const pid_t child : children_) {
      siginfo_t info;
      info.si_pid = 0;
      if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0) {
        throw host::UserError("a process has died: expected memory for copies of the weights");
      }
    }
  }

  /// A child's life.
  [[noreturn]] void follow(std::size_t part, int cpu) {
    try {
      stay_on(cpu);
    } catch (...) {
      board().failed.store(true);
    }
    for (unsigned seen = 0;; ++seen) {
      for (int looks = 0; board().round.load(std::memory_order_acquire) == seen; ++looks) {
        pause();
        if (looks == 1 << 14) {  // a long wait: others may have the processor
          sched_yield();
          looks = 0;
        }
      }
      try {
        take(part);
      } catch (...) {
        board().failed.store(true);
      }
      board().done.fetch_add(1, std::memory_order_release);
    }
  }

  void stop() {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    children_.clear();
  }

  std::size_t parts_;
  const Work& prepare_;
  const Work& work_;
  Shared<Board> shared_;
  std::vector<pid_t> children_;
};

}  // namespace eie::baseline
