// SPDX-License-Identifier: Apache-2.0
#include "tb/rtl/rtl_inline.h"

#include <stdexcept>

namespace eie::tb {

std::string inline_next_state_functions(const std::string& rtl) {
  // always_comb begin : P_comb ...
  //     P_func;
  // end
  // function void P_func;
  //     body
  // endfunction
  const std::string kBegin = "always_comb begin : ";
  const std::string kFunction = "function void ";
  const std::string kEnd = "\nendfunction\n";
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t block = rtl.find(kBegin, at);
    if (block == std::string::npos) break;
    const std::size_t line_end = rtl.find('\n', block);
    const std::string label =
        rtl.substr(block + kBegin.size(), rtl.find_first_of(" \n", block + kBegin.size()) - block - kBegin.size());
    out += rtl.substr(at, line_end + 1 - at);
    at = line_end + 1;
    if (label.size() < 6 || label.compare(label.size() - 5, 5, "_comb") != 0) continue;
    const std::string process = label.substr(0, label.size() - 5);
    const std::string call = "    " + process + "_func;\nend\n" + kFunction + process + "_func;\n";
    if (rtl.compare(at, call.size(), call) != 0) continue;
    const std::size_t body = at + call.size();
    const std::size_t end = rtl.find(kEnd, body);
    if (end == std::string::npos) throw std::runtime_error("function " + process + "_func does not end");
    out += rtl.substr(body, end - body) + "\nend\n";
    at = end + kEnd.size();
  }
  out += rtl.substr(at);
  if (out.find(kFunction) != std::string::npos) {
    throw std::runtime_error("a function is not called where the next-state logic is expected");
  }
  return out;
}

}  // namespace eie::tb
