// SPDX-License-Identifier: Apache-2.0
// eie_rtl_tool stamp HW_DIR CONFIG.yaml IN.sv OUT.sv: OUT = IN with the digests before it.
// eie_rtl_tool check HW_DIR CONFIG.yaml FILE.sv: is FILE what hw/ and the configuration say?
// eie_rtl_tool inline IN.sv OUT.sv: OUT = IN with next-state functions where they are called.
//
// Exit status: 0 done, 1 the file is stale or edited, 2 wrong usage or bad input.
#include <cstdio>
#include <exception>
#include <string>

#include "tb/config/config.h"
#include "tb/rtl/rtl_digest.h"
#include "tb/rtl/rtl_inline.h"
#include "tb/support/atomic_file.h"

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (!(mode == "stamp" && argc == 6) && !(mode == "check" && argc == 5) && !(mode == "inline" && argc == 4)) {
    std::fprintf(stderr,
                 "usage: eie_rtl_tool stamp HW_DIR CONFIG.yaml IN.sv OUT.sv\n"
                 "       eie_rtl_tool check HW_DIR CONFIG.yaml FILE.sv\n"
                 "       eie_rtl_tool inline IN.sv OUT.sv\n");
    return 2;
  }
  try {
    if (mode == "inline") {
      eie::tb::write_if_changed(argv[3], eie::tb::inline_next_state_functions(eie::tb::source_text(argv[2])));
      return 0;
    }
    const eie::tb::HwConfig config = eie::tb::load_config(argv[3]);
    const std::string digest = eie::tb::rtl_source_digest(argv[2], config);
    const std::string text = eie::tb::source_text(argv[4]);
    if (mode == "stamp") {
      eie::tb::write_if_changed(argv[5], eie::tb::stamp_rtl(text, config.name, digest));
      return 0;
    }
    const std::string wrong = eie::tb::check_rtl(text, digest);
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "eie_rtl_tool: %s %s\n", argv[4], wrong.c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "eie_rtl_tool: %s\n", error.what());
    return 2;
  }
}
