// SPDX-License-Identifier: Apache-2.0
// eie_config_gen CONFIG.yaml OUT_DIR: writes OUT_DIR/<name>.h, the compile-time form of a configuration.
// eie_config_gen --keys: prints the list of keys (scripts/config_keys makes documentation of it).
//
// The build runs it for every configuration that hw/ is compiled for. The file is written only when its
// content changes, so that nothing is compiled in vain. Exit status: 0 done, 2 wrong usage or a bad
// configuration.
#include <cstdio>
#include <exception>
#include <string_view>

#include "tb/config/config.h"
#include "tb/config/config_cpp.h"
#include "tb/config/key_table.h"
#include "tb/support/atomic_file.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--keys") {
    std::fputs(eie::tb::key_table().c_str(), stdout);
    return 0;
  }
  if (argc != 3) {
    std::fprintf(stderr, "usage: eie_config_gen CONFIG.yaml OUT_DIR\n       eie_config_gen --keys\n");
    return 2;
  }
  try {
    const eie::tb::HwConfig config = eie::tb::load_config(argv[1]);
    if (config.n_pe > 256) {
      throw eie::tb::ConfigError(std::string(argv[1]) + ": key 'n_pe' is " + std::to_string(config.n_pe) +
                                 ": expected at most 256 for compiled hardware");
    }
    eie::tb::check_address_range(config);
    eie::tb::make_folder(argv[2]);
    eie::tb::write_if_changed(std::string(argv[2]) + "/" + eie::tb::config_identifier(config) + ".h",
                              eie::tb::config_header(config));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "eie_config_gen: %s\n", error.what());
    return 2;
  }
}
