// SPDX-License-Identifier: Apache-2.0
// usage: cuda_baseline FILE.layer... > FILE.json
//
// Times of dense (cuBLAS) and sparse (cuSPARSE) products in float32 on this machine's first GPU, batch 1 and 64, for the layers
// that baseline_layers wrote. Weights, inputs and outputs are on the GPU; a time is what events around one call tell. Exit
// status: 0 done, 1 a product is wrong, 2 wrong usage or bad input, 3 there is no GPU.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cusparse.h>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tb/support/error.h"
#include "tb/test/baseline/layer_file.h"
#include "tb/test/baseline/times.h"

namespace {

using namespace eie::baseline;

constexpr double kSeconds = 1;  // repetitions of a product go on so long

void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}
void check(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS) throw std::runtime_error(std::string(what) + ": " + cublasGetStatusString(status));
}
void check(cusparseStatus_t status, const char* what) {
  if (status != CUSPARSE_STATUS_SUCCESS) throw std::runtime_error(std::string(what) + ": " + cusparseGetErrorString(status));
}

/// An array on the GPU.
template <class T>
class Array {
 public:
  explicit Array(std::size_t count) : count_(count) {
    if (count > 0) check(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc");
  }
  explicit Array(const std::vector<T>& values) : Array(values.size()) {
    check(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  Array(Array&& other) noexcept : data_(std::exchange(other.data_, nullptr)), count_(other.count_) {}
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { cudaFree(data_); }

  T* data() const { return static_cast<T*>(data_); }
  std::vector<T> values() const {
    std::vector<T> out(count_);
    check(cudaMemcpy(out.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy");
    return out;
  }

 private:
  void* data_ = nullptr;
  std::size_t count_;
};

struct Gpu {
  cublasHandle_t blas = nullptr;
  cusparseHandle_t sparse = nullptr;
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  std::string name;
  std::size_t cache = 0;
};

/// product(copy) again and again, until kSeconds are over.
Times measure(const Gpu& gpu, const Layer& layer, std::size_t frames, std::size_t copies, const Array<float>& y,
              const std::function<void(std::size_t)>& product) {
  Times times;
  for (std::size_t k = 0; k < kWarmUp; ++k) product(k % copies);
  times.error = relative_error(layer, y.values(), frames);
  std::vector<double> seconds;
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  while (seconds.size() < kMost && (passed() < kSeconds || seconds.size() < kLeast)) {
    check(cudaEventRecord(gpu.begin), "cudaEventRecord");
    product((kWarmUp + seconds.size()) % copies);
    check(cudaEventRecord(gpu.end), "cudaEventRecord");
    check(cudaEventSynchronize(gpu.end), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, gpu.begin, gpu.end), "cudaEventElapsedTime");
    seconds.push_back(1e-3 * static_cast<double>(milliseconds));
  }
  summarise(seconds, frames, times);
  return times;
}

std::vector<float> first_frames(const Layer& layer, std::size_t frames) {
  std::vector<float> x(layer.columns * frames);
  for (std::size_t j = 0; j < layer.columns; ++j) std::copy_n(&layer.inputs[j * layer.frames], frames, &x[j * frames]);
  return x;
}

Times dense(const Gpu& gpu, const Layer& layer, std::size_t frames) {
  std::vector<float> matrix(std::size_t{layer.rows} * layer.columns, 0.0F);
  for (std::size_t i = 0; i < layer.rows; ++i) {
    for (auto e = static_cast<std::size_t>(layer.row_start[i]); e < static_cast<std::size_t>(layer.row_start[i + 1]); ++e) {
      matrix[i * layer.columns + static_cast<std::size_t>(layer.column[e])] = layer.value[e];
    }
  }
  const std::size_t copies = copies_for(gpu.cache, matrix.size() * sizeof(float));
  std::vector<Array<float>> weights;
  for (std::size_t k = 0; k < copies; ++k) weights.emplace_back(matrix);
  const Array<float> x(first_frames(layer, frames));
  const Array<float> y(layer.rows * frames);
  const auto m = static_cast<int>(layer.rows);
  const auto k = static_cast<int>(layer.columns);
  const auto n = static_cast<int>(frames);
  const float one = 1;
  const float zero = 0;
  // cuBLAS counts by columns: to it ours are the transposed matrices.
  return measure(gpu, layer, frames, copies, y, [&](std::size_t copy) {
    if (frames == 1) {
      check(cublasSgemv(gpu.blas, CUBLAS_OP_T, k, m, &one, weights[copy].data(), k, x.data(), 1, &zero, y.data(), 1),
            "cublasSgemv");
    } else {
      check(cublasSgemm(gpu.blas, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one, x.data(), n, weights[copy].data(), k, &zero, y.data(),
                        n),
            "cublasSgemm");
    }
  });
}

/// A matrix in compressed rows on the GPU.
struct Csr {
  Array<std::int32_t> row_start;
  Array<std::int32_t> column;
  Array<float> value;
  cusparseSpMatDescr_t matrix = nullptr;

  explicit Csr(const Layer& layer) : row_start(layer.row_start), column(layer.column), value(layer.value) {
    check(cusparseCreateCsr(&matrix, layer.rows, layer.columns, static_cast<std::int64_t>(layer.value.size()), row_start.data(),
                            column.data(), value.data(), CUSPARSE_INDEX_32I, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO,
                            CUDA_R_32F),
          "cusparseCreateCsr");
  }
  Csr(Csr&& other) noexcept
      : row_start(std::move(other.row_start)),
        column(std::move(other.column)),
        value(std::move(other.value)),
        matrix(std::exchange(other.matrix, nullptr)) {}
  ~Csr() {
    if (matrix != nullptr) cusparseDestroySpMat(matrix);
  }
};

Times sparse(const Gpu& gpu, const Layer& layer, std::size_t frames) {
  const std::size_t copies = copies_for(gpu.cache, 8 * layer.value.size() + 4 * layer.row_start.size());
  std::vector<Csr> weights;
  for (std::size_t k = 0; k < copies; ++k) weights.emplace_back(layer);
  const Array<float> x(first_frames(layer, frames));
  const Array<float> y(layer.rows * frames);
  const float one = 1;
  const float zero = 0;
  const auto same = CUSPARSE_OPERATION_NON_TRANSPOSE;
  std::size_t bytes = 0;
  Times times;
  if (frames == 1) {
    cusparseDnVecDescr_t in, out;
    check(cusparseCreateDnVec(&in, layer.columns, x.data(), CUDA_R_32F), "cusparseCreateDnVec");
    check(cusparseCreateDnVec(&out, layer.rows, y.data(), CUDA_R_32F), "cusparseCreateDnVec");
    const auto way = CUSPARSE_SPMV_ALG_DEFAULT;
    check(cusparseSpMV_bufferSize(gpu.sparse, same, &one, weights[0].matrix, in, &zero, out, CUDA_R_32F, way, &bytes),
          "cusparseSpMV_bufferSize");
    std::vector<Array<char>> room;  // a matrix each: it may hold what was found out about it
    for (std::size_t k = 0; k < copies; ++k) room.emplace_back(bytes + 1);
    times = measure(gpu, layer, frames, copies, y, [&](std::size_t copy) {
      check(cusparseSpMV(gpu.sparse, same, &one, weights[copy].matrix, in, &zero, out, CUDA_R_32F, way, room[copy].data()),
            "cusparseSpMV");
    });
    cusparseDestroyDnVec(in);
    cusparseDestroyDnVec(out);
  } else {
    const auto n = static_cast<std::int64_t>(frames);
    cusparseDnMatDescr_t in, out;
    check(cusparseCreateDnMat(&in, layer.columns, n, n, x.data(), CUDA_R_32F, CUSPARSE_ORDER_ROW), "cusparseCreateDnMat");
    check(cusparseCreateDnMat(&out, layer.rows, n, n, y.data(), CUDA_R_32F, CUSPARSE_ORDER_ROW), "cusparseCreateDnMat");
    const auto way = CUSPARSE_SPMM_CSR_ALG2;  // cuSPARSE's documentation: the one for matrices by rows
    check(cusparseSpMM_bufferSize(gpu.sparse, same, same, &one, weights[0].matrix, in, &zero, out, CUDA_R_32F, way, &bytes),
          "cusparseSpMM_bufferSize");
    std::vector<Array<char>> room;
    for (std::size_t k = 0; k < copies; ++k) room.emplace_back(bytes + 1);
    times = measure(gpu, layer, frames, copies, y, [&](std::size_t copy) {
      check(cusparseSpMM(gpu.sparse, same, same, &one, weights[copy].matrix, in, &zero, out, CUDA_R_32F, way, room[copy].data()),
            "cusparseSpMM");
    });
    cusparseDestroyDnMat(in);
    cusparseDestroyDnMat(out);
  }
  return times;
}

Gpu open_gpu() {
  Gpu gpu;
  cudaDeviceProp found;
  check(cudaGetDeviceProperties(&found, 0), "cudaGetDeviceProperties");
  gpu.name = found.name;
  gpu.cache = static_cast<std::size_t>(found.l2CacheSize);
  check(cublasCreate(&gpu.blas), "cublasCreate");
  check(cusparseCreate(&gpu.sparse), "cusparseCreate");
  check(cudaEventCreate(&gpu.begin), "cudaEventCreate");
  check(cudaEventCreate(&gpu.end), "cudaEventCreate");
  return gpu;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "cuda_baseline: no file: expected files of baseline_layers\n");
    return 2;
  }
  int devices = 0;
  const cudaError_t status = cudaGetDeviceCount(&devices);
  if (status != cudaSuccess || devices == 0) {
    std::fprintf(stderr, "cuda_baseline: no GPU: %s: expected one\n", cudaGetErrorString(status));
    return 3;
  }
  try {
    const Gpu gpu = open_gpu();
    Json report;
    report["machine"] = gpu.name;
    report["last_cache_mib"] = gpu.cache >> 20;
    int version = 0;
    check(cudaRuntimeGetVersion(&version), "cudaRuntimeGetVersion");
    report["cuda"] = std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
    report["energy"] = "not measured";
    bool right = true;
    for (int k = 1; k < argc; ++k) {
      const Layer layer = read_layer(argv[k]);
      LayerReport lines(layer, "cuda_baseline");
      std::vector<std::size_t> batches = {1};
      if (layer.frames > 1) batches.push_back(layer.frames);
      for (const std::size_t frames : batches) {
        right = lines.add("dense", frames, dense(gpu, layer, frames)) && right;
        right = lines.add("sparse", frames, sparse(gpu, layer, frames)) && right;
      }
      report["layers"][layer.name] = lines.json();
    }
    std::printf("%s\n", report.dump(2).c_str());
    return right ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cuda_baseline: %s\n", error.what());
    return 2;
  }
}
