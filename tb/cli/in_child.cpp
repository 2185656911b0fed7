// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/in_child.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tb/host/device.h"
#include "tb/support/error.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

// The first byte of what a child sends.
enum Kind : char { kResult = 'R', kUserError = 'U', kDeviceError = 'D', kNoMemory = 'M', kOther = 'O' };

std::string answer_of(const std::function<std::string()>& work) {
  try {
    return char{kResult} + work();
  } catch (const UserError& error) {
    return char{kUserError} + std::string(error.what());
  } catch (const InvalidConfig& error) {
    return char{kUserError} + std::string(error.what());
  } catch (const DeviceError& error) {
    return char{kDeviceError} + std::string(error.what());
  } catch (const std::bad_alloc&) {
    return std::string(1, kNoMemory);
  } catch (const std::exception& error) {
    return char{kOther} + std::string(error.what());
  }
}

std::string result_in(const std::string& answer, int status) {
  if (answer.empty()) {
    const std::string how = WIFSIGNALED(status)
                                ? "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")"
                                : "status " + std::to_string(WEXITSTATUS(status));
    throw std::runtime_error("a process of this command ended with " + how);
  }
  const std::string rest = answer.substr(1);
  switch (answer.front()) {
    case kResult:
      return rest;
    case kUserError:
      throw UserError(rest);
    case kDeviceError:
      throw DeviceError(rest);
    case kNoMemory:
      throw std::bad_alloc();
    default:
      throw std::runtime_error(rest);
  }
}

[[noreturn]] void be_child(const std::function<std::string()>& work, int out, pid_t parent) {
  // Signals that the parent's own thread waits for end a child at once; it has nothing to clean up.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (getppid() != parent) _exit(1);
  const std::string answer = answer_of(work);
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t n = write(out, answer.data() + sent, answer.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);
    sent += static_cast<std::size_t>(n);
  }
  _exit(0);
}

class Children {
 public:
  explicit Children(const std::vector<std::function<std::string()>>& works) : works_(works), answers_(works.size()) {}
  ~Children() {
    for (const Child& child : running_) {
      kill(child.pid, SIGKILL);
      close(child.in);
      waitpid(child.pid, nullptr, 0);
    }
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  std::vector<std::string> run(std::size_t jobs) {
    std::size_t next = 0;
    while (next < works_.size() || !running_.empty()) {
      while (next < works_.size() && running_.size() < jobs) start(next++);
      collect();
    }
    return answers_;
  }

 private:
  struct Child {
    pid_t pid;
    int in;
    std::size_t work;
    std::string answer;
  };

  void start(std::size_t work) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error(std::string("no pipe to a process: ") + std::strerror(errno));
    std::fflush(nullptr);  // or the child has it twice
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
      close(ends[0]);
      be_child(works_[work], ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      throw std::runtime_error(std::string("no process: ") + std::strerror(errno));
    }
    running_.push_back({pid, ends[0], work, ""});
  }

  // Takes what children have sent until one has ended.
  void collect() {
    std::vector<pollfd> ends;
    for (const Child& child : running_) ends.push_back({child.in, POLLIN, 0});
    while (poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
    }
    for (std::size_t k = ends.size(); k-- > 0;) {
      if (ends[k].revents == 0) continue;
      char buffer[1 << 16];
      const ssize_t n = read(running_[k].in, buffer, sizeof buffer);
      if (n > 0) running_[k].answer.append(buffer, static_cast<std::size_t>(n));
      if (n > 0 || (n < 0 && errno == EINTR)) continue;
      Child ended = std::move(running_[k]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(k));
      close(ended.in);
      int status = 0;
      while (waitpid(ended.pid, &status, 0) < 0 && errno == EINTR) {
      }
      answers_[ended.work] = result_in(ended.answer, status);
    }
  }

  const std::vector<std::function<std::string()>>& works_;
  std::vector<std::string> answers_;
  std::vector<Child> running_;
};

}  // namespace

std::vector<std::string> in_children(const std::vector<std::function<std::string()>>& works, std::size_t jobs) {
  return Children(works).run(jobs);
}

}  // namespace eie::tb
