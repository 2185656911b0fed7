// SPDX-License-Identifier: Apache-2.0
// Matrices into files of others. What is written is read back the same: doubles, bit for bit (a zero loses its sign where only
// the others are written).
#pragma once

#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// The endings that write_matrix() knows: ".npy", ".npz" (scipy.sparse, CSR), ".mtx" (coordinate, real, general), ".csv", ".tsv".
const std::vector<std::string>& matrix_endings();

/// Writes all of `file` as the format of `ending`, float64, whole or not at all; a vector stays one in .npy, and is a matrix of
/// one row elsewhere. Throws UserError.
void write_matrix(const std::string& path, const std::string& ending, const MatrixFile& file);

}  // namespace eie::tb
