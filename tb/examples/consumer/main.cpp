// SPDX-License-Identifier: Apache-2.0
// Instantiates an EIE and reads who it is.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <eie/host/config.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#ifdef USE_HW
#include <eie/cfg/eie4.h>
#include <eie/tlm/axi/eie_hw.h>
#else
#include <eie/tlm/eie_tlm.h>
#endif

class Host : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Host, 64> SC_NAMED(socket);
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(irq);

  SC_HAS_PROCESS(Host);
  Host(const sc_core::sc_module_name& name, const eie::DeviceConfig& config) : sc_module(name), config_(config) {
    SC_THREAD(run);
  }
  bool passed() const { return passed_; }

 private:
  std::uint64_t read(std::uint64_t address) {
    std::uint64_t data = 0;
    tlm::tlm_generic_payload tx;
    tx.set_command(tlm::TLM_READ_COMMAND);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    tx.set_data_length(8);
    tx.set_streaming_width(8);
    sc_core::sc_time delay;
    socket->b_transport(tx, delay);
    wait(delay);
    return tx.is_response_ok() ? data : 0;
  }

  void run() {
    wait(100, sc_core::SC_NS);
    rst_n.write(true);
    wait(100, sc_core::SC_NS);
    const std::uint64_t id = read(eie::reg::kId);
    const std::uint64_t pes = read(eie::reg::kCap0) >> eie::reg::kCapNPeLsb & eie::reg::kCapNPeMask;
    std::printf("%.4s with %" PRIu64 " PEs\n", reinterpret_cast<const char*>(&id), pes);
    passed_ = id == eie::reg::kIdValue && pes == config_.n_pe;
    sc_core::sc_stop();
  }

  const eie::DeviceConfig config_;
  bool passed_ = false;
};

int sc_main(int, char*[]) {
  const eie::DeviceConfig config = eie::host::load_config(CONFIG_FILE);
#ifdef USE_HW
  eie::EieHw<eie::cfg::eie4> device("eie");
#else
  eie::EieTlm device("eie", config);
#endif
  Host host("host", config);
  host.socket.bind(device.socket);
  device.rst_n(host.rst_n);
  device.irq(host.irq);
  sc_core::sc_start();
  return host.passed() ? 0 : 1;
}
