// SPDX-License-Identifier: Apache-2.0
// The simulated clock at every resolution of the kernel, and what SystemC models do with a configuration that
// is wrong. Each test is a process of its own, as the resolution can be set once.
#include "tlm/config/clock_period.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "tb/engines/engines.h"
#include "tb/engines/tlm_engine.h"
#include "tb/test/support/test_cfgs.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tlm/bad_configs.h"
#include "tlm/axi/axi_lite_adaptor.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/config/device_config_check.h"
#include "tlm/dma/dma.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

using sc_core::sc_time;

const char kResolution[] = "eie/clock/resolution";
const char kInexact[] = "eie/clock/inexact";

DeviceConfig at(double clock_mhz) {
  DeviceConfig c = small_config();
  c.clock_mhz = clock_mhz;
  return c;
}

/// The report that something ends in: "id: text".
std::string report_of(const std::function<void()>& make) {
  try {
    make();
  } catch (const sc_core::sc_report& report) {
    return std::string(report.get_msg_type()) + ": " + report.get_msg();
  }
  return "no report";
}

void silence_warnings() { sc_core::sc_report_handler::set_actions(kInexact, sc_core::SC_DO_NOTHING); }

TEST(ClockPeriod, ExactOnesAreQuiet) {  // a warning would fail
  EXPECT_EQ(clock_period(at(800)), sc_time(1250, sc_core::SC_PS));
  EXPECT_EQ(clock_period(at(1000)), sc_time(1, sc_core::SC_NS));
  EXPECT_EQ(clock_period(at(1e6)), sc_time(1, sc_core::SC_PS));
  EXPECT_EQ(clock_period(at(0.001)), sc_time(1, sc_core::SC_MS));
  EXPECT_EQ(clock_period(at(62.5)), sc_time(16, sc_core::SC_NS));
  EXPECT_EQ(DmaConfig().clock_period, sc_time(1250, sc_core::SC_PS));
}

TEST(ClockPeriod, InexactOnesWarn) {
  EXPECT_EQ(report_of([] { clock_period(at(900)); }),
            "eie/clock/inexact: configuration 'small': clock_mhz 900 is a period of 1.111111111 ns, which "
            "the time resolution of 1 ps "
            "makes 1.111 ns: simulated time is off by 0.01 %");
  silence_warnings();
  EXPECT_EQ(clock_period(at(900)), sc_time(1111, sc_core::SC_PS));
  EXPECT_EQ(clock_period(at(1200)), sc_time(833, sc_core::SC_PS));
}

TEST(ClockPeriod, WrongOnesAreRefused) {
  EXPECT_EQ(report_of([] { clock_period(at(8500)); }),
            "eie/clock/resolution: configuration 'small': clock_mhz 8500 is a period of 117.6470588 ps, "
            "which the time resolution of "
            "1 ps cannot hold: call sc_set_time_resolution(1, SC_FS) before anything that has a time, or "
            "take another "
            "clock_mhz");
  EXPECT_NE(report_of([] { clock_period(at(700000)); }).find(kResolution), std::string::npos);
}

