// SPDX-License-Identifier: Apache-2.0
// Texts that are made of the commands and their options: completion scripts and the manual page.
#pragma once

#include <string>

namespace eie::tb {

/// A script for bash (bash-completion's folder, or sourced) and one for zsh (a function of the fpath).
std::string bash_completion();
std::string zsh_completion();

/// The manual page, for man(1).
std::string manual_page();

}  // namespace eie::tb
