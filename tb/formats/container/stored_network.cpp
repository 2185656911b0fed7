// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/container/stored_network.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "tb/formats/container/hdf5_file.h"
#include "tb/formats/container/seal.h"
#include "tb/formats/kept_files.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/readers.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

constexpr const char* kContainer = "an EIE container (.eie)";
constexpr std::size_t kMostLayers = 4096;
constexpr std::size_t kMostText = 4096;  // of a name, an option
constexpr double kLargest = 1e150;       // as of any weight
constexpr int kFarthestFrac = 64;

[[noreturn]] void wrong(const std::string& what) { throw Hdf5Error(what); }

bool is_power_of_two(unsigned n) { return n != 0 && (n & (n - 1)) == 0; }

void check_text(const std::string& text, const std::string& what) {
  if (text.size() > kMostText || text.find('\0') != std::string::npos) wrong(what + " that is no text of up to 4096 bytes");
}

void check_codebook(const StoredCodebook& codebook, unsigned code_width) {
  const std::vector<double>& values = codebook.values;
  if (values.size() != std::size_t{1} << code_width) wrong("has a codebook that is not of 2^code_width values");
  if (values.front() != 0) wrong("has a codebook whose first value is not 0");
  for (std::size_t c = 1; c < values.size(); ++c) {
    if (!(std::abs(values[c]) <= kLargest) || (c > 1 && values[c] < values[c - 1])) {
      wrong("has a codebook whose values do not ascend, finite, behind the first");
    }
  }
  if (codebook.used >= values.size()) wrong("has a codebook with more codes used than it has");
  if (!(codebook.max_error >= 0) || !(codebook.rms_error >= 0) || !std::isfinite(codebook.max_error + codebook.rms_error)) {
    wrong("has a codebook with an error that is no number");
  }
  check_text(codebook.start, "has a codebook with a start");
}

// What does not depend on the entries: sizes, so that they can be read.
void check_image_keys(const StoredImage& image, std::size_t rows, unsigned code_width) {
  if (!is_power_of_two(image.n_pe) || image.n_pe > 1024) wrong("has an image for " + std::to_string(image.n_pe) + " PEs");
  if (image.code_width != code_width || image.code_width < 1 || image.code_width > 8) wrong("has an image of another code width");
  const unsigned bits = image.code_width + image.run_width;
  if (image.run_width < 1 || image.run_width > 8 || (bits != 4 && bits != 8 && bits != 16)) {
    wrong("has an image with entries of " + std::to_string(bits) + " bits");
  }
  const std::size_t locals = (rows + image.n_pe - 1) / image.n_pe;
  std::size_t sum = 0;
  for (const std::uint32_t count : image.local_rows) {
    if (count == 0 || count > image.registers) wrong("has an image with a row block that the registers do not hold");
    sum += count;
  }
  if (sum != locals) wrong("has an image whose row blocks are not the rows of the layer");
}

void check_entries(const StoredImage& image, std::size_t columns) {
  if (image.column_entries.size() != image.local_rows.size() * image.n_pe * columns ||
      std::accumulate(image.column_entries.begin(), image.column_entries.end(), std::uint64_t{0}) != image.entry_count()) {
    wrong("has an image whose columns do not have its entries");
  }
  const unsigned bits = image.code_width + image.run_width;
  image.with_entries([bits](const auto& entries) {
    for (const auto entry : entries) {
      if (entry >> bits != 0) wrong("has an entry of over " + std::to_string(bits) + " bits");
    }
  });
}

void check_values(const StoredLayer& layer, unsigned code_width) {
  check_text(layer.name, "has a name");
  check_codebook(layer.codebook, code_width);
  for (const double b : layer.bias) {
    if (!(std::abs(b) <= kLargest)) wrong("has a bias that is no number up to 1e150");
  }
  for (const std::optional<int>& frac : {layer.weight_frac, layer.act_frac, layer.out_frac}) {
    if (frac && std::abs(*frac) > kFarthestFrac) wrong("has a format of " + std::to_string(*frac) + " fraction bits");
  }
}

void write_image(Hdf5Group& at, const StoredImage& image, std::size_t columns) {
  Hdf5Group group = at.make_group("image");
  group.write("n_pe", std::uint64_t{image.n_pe});
  group.write("code_width", std::uint64_t{image.code_width});
  group.write("run_width", std::uint64_t{image.run_width});
  group.write("registers", std::uint64_t{image.registers});
  group.write_array("local_rows", image.local_rows, {image.local_rows.size()});
  const std::vector<std::size_t> shape = {image.local_rows.size(), image.n_pe, columns};
  const std::uint32_t most = *std::max_element(image.column_entries.begin(), image.column_entries.end());
  if (most <= 0xFF) {
    group.write_array("column_entries", std::vector<std::uint8_t>(image.column_entries.begin(), image.column_entries.end()),
                      shape);
  } else {
    group.write_array("column_entries", image.column_entries, shape);
  }
  image.with_entries([&group](const auto& entries) { group.write_array("entries", entries, {entries.size()}); });
}

