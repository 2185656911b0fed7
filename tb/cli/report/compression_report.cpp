// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/compression_report.h"

#include <cmath>

#include "tb/cli/report/report.h"
#include "tb/cli/report/text_table.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

std::string percent(double share) { return fixed(100 * share, 2); }

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", x);
  return text;
}

Json or_null(const std::optional<double>& x) { return x && std::isfinite(*x) ? Json(*x) : Json(nullptr); }

void add_size_row(TextTable& table, const std::string& name, const StoredSize& s, unsigned code_width, unsigned index_bits) {
  table.add_row({name, thousands(s.weights), percent(s.density()), thousands(s.padding), std::to_string(code_width),
                 fixed(s.per_entry(s.code_bits_huffman), 2), std::to_string(index_bits),
                 fixed(s.per_entry(s.index_bits_huffman), 2), thousands(s.dense_bytes()), thousands(s.bytes()),
                 thousands(s.bytes_huffman()), fixed(s.rate(), 1), fixed(s.rate_huffman(), 1)});
}

Json size_json(const StoredSize& s, unsigned code_width, unsigned index_bits) {
  auto stream = [&s](unsigned bits, std::uint64_t plain, std::uint64_t huffman_bits, double entropy, std::uint64_t huffman) {
    return Json{{"bits", bits},
                {"huffman_bits", s.per_entry(huffman_bits)},
                {"entropy", s.per_entry(entropy)},
                {"bytes", plain},
                {"huffman_bytes", huffman}};
  };
  return {{"weights", s.weights},
          {"kept", s.kept},
          {"density", s.density()},
          {"padding", s.padding},
          {"codes", stream(code_width, s.code_bytes, s.code_bits_huffman, s.code_entropy, s.code_bytes_huffman)},
          {"indices", stream(index_bits, s.index_bytes, s.index_bits_huffman, s.index_entropy, s.index_bytes_huffman)},
          {"codebook_bytes", s.codebook_bytes},
          {"table_bytes", s.table_bytes},
          {"bytes", {{"float32", s.dense_bytes()}, {"stored", s.bytes()}, {"huffman", s.bytes_huffman()}}},
          {"rate", {{"stored", s.rate()}, {"huffman", s.rate_huffman()}}}};
}

Json fit_json(const DeviceFit& fit) {
  if (!fit.obstacle.empty()) return {{"obstacle", fit.obstacle}, {"launches", nullptr}};
  return {{"obstacle", nullptr},    {"launches", fit.launches},     {"act_resident", fit.act_resident}, {"entries", fit.entries},
          {"padding", fit.padding}, {"per_pe_min", fit.per_pe_min}, {"per_pe_max", fit.per_pe_max},     {"balance", fit.balance}};
}

bool has_outputs(const Compression& c) { return c.layers.front().output_error.has_value(); }

}  // namespace

std::vector<std::string> compression_warnings(const CompressionReport& report) {
  std::vector<std::string> warnings;
  const Compression& c = *report.compression;
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    const CompressedFacts& facts = c.layers[l];
    const std::string layer = "layer " + c.network.layers[l].name;
    if (!report.fits[l].obstacle.empty()) {
      warnings.push_back(layer + " does not fit configuration " + report.config.name + ": " + report.fits[l].obstacle);
    }
    if (facts.size.kept == 0) warnings.push_back(layer + " has no weight left");
    if (facts.asked_density &&
        static_cast<double>(facts.size.kept) + 1 < *facts.asked_density * static_cast<double>(facts.size.weights)) {
      warnings.push_back(layer + " has no more than " + counted(facts.size.kept, "non-zero weight") + ": a density of " +
                         number(facts.size.density()) + ", not " + number(*facts.asked_density));
    }
  }
  return warnings;
}

