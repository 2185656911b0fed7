// SPDX-License-Identifier: Apache-2.0
// Ties the generated RTL in hw/rtl/ to the source that it was generated from.
//
// The digest covers the tokens of every header of hw/ and of the configuration's constants: comments, white
// space and the breaking of lines do not count, everything that a compiler sees does. It stands in the first
// lines of a committed RTL file, with a second one over the RTL text itself, so that neither can change
// without the other.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tb/config/config.h"

namespace eie::tb {

/// C++ source that is not one: a comment, a string or a character that does not end.
class TokenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The preprocessing tokens of C++ source, in order; strings and characters with their quotes and prefix. A
/// newline that ends a preprocessor directive is the token "\n"; after the name of a function-like macro
/// comes the token "()".
std::vector<std::string> cpp_tokens(const std::string& source);

/// The tokens that are left where EIE_SYNTHESIS_VIEW is 1: without `#if !EIE_SYNTHESIS_VIEW ... #endif`, without the second
/// half of `#if EIE_SYNTHESIS_VIEW ... #else ... #endif`, and without these directives. Throws TokenError for conditionals that
/// do not pair, and for an #elif behind such a condition.
std::vector<std::string> synthesis_tokens(const std::string& source);

/// The text of a file. Throws std::runtime_error.
std::string source_text(const std::string& file);

/// Digest of all *.h directly in folder `hw`, and of the configuration. Throws std::runtime_error if there
/// are none, TokenError naming the file.
std::string rtl_source_digest(const std::string& hw, const HwConfig& config);

/// The RTL text with the two lines of digests before it.
std::string stamp_rtl(const std::string& rtl, const std::string& config, const std::string& source_digest);

/// What is wrong with a committed RTL file: empty, or one line.
std::string check_rtl(const std::string& file_text, const std::string& source_digest);

}  // namespace eie::tb
