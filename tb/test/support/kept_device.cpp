// SPDX-License-Identifier: Apache-2.0
#include "tb/test/support/kept_device.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tb/host/events.h"
#include "tb/host/forwarding_device.h"
#include "tb/support/error.h"
#include "tb/trace/event_lines.h"
#include "tb/trace/view.h"

namespace eie::tb {
namespace {

// Between the test and its second run.
constexpr const char* kFolder = "EIE_TRACE_SECOND_RUN";  // where the second run writes
constexpr const char* kLaunches = "EIE_TRACE_LAUNCHES";  // launches of the devices, in the order in which they were made
constexpr std::size_t kDevicesKept = 4;                  // the ones made last: a test of properties makes hundreds

#if EIE_HAVE_FST
constexpr const char* kSuffix = ".fst";
#else
constexpr const char* kSuffix = ".vcd";
#endif

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

/// Launches that the devices of this process began, in the order in which they were made.
std::vector<std::uint64_t>& launches() {
  static std::vector<std::uint64_t> list;
  return list;
}

/// Launches of all devices of the first run; empty in the first run.
std::vector<std::uint64_t> launches_before() {
  std::vector<std::uint64_t> before;
  std::istringstream in(environment(kLaunches));
  for (std::uint64_t n = 0; in >> n;) before.push_back(n);
  return before;
}

/// Where the files of device `number` go: FOLDER/hw-1; empty where it is not recorded.
std::string file_stem(const std::string& engine, std::size_t number) {
  const std::string folder = environment(kFolder);
  const std::size_t before = launches_before().size();
  if (folder.empty() || number + kDevicesKept < before) return "";
  return folder + "/" + engine + "-" + std::to_string(number + 1);
}

/// Writes the events of a device, a launch at a time: a crash later on leaves what came before.
class EventsFile final : public EventSink {
 public:
  EventsFile(const std::string& file, const std::string& engine, const HwConfig& config) : out_(file) {
    out_ << run_line(engine, config);
  }
  void launch(const LaunchEvents& events) override {
    std::string text;
    append_lines(events, text);
    out_ << text << std::flush;
  }

 private:
  std::ofstream out_;
};

class KeptDevice final : public ForwardingDevice {
 public:
  KeptDevice(std::unique_ptr<Device> device, const HwConfig& config)
      : ForwardingDevice(*device), number_(launches().size()), owned_(std::move(device)) {
    launches().push_back(0);
    stem_ = file_stem(engine(), number_);
    if (stem_.empty()) return;
    events_ = std::make_unique<EventsFile>(stem_ + ".events.jsonl", engine(), config);
    observe(*events_);
  }

  /// A test that fails throws through its devices: this is where the files end.
  ~KeptDevice() override {
    if (stem_.empty()) return;
    try {
      device_.finish();
      if (std::filesystem::exists(stem_ + kSuffix)) leave_view(stem_ + kSuffix, {});
    } catch (const std::exception& error) {
      std::printf("EIE_TRACE: %s\n", error.what());
    }
  }

  void wait_interrupt(std::uint64_t limit_cycles) override {
    ++launches()[number_];
    device_.wait_interrupt(limit_cycles);
  }

 private:
  std::size_t number_;
  std::string stem_;
  std::unique_ptr<EventSink> events_;  // outlives the device
  std::unique_ptr<Device> owned_;
};

/// Runs the test once more. Its output goes to `log`. Returns the exit status, 128 and more for a signal.
int run_again(const std::string& test, const std::string& folder, const std::string& log) {
  std::string counts;
  for (const std::uint64_t count : launches()) counts += std::to_string(count) + " ";
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) _exit(126);
    setenv(kFolder, folder.c_str(), 1);
    setenv(kLaunches, counts.c_str(), 1);
    const std::string filter = "--gtest_filter=" + test;
    execl("/proc/self/exe", "/proc/self/exe", filter.c_str(), "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The waves of the device that is made next.
TraceOptions waves_of(const std::string& engine) {
  TraceOptions trace;
  const std::size_t number = launches().size();
  const std::string stem = file_stem(engine, number);
  const std::vector<std::uint64_t> before = launches_before();
  if (stem.empty() || engine == "tlm") return trace;
  trace.file = stem + kSuffix;
  if (number < before.size()) trace.launch = before[number];
  return trace;
}

std::string failed_test() {
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& info = *suite.GetTestInfo(t);
      if (info.result()->Failed()) return std::string(info.test_suite_name()) + "." + info.name();
    }
  }
  return "";
}

/// After the tests of the process: one, where a SystemC kernel elaborates.
class KeepWhatFailed final : public testing::Environment {
  void TearDown() override {
    const std::string folder = environment("EIE_TRACE");
    const std::string test = failed_test();
    if (folder.empty() || !environment(kFolder).empty() || test.empty()) return;
    namespace fs = std::filesystem;
    std::string name = test;
    for (char& c : name) c = c == '/' ? '_' : c;
    const fs::path mine = fs::absolute(fs::path(folder) / name);
    std::error_code error;
    fs::remove_all(mine, error);
    fs::create_directories(mine, error);
    if (error) {
      std::printf("EIE_TRACE: %s: cannot be made (%s): nothing is kept\n", mine.c_str(), error.message().c_str());
      return;
    }
    const int status = run_again(test, mine, mine / "log.txt");
    std::printf("EIE_TRACE: %s %s in a second run: see %s\n", test.c_str(),
                status == 0   ? "did not fail"
                : status == 1 ? "failed again"
                              : "ended otherwise",
                mine.c_str());
  }
};

testing::Environment* const keep_what_failed = testing::AddGlobalTestEnvironment(new KeepWhatFailed);

}  // namespace

std::unique_ptr<Device> make_kept(const std::string& engine, const HwConfig& config,
                                  const std::function<std::unique_ptr<Device>(const TraceOptions&)>& make) {
  if (environment("EIE_TRACE").empty()) return make({});
  const TraceOptions trace = waves_of(engine);
  std::unique_ptr<Device> device;
  try {
    device = make(trace);
  } catch (const UserError& error) {
    // An engine of which this configuration has no signals: the events are kept.
    if (trace.file.empty()) throw;
    std::printf("EIE_TRACE: no waves: %s\n", error.what());
    device = make({});
  }
  return std::make_unique<KeptDevice>(std::move(device), config);
}

std::unique_ptr<Device> make_kept_engine(const std::string& engine, const HwConfig& config) {
  return make_kept(engine, config, [&](const TraceOptions& trace) { return make_engine(engine, config, trace); });
}

}  // namespace eie::tb
