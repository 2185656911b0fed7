// SPDX-License-Identifier: Apache-2.0
// Records on the wires between blocks. Each is flat, so that a synthesis compiler turns it into one port a
// field, and a wave viewer shows the fields by name.
#pragma once

#include <ostream>
#include <string>
#include <systemc>

#include "config.h"
#include "ints.h"
#include "register_map.h"

namespace eie {

/// A non-zero activation on its way to the PEs and in their queues.
template <class Cfg>
struct Activation {
  bool valid = false;
  UInt<Params<Cfg>::kPtrAddressWidth> column = 0;  // index of the column's pointer
  Int<Cfg::kDataWidth> value = 0;

  bool operator==(const Activation& o) const { return valid == o.valid && column == o.column && value == o.value; }
};

/// Pointer read to Spmat read: where the next entry of the current column is.
template <class Cfg, bool kSkipPadding = Cfg::kSkipPadding>
struct EntryAddress {
  bool valid = false;
  bool first = false;  // of its column: the row counter restarts
  UInt<Cfg::kPointerWidth> address = 0;
  Int<Cfg::kDataWidth> value = 0;  // the column's activation

  bool operator==(const EntryAddress& o) const {
    return valid == o.valid && first == o.first && address == o.address && value == o.value;
  }
};

/// The same with skipped padding: the next column, whose entries Spmat read goes through by itself.
template <class Cfg>
struct EntryAddress<Cfg, true> {
  bool valid = false;
  bool first = false;  // always, as an address is a column's first
  UInt<Cfg::kPointerWidth> address = 0;
  UInt<Cfg::kPointerWidth> length = 0;  // entries
  Int<Cfg::kDataWidth> value = 0;

  bool operator==(const EntryAddress& o) const {
    return valid == o.valid && first == o.first && address == o.address && length == o.length && value == o.value;
  }
};

/// Spmat read to arithmetic unit: one encoded weight and the activation it is multiplied with.
template <class Cfg, bool kSkipPadding = Cfg::kSkipPadding>
struct Entry {
  bool valid = false;
  bool first = false;
  UInt<Cfg::kCodeWidth> code = 0;  // 0: padding
  UInt<Cfg::kRunWidth> run = 0;    // zero rows skipped before it
  Int<Cfg::kDataWidth> value = 0;

  bool operator==(const Entry& o) const {
    return valid == o.valid && first == o.first && code == o.code && run == o.run && value == o.value;
  }
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

  bool operator==(const Entry& o) const {
    return valid == o.valid && first == o.first && skipped == o.skipped && code == o.code && run == o.run && value == o.value;
  }
};

/// Arithmetic unit to the destination registers: a read (stage 2) and a write (stage 4).
template <class Cfg>
struct AccumulatorAccess {
  UInt<Params<Cfg>::kRowWidth> read_row = 0;
  bool write = false;
  UInt<Params<Cfg>::kRowWidth> write_row = 0;
  Int<Cfg::kAccWidth> sum = 0;

  bool operator==(const AccumulatorAccess& o) const {
    return read_row == o.read_row && write == o.write && write_row == o.write_row && sum == o.sum;
  }
};

/// A non-zero source activation on its way up the LNZD tree.
template <class Cfg>
struct Candidate {
  bool valid = false;
  UInt<at_least_one(Params<Cfg>::kColumnWidth)> column = 0;  // local row * n_pe + PE: ascending
  Int<Cfg::kDataWidth> value = 0;

  bool operator==(const Candidate& o) const { return valid == o.valid && column == o.column && value == o.value; }
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

  bool operator==(const ActControl& o) const {
    return op == o.op && relu == o.relu && address == o.address && base == o.base && offset == o.offset && length == o.length;
  }
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

  bool operator==(const HostAccess& o) const {
    return valid == o.valid && write == o.write && region == o.region && pe == o.pe && word == o.word && strobe == o.strobe &&
           data == o.data;
  }
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

