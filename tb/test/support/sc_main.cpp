// SPDX-License-Identifier: Apache-2.0
// Main program of the SystemC block tests.
//
// SystemC warnings and errors fail a test, and the first failure ends it: what a bench reports is the first
// cycle that differs. A kernel elaborates once a process: CTest runs each test in a process of its own, and
// so does this program when it is started by hand and would run more than one.
#include <fnmatch.h>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <systemc>
#include <unistd.h>
#include <vector>

namespace {

class StopAtFirstFailure : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) throw testing::AssertionException(result);
  }
};

/// True when a name matches one of the globs of a list with ':' between them.
bool matches_any(const std::string& globs, const std::string& name) {
  std::istringstream list(globs);
  for (std::string glob; std::getline(list, glob, ':');) {
    if (fnmatch(glob.c_str(), name.c_str(), 0) == 0) return true;
  }
  return false;
}

/// GoogleTest's filter: globs to run, then after '-' globs not to run.
bool selects(const std::string& filter, const std::string& name) {
  const std::size_t minus = filter.find('-');
  const std::string wanted = filter.substr(0, minus);
  const std::string unwanted = minus == std::string::npos ? "" : filter.substr(minus + 1);
  return matches_any(wanted.empty() ? "*" : wanted, name) && !matches_any(unwanted, name);
}

/// The tests that a filter selects, without the disabled ones unless they are asked for.
std::vector<std::string> selected_tests(const std::string& filter) {
  const bool disabled = testing::GTEST_FLAG(also_run_disabled_tests);
  std::vector<std::string> names;
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(t)->name();
      const bool runs = disabled || !matches_any("DISABLED_*:*/DISABLED_*:*.DISABLED_*", name);
      if (runs && selects(filter, name)) names.push_back(name);
    }
  }
  return names;
}

/// Runs each test in a child process; the number of tests that failed.
int run_in_children(const std::vector<std::string>& tests) {
  int failed = 0;
  for (const std::string& test : tests) {
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0) {
      testing::GTEST_FLAG(filter) = test;
      const int result = RUN_ALL_TESTS();
      std::cout.flush();
      _exit(result);
    }
    int status = 0;
    const bool ended = child > 0 && waitpid(child, &status, 0) == child;
    if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      std::cout << "FAILED " << test << std::endl;
      ++failed;
    }
  }
  std::cout << tests.size() << " tests, " << failed << " failed" << std::endl;
  return failed;
}

}  // namespace

#ifdef __SANITIZE_ADDRESS__
/// Leaks are not looked for here: SystemC 2.3.4 tells the sanitizer when it enters the stack of a thread, but not that a
/// simulation that a thread stopped is back in main. At exit the leak checker would then read a stack that is gone, and crash now
/// and then.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY | sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_DISPLAY | sc_core::SC_THROW);
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new StopAtFirstFailure);
  const std::vector<std::string> tests = selected_tests(testing::GTEST_FLAG(filter));
  if (tests.size() > 1 && !testing::GTEST_FLAG(list_tests)) return run_in_children(tests) == 0 ? 0 : 1;
  return RUN_ALL_TESTS();
}
