// SPDX-License-Identifier: Apache-2.0
// What runs at a point, made and encoded once for all points of a group, with the results that a device must give.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/golden/golden.h"
#include "tb/host/device.h"
#include "tb/host/driver.h"
#include "tb/layers/network.h"
#include "tb/sweep/points.h"

namespace eie::tb {

/// One layer; rows and columns by place.
struct SweepLayer {
  std::string label;  // in messages
  EncodedLayer image;
  DeviceLayer device;  // its image and plan are set at each run
};

struct PreparedSubject {
  std::vector<SweepLayer> layers;
  std::vector<std::vector<std::int32_t>> inputs;    // one a sample
  std::vector<std::vector<GoldenResult>> expected;  // [sample][layer]
};

/// Makes and encodes what runs at a point of a group; it serves all of them. Throws UserError.
std::shared_ptr<const PreparedSubject> prepare_subject(const SweepPoints& points, const SweepPoint& point);

/// What came of a run, all layers and samples together.
struct SubjectRun {
  Counters counters;
  std::string mismatch;  // the first difference from the golden model, in words; empty: none
};

/// Runs it through the back door. `there`: the device ran it before, and has its images. Throws UserError when it does not fit
/// the configuration, DeviceError.
SubjectRun run_subject(const PreparedSubject& subject, const HwConfig& config, Device& device, bool there = false);

}  // namespace eie::tb
