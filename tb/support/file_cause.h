// SPDX-License-Identifier: Apache-2.0
// The text of a file, and why a file cannot be read or written, as the system says it, in words for a message.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace eie::tb {

/// All bytes of a file; none when it cannot be read.
std::optional<std::string> file_text(const std::string& path);

/// What is wrong with a file that is to be read: "does not exist", "is a directory", "is no regular file",
/// "cannot be opened (Permission denied)"; empty when nothing is.
std::string why_unreadable(const std::string& path);

/// The index of the first byte that is not UTF-8; std::string::npos when all are.
std::size_t first_not_utf8(const std::string& text);

/// The text with bytes that are no printable ASCII or UTF-8 as \xNN, for messages.
std::string printable(const std::string& text);

}  // namespace eie::tb
