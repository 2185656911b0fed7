// SPDX-License-Identifier: Apache-2.0
// Many doubles in ascending order.
#pragma once

#include <vector>

namespace eie::tb {

/// Sorts; none may be NaN. Long lists take a radix sort: millions of weights are sorted several times faster than by
/// comparing them, most of all where they were float32 or float16 before.
void sort_doubles(std::vector<double>& values);

}  // namespace eie::tb
