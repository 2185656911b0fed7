// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/rtl/rtl_engine.h"

#include <cstring>

#include "tlm/config/device_config_check.h"
#include "tlm/model/address_map.h"

namespace eie::tb {
namespace {

/// `bytes` bytes of a word, as a number. Verilator keeps words in the host's byte order, which is
/// little-endian here, as the memory windows are.
std::uint64_t load(const unsigned char* from, unsigned bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, bytes);
  return value;
}
void store(unsigned char* to, unsigned bytes, std::uint64_t value) { std::memcpy(to, &value, bytes); }

}  // namespace

RtlEngine::RtlEngine(std::unique_ptr<RtlModel> model, const HwConfig& config)
    : model_(std::move(model)), config_(check(config)), ecc_(config) {
  for (unsigned k = 0; k < config_.n_pe; ++k) {
    const std::string pe = "pe_" + std::to_string(k);
    Memories m;
    m.spmat = model_->variable(pe + ".spmat_read.spmat", "words");
    m.even = model_->variable(pe + ".ptr_read.even", "words");
    m.odd = model_->variable(pe + ".ptr_read.odd", "words");
    m.act = model_->variable(pe + ".act_rw.act", "words");
    if (m.spmat.data == nullptr || m.even.data == nullptr || m.odd.data == nullptr || m.act.data == nullptr) {
      throw DeviceError("engine rtl: the memories of " + pe + " are not accessible");
    }
    if (config_.ecc) {
      for (const char* sram : {".ptr_read.even", ".ptr_read.odd", ".spmat_read.spmat", ".act_rw.act"}) {
        m.checks.push_back(model_->variable(pe + sram, "checks"));
        if (m.checks.back().data == nullptr) throw DeviceError("engine rtl: the check bits of " + pe + " are not accessible");
      }
    }
    memories_.push_back(m);
  }
}

RtlEngine::RtlEngine(std::unique_ptr<RtlModel> model, const HwConfig& config, const TraceOptions& trace)
    : RtlEngine(std::move(model), config) {
  if (trace.file.empty()) return;
  waves_ = std::make_unique<WaveRecorder>(trace, config_.clock_mhz);
  for (const RtlSignal& signal : model_->signals()) {
    WaveSignal wave;
    wave.variable.scope = signal.scope.empty() ? "eie" : "eie." + signal.scope;
    wave.variable.name = signal.name;
    wave.variable.width = signal.width;
    wave.data = signal.data;
    wave.bytes = signal.bytes;
    waves_->add(std::move(wave));
  }
  watch_wires();
  derived_ = std::make_unique<DerivedSignals>(config_, *waves_);
  waves_->begin();
}

void RtlEngine::cycle() {
  if (observer_ && cycle_ != 0) observer_();
  if (events_ != nullptr) {
    wires_->fill(view_);
    const CycleFacts& facts = events_->watch(view_);
    if (waves_ != nullptr && cycle_ != 0) {
      derived_->update(cycle_, facts, events_->context());
      waves_->sample(cycle_);
    }
  }
  model_->edge();
  ++cycle_;
  host_asleep_ = true;
}

void RtlEngine::start() {
  if (started_) return;
  started_ = true;
  inputs_.rst_n = false;
  for (int k = 0; k < 2; ++k) {  // as engine hw does
    model_->apply(inputs_);
    cycle();
  }
  inputs_.rst_n = true;
  for (int k = 0; k < 3; ++k) {
    model_->apply(inputs_);
    cycle();
  }
  model_->apply(inputs_);
}

const AxiLiteManager& RtlEngine::transfer(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) {
  start();
  host_.begin(beats, reads);
  const std::size_t count = beats != nullptr ? beats->size() : reads->size();
  const std::uint64_t limit = cycle_ + 1000 + 100 * count;
  if (host_asleep_) {
    host_.tick(model_->outputs(), inputs_);
    model_->apply(inputs_);
  }
  while (!host_.done()) {
    if (cycle_ >= limit) throw DeviceError("watchdog: the host port does not answer");
    const RtlOutputs before = model_->outputs();
    cycle();
    host_.tick(before, inputs_);
    model_->apply(inputs_);
  }
  host_asleep_ = false;
  return host_;
}

RtlEngine::Place RtlEngine::locate(std::uint64_t address) const {
  const reg::WindowLayout w = config_.window();
  const std::uint64_t pe = (address - reg::kWindowBase) / w.stride;
  const std::uint64_t offset = (address - reg::kWindowBase) % w.stride;
  if (address < reg::kWindowBase || pe >= config_.n_pe || address % 8 != 0 || offset >= w.counter_offset) {
    refuse("back-door access", address);
  }
  const Memories& m = memories_[static_cast<std::size_t>(pe)];
  Place at;
  if (offset >= w.act_offset) {
    at.low = m.act;
    at.byte = offset - w.act_offset;
  } else if (offset >= w.ptr_offset) {
    at.low = m.even;
    at.high = m.odd;
    at.byte = (offset - w.ptr_offset) / 8 * m.even.word_bytes;
  } else {
    at.low = m.spmat;
    at.byte = offset;
  }
  return at;
}

