// SPDX-License-Identifier: Apache-2.0
#include "tb/host/driver.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tb/host/events.h"
#include "tlm/config/config_keys.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

std::uint64_t field(std::uint64_t value, unsigned lsb, unsigned bits) {
  return (value >> lsb) & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace

void Counters::add(const Counters& other) {
  launches += other.launches;
  batches += other.batches;
  cycles += other.cycles;
  broadcasts += other.broadcasts;
  queue_full_cycles += other.queue_full_cycles;
  act_transfer_cycles += other.act_transfer_cycles;
  io_beats += other.io_beats;
  ecc_corrected += other.ecc_corrected;
  pe.resize(std::max(pe.size(), other.pe.size()));
  for (std::size_t k = 0; k < other.pe.size(); ++k) {
    pe[k].entries += other.pe[k].entries;
    pe[k].padding += other.pe[k].padding;
    pe[k].padding_skipped += other.pe[k].padding_skipped;
    pe[k].starved += other.pe[k].starved;
    pe[k].spmat_reads += other.pe[k].spmat_reads;
    pe[k].ptr_reads += other.pe[k].ptr_reads;
    pe[k].act_reads += other.pe[k].act_reads;
  }
}

Driver::Driver(Device& device, const HwConfig& config, LoadMode mode) : device_(device), config_(check(config)), mode_(mode) {
  device_.write(reg::kCtrl, reg::kCtrlSoftReset);
  check_capabilities();
  device_.write(reg::kIrqStatus, reg::kIrqDone);
  device_.write(reg::kIrqEnable, reg::kIrqDone);
}

void Driver::check_capabilities() {
  const std::uint64_t found[] = {device_.read(reg::kCap0), device_.read(reg::kCap1), device_.read(reg::kCap2),
                                 device_.read(reg::kCap3)};
  const auto in_field = [&found](const CapField& cap) { return field(found[cap.index], cap.lsb, cap.bits); };
  auto check = [this](const char* key, std::uint64_t value, std::uint64_t expected) {
    if (value != expected) {
      throw DeviceError("engine " + device_.engine() + ": CAP says " + key + " is " + std::to_string(value) + ": expected " +
                        std::to_string(expected) + " (configuration " + config_.name + ")");
    }
  };
  for (const CapValue& cap : cap_values(config_)) check(cap.key, in_field(cap.field), cap.value);
  check("window stride", std::uint64_t{1} << in_field(kCapStride), config_.window().stride);
}

// Writes beats into a memory window and empties the list.
void Driver::store(std::vector<Device::Beat>& beats) {
  if (beats.empty()) return;
  if (mode_ == LoadMode::kPort) {
    io_beats_ += beats.size();
    device_.write_stream(beats);
  } else {
    for (const Device::Beat& beat : beats) device_.backdoor_write(beat.address, beat.data);
  }
  beats.clear();
}

void Driver::store_image(std::size_t l, std::size_t n) {
  const Launch& launch = layers_[l].plan->launches[n];
  const ImagePlace& place = placement_.images[l][n];
  std::vector<Device::Beat> beats;
  for (unsigned k = 0; k < config_.n_pe; ++k) {
    const PeCode& code = layers_[l].image->pe(launch.block, k);
    const std::uint32_t first = code.pointers[launch.first_column];
    const std::uint32_t last = code.pointers[launch.first_column + launch.columns];
    std::uint64_t address = config_.window_base(k) + std::uint64_t{place.entry_base[k]} * config_.entry_bits() / 8;
    for (const std::uint64_t word : pack_entries(code, first, last, config_.entry_bits())) {
      beats.push_back({address, word});
      address += 8;
    }
    address = config_.window_base(k) + config_.window().ptr_offset + std::uint64_t{place.pointer_base} * 4;
    auto pointer = [&](std::size_t c) -> std::uint64_t {
      if (c > launch.columns) return 0;
      return code.pointers[launch.first_column + c] - first + place.entry_base[k];
    };
    for (std::size_t c = 0; c <= launch.columns; c += 2) {
      beats.push_back({address, pointer(c) | pointer(c + 1) << 32});
      address += 8;
    }
    store(beats);
  }
}

// Elements first .. first + count - 1 of a vector, `first` a multiple of n_pe, into every PE from `word` on.
void Driver::store_vector(const std::vector<std::int32_t>& vector, std::size_t first, std::size_t count, std::uint64_t word) {
  const unsigned lanes = config_.lanes();
  const std::uint64_t mask = (std::uint64_t{1} << config_.data_width) - 1;
  const std::uint64_t words = config_.act_words(config_.local_length(count));
  std::vector<Device::Beat> beats;
  for (unsigned k = 0; k < config_.n_pe; ++k) {
    const std::uint64_t base = config_.window_base(k) + config_.window().act_offset + word * 8;
    for (std::uint64_t w = 0; w < words; ++w) {
      std::uint64_t data = 0;
      for (unsigned lane = 0; lane < lanes; ++lane) {
        const std::size_t i = static_cast<std::size_t>(w * lanes + lane) * config_.n_pe + k;
        if (i >= count) break;
        data |= (static_cast<std::uint64_t>(vector[first + i]) & mask) << (lane * config_.data_width);
      }
      beats.push_back({base + w * 8, data});
    }
  }
  store(beats);
}

void Driver::store_bias(const DeviceLayer& layer, std::size_t block, std::uint64_t word) {
  const RowBlock& rows = layer.image->blocks[block];
  store_vector(layer.bias, rows.first_row, rows.rows, word);
}

std::vector<std::int32_t> Driver::fetch_vector(std::size_t length, std::uint64_t word, bool through_port) {
  const unsigned lanes = config_.lanes();
  const std::uint64_t words = config_.act_words(config_.local_length(length));
  std::vector<std::uint64_t> addresses;
  for (unsigned k = 0; k < config_.n_pe; ++k) {
    const std::uint64_t base = config_.window_base(k) + config_.window().act_offset + word * 8;
    for (std::uint64_t w = 0; w < words; ++w) addresses.push_back(base + w * 8);
  }
  std::vector<std::uint64_t> data;
  if (through_port) {
    data = device_.read_stream(addresses);
  } else {
    for (const std::uint64_t address : addresses) data.push_back(device_.backdoor_read(address));
  }
  std::vector<std::int32_t> vector(length);
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t k = i % config_.n_pe;
    const std::size_t local = i / config_.n_pe;
    const std::uint64_t beat = data[k * static_cast<std::size_t>(words) + local / lanes];
    const unsigned left = 64 - config_.data_width * (static_cast<unsigned>(local % lanes) + 1);
    vector[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(beat << left) >> (64 - config_.data_width));
  }
  return vector;
}

