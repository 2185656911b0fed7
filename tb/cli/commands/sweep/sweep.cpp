// SPDX-License-Identifier: Apache-2.0
// eie sweep: a design space, point by point, on the fast model.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "tb/cli/commands.h"
#include "tb/cli/commands/sweep/hw_sample.h"
#include "tb/cli/commands/sweep/search.h"
#include "tb/cli/commands/sweep/sweep_plot.h"
#include "tb/cli/commands/sweep/sweep_report.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/plot/gnuplot.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/stopwatch.h"
#include "tb/sweep/evaluate.h"
#include "tb/sweep/points.h"
#include "tb/sweep/results/journal.h"
#include "tb/sweep/results/table.h"
#include "tb/sweep/sweep_file.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr int kMostJobs = 256;

/// Part `number` of `count` of the runs; numbers from 1.
struct Part {
  std::uint64_t number = 1;
  std::uint64_t count = 1;
};

SweepFile open_sweep(const std::string& path) {
  return load_sweep(path, [](SweepData kind, const std::string& key, const std::string& text) {
    switch (kind) {
      case SweepData::kWorkload:
        return find_data_file(DataKind::kWorkload, key, text);
      case SweepData::kNetwork:
        return find_data_file(DataKind::kNetwork, key, text);
      case SweepData::kTechnology:
        return find_data_file(DataKind::kTechnology, key, text);
      default:
        return find_data_file(DataKind::kConfig, key, text);
    }
  });
}

Part part_of(const Options& options) {
  Part part;
  if (!options.has("part")) return part;
  const std::string text = options.text("part");
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, part.number);
  const bool split = error == std::errc{} && slash != end && *slash == '/';
  const auto [last, wrong] = std::from_chars(split ? slash + 1 : end, end, part.count);
  if (!split || wrong != std::errc{} || last != end || part.number < 1 || part.number > part.count || part.count > 1000000) {
    throw UserError("--part is '" + text + "': expected K/N, part K of N, such as 3/8");
  }
  return part;
}

std::size_t jobs_of(const Options& options) {
  const int jobs = options.integer("jobs", 0, kMostJobs).value();
  return jobs > 0 ? static_cast<std::size_t>(jobs) : std::max(1u, std::thread::hardware_concurrency());
}

struct Formats {
  bool csv = false;
  bool hdf5 = false;
};
Formats formats_of(const Options& options) {
  Formats formats;
  const std::string text = options.text("format");
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    if (name != "csv" && name != "hdf5") {
      throw UserError("--format is '" + text + "': expected csv, hdf5 or csv,hdf5" + nearest_text(name, {"csv", "hdf5"}));
    }
    (name == "csv" ? formats.csv : formats.hdf5) = true;
    begin = end + 1;
  }
  return formats;
}

std::string journal_name(const Part& part) {
  return part.count == 1 ? "journal" : "journal-" + std::to_string(part.number) + "-of-" + std::to_string(part.count);
}

/// All journals of a folder.
std::vector<std::string> journals_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->path().filename().string().rfind("journal", 0) == 0) paths.push_back(entry->path().string());
  }
  if (paths.empty()) throw UserError(folder + ": has no journal: expected a folder in which parts of this sweep ran");
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// "[=====     ] 1,234 of 10,000 points (about 40 s left)"
class Bar {
 public:
  explicit Bar(std::uint64_t all) : all_(all) { show(0); }
  ~Bar() { progress_.clear(); }
  void add(std::uint64_t points) {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ += points;
    if (watch_.seconds() - shown_ < 0.1) return;
    show(done_);
  }

 private:
  void show(std::uint64_t done) {
    constexpr std::size_t kWidth = 20;
    shown_ = watch_.seconds();
    const std::size_t full = all_ == 0 ? kWidth : static_cast<std::size_t>(done * kWidth / all_);
    progress_.show("[" + std::string(full, '=') + std::string(kWidth - full, ' ') + "] " + thousands(done) + " of " +
                   thousands(all_) + " points" + time_left(shown_, done, all_));
  }

  Progress progress_;
  Stopwatch watch_;
  std::mutex mutex_;
  std::uint64_t all_;
  std::uint64_t done_ = 0;
  double shown_ = 0;
};

