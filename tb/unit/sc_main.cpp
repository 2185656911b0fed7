// Main program of the SystemC block tests.
//
// SystemC warnings and errors fail a test, and the first failure ends it: what a bench reports is the first cycle
// that differs. A kernel elaborates once a process: CTest runs each test in a process of its own, and so does this
// program when it is started by hand without a filter.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <systemc>
#include <vector>

namespace {

class StopAtFirstFailure : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) throw testing::AssertionException(result);
  }
};

std::vector<std::string> all_tests() {
  std::vector<std::string> names;
  const testing::UnitTest& unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(t)->name());
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

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY | sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_DISPLAY | sc_core::SC_THROW);
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new StopAtFirstFailure);
  const std::vector<std::string> tests = all_tests();
  const bool everything = testing::GTEST_FLAG(filter) == "*" && !testing::GTEST_FLAG(list_tests);
  if (everything && tests.size() > 1) return run_in_children(tests) == 0 ? 0 : 1;
  return RUN_ALL_TESTS();
}
