// SPDX-License-Identifier: Apache-2.0
// A dump with the scopes and derived signals of a traced device, made without one: two PEs of a device `eie`, ten cycles
// of launch 1 after three idle ones, in batches of four cycles; PE 5's queue is full in cycles 6 and 7.
#pragma once

#include <string>
#include <vector>

namespace eie::tb {

constexpr unsigned kFixtureIdle = 3;     // cycles before the launch
constexpr unsigned kFixtureCycles = 10;  // of the launch
constexpr unsigned kFixturePeriod = 1250;

inline std::string fixture_vcd() {
  std::string text =
      "$timescale 1 ps $end\n"
      "$scope module launch $end\n"
      "$var wire 32 a cycle [31:0] $end\n$var wire 32 b launch_cycle [31:0] $end\n"
      "$var wire 8 c launch [7:0] $end\n$var wire 8 d batch [7:0] $end\n$var string 1 e state $end\n"
      "$upscope $end\n"
      "$scope module broadcast $end\n"
      "$var wire 1 f valid $end\n$var wire 14 g column [13:0] $end\n$var real 64 h value $end\n"
      "$var wire 1 i any_full $end\n$var string 1 j full_pes $end\n"
      "$upscope $end\n";
  for (const char* pe : {"3", "5"}) {
    const std::string id = pe;
    text += "$scope module pe_" + id + " $end\n$var string 1 w" + id + " why $end\n$var wire 14 x" + id +
            " column_head [13:0] $end\n$var real 64 y" + id + " sum $end\n$upscope $end\n";
  }
  text +=
      "$scope module eie $end\n$scope module ccu $end\n$var wire 4 k state [3:0] $end\n$upscope $end\n"
      "$scope module lnzd_tree $end\n$scope module nodes_0 $end\n$var wire 1 l pop_0 $end\n$upscope $end\n$upscope $end\n";
  for (const char* pe : {"3", "5"}) {
    const std::string id = pe;
    text += "$scope module pe_" + id + " $end\n$scope module act_queue $end\n$var wire 3 z" + id +
            " count_ [2:0] $end\n$var wire 3 t" + id + " read_ [2:0] $end\n$upscope $end\n$upscope $end\n";
  }
  text += "$upscope $end\n$enddefinitions $end\n";
  const auto bits = [](unsigned value) {
    std::string digits;
    do {
      digits.insert(digits.begin(), static_cast<char>('0' + value % 2));
      value /= 2;
    } while (value != 0);
    return "b" + digits + " ";
  };
  for (unsigned n = 0; n < kFixtureIdle + kFixtureCycles; ++n) {
    const bool busy = n >= kFixtureIdle;
    const unsigned c = busy ? n - kFixtureIdle : 0;  // cycle of the launch
    const bool full = busy && (c == 6 || c == 7);
    text += "#" + std::to_string(n * kFixturePeriod) + "\n";
    text += bits(n) + "a\n" + bits(c) + "b\n" + bits(busy ? 1 : 0) + "c\n" + bits(busy ? 1 + c / 4 : 0) + "d\n";
    text += std::string("s") + (busy ? "compute" : "idle") + " e\n";
    text += std::string(busy && !full ? "1" : "0") + "f\n" + bits(busy ? 20 + c : 0) + "g\nr" + (busy ? "-1.25" : "0") + " h\n";
    text += std::string(full ? "1" : "0") + "i\ns" + (full ? "5" : "-") + " j\n" + bits(busy ? 5 : 0) + "k\n0l\n";
    text += std::string("s") + (c % 2 == 1 ? "work" : "empty") + " w3\n" + bits(c) + "x3\nr0.5 y3\n" + bits(1) + "z3\n" +
            bits(n % 8) + "t3\n";
    text += std::string("s") + (c > 1 ? "work" : "fill") + " w5\n" + bits(c) + "x5\nr1.5 y5\n" + bits(full ? 7 : 2) + "z5\n" +
            bits(n % 8) + "t5\n";
  }
  return text + "#" + std::to_string((kFixtureIdle + kFixtureCycles) * kFixturePeriod) + "\n";
}

}  // namespace eie::tb
