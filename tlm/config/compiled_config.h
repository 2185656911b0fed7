// SPDX-License-Identifier: Apache-2.0
// The values of a compiled configuration, as those of a YAML file.
#pragma once

#include "tlm/config/device_config.h"

namespace eie {

template <class Cfg>
DeviceConfig compiled_config() {
  DeviceConfig c;
  c.name = Cfg::kName;
  c.n_pe = Cfg::kPes;
  c.queue_depth = Cfg::kQueueDepth;
  c.look_ahead = Cfg::kLookAhead;
  c.spmat_width = Cfg::kSpmatWidth;
  c.spmat_depth = Cfg::kSpmatDepth;
  c.pointer_width = Cfg::kPointerWidth;
  c.pointer_depth = Cfg::kPointerDepth;
  c.act_depth = Cfg::kActDepth;
  c.registers = Cfg::kRegisters;
  c.code_width = Cfg::kCodeWidth;
  c.run_width = Cfg::kRunWidth;
  c.data_width = Cfg::kDataWidth;
  c.acc_width = Cfg::kAccWidth;
  c.lnzd_fan_in = Cfg::kLnzdFanIn;
  c.ecc = Cfg::kEcc;
  c.clock_mhz = Cfg::kClockMhz;
  return c;
}

}  // namespace eie
