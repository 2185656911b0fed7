// SPDX-License-Identifier: Apache-2.0
// EieTlm as a TLM-2.0 target: timing annotation, phases, back-pressure, DMI, debug, error responses. Random transactions:
// tlm_random_test.cpp.
#include <gtest/gtest.h>

#include "tb/test/system/tlm/tlm_bench.h"

namespace eie::tb {
namespace {

template <class B>
class TlmTarget : public testing::Test {};
using Benches = testing::Types<TlmBench, HwBench>;
TYPED_TEST_SUITE(TlmTarget, Benches);

// docs/models/eie_tlm.md: a write takes 4 cycles, a read 7, a further beat one more.
TYPED_TEST(TlmTarget, AnnotatedTime) {
  TypeParam bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    EXPECT_EQ(bench.cycles(host.transport(write_of(reg::kIrqEnable))), 4u);
    EXPECT_EQ(bench.cycles(host.transport(read_of(reg::kId))), 7u);
    EXPECT_EQ(bench.cycles(host.transport(write_of(reg::kWindowBase, 64))), 11u);
    EXPECT_EQ(bench.cycles(host.transport(read_of(reg::kWindowBase, 64))), 14u);
    EXPECT_EQ(bench.cycles(host.transport(write_of(reg::kWindowBase + 4, 8))), 5u) << "two halves of two words";
    EXPECT_EQ(bench.cycles(host.transport(read_of(0x0F0))), 7u) << "an error takes as long as one beat";
    EXPECT_EQ(bench.cycles(host.transport(write_of(reg::kId))), 4u);
    // Local time ahead of the kernel counts from the cycle it falls into.
    const sc_core::sc_time offset = 3 * bench.device.clock_period();
    EXPECT_EQ(bench.cycles(host.transport(read_of(reg::kId), offset)), 7u);
  });
}