/// The points of a run that the journal has not.
SweepRun missing(SweepRun run, const Journal& journal) {
  run.points.erase(std::remove_if(run.points.begin(), run.points.end(), [&](std::uint64_t p) { return journal.has(p); }),
                   run.points.end());
  return run;
}

/// Works on the points of a part that are not there, at most `limit` of them (0: all).
void work(const SweepPoints& points, const Part& part, std::uint64_t limit, std::size_t jobs, Journal& journal) {
  const std::uint64_t first = points.runs() * (part.number - 1) / part.count;
  const std::uint64_t last = points.runs() * part.number / part.count;
  const std::uint64_t of_run = points.size() / points.runs();
  const std::uint64_t all = (last - first) * of_run - std::min(journal.found(), (last - first) * of_run);
  Bar bar(limit == 0 ? all : std::min(all, limit));
  SubjectCache subjects(points, jobs);
  std::atomic<std::uint64_t> taken{0};
  std::vector<SweepDevice> devices(jobs);
  share_out(first, last, jobs, [&](std::uint64_t number, std::size_t worker) {
    SweepRun run = missing(points.run(number), journal);
    if (run.points.empty()) return;
    if (limit > 0) {
      const std::uint64_t before = taken.fetch_add(run.points.size());
      if (before >= limit) return;
      run.points.resize(std::min<std::uint64_t>(run.points.size(), limit - before));
    }
    const std::vector<SweepRow> rows = evaluate(points, run, subjects, devices[worker]);
    journal.add(rows);
    bar.add(rows.size());
  });
  journal.sync();
}

/// Refuses what does not go together.
void check_options(const Options& options) {
  const auto together = [&](const char* a, const char* b) {
    if (options.has(a) && options.has(b)) {
      throw UserError(std::string("--") + a + " with --" + b + ": expected one of them");
    }
  };
  for (const char* option : {"json", "plot", "sample", "optimize"}) together("part", option);
  together("limit", "optimize");
  if (options.flag("merge")) {
    for (const char* option : {"part", "limit", "optimize"}) {
      if (options.has(option)) throw UserError(std::string("--merge with --") + option + ": expected one of them");
    }
  }
  if (options.has("trials") && !options.has("optimize")) {
    throw UserError("--trials without --optimize: expected --optimize OBJECTIVE beside it");
  }
}

int report_on(const Options& options, const SweepPoints& points, const std::string& folder,
              const std::vector<std::string>& journals, SweepReport report) {
  const JournalHead head{points.file().digest, points.size()};
  const RowStore store(journals, head);
  if (options.flag("merge") && store.count() < points.size()) {
    throw UserError(folder + ": " + counted(points.size() - store.count(), "point") + " of " + thousands(points.size()) +
                    " are not there: expected all parts to have ended (eie sweep --part K/N goes on where one stopped)");
  }
  const SweepTable table(points, store);
  report.table = &table;
  if (options.has("sample")) {
    Progress progress;
    report.sample = sample_on_hw(table, options.number_from_1("sample"), jobs_of(options),
                                 [&](std::size_t done, std::size_t all) { progress.show("engine hw: point", done, all); });
  }
  const Formats formats = formats_of(options);
  if (formats.csv) write_sweep_csv(table, (fs::path(folder) / "table.csv").string());
  if (formats.hdf5) write_sweep_hdf5(table, (fs::path(folder) / "table.h5").string());
  if (options.has("plot")) draw_sweep(table, options.text("plot"));
  write_sweep_json(report, options.text("json"));
  print_sweep(report, options.table());
  print_search(report.search, options.table());
  flush_stdout();
  const bool agrees = !report.sample || report.sample->differences.empty();
  if (!agrees) std::fprintf(stderr, "eie sweep: engines differ: %s\n", report.sample->differences.front().c_str());
  const std::uint64_t wrong = table.count(SweepStatus::kMismatch) + table.count(SweepStatus::kFailed);
  if (wrong > 0) {
    std::fprintf(stderr, "eie sweep: %s did not give what the golden model says: see status and reason in the table\n",
                 counted(wrong, "point").c_str());
  }
  return agrees && wrong == 0 ? kExitDone : kExitMismatch;
}

}  // namespace

