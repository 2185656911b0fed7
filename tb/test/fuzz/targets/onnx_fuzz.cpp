// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/onnx_network.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) {
    const std::shared_ptr<const OnnxNetwork> network = read_onnx_network("m.onnx", bytes);
    std::vector<double> row;
    for (const OnnxLayer& layer : network->layers) {
      const DenseFile file("m.onnx:" + layer.name, "ONNX", {layer.rows, layer.columns}, layer.weights);
      row.resize(layer.columns);
      for (std::size_t i = 0; i < layer.rows; ++i) {
        file.read_rows(i, 1, row.data());
        layer.scale(i, 1, row.data());
      }
    }
  };
  // Memory: the constant is what the library may make of small parts, 16 MiB; what would take more is weighed and
  // refused before (docs/formats.md).
  target.constant = std::size_t{17} << 20;
  return target;
}

}  // namespace eie::tb
