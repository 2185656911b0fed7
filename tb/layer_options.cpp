#include "layer_options.h"

#include <string>
#include <vector>

#include "npy.h"

namespace eie::tb {

namespace po = boost::program_options;

void add_layer_files(Options& options) {
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add()("weights", file(), "W, rows x columns, .npy float32 or float64 in C order; required");
  options.add()("activations", file(), "a, one value a column, .npy float32 or float64; required");
  options.add()("bias", file(), "b, one value a row, .npy float32 or float64; default: none");
  options.add()("relu", po::bool_switch(), "clamp negative outputs to 0; default: off");
}

void add_layer_formats(Options& options) {
  auto number = [] { return po::value<std::string>()->value_name("N"); };
  options.add()("weight-frac", number(),
                "fraction bits of the codebook; default: the most that clamp nothing");
  options.add()("act-frac", number(),
                "fraction bits of the activations; default: the most that clamp nothing");
  options.add()("out-frac", number(),
                "fraction bits of the outputs; default: the most at which no bias, output or partial sum clamps");
}

void add_layer_inputs(const Options& options, FileRoles& files) {
  for (const char* name : {"config", "weights", "activations", "bias"}) {
    files.input(std::string("--") + name, options.text(name));
  }
}

InputFiles layer_input_files(const Options& options, bool wanted) {
  InputFiles files(wanted);
  files.add("config", options.text("config"));
  for (const char* name : {"weights", "activations", "bias"}) files.add_array(name, options.text(name));
  return files;
}

LayerFiles layer_files(const Options& options) {
  LayerFiles files;
  files.weights = options.required("weights");
  files.bias = options.text("bias");
  files.relu = options.flag("relu");
  files.formats = {options.integer("weight-frac"), options.integer("act-frac"), options.integer("out-frac")};
  return files;
}

Eigen::MatrixXd layer_activations(const Options& options) {
  const std::vector<double> a = load_float_vector(options.required("activations"), 0);
  return Eigen::Map<const Eigen::VectorXd>(a.data(), static_cast<Eigen::Index>(a.size()));
}

}  // namespace eie::tb