TEST(ClockPeriod, IsWithinATenthOfAPercentOrRefused) {
  silence_warnings();
  std::mt19937_64 random(1);
  unsigned refused = 0;
  for (unsigned k = 0; k < 20000; ++k) {
    const double clock = std::pow(10.0, -3.0 + 9.0 * static_cast<double>(random() % 1000001) / 1e6);
    const double exact = 1e6 / clock;  // ps
    try {
      const double period = clock_period(at(clock)).to_seconds() * 1e12;
      ASSERT_LE(std::abs(period - exact), exact * 1.000001e-3) << clock;
    } catch (const sc_core::sc_report& report) {
      ASSERT_EQ(std::string(report.get_msg_type()), kResolution);
      ASSERT_GT(std::abs(std::round(exact) - exact), exact * 0.999999e-3) << clock;
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_LT(refused, 19000u);
}

TEST(ClockPeriod, TenNanosecondsCannotHoldAnyModel) {
  using sc_core::sc_report_handler;
  const auto actions = sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY);  // of the default time unit
  sc_core::sc_set_time_resolution(10, sc_core::SC_NS);
  sc_report_handler::set_actions(sc_core::SC_WARNING, actions);
  const std::string text = report_of([] { clock_period(at(800)); });
  EXPECT_EQ(text,
            "eie/clock/resolution: configuration 'small': clock_mhz 800 is a period of 1.25 ns, which the time "
            "resolution of 10 ns "
            "cannot hold: call sc_set_time_resolution(1, SC_PS) before anything that has a time, or take another "
            "clock_mhz");
  EXPECT_EQ(report_of([] { (EieTlm{"tlm", at(800)}); }), text);
  EXPECT_EQ(report_of([] { (EieHw<SmallCfg>{"hw"}); }), text);
  EXPECT_EQ(report_of([] { (AxiLiteAdaptor{"adaptor", at(800), nullptr}); }), text);
  EXPECT_EQ(report_of([] { (TlmEngine{"engine", at(800)}); }), text);
  EXPECT_NE(report_of([] { DmaConfig(); }).find("eie/clock/resolution: DmaConfig: clock_mhz 800"), std::string::npos);
  EXPECT_EQ((DmaConfig{clock_period(at(1))}).clock_period, sc_time(1, sc_core::SC_US));
  EXPECT_EQ(clock_period(at(100)), sc_time(10, sc_core::SC_NS));
}

TEST(ClockPeriod, ANanosecondIsNotTakenForAnother) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_NS);
  EXPECT_NE(report_of([] { (EieTlm{"tlm", at(800)}); }).find(kResolution), std::string::npos);
  EXPECT_NE(report_of([] { (EieTlm{"tlm", at(300)}); }).find(kResolution), std::string::npos);
  EieTlm good("good", at(500));
  EXPECT_EQ(good.clock_period(), sc_time(2, sc_core::SC_NS));
}

TEST(ClockPeriod, AFemtosecondHoldsAllLegalClocks) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  silence_warnings();
  for (const double clock : {0.001, 800.0, 8500.0, 333333.0, 666666.0, 999500.0, 1e6}) {
    EXPECT_NEAR(clock_period(at(clock)).to_seconds() * clock * 1e6, 1, 1e-3) << clock;
  }
}

TEST(ClockPeriod, AnErrorThatIsOnlyDisplayedStillEndsIt) {
  sc_core::sc_report_handler::set_actions(kResolution, sc_core::SC_DISPLAY);
  EXPECT_THROW(clock_period(at(8500)), std::invalid_argument);
}

TEST(ClockPeriod, TheProgramsEnginesTakeEveryClock) {
  silence_warnings();
  const std::unique_ptr<Device> device = make_engine("tlm", at(700000), {});
  EXPECT_EQ(device->read(reg::kId), 0x31454945u);
  EXPECT_EQ(sc_core::sc_get_time_resolution().to_seconds(), 1e-15);
}

TEST(ModelConstructors, RefuseWhatIsNoConfigurationAndLeaveNothing) {
  for (const BadConfig& bad : bad_configs(small_config())) {
    std::string expected;
    try {
      check(bad.config);
    } catch (const InvalidConfig& error) {
      expected = error.what();
    }
    ASSERT_NE(expected, "");
    const auto refusal = [](const std::function<void()>& make) -> std::string {
      try {
        make();
      } catch (const InvalidConfig& error) {
        return error.what();
      }
      return "nothing was refused";
    };
    EXPECT_EQ(refusal([&] { (EieTlm{"tlm", bad.config}); }), expected);
    EXPECT_EQ(refusal([&] { (AxiLiteAdaptor{"adaptor", bad.config, nullptr}); }), expected);
    EXPECT_EQ(refusal([&] { (TlmEngine{"engine", bad.config}); }), expected);
    EXPECT_EQ(refusal([&] { clock_period(bad.config); }), expected);
    EXPECT_EQ(refusal([&] { make_engine("tlm", bad.config, {}); }), expected);
  }
  // The kernel has forgotten them: a good device elaborates and answers.
  TlmEngine engine("engine", small_config());
  EXPECT_EQ(engine.read(reg::kId, 8), 0x31454945u);
}

TEST(ModelConstructors, TheAdaptorEndsAt32BitAddresses) {
  DeviceConfig c = small_config();
  c.n_pe = 1024;
  c.spmat_width = 512;
  c.spmat_depth = 1u << 20;
  try {
    AxiLiteAdaptor adaptor("adaptor", c, nullptr);
    ADD_FAILURE() << "was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("end past 32-bit addresses: expected n_pe * window up to"), std::string::npos);
  }
}

}  // namespace
}  // namespace eie::tb
