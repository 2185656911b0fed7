// SPDX-License-Identifier: Apache-2.0
// Runs the `eie` program within a test.
#pragma once

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "tb/cli/program.h"

namespace eie::tb {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

/// `eie` with these arguments. Besides warnings and notes it says at most one line on stderr.
inline Outcome eie(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "eie");
  std::vector<const char*> argv;
  for (const std::string& a : arguments) argv.push_back(a.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = program(static_cast<int>(argv.size()), argv.data());
  Outcome outcome{status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  std::istringstream lines(outcome.err);
  int messages = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool beside = line.find(": warning: ") != std::string::npos || line.find(": note: ") != std::string::npos;
    messages += beside ? 0 : 1;
  }
  EXPECT_LE(messages, 1) << outcome.err;
  return outcome;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace eie::tb
