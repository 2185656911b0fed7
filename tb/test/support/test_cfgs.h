// SPDX-License-Identifier: Apache-2.0
// Configurations for the block tests: small memories, and every width and depth somewhere at an end of its
// range. Same constants as the structs generated from configs/*.yaml.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "hw/config.h"

namespace eie::tb {

/// The paper's PE in small.
struct SmallCfg {
  static constexpr const char* kName = "small";
  static constexpr unsigned kPes = 4;
  static constexpr unsigned kQueueDepth = 8;
  static constexpr unsigned kLookAhead = 0;
  static constexpr unsigned kSpmatWidth = 64;
  static constexpr unsigned kSpmatDepth = 64;
  static constexpr unsigned kPointerWidth = 16;
  static constexpr unsigned kPointerDepth = 64;
  static constexpr unsigned kActDepth = 16;
  static constexpr unsigned kRegisters = 16;
  static constexpr unsigned kCodeWidth = 4;
  static constexpr unsigned kRunWidth = 4;
  static constexpr unsigned kDataWidth = 16;
  static constexpr unsigned kAccWidth = 16;
  static constexpr unsigned kLnzdFanIn = 4;
  static constexpr bool kSkipPadding = false;
  static constexpr bool kEcc = false;
  static constexpr bool kPeCounters = true;
  static constexpr double kClockMhz = 800;
};

/// Everything at its smallest: one PE, a queue of one, nibble entries, eight registers (one word of bytes).
struct NarrowCfg : SmallCfg {
  static constexpr const char* kName = "narrow";
  static constexpr unsigned kPes = 1;
  static constexpr unsigned kQueueDepth = 1;
  static constexpr unsigned kSpmatDepth = 16;
  static constexpr unsigned kPointerWidth = 8;
  static constexpr unsigned kPointerDepth = 32;
  static constexpr unsigned kActDepth = 8;
  static constexpr unsigned kRegisters = 8;
  static constexpr unsigned kCodeWidth = 2;
  static constexpr unsigned kRunWidth = 2;
  static constexpr unsigned kDataWidth = 8;
  static constexpr unsigned kAccWidth = 8;
  static constexpr unsigned kLnzdFanIn = 2;
};

/// The widest data: 32-bit operands, 48-bit sums, 16-bit entries, 20-bit pointers.
struct WideCfg : SmallCfg {
  static constexpr const char* kName = "wide";
  static constexpr unsigned kPes = 2;
  static constexpr unsigned kQueueDepth = 2;
  static constexpr unsigned kSpmatWidth = 128;
  static constexpr unsigned kSpmatDepth = 32;
  static constexpr unsigned kPointerWidth = 20;
  static constexpr unsigned kRegisters = 8;
  static constexpr unsigned kCodeWidth = 8;
  static constexpr unsigned kRunWidth = 8;
  static constexpr unsigned kDataWidth = 32;
  static constexpr unsigned kAccWidth = 48;
  static constexpr unsigned kLnzdFanIn = 2;
};

/// Long runs over many registers, 512-bit rows.
struct RunsCfg : SmallCfg {
  static constexpr const char* kName = "runs";
  static constexpr unsigned kPes = 64;
  static constexpr unsigned kQueueDepth = 3;
  static constexpr unsigned kSpmatWidth = 512;
  static constexpr unsigned kSpmatDepth = 16;
  static constexpr unsigned kPointerWidth = 12;
  static constexpr unsigned kActDepth = 32;
  static constexpr unsigned kRegisters = 64;
  static constexpr unsigned kCodeWidth = 3;
  static constexpr unsigned kRunWidth = 5;
  static constexpr unsigned kAccWidth = 24;
};

/// The most PEs, bytes with wider sums, 256-bit rows.
struct ManyCfg : SmallCfg {
  static constexpr const char* kName = "many";
  static constexpr unsigned kPes = 256;
  static constexpr unsigned kQueueDepth = 5;
  static constexpr unsigned kSpmatWidth = 256;
  static constexpr unsigned kSpmatDepth = 32;
  static constexpr unsigned kPointerDepth = 128;
  static constexpr unsigned kActDepth = 64;
  static constexpr unsigned kRegisters = 64;
  static constexpr unsigned kDataWidth = 8;
  static constexpr unsigned kAccWidth = 16;
};

/// Look-ahead (hw/ptr_read.h) of one descriptor, behind a queue of eight.
struct AheadCfg : SmallCfg {
  static constexpr const char* kName = "ahead";
  static constexpr unsigned kLookAhead = 1;
};

/// Look-ahead whose length is no power of two, behind a queue of one; eight-bit pointers.
struct NarrowAheadCfg : NarrowCfg {
  static constexpr const char* kName = "narrow_ahead";
  static constexpr unsigned kLookAhead = 3;
};

/// Look-ahead of eight, with the widest data and pointers.
struct WideAheadCfg : WideCfg {
  static constexpr const char* kName = "wide_ahead";
  static constexpr unsigned kLookAhead = 8;
};

/// Skipped padding (hw/spmat_read.h) without descriptors.
struct SkipCfg : SmallCfg {
  static constexpr const char* kName = "skip";
  static constexpr bool kSkipPadding = true;
};

/// Two rows in a word, eight-bit pointers, one descriptor.
struct NarrowSkipCfg : NarrowCfg {
  static constexpr const char* kName = "narrow_skip";
  static constexpr unsigned kSpmatWidth = 32;
  static constexpr unsigned kLookAhead = 1;
  static constexpr bool kSkipPadding = true;
};

/// Rows of 128 bits, the widest entries and pointers, descriptors whose number is no power of two.
struct WideSkipCfg : WideCfg {
  static constexpr const char* kName = "wide_skip";
  static constexpr unsigned kLookAhead = 4;
  static constexpr bool kSkipPadding = true;
};

/// 64 entries a row.
struct RunsSkipCfg : RunsCfg {
  static constexpr const char* kName = "runs_skip";
  static constexpr unsigned kLookAhead = 2;
  static constexpr bool kSkipPadding = true;
};

/// 32 entries a row.
struct ManySkipCfg : ManyCfg {
  static constexpr const char* kName = "many_skip";
  static constexpr unsigned kLookAhead = 3;
  static constexpr bool kSkipPadding = true;
};

using SkipCfgs = testing::Types<SkipCfg, NarrowSkipCfg, WideSkipCfg, RunsSkipCfg, ManySkipCfg>;

using AllCfgs = testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg>;

/// For the blocks that look-ahead changes.
using LookAheadCfgs = testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg, AheadCfg, NarrowAheadCfg, WideAheadCfg>;

/// Names the typed tests after their configuration.
struct CfgName {
  template <class Cfg>
  static std::string GetName(int /*index*/) {
    return Cfg::kName;
  }
};

}  // namespace eie::tb
