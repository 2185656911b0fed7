// SPDX-License-Identifier: Apache-2.0
// Charts as SVG inside a page: without JavaScript they are whole, and a table beneath each has its numbers. Every mark has a
// <title>; the page's JavaScript shows it at the mouse, and on arrow keys.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace eie::tb {

struct Segment {
  std::string of_class;  // colour and pattern, of the style sheet
  std::string name;      // shown where there is room
  double value = 0;
  std::string title;
};
struct Bar {
  std::string label;
  std::vector<Segment> segments;
  std::string total;  // behind the bar
  double tick = -1;   // a mark across the bar, on the axis of the values; negative: none
  std::string tick_title;
};

/// Bars that lie, each a stack. The longest takes the width, or `full` does if it is larger.
std::string bar_chart(const std::string& label, const std::vector<Bar>& bars, double full = 0);

/// The legend of classes, as a list.
std::string legend(const std::vector<std::pair<std::string, std::string>>& classes);

/// Bars that stand, one a PE or a group of neighbouring PEs, on the axis from 0 to `most`, with a line at the mean.
std::string pe_chart(const std::string& label, const std::vector<double>& per_pe, double mean, double most);

struct Dot {
  double x = 0, y = 0, size = 1;  // size: its area, any unit
  std::string of_class, title, label;
};
/// Points over two axes from 0 on, or logarithmic where the values spread over more than a factor of 20. All are over 0.
std::string scatter(const std::string& label, const std::string& x_name, const std::string& y_name, const std::vector<Dot>& dots);

}  // namespace eie::tb
