// SPDX-License-Identifier: Apache-2.0
#include "tb/test/support/report_schema.h"

#include <cstdint>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace eie::tb {
namespace {

/// The parts of the account of PE cycles add up.
std::string account_fault(const nlohmann::json& j) {
  if (!j.contains("pe_cycles") || j["pe_cycles"].is_null()) return "";
  std::uint64_t sum = 0;
  for (const auto& part : j["pe_cycles"]) sum += part.get<std::uint64_t>();
  const std::uint64_t all = j["n_pe"].get<std::uint64_t>() * j["cycles"].get<std::uint64_t>();
  if (sum != all) return "pe_cycles add up to " + std::to_string(sum) + ": expected " + std::to_string(all);
  const std::uint64_t skipped = j["work"]["padding_skipped"].get<std::uint64_t>();
  if (j["pe_cycles"]["work"].get<std::uint64_t>() + j["pe_cycles"]["padding"].get<std::uint64_t>() + skipped !=
      j["work"]["entries"].get<std::uint64_t>()) {
    return "pe_cycles: work, padding and work.padding_skipped are not work.entries";
  }
  if (skipped + j["pe_cycles"]["padding"].get<std::uint64_t>() != j["work"]["padding"].get<std::uint64_t>()) {
    return "pe_cycles.padding and work.padding_skipped are not work.padding";
  }
  return "";
}

}  // namespace

std::string report_fault(const nlohmann::json& report) {
  std::ifstream file(std::string(EIE_SOURCE_DIR) + "/tb/layers/report.schema.json");
  const nlohmann::json text = nlohmann::json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (!validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(report), &results)) {
    std::ostringstream fault;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
      for (const std::string& place : error.context) fault << place;
      fault << ": " << error.description << '\n';
    }
    return fault.str();
  }
  // An inspection has layers too, but nothing ran.
  const bool counts = report["command"] != "inspect" && (report.contains("work") || report.contains("layers"));
  if (!counts) return "";
  if (const std::string fault = account_fault(report); !fault.empty()) return fault;
  if (!report.contains("layers")) return "";
  for (const auto& layer : report["layers"]) {
    const std::string fault = account_fault(layer);
    if (!fault.empty()) return "layer " + layer["name"].get<std::string>() + ": " + fault;
  }
  return "";
}

nlohmann::json read_report(const std::string& path) {
  std::ifstream file(path);
  nlohmann::json report = nlohmann::json::parse(file);
  EXPECT_EQ(report_fault(report), "") << path;
  return report;
}

}  // namespace eie::tb
