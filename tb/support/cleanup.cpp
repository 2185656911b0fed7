// SPDX-License-Identifier: Apache-2.0
#include "tb/support/cleanup.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <pthread.h>
#include <set>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

struct State {
  std::recursive_mutex gate;
  std::set<std::string> paths;
  std::atomic<bool> broken_pipe_ends{false};
};

// Never destroyed: the thread may use it until the process ends.
State& state() {
  static State* const only = new State;
  return *only;
}

void remove_path(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace

void clean_up_on_signals() {
  std::signal(SIGXFSZ, SIG_IGN);
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_DFL) state().broken_pipe_ends = true;
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGXCPU, SIGUSR1, SIGUSR2, SIGVTALRM}) {
    struct sigaction now {};
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) sigaddset(&set, number);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread([set] {
    int number = 0;
    while (sigwait(&set, &number) != 0) {
    }
    state().gate.lock();  // for good
    for (const std::string& path : state().paths) remove_path(path);
    std::signal(number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    std::raise(number);
    _exit(128 + number);
  }).detach();
}

void end_by_broken_pipe() {
  if (!state().broken_pipe_ends) return;
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

SignalGate::SignalGate() : lock_(state().gate) {}

Temporary::Temporary(const std::string& path) : path_(path) {
  const SignalGate gate;
  state().paths.insert(path_);
}

Temporary::~Temporary() { remove(); }

Temporary::Temporary(Temporary&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }

Temporary& Temporary::operator=(Temporary&& other) noexcept {
  remove();
  path_ = std::move(other.path_);
  other.path_.clear();
  return *this;
}

void Temporary::keep() {
  if (path_.empty()) return;
  const SignalGate gate;
  state().paths.erase(path_);
  path_.clear();
}

void Temporary::remove() {
  if (path_.empty()) return;
  const SignalGate gate;
  remove_path(path_);
  state().paths.erase(path_);
  path_.clear();
}

std::string temporary_name(const std::string& folder) {
  static std::atomic<unsigned> count{0};
  return (folder.empty() ? std::string(".") : folder) + "/.eie-" + std::to_string(getpid()) + "-" + std::to_string(count++) +
         ".tmp";
}

}  // namespace eie::tb
