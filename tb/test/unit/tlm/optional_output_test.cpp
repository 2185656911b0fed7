// SPDX-License-Identifier: Apache-2.0
// The interrupt output of the models may stay unbound.
#include <gtest/gtest.h>
#include <memory>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/support/test_support.h"
#include "tb/test/support/tlm_host.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/config/compiled_config.h"
#include "tlm/dma/dma.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

/// Runs an empty launch by polling.
template <class Device>
void poll_a_launch(Device& device) {
  TlmHost host("host");
  sc_core::sc_signal<bool> rst_n("rst_n");
  host.socket.bind(device.socket);
  device.rst_n(rst_n);
  host.run([&] {
    sc_core::wait(10 * device.clock_period());
    rst_n.write(true);
    sc_core::wait(10 * device.clock_period());
    host.write(reg::kIrqEnable, reg::kIrqDone);
    host.write(reg::kInLength, 4);
    host.write(reg::kOutLength, 4);
    host.write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast);
    host.write(reg::kCtrl, reg::kCtrlStart);
    unsigned polls = 0;
    while ((host.read(reg::kStatus) & reg::kStatusDone) == 0) ASSERT_LT(++polls, 100u);
    sc_core::wait(10 * device.clock_period());
    EXPECT_EQ(host.read(reg::kIrqStatus), reg::kIrqDone);
  });
  EXPECT_TRUE(device.irq.read());  // the signal of its own
}

TEST(OptionalOutput, EieTlmWorksWithoutItsInterrupt) {
  EieTlm device("device", compiled_config<SmallCfg>());
  poll_a_launch(device);
}

TEST(OptionalOutput, EieHwWorksWithoutItsInterrupt) {
  EieHw<SmallCfg> device("device");
  poll_a_launch(device);
}

TEST(OptionalOutput, TwoDevicesOfOnePlatform) {
  EieTlm open("open", compiled_config<SmallCfg>());
  EieTlm device("device", compiled_config<SmallCfg>());
  sc_core::sc_signal<bool> rst_n("other_rst_n"), irq("irq");
  TlmHost idle("idle");
  idle.socket.bind(open.socket);
  open.rst_n(rst_n);
  device.irq(irq);  // one bound, one not
  poll_a_launch(device);
  EXPECT_TRUE(irq.read());
}

TEST(OptionalOutput, TheDmaEngineElaboratesWithoutItsInterrupt) {
  EieDma dma("dma");
  EieTlm device("device", compiled_config<SmallCfg>());
  TlmHost host("host");
  sc_core::sc_signal<bool> rst_n("rst_n");
  host.socket.bind(dma.socket);
  dma.initiator.bind(device.socket);
  dma.rst_n(rst_n);
  device.rst_n(rst_n);
  host.run([&] {
    rst_n.write(true);
    sc_core::wait(100, sc_core::SC_NS);
    EXPECT_EQ(host.read(dma::kId), dma::kIdValue);
  });
}

/// A platform that binds the interrupt as late as SystemC allows.
class LatePlatform : public sc_core::sc_module {
 public:
  EieTlm device;
  TlmHost host;
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(irq);

  explicit LatePlatform(const sc_core::sc_module_name& name)
      : sc_module(name), device("device", compiled_config<SmallCfg>()), host("host") {
    host.socket.bind(device.socket);
    device.rst_n(rst_n);
  }

 private:
  void before_end_of_elaboration() override { device.irq(irq); }
};

TEST(OptionalOutput, MayBeBoundBeforeTheEndOfElaboration) {
  LatePlatform platform("platform");
  platform.host.run([&] {
    platform.rst_n.write(true);
    sc_core::wait(100, sc_core::SC_NS);
    EXPECT_EQ(platform.host.read(reg::kId), 0x31454945u);
  });
}

}  // namespace
}  // namespace eie::tb