unsigned small_count(const Hdf5Group& group, const std::string& name) {
  const std::uint64_t value = group.count(name);
  if (value > 1u << 24) wrong("has an attribute '" + name + "' of " + std::to_string(value));
  return static_cast<unsigned>(value);
}

StoredImage read_image(const Hdf5Group& group, std::size_t rows, std::size_t columns, unsigned code_width) {
  StoredImage image;
  image.n_pe = small_count(group, "n_pe");
  image.code_width = small_count(group, "code_width");
  image.run_width = small_count(group, "run_width");
  image.registers = small_count(group, "registers");
  image.local_rows = group.array<std::uint32_t>("local_rows", group.shape("local_rows"));
  check_image_keys(image, rows, code_width);
  image.column_entries = group.array<std::uint32_t>("column_entries", {image.local_rows.size(), image.n_pe, columns});
  const std::vector<std::size_t> shape = group.shape("entries");
  if (shape.size() != 1) wrong("has a dataset 'entries' of another shape");
  if (image.is_narrow()) {
    image.narrow = group.array<std::uint8_t>("entries", shape);
  } else {
    image.wide = group.array<std::uint16_t>("entries", shape);
  }
  check_entries(image, columns);
  return image;
}

void write_layer(Hdf5Group& group, const StoredLayer& layer, const SparseCodes& codes, const StoredImage& image) {
  group.write("name", layer.name);
  group.write("rows", std::uint64_t{layer.rows});
  group.write("columns", std::uint64_t{layer.columns});
  group.write("relu", std::uint64_t{layer.relu ? 1u : 0u});
  auto frac = [&](const char* name, const std::optional<int>& value) {
    if (value) group.write(name, std::int64_t{*value});
  };
  frac("weight_frac", layer.weight_frac);
  frac("act_frac", layer.act_frac);
  frac("out_frac", layer.out_frac);
  group.write("codes_sha256", digest_of(codes, layer.rows, layer.columns));
  const StoredCodebook& c = layer.codebook;
  Hdf5Group codebook = group.make_group("codebook");
  codebook.write_array("values", c.values, {c.values.size()});
  codebook.write("used", c.used);
  codebook.write("distinct", c.distinct);
  codebook.write("max_error", c.max_error);
  codebook.write("rms_error", c.rms_error);
  codebook.write("start", c.start);
  if (!layer.bias.empty()) group.write_array("bias", layer.bias, {layer.bias.size()});
  write_image(group, image, layer.columns);
}

StoredLayer read_layer(const Hdf5Group& group, const std::string& path, unsigned code_width) {
  StoredLayer layer;
  layer.name = group.text("name");
  layer.rows = group.count("rows");
  layer.columns = group.count("columns");
  check_sparse_size(path + ":" + layer.name, layer.rows, layer.columns);
  layer.relu = group.count("relu") != 0;
  auto frac = [&](const char* name) -> std::optional<int> {
    if (!group.has_attribute(name)) return std::nullopt;
    const std::int64_t bits = group.integer(name);
    if (bits < -kFarthestFrac || bits > kFarthestFrac) wrong("has a format of " + std::to_string(bits) + " fraction bits");
    return static_cast<int>(bits);
  };
  layer.weight_frac = frac("weight_frac");
  layer.act_frac = frac("act_frac");
  layer.out_frac = frac("out_frac");
  const Hdf5Group codebook = group.group("codebook");
  StoredCodebook& c = layer.codebook;
  c.values = codebook.array<double>("values", {std::size_t{1} << code_width});
  c.used = codebook.count("used");
  c.distinct = codebook.count("distinct");
  c.max_error = codebook.real("max_error");
  c.rms_error = codebook.real("rms_error");
  c.start = codebook.text("start");
  if (group.has_group_or_array("bias")) layer.bias = group.array<double>("bias", {layer.rows});
  check_values(layer, code_width);
  layer.image = read_image(group.group("image"), layer.rows, layer.columns, code_width);
  layer.codes = decode_image(layer.image, layer.rows, layer.columns);
  if (digest_of(layer.codes, layer.rows, layer.columns) != group.text("codes_sha256")) {
    wrong("has entries that are not the codes it was made of");
  }
  return layer;
}

// Names are how layers are found.
void check_names(const StoredNetwork& network) {
  std::set<std::string> names;
  if (network.layers.empty()) wrong("has no layers");
  if (network.layers.size() > kMostLayers) wrong("has over " + std::to_string(kMostLayers) + " layers");
  for (const StoredLayer& layer : network.layers) {
    if (layer.name.empty()) wrong("has a layer without a name");
    if (!names.insert(layer.name).second) wrong("has two layers with the name '" + layer.name + "'");
  }
}

