// SPDX-License-Identifier: Apache-2.0
// Records on the wires between blocks. Each is flat, so that a synthesis compiler turns it into one port a
// field, and a wave viewer shows the fields by name.
#pragma once

#include <ostream>
#include <string>
#include <systemc>
#include <tuple>

#include "config.h"
#include "ints.h"
#include "register_map.h"

namespace eie {

// --- What sc_signal asks of a record: comparison, a stream output, and tracing field by field -------------

/// `names`: of the fields, with ", " between them.
template <class T, class... More>
void print_fields(std::ostream& os, const std::string& names, const T& field, const More&... more) {
  const std::size_t end = names.find(',');
  os << names.substr(0, end) << ' ' << field;
  if constexpr (sizeof...(more) != 0) print_fields(os << ' ', names.substr(end + 2), more...);
}
template <class T, class... More>
void trace_fields(sc_core::sc_trace_file* file, const std::string& record, const std::string& names, const T& field,
                  const More&... more) {
  const std::size_t end = names.find(',');
  trace_value(file, field, record + "." + names.substr(0, end));
  if constexpr (sizeof...(more) != 0) trace_fields(file, record, names.substr(end + 2), more...);
}

/// In the body of a record, behind its fields: all of them, in their order.
#define EIE_RECORD(Record, ...)                                                                       \
  friend bool operator==(const Record& a, const Record& b) { return a.fields() == b.fields(); }       \
  friend std::ostream& operator<<(std::ostream& os, const Record& record) {                           \
    record.print(os << '{');                                                                          \
    return os << '}';                                                                                 \
  }                                                                                                   \
  friend void sc_trace(sc_core::sc_trace_file* file, const Record& record, const std::string& name) { \
    record.trace(file, name);                                                                         \
  }                                                                                                   \
  auto fields() const { return std::tie(__VA_ARGS__); }                                               \
  void print(std::ostream& os) const { ::eie::print_fields(os, #__VA_ARGS__, __VA_ARGS__); }          \
  void trace(sc_core::sc_trace_file* file, const std::string& name) const {                           \
    ::eie::trace_fields(file, name, #__VA_ARGS__, __VA_ARGS__);                                       \
  }

/// A non-zero activation on its way to the PEs and in their queues.
template <class Cfg>
struct Activation {
  bool valid = false;
  UInt<Params<Cfg>::kPtrAddressWidth> column = 0;  // index of the column's pointer
  Int<Cfg::kDataWidth> value = 0;

  EIE_RECORD(Activation, valid, column, value)
};

/// Pointer read to Spmat read: where the next entry of the current column is.
template <class Cfg, bool kSkipPadding = Cfg::kSkipPadding>
struct EntryAddress {
  bool valid = false;
  bool first = false;  // of its column: the row counter restarts
  UInt<Cfg::kPointerWidth> address = 0;
  Int<Cfg::kDataWidth> value = 0;  // the column's activation

  EIE_RECORD(EntryAddress, valid, first, address, value)
};

/// The same with skipped padding: the next column, whose entries Spmat read goes through by itself.
template <class Cfg>
struct EntryAddress<Cfg, true> {
  bool valid = false;
  bool first = false;  // always, as an address is a column's first
  UInt<Cfg::kPointerWidth> address = 0;
  UInt<Cfg::kPointerWidth> length = 0;  // entries
  Int<Cfg::kDataWidth> value = 0;

  EIE_RECORD(EntryAddress, valid, first, address, length, value)
};

/// Spmat read to arithmetic unit: one encoded weight and the activation it is multiplied with.
template <class Cfg, bool kSkipPadding = Cfg::kSkipPadding>
struct Entry {
  bool valid = false;
  bool first = false;
  UInt<Cfg::kCodeWidth> code = 0;  // 0: padding
  UInt<Cfg::kRunWidth> run = 0;    // zero rows skipped before it
  Int<Cfg::kDataWidth> value = 0;

  EIE_RECORD(Entry, valid, first, code, run, value)
};

/// The same with skipped padding.
template <class Cfg>
struct Entry<Cfg, true> {
  bool valid = false;
  bool first = false;
  UInt<Params<Cfg>::kSkippedWidth> skipped = 0;  // padding entries before it that took no cycle
  UInt<Cfg::kCodeWidth> code = 0;
  UInt<Cfg::kRunWidth> run = 0;
  Int<Cfg::kDataWidth> value = 0;

  EIE_RECORD(Entry, valid, first, skipped, code, run, value)
};

/// Arithmetic unit to the destination registers: a read (stage 2) and a write (stage 4).
template <class Cfg>
struct AccumulatorAccess {
  UInt<Params<Cfg>::kRowWidth> read_row = 0;
  bool write = false;
  UInt<Params<Cfg>::kRowWidth> write_row = 0;
  Int<Cfg::kAccWidth> sum = 0;

  EIE_RECORD(AccumulatorAccess, read_row, write, write_row, sum)
};

/// A non-zero source activation on its way up the LNZD tree.
template <class Cfg>
struct Candidate {
  bool valid = false;
  UInt<at_least_one(Params<Cfg>::kColumnWidth)> column = 0;  // local row * n_pe + PE: ascending
  Int<Cfg::kDataWidth> value = 0;

  EIE_RECORD(Candidate, valid, column, value)
};

/// What the CCU tells the activation read/write units of all PEs to do in this cycle.
enum class ActOp : unsigned {
  kNone = 0,
  kClear = 1,  // destination registers := 0
  kBias = 2,   // destination registers := activation SRAM word
  kLoad = 3,   // source registers := activation SRAM word
  kArm = 4,    // start the non-zero scan of the source registers
  kStore = 5   // activation SRAM word and source registers := destination registers, after ReLU and clamp
};
constexpr unsigned kActOpWidth = 3;

template <class Cfg>
struct ActControl {
  UInt<kActOpWidth> op = 0;
  bool relu = false;
  UInt<Params<Cfg>::kActAddressWidth> address = 0;                      // word of the activation SRAM
  UInt<Params<Cfg>::kRowWidth + Params<Cfg>::kLog2Lanes + 1> base = 0;  // lane 0 is register base - offset
  UInt<at_least_one(Params<Cfg>::kLog2Lanes)> offset = 0;               // lane of register 0 (kStore)
  UInt<Params<Cfg>::kColumnWidth + 1> length = 0;                       // columns of the batch (kArm), rows (kStore, kBias)

  EIE_RECORD(ActControl, op, relu, address, base, offset, length)
};

/// One host access on the bus to all PEs; the addressed one answers reads two cycles later.
template <class Cfg>
struct HostAccess {
  bool valid = false;
  bool write = false;
  UInt<3> region = 0;  // reg::Region
  UInt<Params<Cfg>::kPeWidth> pe = 0;
  UInt<Params<Cfg>::kHostWordWidth> word = 0;  // 64-bit word in the region
  UInt<8> strobe = 0;                          // bytes that a write touches
  UInt<64> data = 0;

  EIE_RECORD(HostAccess, valid, write, region, pe, word, strobe, data)
};

/// The layer descriptor as the register map holds it (register_map.h).
template <class Cfg>
struct LayerDescriptor {
  UInt<Params<Cfg>::kLengthWidth> in_length = 0;
  UInt<Params<Cfg>::kColumnWidth + 1> out_length = 0;
  UInt<Params<Cfg>::kPtrAddressWidth> pointer_base = 0;
  UInt<Params<Cfg>::kActAddressWidth> in_address = 0;
  UInt<Params<Cfg>::kActAddressWidth + Params<Cfg>::kLog2Lanes> out_address = 0;
  UInt<Params<Cfg>::kActAddressWidth> bias_address = 0;
  UInt<Params<Cfg>::kShiftWidth> shift = 0;
  bool relu = false;
  bool bias = false;
  bool first = false;
  bool last = false;
  bool src_resident = false;

  EIE_RECORD(LayerDescriptor, in_length, out_length, pointer_base, in_address, out_address, bias_address, shift, relu, bias,
             first, last, src_resident)
};

}  // namespace eie
