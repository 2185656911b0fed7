// SPDX-License-Identifier: Apache-2.0
// What all protocol checkers share: rules with names, a list of violations, and how a cycle is looked at.
//
// A checker watches one channel and changes nothing. It gets a record of the channel's values once a cycle, as the next
// rising clock edge will see them (a `Sample`), and compares it with its own model of the channel. It reports its first
// violation and is quiet from then on: its model no longer follows the channel. Rules count how often they applied, so
// that a test can tell a rule that held from one that nothing ever put to the test.
#pragma once

#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

namespace eie::tb {

/// One broken rule.
struct Violation {
  std::uint64_t cycle = 0;
  std::string rule;   // "<checker>/<rule>"
  std::string where;  // instance: "pe_3"
  std::string text;   // what was expected, what was seen
};

inline std::ostream& operator<<(std::ostream& os, const Violation& v) {
  return os << "cycle " << v.cycle << ", " << v.where << ": " << v.rule << ": " << v.text;
}

/// Where the checkers of a bench report to.
class Violations {
 public:
  /// kReport: SC_REPORT_ERROR("eie/<checker>/<rule>", ...) too, which ends a simulation unless its action is changed.
  enum class Action { kCollect, kReport };

  explicit Violations(Action action = Action::kCollect) : action_(action) {}
  Violations(const Violations&) = delete;
  Violations& operator=(const Violations&) = delete;

  /// The cycle at hand; whoever samples says so.
  void set_cycle(std::uint64_t cycle) { cycle_ = cycle; }

  void add(const std::string& rule, const std::string& where, const std::string& text) {
    list_.push_back({cycle_, rule, where, text});
    if (action_ == Action::kReport) SC_REPORT_ERROR(("eie/" + rule).c_str(), summary().c_str());
  }

  const std::vector<Violation>& list() const { return list_; }
  bool empty() const { return list_.empty(); }

  /// One violation a line.
  std::string summary() const {
    std::ostringstream os;
    for (const Violation& v : list_) os << v << '\n';
    return os.str();
  }

 private:
  Action action_;
  std::uint64_t cycle_ = 0;
  std::vector<Violation> list_;
};

/// The rules of one checker.
class Checker {
 public:
  /// `kind` names the checker's class, `where` the instance; `rules` in the order of the checker's enumeration.
  Checker(std::string kind, std::string where, std::vector<std::string> rules, Violations& violations)
      : kind_(std::move(kind)),
        where_(std::move(where)),
        rules_(std::move(rules)),
        applied_(rules_.size(), 0),
        violations_(violations) {}
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  virtual ~Checker() = default;

  std::size_t rules() const { return rules_.size(); }
  /// "<checker>/<rule>"
  std::string rule(std::size_t index) const { return kind_ + "/" + rules_[index]; }
  /// How often the rule's condition arose.
  std::uint64_t applied(std::size_t index) const { return applied_[index]; }
  bool failed() const { return failed_; }

 protected:
  /// The rule applies in this cycle: does it hold? `text()` is asked only if it does not.
  template <class Text>
  void require(unsigned index, bool holds, const Text& text) {
    ++applied_[index];
    if (!holds && !failed_) {
      failed_ = true;
      violations_.add(rule(index), where_, text());
    }
  }

  /// "expected A, seen B"
  template <class A, class B>
  static std::string differs(const A& expected, const B& seen) {
    std::ostringstream os;
    os << "expected " << expected << ", seen " << seen;
    return os.str();
  }
  template <class T>
  static std::string seen(const T& value) {
    std::ostringstream os;
    os << "seen " << value;
    return os.str();
  }

 private:
  std::string kind_;
  std::string where_;
  std::vector<std::string> rules_;
  std::vector<std::uint64_t> applied_;
  Violations& violations_;
  bool failed_ = false;
};

/// A checker of a channel with a synchronous reset. `Sample` is a plain record with a member `bool rst_n`; a default
/// Sample is the idle channel.
template <class Sample>
class ChannelChecker : public Checker {
 public:
  using Checker::Checker;

  /// Once a cycle.
  void sample(const Sample& s) {
    if (failed()) return;
    if (!known_) {
      check_before_reset(s);
    } else {
      if (after_reset_) {
        clear();
        previous_ = Sample();
        check_reset(s);
      }
      check(s);
      if (s.rst_n) advance(s);
    }
    after_reset_ = !s.rst_n;
    known_ = known_ || after_reset_;
    previous_ = s;
  }

 protected:
  /// The model after a reset.
  virtual void clear() = 0;
  /// A cycle before the first reset: registers are unknown.
  virtual void check_before_reset(const Sample&) {}
  /// The cycle after a clock edge in reset.
  virtual void check_reset(const Sample& s) = 0;
  /// Any other cycle, and the one after a reset.
  virtual void check(const Sample& s) = 0;
  /// The clock edge that ends the cycle.
  virtual void advance(const Sample& s) = 0;

  /// The cycle before; idle after a reset.
  const Sample& previous() const { return previous_; }

 private:
  Sample previous_;
  bool known_ = false;
  bool after_reset_ = false;
};

}  // namespace eie::tb
