// SPDX-License-Identifier: Apache-2.0
// Texts inside HTML pages, whatever bytes they have.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eie::tb {

/// A text as content of an element, or of an attribute in double or single quotes. What may not stand in a page becomes U+FFFD.
std::string html_text(std::string_view text);

/// JSON as content of a <script>: nothing in it ends the element, and a reader of JSON gets the same values.
std::string script_text(std::string_view json);

/// The page with the first of each place replaced by its content; a place within a content stays. Throws std::logic_error for
/// a place that is not there.
std::string filled_page(std::string_view page, const std::vector<std::pair<std::string_view, std::string_view>>& places);

}  // namespace eie::tb