Options sweep_options() {
  Options options(
      "sweep FILE.yaml [options]",
      "Explores a design space on the fast model: keys of the configuration, layers, networks and balance, every\n"
      "combination of them (docs/sweep.md). Goes on where an earlier run of the same sweep in the same folder stopped,\n"
      "however that ended, and writes one table with time, energy, area and the points that no other beats in all three.");
  auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  options.add_positional({"file"});
  options.add()("file", text("FILE"), "the sweep, a YAML file; required");
  options.add()("output", text("DIR"), "folder of the journal and the table; default: the file's name with -sweep, here");
  options.add()("jobs", text("N")->default_value("0"),
                "points at a time; 0: as many as there are processors; results are the same");
  options.add()("limit", text("N"), "stop after so many points more; default: none is left");
  options.add()("format", text("LIST")->default_value("csv"), "the table as csv (table.csv), hdf5 (table.h5) or csv,hdf5");
  options.add()("plot", text("FILE"), "draw time, energy and area, an .svg or a .png; default: none");
  options.add()("sample", text("N"), "run so many points, drawn at random, again on engine hw where it is compiled for them");
  options.add()("part", text("K/N"), "work on part K of N alone, in any order and place, and write no table; see --merge");
  options.add()("merge", po::bool_switch(), "only write the table of parts that have ended, in one folder");
  options.add()("optimize", text("energy_delay|energy_delay_area|time|energy"),
                "search for the point where that is least, with Optuna, instead of trying all");
  options.add()("trials", text("N"), "points that the search may ask for; default: 100");
  options.add_json();
  return options;
}

int sweep_command(const std::vector<std::string>& arguments) {
  Options options = sweep_options();
  if (!options.parse(arguments)) return kExitDone;
  check_options(options);
  formats_of(options);
  const Part part = part_of(options);
  const std::size_t jobs = jobs_of(options);
  const std::uint64_t limit = options.has("limit") ? options.number_from_1("limit") : 0;
  if (options.has("sample")) options.number_from_1("sample");
  const std::string path = options.required("file");
  if (options.has("plot")) {
    picture_kind("--plot", options.text("plot"));
    require_gnuplot();
    check_writable(options.text("plot"));
  }
  const SweepFile file = open_sweep(path);
  const SweepPoints points(file);
  std::unique_ptr<Search> search;
  if (options.has("optimize"))
    search =
        std::make_unique<Search>(points, options.text("optimize"), options.has("trials") ? options.number_from_1("trials") : 100);
  const std::string folder = options.has("output") ? options.text("output") : fs::path(path).stem().string() + "-sweep";
  FileRoles files;
  files.input("file", path);
  files.output("--json", options.text("json"));
  files.output("--plot", options.text("plot"));
  files.output("the table", (fs::path(folder) / "table.csv").string());
  files.output("the table", (fs::path(folder) / "table.h5").string());
  check_writable(options.text("json"));

  Stopwatch watch;
  SweepReport report;
  report.options = options.values();
  if (options.flag("merge")) return report_on(options, points, folder, journals_in(folder), std::move(report));
  make_folder(folder);
  const std::string journal_path = (fs::path(folder) / journal_name(part)).string();
  {
    Journal journal(journal_path, {file.digest, points.size()});
    report.found = journal.found();
    if (journal.found() > 0) note("sweep", journal_path + " has " + counted(journal.found(), "point") + " already");
    if (journal.damaged() > 0) note("sweep", journal_path + ": " + counted(journal.damaged(), "damaged line") + ": done again");
    if (search != nullptr) {
      report.search = search->run(journal);
    } else {
      work(points, part, limit, jobs, journal);
    }
    if (options.has("part")) {
      std::printf("part %s: %s there\n", options.text("part").c_str(), counted(journal.count(), "point").c_str());
      flush_stdout();
      return kExitDone;
    }
  }
  report.seconds = watch.lap();
  return report_on(options, points, folder, {journal_path}, std::move(report));
}

}  // namespace eie::tb
