// SPDX-License-Identifier: Apache-2.0
// Computes a layer on an EIE: the installed library eie::host turns it into writes, a bus plays them.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <eie/host/config.h>
#include <eie/host/error.h>
#include <eie/host/layer_program.h>
#include <eie/tlm/eie_tlm.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

/// A CPU that does what the program says. Its address map has the device at kBase.
class Host : public sc_core::sc_module, public eie::host::Bus {
 public:
  static constexpr std::uint64_t kBase = 0;
  tlm_utils::simple_initiator_socket<Host, 64> SC_NAMED(socket);
  sc_core::sc_in<bool> SC_NAMED(irq);
  sc_core::sc_out<bool> SC_NAMED(rst_n);

  SC_HAS_PROCESS(Host);
  Host(const sc_core::sc_module_name& name, const eie::DeviceConfig& config, const eie::host::Layer& layer)
      : sc_module(name), program_(eie::host::make_layer_program(config, layer)) {
    SC_THREAD(thread);
  }
  const eie::host::LayerOutputs& outputs() const { return outputs_; }

 private:
  void write(const eie::host::Write& write) override {
    std::uint64_t data = write.data;
    access(tlm::TLM_WRITE_COMMAND, write.address, data);
  }
  std::uint64_t read(std::uint64_t address) override {
    std::uint64_t data = 0;
    access(tlm::TLM_READ_COMMAND, address, data);
    return data;
  }
  void wait_interrupt(std::uint64_t) override {
    while (!irq.read()) wait(irq.posedge_event());
  }

  void access(tlm::tlm_command command, std::uint64_t address, std::uint64_t& data) {
    tlm::tlm_generic_payload tx;
    tx.set_command(command);
    tx.set_address(kBase + address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    tx.set_data_length(8);
    tx.set_streaming_width(8);
    sc_core::sc_time delay;
    socket->b_transport(tx, delay);
    wait(delay);
    if (tx.is_response_error()) SC_REPORT_ERROR("host", tx.get_response_string().c_str());
  }

  void thread() {
    rst_n.write(false);
    wait(100, sc_core::SC_NS);
    rst_n.write(true);
    wait(100, sc_core::SC_NS);
    outputs_ = eie::host::run(program_, *this);
    sc_core::sc_stop();
  }

  const eie::host::LayerProgram program_;
  eie::host::LayerOutputs outputs_;
};

int sc_main(int, char*[]) {
  const eie::DeviceConfig config = eie::host::load_config(CONFIG_FILE);

  eie::host::Layer layer;  // 40 x 30, three in ten weights, ReLU
  layer.rows = 40;
  layer.columns = 30;
  layer.relu = true;
  for (std::size_t i = 0; i < layer.rows; ++i) {
    for (std::size_t j = 0; j < layer.columns; ++j) {
      layer.weights.push_back((7 * i + 3 * j) % 10 < 3 ? 0.25 * (static_cast<double>((i + j) % 7) - 3) : 0);
    }
    layer.bias.push_back(0.125 * static_cast<double>(i % 5));
  }
  for (std::size_t j = 0; j < layer.columns; ++j) layer.activations.push_back(j % 3 == 0 ? 0 : 0.5 * static_cast<double>(j));

  eie::host::Layer bad = layer;
  bad.activations.pop_back();
  try {
    eie::host::make_layer_program(config, bad);
    return 1;
  } catch (const eie::host::UserError& error) {
    std::printf("%s\n", error.what());
  }

  eie::EieTlm device("eie", config);
  Host host("host", config, layer);
  sc_core::sc_signal<bool> rst_n("rst_n"), irq("irq");
  host.socket.bind(device.socket);
  host.rst_n(rst_n);
  host.irq(irq);
  device.rst_n(rst_n);
  device.irq(irq);
  sc_core::sc_start();

  // The plain product. These numbers are whole ones in the formats that were chosen, so nothing is rounded.
  if (host.outputs().values.size() != layer.rows) return 1;
  for (std::size_t i = 0; i < layer.rows; ++i) {
    double sum = layer.bias[i];
    for (std::size_t j = 0; j < layer.columns; ++j) sum += layer.weights[i * layer.columns + j] * layer.activations[j];
    if (sum < 0) sum = 0;
    if (host.outputs().values[i] != sum) {
      std::printf("row %zu is %g: expected %g\n", i, host.outputs().values[i], sum);
      return 1;
    }
  }
  std::printf("%zu outputs as expected, %llu cycles\n", layer.rows, static_cast<unsigned long long>(host.outputs().cycles));
  return 0;
}