void RtlEngine::write_data(std::uint64_t address, std::uint64_t data) {
  const Place at = locate(address);
  if (at.high.data == nullptr) {
    store(at.low.data + at.byte, 8, data);
  } else {
    const std::uint64_t mask = (std::uint64_t{1} << config_.pointer_width) - 1;
    store(at.low.data + at.byte, at.low.word_bytes, data & mask);
    store(at.high.data + at.byte, at.high.word_bytes, data >> 32 & mask);
  }
}

/// Where a word of the windows lies in SRAMs with ECC.
std::vector<model::EccMemories::Place> RtlEngine::places(std::uint64_t address) const {
  const model::AddressMap::Place at = model::AddressMap(config_).locate(address);
  const auto memory = at.target == model::AddressMap::Target::kSpmat ? MemoryFlip::Memory::kSpmat
                      : at.target == model::AddressMap::Target::kPtr ? MemoryFlip::Memory::kPtr
                                                                     : MemoryFlip::Memory::kAct;
  return ecc_.places(memory, at.pe, at.word);
}

void RtlEngine::flip_check(const model::EccMemories::Place& at, unsigned part, unsigned bit) {
  const RtlArray& checks = memories_[at.sram.pe].checks[static_cast<unsigned>(at.sram.kind)];
  const unsigned place = (at.first_part + part) * ecc_.code_of(at.sram.kind).check_bits + bit;
  checks.data[at.word * checks.word_bytes + place / 8] ^= static_cast<unsigned char>(1u << place % 8);
}

/// Stored data change and the check bits do not, or the other way round.
void RtlEngine::flip_now(const BitFlip& flip) {
  std::uint64_t left = flip.bit;
  if (flip.bit < 64) {
    write_data(flip.address, backdoor_read(flip.address) ^ std::uint64_t{1} << flip.bit);
    return;
  }
  left -= 64;
  for (const auto& at : places(flip.address)) {
    const unsigned check_bits = ecc_.code_of(at.sram.kind).check_bits;
    if (left < at.parts * check_bits) {
      flip_check(at, static_cast<unsigned>(left) / check_bits, static_cast<unsigned>(left) % check_bits);
      return;
    }
    left -= at.parts * check_bits;
  }
}

void RtlEngine::backdoor_write(std::uint64_t address, std::uint64_t data) {
  write_data(address, data);
  if (!config_.ecc) return;
  for (const auto& at : places(address)) {
    const SecdedCode& code = ecc_.code_of(at.sram.kind);
    const RtlArray& checks = memories_[at.sram.pe].checks[static_cast<unsigned>(at.sram.kind)];
    for (unsigned p = 0; p < at.parts; ++p) {
      const std::uint64_t mask = (std::uint64_t{1} << at.part_bits) - 1;
      const unsigned wanted = code.check_of(data >> (at.shift + p * at.part_step) & mask);
      for (unsigned c = 0; c < code.check_bits; ++c) {
        const unsigned place = (at.first_part + p) * code.check_bits + c;
        const unsigned is = checks.data[at.word * checks.word_bytes + place / 8] >> place % 8 & 1;
        if (is != (wanted >> c & 1)) flip_check(at, p, c);
      }
    }
  }
}

std::uint64_t RtlEngine::backdoor_read(std::uint64_t address) {
  const Place at = locate(address);
  if (at.high.data == nullptr) return load(at.low.data + at.byte, 8);
  return load(at.high.data + at.byte, at.high.word_bytes) << 32 | load(at.low.data + at.byte, at.low.word_bytes);
}

void RtlEngine::watch_wires() {
  if (events_ != nullptr) return;
  wires_ = std::make_unique<RtlView>(*model_, config_);
  events_ = std::make_unique<ViewObserver>(config_);
}

void RtlEngine::observe(EventSink& sink) {
  watch_wires();
  events_->add_sink(sink);
}

void RtlEngine::wait_interrupt(std::uint64_t limit_cycles) {
  start();
  const std::uint64_t limit = cycle_ + limit_cycles;
  if (!observer_ && events_ == nullptr) {
    const std::uint64_t cycles = model_->run_until_interrupt(limit_cycles);
    cycle_ += cycles;
    host_asleep_ = host_asleep_ || cycles != 0;
  }
  while (!model_->outputs().irq) {
    if (cycle_ >= limit) {
      throw DeviceError("watchdog: no interrupt within " + std::to_string(limit_cycles) + " cycles");
    }
    cycle();
    model_->apply(inputs_);
  }
}

}  // namespace eie::tb
