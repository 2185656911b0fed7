// SPDX-License-Identifier: Apache-2.0
#include "tb/python/interrupt.h"

#include <pybind11/pybind11.h>

namespace eie::tb {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};

class InterruptibleMatrix final : public MatrixFile {
 public:
  InterruptibleMatrix(std::shared_ptr<const MatrixFile> matrix, const Interrupt& interrupt)
      : MatrixFile(matrix->name(), matrix->format()), matrix_(std::move(matrix)), interrupt_(interrupt) {
    shape_ = matrix_->shape();
    type_ = matrix_->type();
    note_ = matrix_->note();
  }
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<InterruptibleMatrix>(*this); }
  void read_integers(std::size_t first, std::size_t count, std::int64_t* values) const override {
    interrupt_.check();
    matrix_->read_integers(first, count, values);
  }
  const SparseRows* sparse() const override { return matrix_->sparse(); }

 private:
  void convert(std::size_t first, std::size_t count, double* values) const override {
    interrupt_.check();
    matrix_->read_rows(first, count, values);
  }

  std::shared_ptr<const MatrixFile> matrix_;
  const Interrupt& interrupt_;
};

}  // namespace

void Interrupt::check() const {
  if (seen_ || stop_->set) throw Interrupted();
  if (std::this_thread::get_id() != thread_ || Clock::now() - asked_ < kBetweenLooks) return;
  asked_ = Clock::now();
  const pybind11::gil_scoped_acquire locked;
  if (PyErr_CheckSignals() == 0) return;
  seen_ = true;
  throw Interrupted();
}

std::shared_ptr<const MatrixFile> interruptible(std::shared_ptr<const MatrixFile> matrix, const Interrupt& interrupt) {
  return std::make_shared<InterruptibleMatrix>(std::move(matrix), interrupt);
}

}  // namespace eie::tb
