// SPDX-License-Identifier: Apache-2.0
// RapidCheck properties as GoogleTest tests: where the seed comes from, and what random matrices and
// configurations are.
//
// A run is reproducible: the seed is EIE_SEED, or 1. RC_PARAMS sets it and everything else that RapidCheck
// knows, for example RC_PARAMS="seed=7 max_success=1000", or the "reproduce=..." that a failure prints.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <random>
#include <rapidcheck.h>
#include <rapidcheck/detail/TestListenerAdapter.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/code_matrix.h"
#include "tb/test/support/test_seed.h"

namespace eie::tb {

/// Checks a property over `cases` random cases (RC_PARAMS: max_success).
template <class Property>
void check_property(int cases, Property&& property) {
  namespace detail = rc::detail;
  const char* text = std::getenv("RC_PARAMS");
  const std::string given = text != nullptr ? text : "";
  const detail::Configuration configuration = detail::configFromString(given);
  detail::TestParams params = configuration.testParams;
  if (given.find("seed=") == std::string::npos) params.seed = seed_or(1);
  if (given.find("max_success=") == std::string::npos) params.maxSuccess = cases;
  std::printf("seed %llu (EIE_SEED or RC_PARAMS sets it), %d cases\n", static_cast<unsigned long long>(params.seed),
              params.maxSuccess);

  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  detail::TestMetadata metadata;
  metadata.id = std::string(test->test_suite_name()) + "/" + test->name();
  metadata.description = test->name();
  detail::TestListenerAdapter listener;
  const auto result =
      detail::checkTestable(std::forward<Property>(property), metadata, params, listener, configuration.reproduce);
  std::ostringstream message;
  detail::printResultMessage(result, message);
  if (!result.template is<detail::SuccessResult>()) FAIL() << message.str();
  if (!result.template get<detail::SuccessResult>().distribution.empty()) std::printf("%s\n", message.str().c_str());
}

/// A part of a thousand: often 0 or 1000, often small.
inline rc::Gen<unsigned> any_density() {
  return rc::gen::weightedOneOf<unsigned>(
      {{1, rc::gen::just(0u)}, {1, rc::gen::just(1000u)}, {3, rc::gen::inRange(0u, 1001u)}, {3, rc::gen::inRange(0u, 100u)}});
}

/// What a random matrix of codes looks like.
struct MatrixShape {
  std::size_t rows = 1;
  std::size_t columns = 1;
  unsigned density = 0;        // non-zero codes, of a thousand
  unsigned empty_rows = 0;     // of a thousand
  unsigned empty_columns = 0;  // of a thousand
  std::uint64_t seed = 0;
};

inline std::ostream& operator<<(std::ostream& os, const MatrixShape& s) {
  return os << s.rows << " x " << s.columns << ", density " << s.density << "/1000, empty rows " << s.empty_rows
            << "/1000, empty columns " << s.empty_columns << "/1000, seed " << s.seed;
}

inline rc::Gen<MatrixShape> any_shape(std::size_t rows, std::size_t columns) {
  using rc::gen::set;
  const auto some = rc::gen::weightedOneOf<unsigned>({{2, rc::gen::just(0u)}, {1, rc::gen::inRange(0u, 1001u)}});
  return rc::gen::build<MatrixShape>(set(&MatrixShape::rows, rc::gen::inRange<std::size_t>(1, rows + 1)),
                                     set(&MatrixShape::columns, rc::gen::inRange<std::size_t>(1, columns + 1)),
                                     set(&MatrixShape::density, any_density()), set(&MatrixShape::empty_rows, some),
                                     set(&MatrixShape::empty_columns, some),
                                     set(&MatrixShape::seed, rc::gen::inRange<std::uint64_t>(0, 1000000)));
}

/// The matrix of a shape.
inline std::unique_ptr<CodeMatrix> make_matrix(const MatrixShape& shape, unsigned code_width) {
  std::mt19937_64 random(shape.seed);
  auto chosen = [&random](unsigned thousandths) { return random() % 1000 < thousandths; };
  auto matrix = std::make_unique<CodeMatrix>(shape.rows, shape.columns);
  std::vector<bool> empty_row(shape.rows);
  for (std::size_t i = 0; i < shape.rows; ++i) empty_row[i] = chosen(shape.empty_rows);
  const unsigned codes = (1u << code_width) - 1;
  for (std::size_t j = 0; j < shape.columns; ++j) {
    if (chosen(shape.empty_columns)) continue;
    for (std::size_t i = 0; i < shape.rows; ++i) {
      if (!empty_row[i] && chosen(shape.density)) matrix->at(i, j) = static_cast<std::uint8_t>(1 + random() % codes);
    }
  }
  return matrix;
}

}  // namespace eie::tb
