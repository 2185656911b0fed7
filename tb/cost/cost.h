// SPDX-License-Identifier: Apache-2.0
// Energy and area of what ran: the device's own counters times what each event costs in a technology (docs/energy.md).
//
// In the model: the PEs with their SRAMs, and the LNZD tree. Not in it, because nothing is published of them: the central
// control unit, the wires of the broadcast, the host port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/cost/technology.h"
#include "tb/host/driver.h"

namespace eie::tb {

/// One kind of event, or of time, in one block.
struct EnergyPart {
  std::string block;  // Table II's names, "LnzdTree"
  std::string event;
  double count = 0;  // events; of what costs power, PE microseconds
  double each = 0;   // pJ; of what costs power, mW
  bool is_power = false;
  double uj = 0;
};

struct Energy {
  std::vector<EnergyPart> parts;
  double uj = 0;        // the sum of the parts, in their order
  double power_mw = 0;  // uj / time
  double gops = 0;      // two operations a multiply-accumulate that is not padding, billions a second
  double dram_uj = 0;   // what the same entries and pointers would cost from DRAM; not in the sum

  /// uj of one block.
  double of_block(const std::string& block) const;
};

struct AreaPart {
  std::string block;
  std::string what;
  double count = 0;  // of them in the machine
  double um2 = 0;    // each
};

struct Area {
  std::vector<AreaPart> parts;
  double mm2 = 0;  // the sum of the parts
};

/// What a run cost, or why it is not known.
struct Cost {
  std::optional<Energy> energy;
  std::string refused;               // why there is no energy; empty: there is
  std::vector<std::string> without;  // options of the configuration whose own cost the technology does not have
};

/// Of counters of a device with counters in its PEs, summed over whatever ran; nothing throws but std::logic_error.
Cost cost_of(const Counters& counters, const HwConfig& config, const Technology& technology);

/// Throws UserError for memories outside the technology's rules.
Area area_of(const HwConfig& config, const Technology& technology);

/// Options that cost logic, and that no technology has values for.
std::vector<std::string> uncounted_options(const HwConfig& config);

/// Nodes of the LNZD tree.
unsigned lnzd_nodes(const HwConfig& config);

}  // namespace eie::tb
