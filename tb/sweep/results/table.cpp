// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/results/table.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "tb/formats/container/hdf5_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"
#include "tlm/config/config_keys.h"

namespace eie::tb {
namespace {

using Kind = SweepCell::Kind;

bool is_flag(const std::string& key) {
  bool flag = false;
  for_each_key([&](const auto& k, auto) {
    if (key == k.name) flag = std::is_same_v<std::decay_t<decltype(k)>, FlagKey>;
  });
  return flag;
}

// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

bool has_subjects(const SweepFile& file, bool layers) {
  return std::any_of(file.subjects.begin(), file.subjects.end(), [layers](const auto& s) { return s.is_layer == layers; });
}

}  // namespace

SweepTable::SweepTable(const SweepPoints& points, const RowStore& store) : points_(points), store_(store) {
  std::vector<ParetoPoint> costs;
  for_each([&](std::uint64_t index) {
    const SweepRow row = store_.row(index);
    ++counts_[static_cast<unsigned>(row.status)];
    if (row.status != SweepStatus::kOk || !row.time_us || !row.energy_uj || !row.area_mm2) return;
    costs.push_back(
        {*row.time_us, *row.energy_uj, *row.area_mm2, kind_of(points_.point(index)), static_cast<std::uint32_t>(index)});
  });
  front_ = pareto_front(std::move(costs));
}

void SweepTable::for_each(const std::function<void(std::uint64_t index)>& visit) const {
  for (std::uint64_t index = 0; index < store_.points(); ++index) {
    if (store_.has(index)) visit(index);
  }
}

std::uint32_t SweepTable::kind_of(const SweepPoint& point) const {
  const SweepFile& file = points_.file();
  return static_cast<std::uint32_t>((point.subject * file.seeds.size() + point.seed) * file.technologies.size() +
                                    point.technology);
}

std::string SweepTable::kind_text(const SweepPoint& point) const {
  const SweepFile& file = points_.file();
  const SweepSubject& subject = file.subjects[point.subject];
  std::string text = (subject.is_layer ? "layer " : "network ") + subject.name;
  if (file.seeds.size() > 1) text += ", seed " + std::to_string(file.seeds[point.seed]);
  if (file.technologies.size() > 1) text += ", " + file.technologies[point.technology].name;
  return text;
}

std::vector<SweepCell> SweepTable::cells_of(const SweepPoint& point, const SweepRow& row, bool front) const {
  const SweepFile& file = points_.file();
  const SweepSubject& subject = file.subjects[point.subject];
  std::vector<SweepCell> cells = {{"index", Kind::kNumber, std::to_string(row.index)},
                                  {"status", Kind::kText, status_name(row.status)}};
  if (has_subjects(file, true)) cells.push_back({"layer", Kind::kText, subject.is_layer ? subject.name : ""});
  if (has_subjects(file, false)) cells.push_back({"network", Kind::kText, subject.is_layer ? "" : subject.name});
  cells.push_back({"balance", Kind::kText, balance_name(file.balance[point.balance])});
  if (file.bases.size() > 1) cells.push_back({"config", Kind::kText, file.bases[point.base].name});
  if (file.seeds.size() > 1) cells.push_back({"seed", Kind::kNumber, std::to_string(file.seeds[point.seed])});
  for (std::size_t k = 0; k < file.keys.size(); ++k) {
    cells.push_back(
        {file.keys[k].name, is_flag(file.keys[k].name) ? Kind::kFlag : Kind::kNumber, file.keys[k].values[point.keys[k]]});
  }
  if (file.technologies.size() > 1) cells.push_back({"technology", Kind::kText, file.technologies[point.technology].name});
  cells.push_back({"cycles", Kind::kNumber, row.cycles ? std::to_string(*row.cycles) : ""});
  cells.push_back({"time_us", Kind::kNumber, row_number(row.time_us)});
  cells.push_back({"energy_uj", Kind::kNumber, row_number(row.energy_uj)});
  cells.push_back({"power_mw", Kind::kNumber, row_number(row.power_mw)});
  cells.push_back({"area_mm2", Kind::kNumber, row_number(row.area_mm2)});
  cells.push_back({"load_balance", Kind::kNumber, row_number(row.load_balance)});
  cells.push_back({"pareto", Kind::kFlag, front ? "true" : "false"});
  cells.push_back({"digest", Kind::kText, row.digest});
  cells.push_back({"reason", Kind::kText, row.reason});
  return cells;
}

std::vector<std::string> SweepTable::columns() const {
  std::vector<std::string> names;
  for (const SweepCell& cell : cells_of(points_.point(0), {}, false)) names.push_back(cell.column);
  return names;
}

std::vector<SweepCell> SweepTable::cells(std::uint64_t index) const {
  return cells_of(points_.point(index), store_.row(index),
                  std::binary_search(front_.begin(), front_.end(), static_cast<std::uint32_t>(index)));
}

void write_sweep_csv(const SweepTable& table, const std::string& path) {
  AtomicFile file(path);
  const auto put = [&file](const std::string& line) { file.write(line.data(), line.size()); };
  std::string line;
  for (const std::string& name : table.columns()) line += (line.empty() ? "" : ",") + name;
  put(line + '\n');
  table.for_each([&](std::uint64_t index) {
    line.clear();
    for (const SweepCell& cell : table.cells(index)) line += csv_field(cell.text) + ',';
    line.back() = '\n';
    put(line);
  });
  file.commit();
}

void write_sweep_hdf5(const SweepTable& table, const std::string& path) {
  struct Column {
    std::vector<double> values;
    std::map<std::string, double> names;  // of a text: its number
    std::vector<std::string> order;
  };
  std::vector<std::string> names = table.columns();
  names.resize(names.size() - 2);  // digest, reason: another text each
  std::vector<Column> columns(names.size());
  table.for_each([&](std::uint64_t index) {
    const std::vector<SweepCell> cells = table.cells(index);
    for (std::size_t c = 0; c < names.size(); ++c) {
      const SweepCell& cell = cells[c];
      double value = std::numeric_limits<double>::quiet_NaN();
      if (cell.kind == Kind::kFlag) {
        value = cell.text == "true" ? 1 : 0;
      } else if (cell.kind == Kind::kNumber) {
        std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), value);
      } else if (!cell.text.empty()) {
        const auto [place, added] = columns[c].names.insert({cell.text, static_cast<double>(columns[c].order.size())});
        if (added) columns[c].order.push_back(cell.text);
        value = place->second;
      }
      columns[c].values.push_back(value);
    }
  });
  try {
    Hdf5File file = Hdf5File::make(0);
    Hdf5Group root = file.root();
    root.write("format", "eie-sweep/1");
    root.write("version", kVersion);
    root.write("digest", table.points().file().digest);
    Hdf5Group values = root.make_group("columns");
    Hdf5Group texts = root.make_group("names");
    for (std::size_t c = 0; c < names.size(); ++c) {
      values.write_array(names[c], columns[c].values, {columns[c].values.size()});
      if (columns[c].order.empty()) continue;
      Hdf5Group of_column = texts.make_group(names[c]);
      for (std::size_t k = 0; k < columns[c].order.size(); ++k) of_column.write(std::to_string(k), columns[c].order[k]);
    }
    const std::vector<unsigned char> bytes = file.bytes();
    AtomicFile out(path);
    out.write(bytes.data(), bytes.size());
    out.commit();
  } catch (const Hdf5Error& error) {
    throw UserError(path + ": " + error.what() + ": expected an HDF5 file that can be made");
  }
}

}  // namespace eie::tb
