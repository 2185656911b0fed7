// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/html/charts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tb/cli/html/markup.h"
#include "tb/support/page/html.h"

namespace eie::tb {
namespace {

constexpr double kWidth = 760;

/// A coordinate.
std::string at(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string attribute(const char* name, double value) { return std::string(" ") + name + "=\"" + at(value) + "\""; }

std::string text_at(double x, double y, const std::string& text, const char* of_class) {
  return "<text" + attribute("x", x) + attribute("y", y) + " class=\"" + of_class + "\">" + html_text(text) + "</text>";
}

std::string rectangle(double x, double y, double width, double height) {
  return attribute("x", x) + attribute("y", y) + attribute("width", width) + attribute("height", height);
}

std::string open_svg(const std::string& label, double height, const char* of_class, double width = kWidth) {
  return std::string("<div class=\"chart\"><svg class=\"") + of_class + "\" viewBox=\"0 0 " + at(width) + " " + at(height) +
         "\" role=\"group\" aria-label=\"" + html_text(label) + "\">\n";
}

/// Shortened to so many pixels of this font.
std::string fitted(const std::string& text, double pixels) {
  const auto most = static_cast<std::size_t>(std::max(1.0, pixels / 7));
  if (text.size() <= most) return text;
  std::string shorter = text.substr(0, most - 1);
  while (!shorter.empty() && (static_cast<unsigned char>(shorter.back()) & 0xC0u) == 0x80)
    shorter.pop_back();  // whole characters
  if (!shorter.empty() && static_cast<unsigned char>(shorter.back()) >= 0xC0) shorter.pop_back();
  return shorter + "\xE2\x80\xA6";
}

/// An axis of values over 0.
class Axis {
 public:
  Axis(double low, double high, double from, double to) : from_(from), to_(to) {
    logarithmic_ = low > 0 && high / low > 20;
    if (logarithmic_) {
      low_ = std::pow(10, std::floor(std::log10(low)));
      high_ = std::pow(10, std::ceil(std::log10(high)));
    } else {
      high_ = high > 0 ? high * 1.05 : 1;
    }
  }
  double place(double value) const {
    const double share = logarithmic_ ? std::log(std::max(value, low_) / low_) / std::log(high_ / low_) : value / high_;
    return from_ + share * (to_ - from_);
  }
  bool logarithmic() const { return logarithmic_; }
  std::vector<double> ticks() const {
    std::vector<double> ticks;
    if (logarithmic_) {
      const double decades = std::round(std::log10(high_ / low_));
      const double step = std::pow(10, std::max(1.0, std::ceil(decades / 8)));
      for (double decade = low_; decade <= high_ * 1.001 && ticks.size() < 10; decade *= step) ticks.push_back(decade);
      return ticks;
    }
    const double step_guess = high_ / 5;
    const double power = std::pow(10, std::floor(std::log10(step_guess)));
    double step = power;
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
      step = factor * power;
      if (step >= step_guess) break;
    }
    for (int k = 0; k * step <= high_; ++k) ticks.push_back(k * step);
    return ticks;
  }

 private:
  double low_ = 0, high_ = 1, from_, to_;
  bool logarithmic_ = false;
};

std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::string bar_chart(const std::string& label, const std::vector<Bar>& bars, double full) {
  constexpr double kLeft = 190, kRight = 96, kHeight = 22, kGap = 7;
  for (const Bar& bar : bars) {
    double sum = 0;
    for (const Segment& segment : bar.segments) sum += segment.value;
    full = std::max({full, sum, bar.tick});
  }
  const double scale = full > 0 ? (kWidth - kLeft - kRight) / full : 0;
  std::string svg = open_svg(label, static_cast<double>(bars.size()) * (kHeight + kGap) + kGap, "bars");
  double y = kGap;
  for (const Bar& bar : bars) {
    svg += text_at(kLeft - 8, y + 15, fitted(bar.label, kLeft - 8), "row-label");
    double x = kLeft;
    for (const Segment& segment : bar.segments) {
      const double width = segment.value * scale;
      if (segment.value <= 0) continue;
      svg += "<g class=\"mark " + segment.of_class + "\"><title>" + html_text(segment.title) + "</title><rect" +
             rectangle(x, y, std::max(width, 0.5), kHeight) + "/>";
      if (width > 7.2 * static_cast<double>(segment.name.size()) + 6)
        svg += text_at(x + width / 2, y + 15, segment.name, "inside");
      svg += "</g>\n";
      x += width;
    }
    if (bar.tick >= 0) {
      svg += "<g class=\"mark tick\"><title>" + html_text(bar.tick_title) + "</title><rect" +
             rectangle(kLeft + bar.tick * scale - 1.5, y - 3, 3, kHeight + 6) + "/></g>\n";
      x = std::max(x, kLeft + bar.tick * scale + 3);
    }
    svg += text_at(x + 6, y + 15, bar.total, "total");
    y += kHeight + kGap;
  }
  return svg + "</svg></div>\n";
}

std::string legend(const std::vector<std::pair<std::string, std::string>>& classes) {
  std::string html = "<ul class=\"legend\">";
  for (const auto& [of_class, text] : classes) {
    html += "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><g class=\"" + of_class +
            "\"><rect width=\"26\" height=\"16\"/></g></svg> " + html_text(text) + "</li>";
  }
  return html + "</ul>\n";
}

std::string pe_chart(const std::string& label, const std::vector<double>& per_pe, double mean, double most) {
  constexpr double kPeWidth = 372, kLeft = 56, kTop = 8, kHeight = 76, kMostBars = 128;
  const double plot = kPeWidth - kLeft - 6;
  const auto together = static_cast<std::size_t>(std::max(1.0, std::ceil(static_cast<double>(per_pe.size()) / kMostBars)));
  const std::size_t bars = (per_pe.size() + together - 1) / together;
  const double scale = most > 0 ? kHeight / most : 0;
  std::string svg = open_svg(label, kTop + kHeight + 22, "pes", kPeWidth);
  svg += text_at(kLeft - 5, kTop + 9, count_text(most), "axis end") + text_at(kLeft - 5, kTop + kHeight, "0", "axis end") + "\n";
  const double step = bars == 0 ? 0 : plot / static_cast<double>(bars);
  for (std::size_t k = 0; k < bars; ++k) {
    const std::size_t end = std::min(per_pe.size(), (k + 1) * together);
    double low = per_pe[k * together], high = low;
    for (std::size_t p = k * together; p < end; ++p) {
      low = std::min(low, per_pe[p]);
      high = std::max(high, per_pe[p]);
    }
    std::string title = together == 1 ? "PE " + std::to_string(k) + ": " + count_text(high) + " entries"
                                      : "PEs " + std::to_string(k * together) + " to " + std::to_string(end - 1) + ": " +
                                            count_text(low) + " to " + count_text(high) + " entries";
    if (mean > 0) title += ", " + ratio_text(high / mean) + " of the mean" + (together == 1 ? "" : " at most");
    svg +=
        "<g class=\"mark pe\"><title>" + title + "</title><rect" +
        rectangle(kLeft + static_cast<double>(k) * step, kTop + kHeight - high * scale, std::max(step * 0.8, 0.6), high * scale) +
        "/></g>\n";
  }
  const double line = kTop + kHeight - mean * scale;
  svg += "<line class=\"mean\"" + attribute("x1", kLeft) + attribute("x2", kPeWidth - 6) + attribute("y1", line) +
         attribute("y2", line) + "/>" + text_at(kLeft, kTop + kHeight + 16, "PE 0", "axis") +
         text_at(kPeWidth - 6, kTop + kHeight + 16, "PE " + std::to_string(per_pe.empty() ? 0 : per_pe.size() - 1), "axis end");
  return svg + "</svg></div>\n";
}

std::string scatter(const std::string& label, const std::string& x_name, const std::string& y_name,
                    const std::vector<Dot>& dots) {
  constexpr double kLeft = 74, kRight = 24, kTop = 16, kBottom = 376, kHeight = 424, kLargest = 17, kSmallest = 4;
  double x_low = 1e300, x_high = 0, y_low = 1e300, y_high = 0, size = 0;
  for (const Dot& dot : dots) {
    x_low = std::min(x_low, dot.x);
    x_high = std::max(x_high, dot.x);
    y_low = std::min(y_low, dot.y);
    y_high = std::max(y_high, dot.y);
    size = std::max(size, dot.size);
  }
  const Axis x(x_low, x_high, kLeft, kWidth - kRight);
  const Axis y(y_low, y_high, kBottom, kTop);
  std::string svg = open_svg(label, kHeight, "scatter");
  for (const double tick : x.ticks()) {
    const double place = x.place(tick);
    svg += "<line class=\"grid\"" + attribute("x1", place) + attribute("x2", place) + attribute("y1", kTop) +
           attribute("y2", kBottom) + "/>" + text_at(place, kBottom + 17, tick_text(tick), "axis middle") + "\n";
  }
  for (const double tick : y.ticks()) {
    const double place = y.place(tick);
    svg += "<line class=\"grid\"" + attribute("x1", kLeft) + attribute("x2", kWidth - kRight) + attribute("y1", place) +
           attribute("y2", place) + "/>" + text_at(kLeft - 7, place + 4, tick_text(tick), "axis end") + "\n";
  }
  svg += text_at((kLeft + kWidth - kRight) / 2, kHeight - 8, x_name + (x.logarithmic() ? ", logarithmic" : ""), "axis-name");
  svg += "<g transform=\"translate(15 " + at((kTop + kBottom) / 2) + ") rotate(-90)\">" +
         text_at(0, 0, y_name + (y.logarithmic() ? ", logarithmic" : ""), "axis-name") + "</g>\n";
  for (const Dot& dot : dots) {
    const double radius = size > 0 ? std::max(kSmallest, kLargest * std::sqrt(dot.size / size)) : kSmallest;
    const double px = x.place(dot.x), py = y.place(dot.y);
    svg += "<g class=\"mark dot " + dot.of_class + "\"><title>" + html_text(dot.title) + "</title><circle" + attribute("cx", px) +
           attribute("cy", py) + attribute("r", radius) + "/>";
    if (!dot.label.empty()) {
      const bool left = px > kWidth * 0.6;
      svg += text_at(left ? px - radius - 5 : px + radius + 5, py + 4, dot.label, left ? "dot-label end" : "dot-label");
    }
    svg += "</g>\n";
  }
  return svg + "</svg></div>\n";
}

}  // namespace eie::tb
