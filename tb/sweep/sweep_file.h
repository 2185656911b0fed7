// SPDX-License-Identifier: Apache-2.0
// A design space as a file (docs/sweep.md): what is swept over, what stays, what a point may cost at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/compress/balance/balance.h"
#include "tb/config/config.h"
#include "tb/cost/technology.h"
#include "tb/layers/network_file.h"
#include "tb/layers/workload.h"

namespace eie::tb {

/// What runs: a synthetic layer of a workload, or a network.
struct SweepSubject {
  bool is_layer = false;
  std::string name;
  LayerSpec layer;      // of a layer
  NetworkFile network;  // else
};

/// A name and what it stands for.
struct SweepBase {
  std::string name;
  HwConfig config;
};
struct SweepTechnology {
  std::string name;
  Technology technology;
};

/// A key of the configuration and the values that it takes, as texts that config_value() gives.
struct SweepKey {
  std::string name;
  std::vector<std::string> values;
};

/// A column of the table and the most that a point may have there.
struct SweepLimit {
  std::string column;
  double most = 0;
};

struct SweepFile {
  std::string path;
  std::vector<SweepSubject> subjects;
  std::vector<BalanceKind> balance;
  std::size_t balance_window = kBalanceWindow;
  std::vector<SweepBase> bases;
  std::vector<std::uint64_t> seeds;  // of synthetic layers
  std::vector<SweepKey> keys;
  std::vector<SweepTechnology> technologies;
  std::vector<SweepLimit> limits;
  std::uint64_t samples = 0;  // of networks; 0: all
  /// Of everything that the points depend on, the files that are named included; 64 hexadecimal digits.
  std::string digest;
};

/// Kinds of files that a sweep names.
enum class SweepData { kConfig, kWorkload, kNetwork, kTechnology };

/// The file of a name; `key` is the key that has it. Throws UserError.
using SweepDataFinder = std::function<std::string(SweepData kind, const std::string& key, const std::string& text)>;

/// Reads a sweep. A relative path in it is looked for beside it first, then `find` is asked. Throws ConfigError and what the
/// readers of the files throw.
SweepFile load_sweep(const std::string& path, const SweepDataFinder& find);

/// Puts the text of a key's value into a configuration, unchecked but for its form. Throws std::logic_error for a key that
/// there is not.
void set_key(HwConfig& config, const std::string& key, const std::string& value);

}  // namespace eie::tb
