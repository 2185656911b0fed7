// SPDX-License-Identifier: Apache-2.0
// The points of a design space: their numbers, and the order in which they are worked on.
//
// Points are numbered with the last axis fastest: subject, balance, base, seed, the keys in the order of the file, technology.
// They are worked on group by group: the points of a group have one encoded matrix. Within a group, points that differ in clock
// and technology alone are one run. Nothing is kept for a point: everything follows from its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/sweep/sweep_file.h"

namespace eie::tb {

/// One point.
struct SweepPoint {
  std::uint64_t index = 0;
  std::size_t subject = 0;  // of SweepFile::subjects, as the others of theirs
  std::size_t balance = 0;
  std::size_t base = 0;
  std::size_t seed = 0;
  std::vector<std::size_t> keys;  // one a key
  std::size_t technology = 0;
};

/// Points that one run of the device serves.
struct SweepRun {
  std::size_t group = 0;
  std::vector<std::uint64_t> points;  // ascending
};

/// A device of one of these configurations, with what it holds, serves for the other (ModelDevice::retime).
bool same_memories(const HwConfig& a, const HwConfig& b);

class SweepPoints {
 public:
  /// The file must outlive this. Throws UserError for more points than 10 million.
  explicit SweepPoints(const SweepFile& file);

  const SweepFile& file() const { return file_; }
  std::uint64_t size() const { return size_; }
  SweepPoint point(std::uint64_t index) const;
  /// Its configuration, which may be illegal. Named after its base.
  HwConfig config(const SweepPoint& point) const;
  /// Of all that the point is, whatever sweep it is in; 16 hexadecimal digits.
  std::string digest(const SweepPoint& point) const;
  /// The configuration for which its group's matrix is encoded: what does not matter for that is as roomy as it may be.
  HwConfig encoding_config(const SweepPoint& point) const;

  /// The runs, in the order of work.
  std::uint64_t runs() const { return runs_; }
  SweepRun run(std::uint64_t number) const;
  /// The run of a point.
  SweepRun run_of(std::uint64_t index) const;
  std::size_t groups() const { return shapes_.size() * shapes_outer_; }

 private:
  struct Axis {
    std::size_t size = 1;
    std::uint64_t stride = 1;  // in the numbers of points
  };
  /// Bases and values of the keys that decide the encoding, with one encoding.
  struct Shape {
    std::vector<std::uint64_t> offsets;  // of points
    std::uint64_t runs_before = 0;       // of the shapes before it, in one round
  };
  std::vector<std::uint64_t> offsets(const std::vector<Axis>& axes) const;
  SweepRun make_run(std::size_t outer, std::size_t shape, std::uint64_t offset_in_shape, std::uint64_t inner) const;

  const SweepFile& file_;
  Axis subject_, balance_, base_, seed_, technology_;
  std::vector<Axis> keys_;
  std::uint64_t size_ = 0;
  std::vector<Axis> outer_;     // subject, balance, seed
  std::vector<Axis> encoding_;  // base, keys that decide the encoding
  std::vector<Axis> device_;    // other keys
  std::vector<Axis> cost_;      // clock, technology
  std::vector<Shape> shapes_;
  std::size_t shapes_outer_ = 1;
  std::uint64_t device_runs_ = 1;  // of one combination of encoding axes
  std::uint64_t round_runs_ = 0;   // of all shapes
  std::uint64_t runs_ = 0;
};

}  // namespace eie::tb
