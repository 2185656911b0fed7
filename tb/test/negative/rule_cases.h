// SPDX-License-Identifier: Apache-2.0
// How a checker's rules are tested: a clean trace of its channel on which it is silent, and for each rule at least one
// change to that trace that breaks it. A rule without a case fails the test, and so does one that another rule
// hides.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "tb/checkers/checker.h"

namespace eie::tb {

/// One sample a cycle; sample k is cycle k.
template <class Sample>
using Trace = std::vector<Sample>;

template <class Sample>
struct RuleCase {
  std::string rule;     // without the checker's name
  std::uint64_t cycle;  // in which it is reported
  std::function<void(Trace<Sample>&)> spoil;
};

/// Plays a trace to a checker.
template <class Sample>
void play(const Trace<Sample>& trace, ChannelChecker<Sample>& checker, Violations& violations) {
  for (std::size_t k = 0; k < trace.size(); ++k) {
    violations.set_cycle(k);
    checker.sample(trace[k]);
  }
}

/// `make(violations)` makes a checker of kind `kind`.
template <class Sample, class Make>
void check_rules(const std::string& kind, const Make& make, const Trace<Sample>& clean,
                 const std::vector<RuleCase<Sample>>& cases) {
  std::set<std::string> rules;
  {
    Violations violations;
    const auto checker = make(violations);
    play(clean, *checker, violations);
    EXPECT_TRUE(violations.empty()) << "clean trace: " << violations.summary();
    for (std::size_t k = 0; k < checker->rules(); ++k) rules.insert(checker->rule(k));
  }
  std::set<std::string> fired;
  for (const RuleCase<Sample>& c : cases) {
    SCOPED_TRACE(kind + "/" + c.rule + " in cycle " + std::to_string(c.cycle));
    Trace<Sample> spoiled = clean;
    c.spoil(spoiled);
    Violations violations;
    const auto checker = make(violations);
    play(spoiled, *checker, violations);
    ASSERT_EQ(violations.list().size(), 1u) << violations.summary();
    const Violation& seen = violations.list().front();
    EXPECT_EQ(seen.rule, kind + "/" + c.rule) << seen;
    EXPECT_EQ(seen.cycle, c.cycle) << seen;
    EXPECT_EQ(seen.where, "here");
    EXPECT_FALSE(seen.text.empty());
    fired.insert(seen.rule);
  }
  EXPECT_EQ(fired, rules) << "every rule has a case that breaks it";
}

}  // namespace eie::tb
