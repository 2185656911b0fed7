// SPDX-License-Identifier: Apache-2.0
// Pictures of numbers: a script for gnuplot, drawn to an SVG or PNG file.
#pragma once

#include <string>

namespace eie::tb {

/// Kind of picture by the name of its file: "svg" or "png". Throws UserError for another ending.
std::string picture_kind(const std::string& option, const std::string& path);

/// Throws UserError, with what to install, where gnuplot is not found.
void require_gnuplot();

/// Draws `script`, which names no terminal and no output, to `path`, whole or not at all; width and height in pixels. Text is
/// UTF-8. Throws UserError with what gnuplot says.
void draw(const std::string& script, const std::string& path, unsigned width, unsigned height);

/// A text in quotes, for a script: it shows these characters and nothing in it is a command.
std::string gnuplot_text(const std::string& text);

}  // namespace eie::tb