void Driver::store_codebook(const std::vector<std::int32_t>& codebook) {
  if (codebook == codebook_) return;
  std::vector<Device::Beat> beats;
  for (std::size_t c = 1; c < codebook.size(); ++c) {
    const auto value = static_cast<std::uint64_t>(static_cast<std::int64_t>(codebook[c]));
    beats.push_back({reg::kCodebook + 8 * c, value});
  }
  device_.write_stream(beats);
  if (mode_ == LoadMode::kPort) io_beats_ += beats.size();
  codebook_ = codebook;
}

void Driver::load(std::vector<DeviceLayer> layers, bool there) {
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    if (layers[l].image->rows != layers[l + 1].image->columns) {
      throw std::logic_error("driver: layer " + layers[l + 1].name + " does not fit its predecessor");
    }
  }
  layers_ = std::move(layers);
  placement_ = place_layers(layers_, config_);
  image_at_0_.reset();
  load_beats_.assign(layers_.size(), 0);
  launches_before_ = announced_;
  launches_of_run_ = 0;
  sample_ = 0;
  for (const DeviceLayer& layer : layers_) launches_of_run_ += layer.plan->launches.size();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    io_beats_ = 0;
    if (placement_.images_resident && !there) {
      for (std::size_t n = 0; n < layers_[l].plan->launches.size(); ++n) store_image(l, n);
    }
    if (placement_.biases_resident && !layers_[l].bias.empty()) {
      const auto& words = placement_.acts[l].bias_word;
      for (std::size_t b = 0; b < words.size(); ++b) store_bias(layers_[l], b, words[b]);
    }
    load_beats_[l] = io_beats_;
  }
}

std::vector<LayerResult> Driver::run(const std::vector<std::int32_t>& inputs) {
  std::vector<LayerResult> results;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const bool on_device = l > 0 && layers_[l - 1].plan->act_resident && layers_[l].plan->act_resident;
    results.push_back(run_layer(l, l == 0 ? inputs : results.back().outputs, on_device));
  }
  ++sample_;
  return results;
}

