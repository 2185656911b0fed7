// SPDX-License-Identifier: Apache-2.0
#include "tlm/axi/axi_lite_manager.h"

namespace eie {

void AxiLiteManager::begin(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) {
  beats_ = beats;
  reads_ = reads;
  aw_sent_ = w_sent_ = b_done_ = ar_sent_ = r_done_ = 0;
  write_errors_.clear();
  read_errors_.clear();
  read_data_.clear();
}

void AxiLiteManager::set_stalls(unsigned percent, std::uint64_t seed) {
  stall_percent_ = percent;
  random_.seed(seed);
}

void AxiLiteManager::tick(const AxiLiteAnswers& out, AxiLiteRequests& in) {
  if (in.awvalid && out.awready) ++aw_sent_;
  if (in.wvalid && out.wready) ++w_sent_;
  if (in.arvalid && out.arready) ++ar_sent_;
  if (out.bvalid && in.bready) {
    write_errors_.push_back(out.bresp != 0);
    ++b_done_;
  }
  if (out.rvalid && in.rready) {
    read_data_.push_back(out.rdata);
    read_errors_.push_back(out.rresp != 0);
    ++r_done_;
  }
  // A valid that was raised stays until it is taken; a new one may be held back by a stall.
  in.awvalid = aw_sent_ < writes() && ((in.awvalid && !out.awready) || !stall());
  in.wvalid = w_sent_ < writes() && ((in.wvalid && !out.wready) || !stall());
  in.arvalid = ar_sent_ < reads() && ((in.arvalid && !out.arready) || !stall());
  if (in.awvalid) in.awaddr = static_cast<std::uint32_t>((*beats_)[aw_sent_].address);
  if (in.wvalid) {
    in.wdata = (*beats_)[w_sent_].data;
    in.wstrb = (*beats_)[w_sent_].strobe;
  }
  if (in.arvalid) in.araddr = static_cast<std::uint32_t>((*reads_)[ar_sent_]);
  in.bready = !done() && !stall();
  in.rready = !done() && !stall();
}

}  // namespace eie