TYPED_TEST(TlmTarget, ErrorResponses) {
  TypeParam bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    auto status = [&](TlmRequest request) { return host.transport(request).status; };
    const std::uint64_t window = reg::kWindowBase;
    EXPECT_EQ(status(read_of(reg::kId)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status(read_of(reg::kId, 4)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status(read_of(0x0F0)), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(window + 1, 4)), tlm::TLM_OK_RESPONSE) << "memories take any bytes";
    EXPECT_EQ(status(write_of(window + 3, 1)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status(read_of(reg::kId + 1, 4)), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "registers whole halves";
    EXPECT_EQ(status(write_of(reg::kInLength + 2, 4)), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(reg::kCodebook + 8, 2)), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status(write_of(reg::kCodebook + 8, 1)), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(~std::uint64_t{3}, 8)), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "wraps around";
    EXPECT_EQ(status(read_of(bench.config.window_base(bench.config.n_pe))), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(write_of(window + bench.config.window().ptr_offset - 8, 16)), tlm::TLM_OK_RESPONSE)
        << "from Spmat into Ptr: they are neighbours here";
    EXPECT_EQ(status(write_of(window + bench.config.window().counter_offset - 8, 16)), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(write_of(reg::kId)), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(write_of(reg::kCycles)), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(reg::kCtrl)), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(window, 2)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status(read_of(reg::kId, 2)), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status(read_of(window, 0)), tlm::TLM_BURST_ERROR_RESPONSE);
    TlmRequest streaming = write_of(window, 16);
    streaming.streaming_width = 8;
    EXPECT_EQ(status(streaming), tlm::TLM_BURST_ERROR_RESPONSE);
    streaming.streaming_width = 64;
    EXPECT_EQ(status(streaming), tlm::TLM_OK_RESPONSE) << "a width over the length is no streaming";
    TlmRequest enables = write_of(window, 8);
    enables.enables = {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
    EXPECT_EQ(status(enables), tlm::TLM_OK_RESPONSE);
    enables.enables = {0xFF, 0};
    EXPECT_EQ(status(enables), tlm::TLM_OK_RESPONSE);
    TlmRequest of_register = write_of(reg::kInLength, 8);
    of_register.enables = {0xFF, 0};
    EXPECT_EQ(status(of_register), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    of_register.enables = {0};
    EXPECT_EQ(status(of_register), tlm::TLM_OK_RESPONSE) << "writes nothing";
    of_register.address = reg::kId;
    EXPECT_EQ(status(of_register), tlm::TLM_OK_RESPONSE) << "writes nothing, not even to what is read-only";
    of_register.enables = {0xFF, 0};
    of_register.command = tlm::TLM_READ_COMMAND;
    EXPECT_EQ(status(of_register), tlm::TLM_OK_RESPONSE) << "reads may leave out any byte";
    enables.enables = {0xFF, 0x12};
    EXPECT_EQ(status(enables), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    EXPECT_EQ(status(make(tlm::TLM_IGNORE_COMMAND, 0x0F0, 3)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status(make(static_cast<tlm::tlm_command>(3), reg::kId, 8)), tlm::TLM_COMMAND_ERROR_RESPONSE);
  });
}

TYPED_TEST(TlmTarget, InResetEverythingIsRefused) {
  TypeParam bench("a");
  bench.run([&] {
    EXPECT_EQ(bench.host.transport(read_of(reg::kId)).status, tlm::TLM_OK_RESPONSE);
    bench.rst_n.write(false);
    bench.wait_cycles(2);
    EXPECT_EQ(bench.host.transport(read_of(reg::kId)).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    bench.rst_n.write(true);
    bench.wait_cycles(2);
    EXPECT_EQ(bench.host.transport(read_of(reg::kId)).status, tlm::TLM_OK_RESPONSE);
  });
}

/// Starts a launch of `columns` activations that broadcasts them all; nothing is stored.
template <class B>
void start_launch(B& bench, std::uint64_t columns) {
  const DeviceConfig& c = bench.config;
  for (unsigned p = 0; p < c.n_pe; ++p) {
    TlmRequest ones = write_of(c.window_base(p) + c.window().act_offset, 8 * c.act_depth);
    std::fill(ones.data.begin(), ones.data.end(), 1);
    ASSERT_EQ(bench.host.transport(ones).status, tlm::TLM_OK_RESPONSE);
  }
  bench.host.write(reg::kInLength, columns);
  bench.host.write(reg::kOutLength, 8);
  bench.host.write(reg::kLayerCtrl, reg::kLayerFirst);
  bench.host.write(reg::kCtrl, reg::kCtrlStart);
}

TYPED_TEST(TlmTarget, BusyAndInterrupt) {
  TypeParam bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    host.write(reg::kIrqEnable, 1);
    start_launch(bench, 100);
    const sc_core::sc_time started = sc_core::sc_time_stamp();
    EXPECT_EQ(host.read(reg::kStatus), reg::kStatusBusy);
    EXPECT_EQ(host.transport(read_of(reg::kWindowBase)).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(host.transport(write_of(reg::kInLength)).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(host.transport(write_of(reg::kCtrl, 4)).status, tlm::TLM_OK_RESPONSE) << "writes nothing";
    EXPECT_FALSE(bench.irq.read());
    sc_core::wait(bench.irq.posedge_event());
    const sc_core::sc_time raised = sc_core::sc_time_stamp();
    EXPECT_EQ(host.read(reg::kStatus), reg::kStatusDone);
    // The start took effect one cycle before its response; busy is set from then on, and the interrupt ends it.
    EXPECT_EQ((raised - started).value() / bench.device.clock_period().value() + 1, host.read(reg::kCycles));
    EXPECT_EQ(host.read(reg::kBroadcasts), 100u);
    EXPECT_TRUE(bench.irq.read());
    host.write(reg::kIrqStatus, 1);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_FALSE(bench.irq.read());
  });
}

// The programming sequence of docs/registers.md, for a layer that saturates and then for one that does not.
TYPED_TEST(TlmTarget, ProgrammingSequenceForTheLayerAfterASaturatedOne) {
  TypeParam bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    const DeviceConfig& c = bench.config;
    const std::uint64_t highest = (std::uint64_t{1} << (c.data_width - 1)) - 1;
    host.write(reg::kIrqEnable, 1);
    host.write(c.window_base(0), 0x01);  // column 0 of PE 0: code 1, row 0
    host.write(c.window_base(0) + c.window().ptr_offset, std::uint64_t{1} << 32);
    for (const bool saturates : {true, false, true, false}) {
      host.write(reg::kCodebook + 8, saturates ? highest : 3);
      host.write(c.window_base(0) + c.window().act_offset, saturates ? highest : 7);
      host.write(reg::kInLength, 1);
      host.write(reg::kOutLength, 8);
      host.write(reg::kOutAddress, 4);
      host.write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast);
      host.write(reg::kStatus, reg::kStatusError | reg::kStatusSaturated);
      host.write(reg::kCtrl, reg::kCtrlStart);
      if (!bench.irq.read()) sc_core::wait(bench.irq.posedge_event());
      host.write(reg::kIrqStatus, reg::kIrqDone);
      EXPECT_EQ(host.read(reg::kStatus), reg::kStatusDone | (saturates ? reg::kStatusSaturated : 0));
      EXPECT_EQ(host.read(c.window_base(0) + c.window().act_offset + 8), saturates ? highest : 21u);
    }
  });
}

TYPED_TEST(TlmTarget, NonBlockingTransport) {
  TypeParam bench("a");
  bench.run([&] {
    for (const EndResponse how : {EndResponse::kLater, EndResponse::kUpdated, EndResponse::kCompleted}) {
      std::vector<TlmRequest> requests;
      for (unsigned k = 0; k < 20; ++k) {
        requests.push_back(write_of(reg::kWindowBase + 8 * k));
        for (unsigned char& byte : requests.back().data) byte = static_cast<unsigned char>(k + 1);
        requests.push_back(read_of(reg::kWindowBase + 8 * (k / 2)));
      }
      const auto answers = bench.host.transport_nb(requests, how);
      for (unsigned k = 0; k < 20; ++k) {
        EXPECT_EQ(answers[2 * k].status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(answers[2 * k + 1].data, Bytes(8, static_cast<unsigned char>(k / 2 + 1)));
      }
    }
  });
  EXPECT_EQ(bench.checker.end_requests(), 120u);
}

TEST(TlmPhases, TwoPhasesLeaveEndReqOut) {
  TlmBench bench("a", AtPhases::kTwo);
  bench.run([&] {
    const auto answers =
        bench.host.transport_nb({read_of(reg::kId), write_of(reg::kIrqEnable), read_of(0x0F0)}, EndResponse::kCompleted);
    EXPECT_EQ(bench.cycles(answers[0]), 7u);
    EXPECT_EQ(bench.cycles(answers[1]), 4u);
    EXPECT_EQ(answers[2].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  EXPECT_EQ(bench.checker.end_requests(), 0u);
}

TEST(TlmPhases, BackPressure) {
  TlmBench bench("a");
  bench.run([&] {
    const std::vector<TlmRequest> requests(12, write_of(reg::kWindowBase));
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    const auto answers = bench.host.transport_nb(requests, EndResponse::kLater, 50 * bench.device.clock_period());
    const std::uint64_t taken = (sc_core::sc_time_stamp() - start).value() / bench.device.clock_period().value();
    EXPECT_GE(taken, 12u * 50u) << "responses one after another";
    for (const TlmAnswer& answer : answers) EXPECT_EQ(answer.status, tlm::TLM_OK_RESPONSE);
  });
  EXPECT_EQ(bench.checker.most_open(), 5u) << "four transactions, and one request that waits";
}

TEST(TlmPhases, WithoutAMemoryManagerNothingIsDone) {
  TlmBench bench("a");
  sc_core::sc_report_handler::set_actions("eie/tlm/memory_manager", sc_core::SC_DO_NOTHING);
  bench.run([&] {
    tlm::tlm_generic_payload tx;
    TlmRequest request = read_of(reg::kId);
    tx.set_data_ptr(request.data.data());
    tx.set_data_length(8);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tlm::tlm_fw_transport_if<>& target =
        *dynamic_cast<tlm::tlm_fw_transport_if<>*>(static_cast<sc_core::sc_interface*>(bench.checker.to_target.get_interface()));
    EXPECT_EQ(target.nb_transport_fw(tx, phase, delay), tlm::TLM_COMPLETED);
    EXPECT_EQ(tx.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  });
}

TEST(TlmDmi, MemoriesOnlyUntilTheNextStart) {
  TlmBench bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    const DeviceConfig& c = bench.config;
    const std::uint64_t spmat = c.window_base(3);
    const std::uint64_t ptr = spmat + c.window().ptr_offset;
    const std::uint64_t act = spmat + c.window().act_offset;
    tlm::tlm_dmi dmi;
    EXPECT_FALSE(host.dmi(read_of(reg::kId), dmi));
    EXPECT_FALSE(host.dmi(read_of(reg::kCodebook), dmi));
    EXPECT_FALSE(host.dmi(read_of(spmat + c.window().counter_offset), dmi));
    EXPECT_FALSE(host.dmi(write_of(ptr), dmi)) << "upper halves of pointers are not stored";
    ASSERT_TRUE(host.dmi(read_of(ptr + 8), dmi));
    EXPECT_FALSE(dmi.is_write_allowed());
    ASSERT_TRUE(host.dmi(write_of(act + 24), dmi));
    EXPECT_EQ(dmi.get_start_address(), act);
    EXPECT_EQ(dmi.get_end_address(), act + 8 * c.act_depth - 1);
    std::memset(dmi.get_dmi_ptr() + 8, 0x5A, 8);
    EXPECT_EQ(host.read(act + 8), 0x5A5A5A5A5A5A5A5Au);
    EXPECT_FALSE(host.transport(read_of(reg::kId)).dmi_allowed);
    EXPECT_TRUE(host.transport(read_of(act)).dmi_allowed);
    EXPECT_TRUE(host.transport(write_of(act)).dmi_allowed);
    EXPECT_TRUE(host.transport(read_of(ptr)).dmi_allowed);
    EXPECT_FALSE(host.transport(write_of(ptr)).dmi_allowed) << "the hint is what a request for a pointer would get";
    EXPECT_TRUE(host.invalidated().empty());
    start_launch(bench, 50);
    ASSERT_EQ(host.invalidated().size(), 1u);
    EXPECT_LE(host.invalidated()[0].first, c.window_base(0));
    EXPECT_GE(host.invalidated()[0].second, c.window_base(c.n_pe) - 1);
    EXPECT_FALSE(host.dmi(read_of(act), dmi)) << "a launch runs";
    while ((host.read(reg::kStatus) & reg::kStatusBusy) != 0) {
    }
    EXPECT_TRUE(host.dmi(read_of(act), dmi));
  });
}

// Weights written through a pointer count in the next launch, although no transaction told the model.
TEST(TlmDmi, WeightsWrittenThroughAPointerAreUsed) {
  TlmBench bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    const DeviceConfig& c = bench.config;
    // Column 0 of PE 0 has one entry, code 1, run 0: row 0 gets codebook[1] * a[0].
    host.write(reg::kCodebook + 8, 3);
    host.write(reg::kCodebook + 16, 5);
    host.write(c.window_base(0), 0x01);
    host.write(c.window_base(0) + c.window().ptr_offset, std::uint64_t{1} << 32);
    host.write(c.window_base(0) + c.window().act_offset, 7);
    auto result = [&] {
      host.write(reg::kInLength, 1);
      host.write(reg::kOutLength, 8);
      host.write(reg::kOutAddress, 4);
      host.write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast);
      host.write(reg::kCtrl, reg::kCtrlStart);
      while ((host.read(reg::kStatus) & reg::kStatusBusy) != 0) {
      }
      return host.read(c.window_base(0) + c.window().act_offset + 8);
    };
    EXPECT_EQ(result(), 21u);
    EXPECT_EQ(result(), 21u);
    EXPECT_EQ(bench.device.images_decoded(), 1u);
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(host.dmi(write_of(c.window_base(0)), dmi));
    dmi.get_dmi_ptr()[0] = 0x02;
    EXPECT_EQ(result(), 35u);
  });
}

TEST(TlmDebug, HasNoSideEffects) {
  TlmBench bench("a");
  bench.run([&] {
    TlmHost& host = bench.host;
    const DeviceConfig& c = bench.config;
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    TlmRequest write = write_of(c.window_base(2) + 3, 11);
    for (unsigned k = 0; k < 11; ++k) write.data[k] = static_cast<unsigned char>(k + 1);
    EXPECT_EQ(host.debug(write), 11u);
    TlmRequest read = read_of(c.window_base(2), 16);
    EXPECT_EQ(host.debug(read), 16u);
    EXPECT_EQ(read.data, (Bytes{0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0}));
    TlmRequest id = read_of(reg::kId, 4);
    EXPECT_EQ(host.debug(id), 4u);
    EXPECT_EQ(id.data, (Bytes{'E', 'I', 'E', '1'}));
    TlmRequest start = write_of(reg::kCtrl);
    start.data[0] = 1;
    EXPECT_EQ(host.debug(start), 0u) << "registers are for reading";
    TlmRequest end = read_of(c.window_base(2) + c.window().counter_offset + 8 * reg::kPeCounters - 4, 8);
    EXPECT_EQ(host.debug(end), 4u) << "up to the end of the map";
    EXPECT_EQ(sc_core::sc_time_stamp(), before);
    EXPECT_EQ(host.read(reg::kStatus), 0u);
  });
}

}  // namespace
}  // namespace eie::tb