// The outputs of the layer before are in the source registers: it was one launch, the last one, and its whole
// output is the one batch of this layer.
bool Driver::source_resident(std::size_t l, bool inputs_on_device) const {
  return inputs_on_device && layers_[l - 1].image->blocks.size() == 1 && layers_[l].image->columns <= config_.batch_columns() &&
         layers_[l].plan->launches.front().last;
}

LayerResult Driver::run_layer(std::size_t l, const std::vector<std::int32_t>& inputs, bool inputs_on_device) {
  const DeviceLayer& layer = layers_[l];
  const EncodedLayer& image = *layer.image;
  if (inputs.size() != image.columns) {
    throw std::logic_error("driver: layer " + layer.name + " has " + std::to_string(image.columns) + " columns, not " +
                           std::to_string(inputs.size()));
  }
  io_beats_ = 0;
  LayerResult result;
  if (config_.pe_counters) result.counters.pe.resize(config_.n_pe);
  const bool resident = layer.plan->act_resident;
  const ActPlace& place = placement_.acts[l];
  if (resident && !inputs_on_device) store_vector(inputs, 0, inputs.size(), place.in_word);
  store_codebook(layer.codebook);
  device_.write(reg::kStatus, reg::kStatusSaturated | reg::kStatusError | reg::kStatusUncorrected);

  for (std::size_t n = 0; n < layer.plan->launches.size(); ++n) {
    const Launch& launch = layer.plan->launches[n];
    const RowBlock& block = image.blocks[launch.block];
    if (progress_) progress_(layer.name, n, layer.plan->launches.size());
    ActAddresses at;
    if (resident) {
      at.in_word = place.in_word + config_.act_words(config_.local_length(launch.first_column));
      at.out_word = place.out_word;
      if (!layer.bias.empty()) at.bias_word = place.bias_word[launch.block];
    } else {
      at.bias_word = config_.act_words(config_.local_length(launch.columns));
      at.out_word = at.bias_word + (layer.bias.empty() ? 0 : config_.act_words(block.local_rows));
      store_vector(inputs, launch.first_column, launch.columns, at.in_word);
    }
    if (launch.first && !layer.bias.empty() && !placement_.biases_resident) {
      store_bias(layer, launch.block, at.bias_word);
    }
    run_launch(l, n, at, n == 0 && l > 0 && source_resident(l, inputs_on_device), result);
    if (launch.last && !resident) {
      const auto part = fetch_vector(block.rows, at.out_word, mode_ == LoadMode::kPort || config_.ecc);
      result.outputs.insert(result.outputs.end(), part.begin(), part.end());
    }
  }
  if (resident) {
    // Between layers only the back door looks, so that the device does not notice; but with ECC it goes past the decoders.
    const bool end = l + 1 == layers_.size() || !layers_[l + 1].plan->act_resident;
    result.outputs = fetch_vector(image.rows, place.out_word, (end && mode_ == LoadMode::kPort) || config_.ecc);
  }
  const std::uint64_t status = device_.read(reg::kStatus);
  result.saturated = (status & reg::kStatusSaturated) != 0;
  if ((status & reg::kStatusUncorrected) != 0) throw_uncorrected("layer " + layer.name + ", outputs");
  if (config_.ecc) {
    const std::uint64_t corrected = device_.read(reg::kEccCorrected);
    result.counters.ecc_corrected = corrected - std::exchange(ecc_corrected_, corrected);
  }
  result.counters.io_beats = io_beats_ + load_beats_[l];
  load_beats_[l] = 0;
  return result;
}

void Driver::throw_uncorrected(const std::string& where) const {
  throw DeviceError("engine " + device_.engine() + ": " + where +
                    ": STATUS.uncorrected is set: a memory word had an error of two bits");
}

/// Tells the device what it cannot know of the launch that comes next.
void Driver::announce(std::size_t l, std::size_t n) {
  const DeviceLayer& layer = layers_[l];
  const Launch& launch = layer.plan->launches[n];
  const RowBlock& block = layer.image->blocks[launch.block];
  LaunchContext context;
  context.launch = launches_before_ + sample_ * launches_of_run_ + n + 1;
  for (std::size_t before = 0; before < l; ++before) context.launch += layers_[before].plan->launches.size();
  context.layer = layer.name;
  context.sample = sample_;
  context.first_row = block.first_row;
  context.rows = block.rows;
  context.first_column = launch.first_column;
  context.columns = launch.columns;
  context.pointer_base = placement_.images[l][n].pointer_base;
  context.first = launch.first;
  context.last = launch.last;
  context.skips_padding = config_.skip_padding;
  context.weight_frac = layer.formats.weight_frac;
  context.act_frac = layer.formats.act_frac;
  context.out_frac = layer.formats.out_frac;
  context.shift = layer.shift;
  context.order = layer.order;
  announced_ = context.launch;
  device_.announce(context);
}

