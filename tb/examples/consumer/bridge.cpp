// SPDX-License-Identifier: Apache-2.0
// A 32-bit initiator in front of the 64-bit socket of an EIE, and an interrupt line that nobody needs.
#include <cstdint>
#include <cstdio>
#include <eie/tb/config/config.h>  // a former place and former names, which keep working
#include <eie/tlm/device_model.h>
#include <eie/tlm/eie_tlm.h>
#include <eie/tlm/socket_width_bridge.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <type_traits>

static_assert(std::is_same_v<eie::tb::UserError, eie::host::UserError>);
static_assert(std::is_same_v<eie::Access, eie::model::Access>);

class Cpu32 : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Cpu32, 32> SC_NAMED(socket);
  sc_core::sc_out<bool> SC_NAMED(rst_n);

  SC_HAS_PROCESS(Cpu32);
  explicit Cpu32(const sc_core::sc_module_name& name) : sc_module(name) { SC_THREAD(run); }
  bool passed() const { return passed_; }

 private:
  std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t data) {
    tlm::tlm_generic_payload tx;
    tx.set_command(command);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    tx.set_data_length(4);
    tx.set_streaming_width(4);
    sc_core::sc_time delay;
    socket->b_transport(tx, delay);
    wait(delay);
    if (tx.is_response_error()) SC_REPORT_ERROR("cpu32", tx.get_response_string().c_str());
    return data;
  }

  void run() {
    wait(100, sc_core::SC_NS);
    rst_n.write(true);
    wait(100, sc_core::SC_NS);
    const std::uint32_t id = access(tlm::TLM_READ_COMMAND, eie::reg::kId, 0);
    const std::uint64_t word = eie::reg::kWindowBase;  // the first Spmat word of PE 0, half by half
    access(tlm::TLM_WRITE_COMMAND, word, 0x11111111);
    access(tlm::TLM_WRITE_COMMAND, word + 4, 0x22222222);
    const std::uint32_t low = access(tlm::TLM_READ_COMMAND, word, 0);
    const std::uint32_t high = access(tlm::TLM_READ_COMMAND, word + 4, 0);
    std::printf("%.4s %08x %08x\n", reinterpret_cast<const char*>(&id), static_cast<unsigned>(low), static_cast<unsigned>(high));
    passed_ = id == 0x31454945 && low == 0x11111111 && high == 0x22222222;
    sc_core::sc_stop();
  }

  bool passed_ = false;
};

int sc_main(int, char*[]) {
  Cpu32 cpu("cpu");
  eie::SocketWidthBridge<32, 64> bridge("bridge");
  eie::EieTlm device("eie", eie::tb::load_config(CONFIG_FILE));
  sc_core::sc_signal<bool> rst_n("rst_n");
  cpu.socket.bind(bridge.target);
  bridge.initiator.bind(device.socket);
  cpu.rst_n(rst_n);
  device.rst_n(rst_n);
  sc_core::sc_start();
  return cpu.passed() ? 0 : 1;
}
