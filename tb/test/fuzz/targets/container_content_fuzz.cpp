// SPDX-License-Identifier: Apache-2.0
// Containers whose seal fits and whose contents are wrong: the input is a list of edits of a valid one, which the HDF5 library
// carries out, so that the file itself is always whole. What is tested are our own checks behind the seal, and what is played
// with what they let through, as `eie inspect` does.
#include <algorithm>
#include <array>
#include <hdf5.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "tb/compress/container.h"
#include "tb/encoding/plan.h"
#include "tb/engines/model_device.h"
#include "tb/formats/container/hdf5_file.h"
#include "tb/formats/container/seal.h"
#include "tb/formats/readers.h"
#include "tb/host/driver.h"
#include "tb/layers/inspect/inspection.h"
#include "tb/support/error.h"
#include "tb/test/fuzz/fuzz_target.h"
#include "tb/test/unit/tb/compress/container_cases.h"

namespace eie::tb {
namespace {

constexpr std::size_t kMostEdits = 64;
constexpr std::size_t kMostElements = std::size_t{1} << 14;  // of a dataset that an edit makes
constexpr std::size_t kMostPlayed = std::size_t{1} << 20;    // rows x columns

const std::array<const char*, 7> kGroups = {"/",       "/options",     "/layer0", "/layer0/image", "/layer0/codebook",
                                            "/layer1", "/layer1/image"};
const std::array<const char*, 17> kAttributes = {
    "name", "code_width", "layers",    "rows", "columns",  "relu",      "weight_frac", "act_frac",    "out_frac",
    "n_pe", "run_width",  "registers", "used", "distinct", "max_error", "rms_error",   "codes_sha256"};
const std::array<const char*, 9> kLinks = {"values", "bias",     "local_rows", "column_entries", "entries",
                                           "image",  "codebook", "layer0",     "options"};

HwConfig config_of(unsigned code_width) {
  HwConfig c;
  c.name = "small";
  c.n_pe = 4;
  c.queue_depth = 7;
  c.spmat_width = 64;
  c.spmat_depth = 1024;
  c.pointer_width = 16;
  c.pointer_depth = 1024;
  c.act_depth = 64;
  c.registers = 16;
  c.code_width = code_width;
  c.run_width = 8 - code_width % 8;
  c.data_width = 16;
  c.acc_width = 16;
  c.lnzd_fan_in = 4;
  c.clock_mhz = 800;
  return c;
}

/// The input, taken piece by piece; zeros behind its end.
class Input {
 public:
  explicit Input(const FileBytes& bytes) : bytes_(bytes) {}
  bool more() const { return at_ < bytes_.size(); }
  unsigned byte() { return more() ? bytes_.data()[at_++] : 0; }
  template <std::size_t N>
  const char* one_of(const std::array<const char*, N>& names) {
    return names[byte() % N];
  }
  std::uint64_t number() {
    switch (const unsigned kind = byte(); kind % 4) {
      case 0:
        return byte();
      case 1:
        return (std::uint64_t{1} << kind / 4) + byte() - 1;  // beside a power of two
      case 2:
        return byte() | byte() << 8;
      default: {
        std::uint64_t value = 0;
        for (int k = 0; k < 8; ++k) value = value << 8 | byte();
        return value;
      }
    }
  }
  std::string text() {
    std::string text(byte(), '\0');
    for (char& c : text) c = static_cast<char>(byte());
    return text;
  }