void print_compression(const CompressionReport& report, std::FILE* out) {
  const Compression& c = *report.compression;
  const unsigned code_width = c.network.code_width;
  TextTable sizes;
  sizes.add_column("layer", TextTable::Align::kLeft);
  sizes.add_column("weights");
  sizes.add_column("kept (%)");
  sizes.add_column("padding");
  sizes.add_column("stored", TextTable::Align::kRight, "bits a code");
  sizes.add_column("Huffman", TextTable::Align::kRight, "bits a code");
  sizes.add_column("stored", TextTable::Align::kRight, "bits an index");
  sizes.add_column("Huffman", TextTable::Align::kRight, "bits an index");
  for (const char* head : {"float32", "stored", "Huffman"}) sizes.add_column(head, TextTable::Align::kRight, "size (bytes)");
  for (const char* head : {"stored", "Huffman"}) sizes.add_column(head, TextTable::Align::kRight, "rate (times)");
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    add_size_row(sizes, c.network.layers[l].name, c.layers[l].size, code_width, report.index_bits);
  }
  if (c.layers.size() > 1) add_size_row(sizes, "total", c.total, code_width, report.index_bits);
  sizes.print(out);
  std::fputc('\n', out);

  TextTable fits;
  fits.add_column("layer", TextTable::Align::kLeft);
  fits.add_column("values", TextTable::Align::kRight, "sharing");
  fits.add_column("start", TextTable::Align::kRight, "sharing");
  fits.add_column("max", TextTable::Align::kRight, "weight error");
  fits.add_column("rms", TextTable::Align::kRight, "weight error");
  if (has_outputs(c)) {
    fits.add_column("layer", TextTable::Align::kRight, "output error (%)");
    fits.add_column("network", TextTable::Align::kRight, "output error (%)");
  }
  for (const char* head : {"launches", "entries", "padding", "balance (%)"}) {
    fits.add_column(head, TextTable::Align::kRight, "on " + report.config.name);
  }
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    const CompressedLayer& layer = c.network.layers[l];
    const DeviceFit& fit = report.fits[l];
    std::vector<std::string> row{layer.name, std::to_string(layer.codebook.used), layer.codebook.start,
                                 number(layer.codebook.max_error), number(layer.codebook.rms_error)};
    if (has_outputs(c)) {
      row.push_back(fixed(100 * *c.layers[l].output_error, 2));
      row.push_back(fixed(100 * *c.layers[l].chained_output_error, 2));
    }
    if (fit.obstacle.empty()) {
      for (const std::uint64_t count : {std::uint64_t{fit.launches}, fit.entries, fit.padding}) row.push_back(thousands(count));
      row.push_back(fixed(100 * fit.balance, 1));
    } else {
      row.emplace_back("does not fit");
    }
    fits.add_row(row);
  }
  fits.print(out);
}

nlohmann::ordered_json compression_report_json(const CompressionReport& report, const nlohmann::ordered_json& options,
                                               const std::vector<InputFile>& inputs) {
  const Compression& c = *report.compression;
  const unsigned code_width = c.network.code_width;
  Json json{{"schema", kReportSchema},
            {"version", kVersion},
            {"command", "compress"},
            {"config", report.config.name},
            {"n_pe", report.config.n_pe}};
  json.update(what_ran_json(report.config, options, inputs));
  json["warnings"] = compression_warnings(report);
  json["name"] = c.network.name;
  json["code_bits"] = code_width;
  json["index_bits"] = report.index_bits;
  json["layers"] = Json::array();
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    const CompressedLayer& layer = c.network.layers[l];
    const CompressedFacts& facts = c.layers[l];
    Json j{{"name", layer.name}, {"rows", layer.rows}, {"columns", layer.columns}};
    j["zeros_before"] = facts.zeros_before;
    j["asked_density"] = or_null(facts.asked_density);
    j.update(size_json(facts.size, code_width, report.index_bits));
    j["codebook"] = layer.codebook.values;
    j["sharing"] = {{"values", layer.codebook.used},
                    {"start", layer.codebook.start},
                    {"max_error", layer.codebook.max_error},
                    {"rms_error", layer.codebook.rms_error}};
    j["output_error"] = or_null(facts.output_error);
    j["chained_output_error"] = or_null(facts.chained_output_error);
    j["device"] = fit_json(report.fits[l]);
    json["layers"].push_back(std::move(j));
  }
  json["total"] = size_json(c.total, code_width, report.index_bits);
  return json;
}

}  // namespace eie::tb
