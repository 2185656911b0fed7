// SPDX-License-Identifier: Apache-2.0
// eie encode: a weight matrix into the device's format.
#include <regex>

#include "tb/cli/commands.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/compress/container.h"
#include "tb/encoding/code_matrix.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/encoding/plan.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/npy.h"
#include "tb/layers/network_file.h"
#include "tb/layers/parallel_encode.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/stopwatch.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

// True for the files and folders that this command writes: what another encoding left.
bool is_of_encoding(const std::string& name) {
  static const std::regex names("(codes|row_order)\\.npy|codebook(_float)?\\.npy|pe[0-9]+_(entries|ptr)\\.npy|launch[0-9]+");
  return std::regex_match(name, names);
}

// Writes the entries and pointers of columns first .. first + count - 1 of one row block.
void write_images(const EncodedLayer& image, std::size_t block, std::size_t first, std::size_t count, const HwConfig& config,
                  const std::string& folder) {
  make_folder(folder);
  for (unsigned k = 0; k < config.n_pe; ++k) {
    const PeCode& pe = image.pe(block, k);
    const std::uint32_t begin = pe.pointers[first];
    const std::uint32_t end = pe.pointers[first + count];
    const std::string name = folder + "/pe" + std::to_string(k);
    if (config.entry_bits() <= 8) {
      std::vector<std::uint8_t> entries;
      for (std::uint32_t e = begin; e < end; ++e) entries.push_back(static_cast<std::uint8_t>(pe.entries[e]));
      write_npy(name + "_entries.npy", entries);
    } else {
      write_npy(name + "_entries.npy", std::vector<std::uint16_t>(pe.entries.begin() + begin, pe.entries.begin() + end));
    }
    std::vector<std::uint32_t> pointers;
    for (std::size_t j = first; j <= first + count; ++j) pointers.push_back(pe.pointers[j] - begin);
    write_npy(name + "_ptr.npy", pointers);
  }
}

/// No file of the command is written twice, or over what it reads. The files of launches have folders of their own.
void check_files(const Options& options, const std::string& folder, const HwConfig& config) {
  FileRoles files;
  files.input("--config", options.config_file());
  files.input("--weights", options.text("weights"));
  files.input("--calibration", options.text("calibration"));
  for (const char* name : {"codes", "codebook", "codebook_float", "row_order"}) {
    files.output("--output", folder + "/" + name + ".npy");
  }
  for (unsigned k = 0; k < config.n_pe; ++k) {
    const std::string pe = folder + "/pe" + std::to_string(k);
    files.output("--output", pe + "_entries.npy");
    files.output("--output", pe + "_ptr.npy");
  }
  files.output("--json", options.text("json"));
}

}  // namespace

Options encode_options() {
  Options options("encode W --output DIR [options]",
                  "Writes codes.npy (uint8, rows x columns), codebook.npy (int32) and codebook_float.npy (float64), and "
                  "for each PE\n"
                  "pe<k>_entries.npy (uint8 or uint16, one entry an element) and pe<k>_ptr.npy (uint32, columns + 1) of "
                  "the whole\n"
                  "matrix. A layer that takes several launches has those of launch n, as loaded, in launch<n>/ too. With\n"
                  "--balance, row_order.npy (uint32) has the row of W at each place: place p is PE p mod N, local row p / N.");
  options.add_positional({"weights"});
  options.add_config();
  options.add()("weights", po::value<std::string>()->value_name("FILE"),
                "W, rows x columns: .npy, .npz, .mtx, .smtx, .csv, NET.eie:LAYER (docs/formats.md); required");
  options.add()("output", po::value<std::string>()->value_name("DIR"), "folder to write to, made if need be; required");
  options.add()("force", po::bool_switch(), "replace the encoding that DIR holds; default: refuse");
  add_balance(options);
  options.add()("weight-frac", po::value<std::string>()->value_name("N"),
                "fraction bits of the codebook; default: the most that clamp nothing");
  options.add_json();
  return options;
}

int encode_command(const std::vector<std::string>& arguments) {
  Options options = encode_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string weights = options.required("weights");
  const std::string folder = options.required("output");

  Report report;
  report.command = "encode";
  report.config = options.config();
  const HwConfig& config = report.config;
  check_files(options, folder, config);
  check_writable(options.text("json"));
  StagedFolder output(folder, is_of_encoding, options.flag("force"));

  report.options = options.values();
  InputFiles read(options.has("json"));
  read.add("config", options.config_file());
  read.add_array("weights", weights, Wanted::matrix());
  read.add_array("calibration", options.text("calibration"),
                 wanted_samples(weights, [weights] { return open_matrix(weights)->columns(); }));
  const BalanceChoice choice = balance_of(options, weights);

  Progress progress;
  progress.show("encoding " + weights);
  Stopwatch watch;
  StoredWeights stored = share_or_take(weights, config);
  SharedWeights& shared = stored.shared;
  CodeMatrix& codes = *shared.codes;
  const std::vector<RowBlock> blocks = split_rows(codes.rows(), config);
  const BalancedRows balanced =
      balance_rows(codes, config, blocks, {choice.kind, choice.window, feature_use(choice.calibration)});
  const PermutedSource placed(codes, {balanced.rows, {}});
  EncodedLayer image = stored.image && balanced.rows.empty() ? std::move(*stored.image) : encode_parallel(placed, config, blocks);
  const FixedWeights fixed =
      fix_weights(image, shared.codebook.values, options.integer("weight-frac", kLowestFrac, kHighestFrac), config.data_width);
  codes.set_codebook(shared.codebook.integers(fixed.weight_frac, config.data_width));
  const Plan plan = plan_launches(image, config, false, weights + (balanced.rows.empty() ? "" : " (rows by place, --balance)"));

  LayerReport layer;
  layer.rows = codes.rows();
  layer.columns = codes.columns();
  layer.stored = count_work(image, {});
  layer.planned_launches = plan.launches.size();
  layer.codebook = codes.codebook();
  layer.sharing = shared.codebook;
  if (choice.kind != BalanceKind::kNone) layer.balance = balanced.balance;
  layer.weight_frac = fixed.weight_frac;
  layer.quantisation = Quantisation{};
  layer.quantisation->weights = fixed.loss;
  layer.warnings = fixed.warnings;

  const std::string& staging = output.staging();
  try {
    write_npy(staging + "/codes.npy", codes.row_major(), {codes.rows(), codes.columns()});
    write_npy(staging + "/codebook.npy", codes.codebook());
    if (!balanced.rows.empty()) write_npy(staging + "/row_order.npy", balanced.rows);
    write_npy(staging + "/codebook_float.npy", shared.codebook.values);
    if (plan.launches.size() > 1) {
      for (std::size_t n = 0; n < plan.launches.size(); ++n) {
        const Launch& launch = plan.launches[n];
        write_images(image, launch.block, launch.first_column, launch.columns, config, staging + "/launch" + std::to_string(n));
      }
    }
    if (blocks.size() > 1) image = encode_parallel(placed, config, one_block(codes.rows(), config));
    write_images(image, 0, 0, image.columns, config, staging);
  } catch (const UserError& error) {
    throw UserError(output.with_final_names(error.what()));
  }
  layer.seconds.encode = watch.lap();
  progress.clear();
  report.layers.push_back(std::move(layer));
  note(report.command, shared.note);
  report.inputs = read.files();
  // A folder's name is never standard output.
  const int status = finish(report, options.text("json"), options.text("json") == "-" ? stderr : stdout);
  output.commit();
  return status;
}

}  // namespace eie::tb
