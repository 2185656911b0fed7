// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/plot/inspect_plot.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tb/cli/plot/gnuplot.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

constexpr unsigned kWidth = 1500;
constexpr unsigned kRowHeight = 330;
constexpr std::size_t kMostLayers = 40;  // a taller picture is looked at by nobody, and gnuplot has limits of its own

constexpr const char* kBars = "#4c78a8";
constexpr const char* kMarks = "#d62728";

/// A block of data under a name, as `plot` takes it.
std::string block(const std::string& name, const std::string& lines) { return "$" + name + " << EOD\n" + lines + "EOD\n"; }

std::string weights_plot(const InspectedPicture& layer) {
  if (layer.weights.counts.empty()) {
    return "set xlabel 'weight'\nset ylabel 'weights'\nset xrange [0:1]\nset yrange [0:1]\n"
           "plot NaN with lines lc rgb '#ffffff' title 'all weights are 0'\nset xrange [*:*]\nset yrange [*:*]\n";
  }
  std::ostringstream data;
  std::ostringstream centres;
  for (std::size_t b = 0; b < layer.weights.counts.size(); ++b) {
    data << layer.weights.low + (static_cast<double>(b) + 0.5) * layer.weights.width() << ' ' << layer.weights.counts[b] << '\n';
  }
  for (std::size_t c = 1; c <= layer.codebook->used; ++c) centres << layer.codebook->values[c] << " 0\n";
  const bool spread = layer.weights.high > layer.weights.low;
  std::ostringstream out;
  out << block("weights", data.str()) << block("centres", centres.str());
  out << "set xlabel 'weight'\nset ylabel 'weights'\nset yrange [0:*]\n";
  if (spread) {
    out << "set xrange [" << layer.weights.low << ':' << layer.weights.high << "]\nset boxwidth " << layer.weights.width()
        << " absolute\n";
  } else {  // a bar in the middle
    const double width = std::abs(layer.weights.low) / 100;
    out << "set xrange [" << layer.weights.low - 10 * width << ':' << layer.weights.low + 10 * width << "]\nset boxwidth "
        << width << " absolute\n";
  }
  out << "plot $weights with boxes fs solid noborder lc rgb '" << kBars << "' title 'before sharing'";
  if (layer.codebook->used > 0) {
    out << ", $centres using 1:2 with points pt 9 ps 1.2 lc rgb '" << kMarks << "' title 'shared values'";
  }
  out << "\nunset boxwidth\nset xrange [*:*]\n";
  return out.str();
}

std::string runs_plot(const Inspection& layer) {
  std::ostringstream data;
  for (std::size_t r = 0; r < layer.runs.size(); ++r) data << r << ' ' << layer.runs[r] << '\n';
  std::ostringstream out;
  out << block("runs", data.str())
      << block("padding", std::to_string(layer.runs.size() - 1) + " " + std::to_string(layer.work.padding) + "\n");
  out << "set xlabel 'run: zero rows of the PE before an entry'\nset ylabel 'entries'\nset yrange [0:*]\nset boxwidth 0.8\n"
      << "set xrange [-1:" << layer.runs.size() << "]\n"
      << "plot $runs with boxes fs solid noborder lc rgb '" << kBars
      << "' title 'entries', $padding using 1:2 with points pt 5 lc rgb '" << kMarks
      << "' title 'padding'\nunset boxwidth\nset xrange [*:*]\n";
  return out.str();
}

std::string load_plot(const Inspection& layer) {
  std::ostringstream data;
  for (std::size_t k = 0; k < layer.work.entries.size(); ++k) data << k << ' ' << layer.work.entries[k] << '\n';
  const double mean = static_cast<double>(layer.work.total()) / static_cast<double>(layer.work.entries.size());
  std::ostringstream out;
  out << block("load", data.str()) << "set xlabel 'PE'\nset ylabel 'entries, all columns'\nset yrange [0:*]\nset boxwidth 0.9\n"
      << "set xrange [-1:" << layer.work.entries.size() << "]\n"
      << "plot $load with boxes fs solid noborder lc rgb '" << kBars << "' title 'entries', " << mean
      << " with lines lw 2 lc rgb '" << kMarks << "' title 'mean'\nunset boxwidth\nset xrange [*:*]\n";
  return out.str();
}

/// A distance of marks, 1, 2 or 5 times a power of ten, that leaves about four of them.
double mark_step(std::size_t length) {
  const double wanted = static_cast<double>(length) / 4;
  double power = 1;
  while (power * 10 <= wanted) power *= 10;
  return wanted >= 5 * power ? 5 * power : wanted >= 2 * power ? 2 * power : power;
}

std::string map_plot(const Inspection& layer) {
  // An image has two rows and two columns at least.
  const std::size_t rows = std::max<std::size_t>(2, layer.map.rows);
  const std::size_t columns = std::max<std::size_t>(2, layer.map.columns);
  std::ostringstream data;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      data << 100 * layer.map.share[i * layer.map.rows / rows * layer.map.columns + j * layer.map.columns / columns] << ' ';
    }
    data << '\n';
  }
  const double column_step = static_cast<double>(layer.columns) / static_cast<double>(columns);
  const double row_step = static_cast<double>(layer.rows) / static_cast<double>(rows);
  std::ostringstream out;
  out << block("map", data.str()) << "set xlabel 'column'\nset ylabel 'row'\nset cblabel '% not zero'\n"
      << "set xrange [0:" << layer.columns << "]\nset yrange [" << layer.rows << ":0]\nset xtics 0," << mark_step(layer.columns)
      << "\nset ytics 0," << mark_step(layer.rows) << "\nset cbrange [0:" << std::max(1e-6, 100 * layer.map.largest()) << "]\n"
      << "set palette defined (0 '#ffffff', 0.5 '" << kBars << "', 1 '#08306b')\nunset key\n"
      << "plot $map matrix using (($1 + 0.5) * " << column_step << "):(($2 + 0.5) * " << row_step << "):3 with image\n";
  out << "set key outside center top horizontal\nset xrange [*:*]\nset yrange [*:*]\nset xtics autofreq\nset ytics autofreq\n";
  return out.str();
}

}  // namespace

void draw_inspection(const std::vector<InspectedPicture>& layers, const std::string& path) {
  if (layers.size() > kMostLayers) {
    throw UserError("--plot of " + std::to_string(layers.size()) + " layers: expected at most " + std::to_string(kMostLayers) +
                    " in a picture; name one (FILE:LAYER)");
  }
  std::ostringstream out;
  out << "set multiplot layout " << layers.size()
      << ",4\nset key outside center top horizontal\nset tics out nomirror\nset border 3\n"
      << "set format y '%.9g'\n";
  for (const InspectedPicture& layer : layers) {
    out << "set title " << gnuplot_text(layer.title + ": weights") << '\n' << weights_plot(layer);
    out << "set title 'runs'\n" << runs_plot(*layer.inspection);
    out << "set title 'load'\n" << load_plot(*layer.inspection);
    out << "set title 'density'\n" << map_plot(*layer.inspection);
  }
  out << "unset multiplot\n";
  draw(out.str(), path, kWidth, kRowHeight * static_cast<unsigned>(layers.size()));
}

}  // namespace eie::tb
