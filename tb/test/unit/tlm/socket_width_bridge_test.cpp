// SPDX-License-Identifier: Apache-2.0
// What passes a SocketWidthBridge: all six interface methods, unchanged and without time.
#include "tlm/socket_width_bridge.h"

#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <type_traits>
#include <utility>
#include <vector>

#include "tb/test/support/test_support.h"
#include "tb/test/support/tlm_host.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

// The reason for the bridge: sockets of two widths do not bind.
template <class From, class To, class = void>
constexpr bool kBinds = false;
template <class From, class To>
constexpr bool kBinds<From, To, std::void_t<decltype(std::declval<From&>().bind(std::declval<To&>()))>> = true;
static_assert(kBinds<tlm::tlm_initiator_socket<64>, tlm::tlm_target_socket<64>>);
static_assert(!kBinds<tlm::tlm_initiator_socket<32>, tlm::tlm_target_socket<64>>);
static_assert(kBinds<tlm::tlm_initiator_socket<32>, decltype(SocketWidthBridge<32, 64>::target)>);
static_assert(kBinds<decltype(SocketWidthBridge<32, 64>::initiator), decltype(EieTlm::socket)>);

/// 64 bits to the bridge's 32 and back to the device's 64, so that the test's host can be the initiator.
struct Bench {
  EieTlm device{"device", small_config()};
  SocketWidthBridge<32, 64> up{"up"};
  SocketWidthBridge<64, 32> down{"down"};
  TlmHost host{"host"};
  sc_core::sc_signal<bool> rst_n{"rst_n"};
  Bench() {
    host.socket.bind(down.target);
    down.initiator.bind(up.target);
    up.initiator.bind(device.socket);
    device.rst_n(rst_n);
  }
  void run(const std::function<void()>& program) {
    host.run([&] {
      rst_n.write(true);
      sc_core::wait(100, sc_core::SC_NS);
      program();
    });
  }
};

TlmRequest request(tlm::tlm_command command, std::uint64_t address, std::vector<unsigned char> data) {
  TlmRequest r;
  r.command = command;
  r.address = address;
  r.data = std::move(data);
  return r;
}

const std::vector<unsigned char> kBytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

TEST(SocketWidthBridge, LooselyTimedAccessesTakeTheDevicesTime) {
  Bench bench;
  bench.run([&] {
    const auto period = bench.device.clock_period();
    EXPECT_EQ(bench.host.transport(request(tlm::TLM_WRITE_COMMAND, reg::kWindowBase + 4, kBytes)).taken, 5 * period);
    const TlmAnswer answer =
        bench.host.transport(request(tlm::TLM_READ_COMMAND, reg::kWindowBase + 4, std::vector<unsigned char>(12)));
    EXPECT_EQ(answer.data, kBytes);
    EXPECT_EQ(answer.taken, 8 * period);
    EXPECT_EQ(bench.host.transport(request(tlm::TLM_READ_COMMAND, 0x800, std::vector<unsigned char>(4))).status,
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

TEST(SocketWidthBridge, NonBlockingAccessesGoThroughBothWays) {
  Bench bench;
  bench.run([&] {
    for (const EndResponse how : {EndResponse::kLater, EndResponse::kUpdated, EndResponse::kCompleted}) {
      const auto answers =
          bench.host.transport_nb({request(tlm::TLM_WRITE_COMMAND, reg::kWindowBase, kBytes),
                                   request(tlm::TLM_READ_COMMAND, reg::kWindowBase, std::vector<unsigned char>(12))},
                                  how);
      ASSERT_EQ(answers.size(), 2u);
      EXPECT_EQ(answers[0].status, tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(answers[1].data, kBytes);
    }
  });
}

TEST(SocketWidthBridge, PointersAndTheirEndGoThrough) {
  Bench bench;
  bench.run([&] {
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(bench.host.dmi(request(tlm::TLM_READ_COMMAND, reg::kWindowBase, std::vector<unsigned char>(8)), dmi));
    TlmRequest poke = request(tlm::TLM_WRITE_COMMAND, reg::kWindowBase, kBytes);
    EXPECT_EQ(bench.host.debug(poke), 12u);
    EXPECT_EQ(std::memcmp(dmi.get_dmi_ptr(), kBytes.data(), 12), 0);
    EXPECT_TRUE(bench.host.invalidated().empty());
    bench.host.write(reg::kCtrl, reg::kCtrlStart);
    EXPECT_EQ(bench.host.invalidated().size(), 1u);
  });
}

}  // namespace
}  // namespace eie::tb
