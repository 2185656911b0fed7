// SPDX-License-Identifier: Apache-2.0
// What --help shows behind the name of an option.
#pragma once

#include <boost/program_options.hpp>
#include <string>

namespace eie::tb {

/// "FILE" of "--json FILE", without the default; "" of an option that takes no value.
inline std::string value_of(const boost::program_options::option_description& option) {
  if (option.semantic()->max_tokens() == 0) return "";
  const std::string text = option.format_parameter();
  return text.substr(0, text.find(" (="));
}

}  // namespace eie::tb
