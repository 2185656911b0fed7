// SPDX-License-Identifier: Apache-2.0
// Collect: the wires from all PEs to the CCU and the host port, as one of each: any queue full, all PEs drained, any
// error or saturation, how many words with errors were read (ECC), and the read data of the PE that the host addressed.
// Combinational.
#pragma once

#include "clocked.h"
#include "types.h"

namespace eie {

template <class Cfg>
class Collect : public sc_core::sc_module {
 public:
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(full, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(drained, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(error, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(saturated, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_in<sc_dt::sc_uint<64>>> SC_NAMED(host_q, Cfg::kPes);
  // ECC
  using P = Params<Cfg>;
  using PeFaults = std::conditional_t<Cfg::kEcc, sc_core::sc_vector<sc_core::sc_in<UInt<P::kPeFaultsWidth>>>, Absent<bool>>;
  PeFaults SC_NAMED(corrected, Cfg::kPes);
  PeFaults SC_NAMED(detected, Cfg::kPes);
  OutputIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(all_corrected);
  OutputIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(all_detected);
  Output<bool> SC_NAMED(any_full);
  Output<bool> SC_NAMED(all_drained);
  Output<bool> SC_NAMED(any_error);
  Output<bool> SC_NAMED(any_saturated);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_data);

  EIE_HAS_PROCESS(Collect)

  explicit Collect(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_METHOD(join_full);
    for (unsigned p = 0; p < Cfg::kPes; ++p) sensitive << full[p];
    SC_METHOD(join_drained);
    for (unsigned p = 0; p < Cfg::kPes; ++p) sensitive << drained[p];
    SC_METHOD(join_flags);
    for (unsigned p = 0; p < Cfg::kPes; ++p) sensitive << error[p] << saturated[p];
    SC_METHOD(join_host);
    for (unsigned p = 0; p < Cfg::kPes; ++p) sensitive << host_q[p];
    if constexpr (Cfg::kEcc) {
      SC_METHOD(join_faults);
      for (unsigned p = 0; p < Cfg::kPes; ++p) sensitive << corrected[p] << detected[p];
    }
  }

#if !EIE_SYNTHESIS_VIEW
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(full, drained, error, saturated, host_q, any_full, all_drained, any_error, any_saturated, host_data);
    if constexpr (Cfg::kEcc) EIE_TRACE(corrected, detected, all_corrected, all_detected);
  }
#endif

 private:
  void join_full() {
    bool any = false;
    for (unsigned p = 0; p < Cfg::kPes; ++p) any = any || full[p].read();
    any_full.write(any);
  }
  void join_drained() {
    bool all = true;
    for (unsigned p = 0; p < Cfg::kPes; ++p) all = all && drained[p].read();
    all_drained.write(all);
  }
  void join_flags() {
    bool any_e = false;
    bool any_s = false;
    for (unsigned p = 0; p < Cfg::kPes; ++p) {
      any_e = any_e || error[p].read();
      any_s = any_s || saturated[p].read();
    }
    any_error.write(any_e);
    any_saturated.write(any_s);
  }
  void join_faults() {
    if constexpr (Cfg::kEcc) {
      UInt<P::kFaultsWidth> sum_corrected = 0;
      UInt<P::kFaultsWidth> sum_detected = 0;
      for (unsigned p = 0; p < Cfg::kPes; ++p) {
        sum_corrected = sum_corrected + corrected[p].read();
        sum_detected = sum_detected + detected[p].read();
      }
      all_corrected.write(sum_corrected);
      all_detected.write(sum_detected);
    }
  }
  void join_host() {
    sc_dt::sc_uint<64> data = 0;
    for (unsigned p = 0; p < Cfg::kPes; ++p) data = data | host_q[p].read();
    host_data.write(data);
  }
};

}  // namespace eie
