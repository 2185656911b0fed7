// Makes a HwEngine<Cfg>. Declared apart from the registry, so that each Eie<Cfg> is compiled in one translation unit.
#pragma once

#include <memory>

#include "tb/engines/engines.h"

namespace eie::tb {

template <class Cfg>
struct HwFactory {
  static std::unique_ptr<Device> make(const TraceOptions& trace);
};

}  // namespace eie::tb
