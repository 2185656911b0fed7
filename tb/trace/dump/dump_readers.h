// SPDX-License-Identifier: Apache-2.0
// The formats behind open_dump().
#pragma once

#include <memory>
#include <string>

#include "tb/trace/dump/dump_file.h"

namespace eie::tb {

std::unique_ptr<DumpFile> open_vcd(const std::string& file);
std::unique_ptr<DumpFile> open_fst(const std::string& file);

}  // namespace eie::tb