  bool operator==(const LayerDescriptor& o) const {
    return in_length == o.in_length && out_length == o.out_length && pointer_base == o.pointer_base &&
           in_address == o.in_address && out_address == o.out_address && bias_address == o.bias_address && shift == o.shift &&
           relu == o.relu && bias == o.bias && first == o.first && last == o.last && src_resident == o.src_resident;
  }
};

// --- What sc_signal asks of a record: a stream output, and tracing field by field ------------------------

#define EIE_TRACE_FIELD(field) trace_value(file, record.field, name + "." #field)

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const Activation<Cfg>& r) {
  return os << "{valid " << r.valid << " column " << r.column << " value " << r.value << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const Activation<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(valid);
  EIE_TRACE_FIELD(column);
  EIE_TRACE_FIELD(value);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const EntryAddress<Cfg>& r) {
  os << "{valid " << r.valid << " first " << r.first << " address " << r.address;
  if constexpr (Cfg::kSkipPadding) os << " length " << r.length;
  return os << " value " << r.value << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const EntryAddress<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(valid);
  EIE_TRACE_FIELD(first);
  EIE_TRACE_FIELD(address);
  if constexpr (Cfg::kSkipPadding) EIE_TRACE_FIELD(length);
  EIE_TRACE_FIELD(value);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const Entry<Cfg>& r) {
  os << "{valid " << r.valid << " first " << r.first;
  if constexpr (Cfg::kSkipPadding) os << " skipped " << r.skipped;
  return os << " code " << r.code << " run " << r.run << " value " << r.value << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const Entry<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(valid);
  EIE_TRACE_FIELD(first);
  if constexpr (Cfg::kSkipPadding) EIE_TRACE_FIELD(skipped);
  EIE_TRACE_FIELD(code);
  EIE_TRACE_FIELD(run);
  EIE_TRACE_FIELD(value);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const AccumulatorAccess<Cfg>& r) {
  return os << "{read_row " << r.read_row << " write " << r.write << " write_row " << r.write_row << " sum " << r.sum << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const AccumulatorAccess<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(read_row);
  EIE_TRACE_FIELD(write);
  EIE_TRACE_FIELD(write_row);
  EIE_TRACE_FIELD(sum);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const Candidate<Cfg>& r) {
  return os << "{valid " << r.valid << " column " << r.column << " value " << r.value << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const Candidate<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(valid);
  EIE_TRACE_FIELD(column);
  EIE_TRACE_FIELD(value);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const ActControl<Cfg>& r) {
  return os << "{op " << r.op << " relu " << r.relu << " address " << r.address << " base " << r.base << " offset " << r.offset
            << " length " << r.length << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const ActControl<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(op);
  EIE_TRACE_FIELD(relu);
  EIE_TRACE_FIELD(address);
  EIE_TRACE_FIELD(base);
  EIE_TRACE_FIELD(offset);
  EIE_TRACE_FIELD(length);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const HostAccess<Cfg>& r) {
  return os << "{valid " << r.valid << " write " << r.write << " region " << r.region << " pe " << r.pe << " word " << r.word
            << " strobe " << r.strobe << " data " << r.data << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const HostAccess<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(valid);
  EIE_TRACE_FIELD(write);
  EIE_TRACE_FIELD(region);
  EIE_TRACE_FIELD(pe);
  EIE_TRACE_FIELD(word);
  EIE_TRACE_FIELD(strobe);
  EIE_TRACE_FIELD(data);
}

template <class Cfg>
std::ostream& operator<<(std::ostream& os, const LayerDescriptor<Cfg>& r) {
  return os << "{in " << r.in_length << " out " << r.out_length << " pointers " << r.pointer_base << '}';
}
template <class Cfg>
void sc_trace(sc_core::sc_trace_file* file, const LayerDescriptor<Cfg>& record, const std::string& name) {
  EIE_TRACE_FIELD(in_length);
  EIE_TRACE_FIELD(out_length);
  EIE_TRACE_FIELD(pointer_base);
  EIE_TRACE_FIELD(in_address);
  EIE_TRACE_FIELD(out_address);
  EIE_TRACE_FIELD(bias_address);
  EIE_TRACE_FIELD(shift);
  EIE_TRACE_FIELD(relu);
  EIE_TRACE_FIELD(bias);
  EIE_TRACE_FIELD(first);
  EIE_TRACE_FIELD(last);
  EIE_TRACE_FIELD(src_resident);
}

#undef EIE_TRACE_FIELD

}  // namespace eie
