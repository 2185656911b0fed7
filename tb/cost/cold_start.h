// SPDX-License-Identifier: Apache-2.0
// What it takes to load a layer from DRAM through the DMA engine (tlm/dma/dma.h), once and for every sample, and when that pays:
// docs/cold_start.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/cost/memory.h"
#include "tb/host/placement.h"

namespace eie::tb {

/// A chain of descriptors, one a region. In DRAM a region lies as in the device, modulo 4 KiB.
struct DmaChain {
  std::uint64_t descriptors = 0;
  std::uint64_t beats = 0;  // without the descriptors' own eight
  std::uint64_t cycles = 0;
  std::uint64_t dram_cycles = 0;  // of the bursts there, one after another, without descriptors
  std::uint64_t port_cycles = 0;  // the same, of the device's port

  void add(const DmaChain& other);
  double dram_bits() const { return 64.0 * static_cast<double>(beats + 8 * descriptors); }
};
/// Without the cycle of the chain's start.
DmaChain dma_chain(const std::vector<Region>& regions, bool to_device, const Memory& memory, double clock_mhz);

/// What is moved, and how often.
struct ColdPart {
  std::string what;  // "spmat", "pointers", "biases", "codebook", "registers", "inputs", "outputs"
  bool stays = false;
  DmaChain chain;
  double uj = 0;
};

/// Time and energy.
struct Spent {
  double us = 0;
  std::optional<double> uj;  // none where the device's is not known
};

struct ColdStart {
  std::vector<ColdPart> parts;
  double frames = 1;
  std::uint64_t entries = 0, padding = 0;
  double weights = 0;     // rows times columns
  double dense_bits = 0;  // of all weights, as numbers of the device's data width
  double capacity = 0;    // entries that the device holds
  Spent once;             // to load what stays
  Spent every;            // to load weights and biases that do not stay, and the codebook, for each frame
  Spent transfers;        // registers, inputs and outputs of a frame
  Spent compute;          // of a frame
  Spent dense;            // to read dense weights from the same memory, for each frame
  Spent spmat;            // of the above, what goes with the number of entries

  bool resident() const;
  Spent warm() const;         // a frame when what stays is there
  Spent cold() const;         // the first frame
  Spent amortised() const;    // a frame, over all of them
  std::string limit() const;  // of loading: "DRAM", "port" or "DMA"
  double density() const;
  /// Frames from which loading is at most this share; none: it never is.
  std::optional<double> frames_for_time(double share) const;
  std::optional<double> frames_for_energy(double share) const;
  /// Weights of a layer of this density that stay in the device.
  std::optional<double> resident_weights() const;
  /// The density up to which a first frame takes no more than reading dense weights; none: at no density.
  std::optional<double> break_even_time() const;
  std::optional<double> break_even_energy() const;

  /// Another layer behind this one.
  void add(const ColdStart& other);
};

/// `compute_us` and `compute_uj` are of all frames.
ColdStart cold_start(const LayerTraffic& traffic, std::size_t rows, std::size_t columns, const HwConfig& config,
                     const Memory& memory, double frames, double compute_us, std::optional<double> compute_uj);

}  // namespace eie::tb