StoredNetwork read_network(const std::string& path, const FileBytes& bytes) {
  const Hdf5File file = Hdf5File::open(bytes.data(), bytes.size());
  const Hdf5Group root = file.root();
  StoredNetwork network;
  network.name = root.text("name");
  check_text(network.name, "has a name");
  network.code_width = small_count(root, "code_width");
  if (network.code_width < 1 || network.code_width > 8) wrong("has codes of " + std::to_string(network.code_width) + " bits");
  const Hdf5Group options = root.group("options");
  for (const std::string& key : options.attributes()) network.options[key] = options.text(key);
  const std::size_t count = small_count(root, "layers");
  if (count > kMostLayers) wrong("has over " + std::to_string(kMostLayers) + " layers");
  for (std::size_t l = 0; l < count; ++l) {
    network.layers.push_back(read_layer(root.group("layer" + std::to_string(l)), path, network.code_width));
  }
  check_names(network);
  return network;
}

}  // namespace

bool is_container(std::string_view bytes) { return is_sealed(bytes); }

std::vector<unsigned char> container_bytes(const StoredNetwork& network, const std::vector<LayerToStore>& layers,
                                           const std::string& label) {
  try {
    check_names(network);
    check_text(network.name, "has a name");
    for (const auto& [key, value] : network.options) {
      check_text(key, "has an option");
      check_text(value, "has an option");
      if (key.empty()) wrong("has an option without a name");
    }
    Hdf5File file = Hdf5File::make(kSealBytes);
    {
      Hdf5Group root = file.root();
      root.write("name", network.name);
      root.write("program", std::string("eie ") + kVersion);
      root.write("code_width", std::uint64_t{network.code_width});
      root.write("layers", std::uint64_t{network.layers.size()});
      Hdf5Group options = root.make_group("options");
      for (const auto& [key, value] : network.options) options.write(key, value);
      for (std::size_t l = 0; l < network.layers.size(); ++l) {
        const StoredLayer& layer = network.layers[l];
        check_sparse_size(label + ": layer " + layer.name, layer.rows, layer.columns);
        check_values(layer, network.code_width);
        const StoredImage image = layers[l].image();
        check_image_keys(image, layer.rows, network.code_width);
        check_entries(image, layer.columns);
        if (!layer.bias.empty() && layer.bias.size() != layer.rows) wrong("has a bias that is not of one value a row");
        Hdf5Group group = root.make_group("layer" + std::to_string(l));
        write_layer(group, layer, *layers[l].codes, image);
      }
    }
    std::vector<unsigned char> bytes = file.bytes();
    seal(bytes);
    return bytes;
  } catch (const Hdf5Error& error) {
    fail_file(label, error.what(), "a network that a container can hold");
  }
}

StoredNetwork parse_container(const std::string& path, const FileBytes& bytes) {
  const std::string broken = broken_seal(bytes.text());
  if (!broken.empty()) throw UserError(path + ": " + broken);
  try {
    return read_network(path, bytes);
  } catch (const Hdf5Error& error) {
    fail_file(path, error.what(), kContainer);
  }
}

bool is_container_file(const std::string& name) {
  try {
    return is_container(FileBytes::map(file_of(name), kContainer).text());
  } catch (const UserError&) {
    return false;
  }
}

std::shared_ptr<const StoredNetwork> open_container(const std::string& name) {
  const std::string path = file_of(name);
  const std::string key = path + "\ncontainer";
  if (const auto kept = KeptFiles::parsed(key)) return std::static_pointer_cast<const StoredNetwork>(kept);
  auto network = std::make_shared<const StoredNetwork>(parse_container(path, FileBytes::map(path, kContainer)));
  KeptFiles::keep_parsed(key, network);
  return network;
}

ContainerMember container_member(const std::string& name) {
  static const std::string kBias = ".bias";
  ContainerMember found;
  found.network = open_container(name);
  const std::vector<StoredLayer>& layers = found.network->layers;
  const std::string path = file_of(name);
  std::string member = name.size() > path.size() ? name.substr(path.size() + 1) : "";
  auto find = [&](const std::string& layer) {
    for (found.layer = 0; found.layer < layers.size() && layers[found.layer].name != layer;) ++found.layer;
    return found.layer < layers.size();
  };
  if (!member.empty() && find(member)) return found;
  found.layer = 0;
  if (member == "bias" ||
      (member.size() > kBias.size() && member.compare(member.size() - kBias.size(), kBias.size(), kBias) == 0)) {
    found.bias = true;
    member.resize(member.size() - std::min(member.size(), kBias.size()));
  }
  if (!member.empty() ? find(member) : layers.size() == 1) {
    if (found.bias && found.stored().bias.empty()) fail_file(name, "layer '" + found.stored().name + "' has no bias", "one");
    return found;
  }
  std::string names;
  for (const StoredLayer& layer : layers) names += (names.empty() ? "" : ", ") + layer.name;
  fail_file(name, member.empty() ? "has " + std::to_string(layers.size()) + " layers" : "has no layer '" + member + "'",
            path + ":LAYER with one of " + names);
}

}  // namespace eie::tb