// Far above what any launch takes: every entry alone in the machine, and every word moved alone.
std::uint64_t Driver::watchdog(const DeviceLayer& layer, const Launch& launch) const {
  std::uint64_t entries = 0;
  for (unsigned k = 0; k < config_.n_pe; ++k) {
    const auto& pointers = layer.image->pe(launch.block, k).pointers;
    entries += pointers[launch.first_column + launch.columns] - pointers[launch.first_column];
  }
  return 100000 + 4 * (entries + launch.columns + config_.batch_columns());
}

void Driver::run_launch(std::size_t l, std::size_t n, const ActAddresses& at, bool source_resident, LayerResult& result) {
  const DeviceLayer& layer = layers_[l];
  const Launch& launch = layer.plan->launches[n];
  const RowBlock& block = layer.image->blocks[launch.block];
  const auto key = std::make_pair(l, n);
  if (!placement_.images_resident && image_at_0_ != key) {
    store_image(l, n);
    image_at_0_ = key;
  }

  announce(l, n);
  std::uint64_t control = (static_cast<std::uint64_t>(layer.shift) & reg::kShiftMask) << reg::kShiftLsb;
  if (launch.first) control |= reg::kLayerFirst;
  if (launch.first && !layer.bias.empty()) control |= reg::kLayerBias;
  if (launch.last) control |= reg::kLayerLast;
  if (launch.last && layer.relu) control |= reg::kLayerRelu;
  if (source_resident) control |= reg::kLayerSrcResident;
  const std::uint64_t out_local = at.out_word * config_.lanes() + (layer.plan->act_resident ? block.first_local : 0);
  device_.write_stream({{reg::kInLength, launch.columns},
                        {reg::kOutLength, block.rows},
                        {reg::kPointerBase, placement_.images[l][n].pointer_base},
                        {reg::kInAddress, at.in_word},
                        {reg::kOutAddress, out_local},
                        {reg::kBiasAddress, at.bias_word},
                        {reg::kLayerCtrl, control},
                        {reg::kCtrl, reg::kCtrlStart}});
  device_.wait_interrupt(watchdog(layer, launch));
  device_.write(reg::kIrqStatus, reg::kIrqDone);

  std::vector<std::uint64_t> addresses = {
      reg::kStatus, reg::kCycles, reg::kBroadcasts, reg::kQueueFullCycles, reg::kActTransferCycles, reg::kBatches};
  const std::size_t global = addresses.size();
  const unsigned counting = config_.pe_counters ? config_.n_pe : 0;  // PEs with counters
  for (unsigned k = 0; k < counting; ++k) {
    const std::uint64_t base = config_.window_base(k) + config_.window().counter_offset;
    for (unsigned c = 0; c < reg::kPeCounters; ++c) addresses.push_back(base + 8 * c);
  }
  const std::vector<std::uint64_t> values = device_.read_stream(addresses);
  if ((values[0] & reg::kStatusUncorrected) != 0) {  // before what it may have brought about
    throw_uncorrected("layer " + layer.name + ", launch " + std::to_string(n));
  }
  if ((values[0] & reg::kStatusError) != 0) {
    throw DeviceError("engine " + device_.engine() + ": layer " + layer.name + ", launch " + std::to_string(n) +
                      ": STATUS.error is set: the device dropped a write");
  }

  Counters counters;
  counters.launches = 1;
  counters.cycles = values[1];
  counters.broadcasts = values[2];
  counters.queue_full_cycles = values[3];
  counters.act_transfer_cycles = values[4];
  counters.batches = values[5];
  for (unsigned k = 0; k < counting; ++k) {
    const std::uint64_t* pe = values.data() + global + k * reg::kPeCounters;
    PeCounts c;
    c.entries = pe[reg::kPeEntries];
    c.padding = pe[reg::kPePadding];
    c.starved = pe[reg::kPeStarved];
    c.spmat_reads = pe[reg::kPeSpmatReads];
    c.ptr_reads = pe[reg::kPePtrReads];
    c.act_reads = pe[reg::kPeActReads];
    c.padding_skipped = pe[reg::kPePaddingSkipped];
    counters.pe.push_back(c);
  }
  result.counters.add(counters);
  result.launches.push_back(std::move(counters));
}

}  // namespace eie::tb
