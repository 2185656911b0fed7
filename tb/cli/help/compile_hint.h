// SPDX-License-Identifier: Apache-2.0
// What to do about a configuration that is not compiled for an engine.
#pragma once

#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/engines.h"

namespace eie::tb {

/// A configuration and how a user would name it again.
struct NamedConfig {
  HwConfig config;
  std::string text;                   // of --config
  std::string path;                   // its file
  std::vector<ConfigChange> changes;  // of --set
};

/// "--engine tlm runs it now; compile it: COMMAND", where COMMAND is one line for a shell that adds the
/// configuration to those of this program's build, or of a build in the source tree when the program is
/// installed.
std::string compile_hint(const NotCompiled& error, const NamedConfig& config);

/// A word as a shell reads it back.
std::string shell_word(const std::string& text);

}  // namespace eie::tb
