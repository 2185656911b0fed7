// RtlModel for a class that Verilator generated.
#pragma once

#include <verilated.h>
#include <verilated_syms.h>

#include <utility>

#include "rtl_model.h"

namespace eie::tb {

template <class Verilated>
class VerilatedDevice final : public RtlModel {
 public:
  VerilatedDevice() : model_(std::make_unique<Verilated>(&context_, "TOP")) {
    model_->clk = 0;
    apply(RtlInputs());
  }
  ~VerilatedDevice() override { model_->final(); }

  void apply(const RtlInputs& in) override {
    model_->rst_n = in.rst_n;
    model_->s_axi_awvalid = in.awvalid;
    model_->s_axi_awaddr = in.awaddr;
    model_->s_axi_wvalid = in.wvalid;
    model_->s_axi_wdata = in.wdata;
    model_->s_axi_wstrb = in.wstrb;
    model_->s_axi_bready = in.bready;
    model_->s_axi_arvalid = in.arvalid;
    model_->s_axi_araddr = in.araddr;
    model_->s_axi_rready = in.rready;
    model_->clk = 0;
    model_->eval();
  }
  void edge() override {
    model_->clk = 1;
    model_->eval();
  }
  RtlOutputs outputs() const override {
    RtlOutputs out;
    out.awready = model_->s_axi_awready != 0;
    out.wready = model_->s_axi_wready != 0;
    out.bvalid = model_->s_axi_bvalid != 0;
    out.bresp = model_->s_axi_bresp;
    out.arready = model_->s_axi_arready != 0;
    out.rvalid = model_->s_axi_rvalid != 0;
    out.rdata = model_->s_axi_rdata;
    out.rresp = model_->s_axi_rresp;
    out.irq = model_->irq != 0;
    return out;
  }
  std::uint64_t run_until_interrupt(std::uint64_t limit) override {
    std::uint64_t cycles = 0;
    while (model_->irq == 0 && cycles < limit) {
      model_->clk = 1;
      model_->eval();
      model_->clk = 0;
      model_->eval();
      ++cycles;
    }
    return cycles;
  }

  RtlArray variable(const std::string& scope, const std::string& name) const override {
    const std::string full = "TOP.Eie" + (scope.empty() ? "" : "." + scope);
    const VerilatedScope* const found = context_.scopeFind(full.c_str());
    VerilatedVar* const var = found == nullptr ? nullptr : found->varFind(name.c_str());
    if (var == nullptr) return {};
    return {static_cast<unsigned char*>(var->datap()), var->entSize()};
  }

 private:
  VerilatedContext context_;
  std::unique_ptr<Verilated> model_;
};

}  // namespace eie::tb
