// SPDX-License-Identifier: Apache-2.0
// RtlModel for a class that Verilator generated.
#pragma once

#include <utility>
#include <verilated.h>
#include <verilated_syms.h>

#include "tb/engines/rtl/rtl_model.h"

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

  std::vector<RtlSignal> signals() const override {
    std::vector<RtlSignal> all;
    const std::string top = "TOP.Eie";
    for (const auto& [name, scope] : *const_cast<VerilatedContext&>(context_).scopeNameMap()) {
      const std::string path = name;
      if (scope->varsp() == nullptr || (path != top && path.rfind(top + ".", 0) != 0)) continue;
      // Processes are scopes too. Modules have a clock, but for the one that is all combinational.
      if (scope->varFind("clk") == nullptr && path != top + ".collect") continue;
      const std::string below = path == top ? "" : path.substr(top.size() + 1);
      for (const auto& [variable, var] : *scope->varsp()) add_elements(all, below, variable, var);
    }
    return all;
  }

 private:
  /// A variable, or the elements of an array. The clock, SRAM words, next states and locals of processes are no waves.
  static void add_elements(std::vector<RtlSignal>& all, const std::string& scope, const std::string& name,
                           const VerilatedVar& var) {
    const bool next = name.size() > 5 && name.compare(name.size() - 5, 5, "_next") == 0;
    if (next || name == "clk" || name == "words" || name == "checks" || name.find("__DOT__") != std::string::npos ||
        name.rfind("__V", 0) == 0 || var.isParam()) {
      return;
    }
    RtlSignal s;
    s.scope = scope;
    s.bytes = var.entSize();
    s.width = static_cast<unsigned>(var.packed().elements());
    const auto* data = static_cast<const unsigned char*>(var.datap());
    std::vector<std::string> names{name};
    // An array of single bits has no range of bits, and Verilator gives that of the array; the RTL's bits all run down to 0.
    if (var.udims() == 0 && var.packed().left() < var.packed().right()) {
      names.clear();
      for (int k = 0; k < var.packed().elements(); ++k) names.push_back(name + "[" + std::to_string(k) + "]");
      s.width = 1;
    }
    for (int dim = 1; dim <= var.udims(); ++dim) {
      std::vector<std::string> elements;
      for (const std::string& array : names) {
        for (int k = 0; k < var.elements(dim); ++k) elements.push_back(array + "[" + std::to_string(k) + "]");
      }
      names = std::move(elements);
    }
    for (std::size_t k = 0; k < names.size(); ++k) {
      s.name = names[k];
      s.data = data + k * s.bytes;
      all.push_back(s);
    }
  }

  VerilatedContext context_;
  std::unique_ptr<Verilated> model_;
};

}  // namespace eie::tb
