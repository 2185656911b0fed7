// The platform with the signal-level device. Each configuration is compiled in a file of its own (hw_platform.cpp.in).
#pragma once

#include "tb/examples/virtual_platform/case.h"

namespace eie::platform {

/// simulate<EieHw<Cfg>>
template <class Cfg>
int simulate_hw(const Arguments& arguments, Case& c);

}  // namespace eie::platform