 private:
  const FileBytes& bytes_;
  std::size_t at_ = 0;
};

void set_attribute(hid_t at, const char* name, hid_t type, hid_t memory, const std::vector<hsize_t>& shape, const void* value) {
  H5Adelete(at, name);
  const Hdf5Handle space(
      shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  const Hdf5Handle made(H5Acreate2(at, name, type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  H5Awrite(made.id(), memory, value);
}

void set_text(hid_t at, const char* name, const std::string& text, bool variable) {
  const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), variable ? H5T_VARIABLE : std::max<std::size_t>(1, text.size()));
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  const char* const value = text.c_str();
  set_attribute(at, name, type.id(), type.id(), {}, variable ? static_cast<const void*>(&value) : value);
}

/// A new dataset in place of the old one: small and filled from the input, or of a claimed size with nothing stored.
void replace_dataset(hid_t at, const char* name, Input& input) {
  const std::array<hid_t, 9> types = {H5T_STD_U8LE,  H5T_STD_U16LE,  H5T_STD_U32LE, H5T_IEEE_F64LE, H5T_STD_I32LE,
                                      H5T_STD_U64LE, H5T_IEEE_F32LE, H5T_STD_B8LE,  H5T_C_S1};
  const hid_t type = types[input.byte() % types.size()];
  const unsigned kind = input.byte();  // bit 0: deflated; bit 1: of any size, nothing stored
  const bool empty = (kind & 2) != 0;
  std::vector<hsize_t> shape(input.byte() % 5);
  std::size_t size = 1;
  for (hsize_t& side : shape) {
    side = empty ? input.number() : input.byte();
    if (!empty && side != 0) side = std::min<hsize_t>(side, kMostElements / std::max<std::size_t>(1, size));
    size *= side;
  }
  H5Ldelete(at, name, H5P_DEFAULT);
  const Hdf5Handle space(
      shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  if (!shape.empty() && (empty || (kind & 1) != 0) && size != 0) {
    std::vector<hsize_t> chunk = shape;
    for (hsize_t& side : chunk) side = std::min<hsize_t>(side, 16);
    H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_deflate(properties.id(), 6);
  }
  const Hdf5Handle made(H5Dcreate2(at, name, type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose);
  if (made.id() < 0 || empty || size == 0) return;
  std::vector<unsigned char> pattern(1 + input.byte() % 16);
  for (unsigned char& byte : pattern) byte = static_cast<unsigned char>(input.byte());
  std::vector<unsigned char> data(size * H5Tget_size(type));
  for (std::size_t k = 0; k < data.size(); ++k) data[k] = pattern[k % pattern.size()];
  H5Dwrite(made.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data());
}

/// Some bytes of a dataset's elements.
void change_elements(hid_t at, const char* name, Input& input) {
  const Hdf5Handle dataset(H5Dopen2(at, name, H5P_DEFAULT), H5Dclose);
  if (dataset.id() < 0) return;
  const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Hdf5Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (count <= 0 || count > static_cast<hssize_t>(kMostElements)) return;
  std::vector<unsigned char> data(static_cast<std::size_t>(count) * H5Tget_size(type.id()));
  if (H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data()) < 0) return;
  for (unsigned k = input.byte() % 8; k-- > 0;) {
    const std::size_t place = input.number() % data.size();
    data[place] = static_cast<unsigned char>(input.byte());
  }
  H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data());
}

void edit(hid_t file, Input& input) {
  const unsigned what = input.byte();
  const Hdf5Handle group(H5Gopen2(file, input.one_of(kGroups), H5P_DEFAULT), H5Gclose);
  const hid_t at = group.id();
  switch (what % 10) {
    case 0: {
      const char* const name = input.one_of(kAttributes);
      const std::uint64_t value = input.number();
      return set_attribute(at, name, what < 128 ? H5T_STD_U64LE : H5T_STD_I64LE, H5T_NATIVE_UINT64, {}, &value);
    }
    case 1: {
      const char* const name = input.one_of(kAttributes);
      const std::uint64_t bits = input.number();
      return set_attribute(at, name, H5T_IEEE_F64LE, H5T_IEEE_F64LE, {}, &bits);
    }
    case 2: {
      const char* const name = input.one_of(kAttributes);
      return set_text(at, name, input.text(), what < 128);
    }
    case 3: {  // several numbers, or none
      const char* const name = input.one_of(kAttributes);
      const std::vector<std::uint64_t> values(4, input.number());
      return set_attribute(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, {input.byte() % 5}, values.data());
    }
    case 4:
      H5Adelete(at, input.one_of(kAttributes));
      return;
    case 5: {
      const char* const name = input.one_of(kLinks);
      return replace_dataset(at, name, input);
    }
    case 6: {
      const char* const name = input.one_of(kLinks);
      return change_elements(at, name, input);
    }
    case 7:
      H5Ldelete(at, input.one_of(kLinks), H5P_DEFAULT);
      return;
    case 8: {  // moved, or a second name, maybe for a group around it
      const char* const from = input.one_of(kLinks);
      const Hdf5Handle other(H5Gopen2(file, input.one_of(kGroups), H5P_DEFAULT), H5Gclose);
      const char* const to = input.one_of(kLinks);
      H5Ldelete(other.id(), to, H5P_DEFAULT);
      if (what < 85) {
        H5Lmove(at, from, other.id(), to, H5P_DEFAULT, H5P_DEFAULT);
      } else if (what < 170) {
        H5Lcreate_hard(at, from, other.id(), to, H5P_DEFAULT, H5P_DEFAULT);
      } else {
        H5Lcreate_soft(input.one_of(kGroups), other.id(), to, H5P_DEFAULT, H5P_DEFAULT);
      }
      return;
    }
    default: {  // an option of any name
      const std::string name = input.text();
      return set_text(at, name.c_str(), input.text(), true);
    }
  }
}

/// A container's HDF5 file, open to be changed: without the seal in front of it.
class OpenContainer {
 public:
  explicit OpenContainer(const std::vector<unsigned char>& bytes)
      : access_(H5Pcreate(H5P_FILE_ACCESS), H5Pclose), file_(open(bytes), H5Fclose) {
    if (file_.id() < 0) throw std::logic_error("the container cannot be opened to be changed");
  }
  hid_t id() const { return file_.id(); }
  std::vector<unsigned char> sealed() {
    H5Fflush(file_.id(), H5F_SCOPE_GLOBAL);
    const ssize_t size = H5Fget_file_image(file_.id(), nullptr, 0);
    if (size <= 0) throw std::logic_error("the changed container has no bytes");
    std::vector<unsigned char> bytes(kSealBytes + static_cast<std::size_t>(size));
    H5Fget_file_image(file_.id(), bytes.data() + kSealBytes, static_cast<std::size_t>(size));
    seal(bytes);
    return bytes;
  }

 private:
  hid_t open(const std::vector<unsigned char>& bytes) const {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // edits of what is not there are none
    H5Pset_fapl_core(access_.id(), std::size_t{1} << 16, 0);
    H5Pset_libver_bounds(access_.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    H5Pset_file_image(access_.id(), const_cast<unsigned char*>(bytes.data() + kSealBytes), bytes.size() - kSealBytes);
    return H5Fopen("container", H5F_ACC_RDWR, access_.id());
  }

  Hdf5Handle access_;
  Hdf5Handle file_;
};

template <class T>
std::vector<T> elements(const Hdf5Group& group, const char* name) {
  return group.array<T>(name, group.shape(name));
}

/// The digest of what a layer's image says. All but the digest must be right.
void renew_digest(OpenContainer& file, const std::string& name) {
  const Hdf5Group layer(Hdf5Handle(H5Gopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Gclose));
  const Hdf5Group group = layer.group("image");
  StoredImage image;
  image.n_pe = static_cast<unsigned>(group.count("n_pe"));
  image.code_width = static_cast<unsigned>(group.count("code_width"));
  image.run_width = static_cast<unsigned>(group.count("run_width"));
  image.registers = static_cast<unsigned>(group.count("registers"));
  image.local_rows = elements<std::uint32_t>(group, "local_rows");
  image.column_entries = elements<std::uint32_t>(group, "column_entries");
  if (image.is_narrow()) {
    image.narrow = elements<std::uint8_t>(group, "entries");
  } else {
    image.wide = elements<std::uint16_t>(group, "entries");
  }
  const std::size_t rows = layer.count("rows");
  const std::size_t columns = layer.count("columns");
  const Hdf5Handle again(H5Gopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Gclose);
  set_text(again.id(), "codes_sha256", digest_of(decode_image(image, rows, columns), rows, columns), true);
}

/// What `eie inspect` does with a layer that was let through, and a run of it on engine tlm.
void play(const std::string& path, const StoredLayer& layer, unsigned code_width) {
  if (layer.rows * layer.columns > kMostPlayed) return;
  const std::string name = path + ":" + layer.name;
  HwConfig config = config_of(code_width);
  if (layer.image.n_pe <= 64) config.n_pe = layer.image.n_pe;
  config.run_width = layer.image.run_width;
  if (layer.image.registers <= 64) config.registers = layer.image.registers;
  const StoredWeights stored = share_or_take(name, config);
  const CodeMatrix& codes = *stored.shared.codes;
  const EncodedLayer image = stored.image ? *stored.image : encode(codes, config, split_rows(layer.rows, config));
  const Plan plan = plan_launches(image, config, false, name);
  const Inspection seen = inspect(codes, image, plan, config);
  if (seen.nonzeros != layer.codes.row.size()) throw std::logic_error("the image has other non-zeros than the codes");
  ModelDevice device(config);
  Driver driver(device, config, LoadMode::kBackdoor);
  DeviceLayer run;
  run.name = layer.name;
  run.image = &image;
  run.plan = &plan;
  run.codebook.assign(std::size_t{1} << code_width, 0);
  driver.load({run});
  driver.run(std::vector<std::int32_t>(layer.columns, 1));
  read_all(*open_container_matrix(name));
}

void check(const std::string& path, const StoredNetwork& network) {
  for (const StoredLayer& layer : network.layers) {
    if (layer.codes.offset.size() != layer.columns + 1) throw std::logic_error("a layer without its columns was let through");
    for (const std::uint32_t row : layer.codes.row) {
      if (row >= layer.rows) throw std::logic_error("a row beyond the layer was let through");
    }
    for (const std::uint8_t code : layer.codes.code) {
      if (code >> network.code_width != 0) throw std::logic_error("a code beyond the codebook was let through");
    }
    play(path, layer, network.code_width);
  }
}

std::vector<unsigned char> container_of(unsigned code_width, std::size_t layers) {
  CompressedNetwork network = two_layers(1, code_width);
  network.layers.resize(layers);
  const FileInMemory file{FileBytes()};
  write_container(file.path(), network, config_of(code_width), {{"threshold", "0.1"}});
  const FileBytes bytes = FileBytes::map(file.path(), "a container");
  return {bytes.data(), bytes.data() + bytes.size()};
}

}  // namespace

FuzzTarget fuzz_target() {
  FuzzTarget target;
  const std::array<std::vector<unsigned char>, 3> bases = {container_of(4, 2), container_of(8, 1), container_of(2, 1)};
  target.read = [bases](const FileBytes& bytes) {
    Input input(bytes);
    OpenContainer file(bases[input.byte() % bases.size()]);
    for (std::size_t k = 0; k < kMostEdits && input.more(); ++k) edit(file.id(), input);
    // A digest that is the last thing wrong is made right, layer by layer: else nothing changed would be let through.
    for (unsigned l = 0;; ++l) {
      const FileBytes sealed(file.sealed());
      try {
        const StoredNetwork network = parse_container("net.eie", sealed);
        const FileInMemory place(sealed);
        return check(place.path(), network);
      } catch (const UserError& error) {
        if (l == 2 || std::string(error.what()).find("has entries that are not the codes it was made of") == std::string::npos)
          throw;
      }
      renew_digest(file, "/layer" + std::to_string(l));
    }
  };
  // Memory: the HDF5 library takes megabytes, twice; a layer may have 2^24 rows, and a column of them is decoded at a time.
  target.constant = std::size_t{64} << 20;
  return target;
}

}  // namespace eie::tb
