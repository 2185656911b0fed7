// SPDX-License-Identifier: Apache-2.0
// The platform with the signal-level device, simulate<EieHw<Cfg>>. Each configuration is compiled in a file of its own
// (hw_platform.cpp.in); a generated table names them.
#pragma once

#include <vector>

#include "tb/config/config.h"
#include "tb/examples/virtual_platform/case.h"

namespace eie::platform {

struct CompiledPlatform {
  tb::HwConfig config;
  int (*simulate)(const Arguments&, Case&);
};

const std::vector<CompiledPlatform>& compiled_platforms();

}  // namespace eie::platform
