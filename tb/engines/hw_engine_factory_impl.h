// Definition of HwFactory<Cfg>::make(), for the translation unit that instantiates it.
#pragma once

#include "tb/engines/hw_engine.h"
#include "tb/engines/hw_engine_factory.h"

namespace eie::tb {

template <class Cfg>
std::unique_ptr<Device> HwFactory<Cfg>::make(const TraceOptions& trace) {
  auto engine = std::make_unique<HwEngine<Cfg>>(sc_core::sc_gen_unique_name("eie"), trace);
  engine->begin_waves();
  return engine;
}

}  // namespace eie::tb
