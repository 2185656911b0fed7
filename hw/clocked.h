// SPDX-License-Identifier: Apache-2.0
// How a block becomes processes, for synthesis and for simulation, from one source.
//
// Every block is written as up to four functions over its member registers:
//
//   reset()    values of all registers after a synchronous reset
//   request()  combinational, optional: this cycle's SRAM request, from inputs and registers
//   tick()     the clock edge: new registers (and registered outputs) from inputs and old registers
//   drive()    combinational, optional: outputs that are decoded from the new registers and SRAM outputs
//
// For a synthesis compiler tick() is an SC_CTHREAD, request() and drive() are SC_METHODs, and whatever they
// share is an sc_signal (`Net`). In simulation all of them run in one clocked SC_METHOD, in the order above,
// and a Net is a plain variable: an sc_signal between two functions of one process would only cost time.
// Ports between blocks are SystemC ports and sc_signals in both views (Input and Output only make them cheaper). The order
// makes both views the same machine: request() sees registers before the edge, drive() after it, and tick() reads a Net
// before it writes it. tb/test/system/rtl/view_test.cpp compares the two views cycle by cycle.
//
// In simulation a block's process can be its own (the default, for testing it alone) or its parent's
// (`Clocking::kByParent`): the parent then calls step() on each edge, which saves a process wake-up a block.
#pragma once

#include <memory>
#include <string>
#include <systemc>
#include <type_traits>

// The one macro that tells synthesis from simulation (Intel Compiler for SystemC, Vivado/Vitis and Catapult,
// Stratus). Simulating the synthesis view is possible too: define it to 1 on the command line.
#ifndef EIE_SYNTHESIS_VIEW
#if defined(__SC_TOOL__) || defined(__SYNTHESIS__) || defined(STRATUS_HLS)
#define EIE_SYNTHESIS_VIEW 1
#else
#define EIE_SYNTHESIS_VIEW 0
#endif
#endif

#if !EIE_SYNTHESIS_VIEW
#include <utility>
#endif

// IEEE 1666-2023 needs it no more, and SystemC 3 calls it obsolete.
#if IEEE_1666_SYSTEMC >= 202301L
#define EIE_HAS_PROCESS(Name)
#else
#define EIE_HAS_PROCESS(Name) SC_HAS_PROCESS(Name);
#endif

namespace eie {

/// Adds a value or a record to a trace file, under a full hierarchical name.
template <class T>
void trace_value(sc_core::sc_trace_file* file, const T& value, const std::string& name) {
  using sc_core::sc_trace;
  sc_trace(file, value, name);
}

/// Who wakes a block in simulation. Synthesis does not look at it.
enum class Clocking { kOwnProcess, kByParent };

/// Address and data of an SRAM that is not accessed are don't-cares: a synthesis compiler must see them driven, a
/// simulation saves the time.
constexpr bool kDriveIdleWires = EIE_SYNTHESIS_VIEW != 0;

/// A simulation may leave a path early where it does the same in less time: synthesis sees the general path alone.
constexpr bool kShortcuts = EIE_SYNTHESIS_VIEW == 0;

/// In the place of a port or a wire that a configuration does not have: nothing can be read from it.
template <class T>
class Absent {
 public:
  explicit Absent(const char* /*name*/) {}
  Absent(const char* /*name*/, unsigned /*size*/) {}
};

#if EIE_SYNTHESIS_VIEW

template <class T>
using Input = sc_core::sc_in<T>;
template <class T>
using Output = sc_core::sc_out<T>;
template <class T>
using Signal = sc_core::sc_signal<T>;
template <class T>
using Net = sc_core::sc_signal<T>;
template <class T>
using NetIn = sc_core::sc_in<T>;
template <class T>
using NetOut = sc_core::sc_out<T>;

#define EIE_BLOCK(Name)   \
  EIE_HAS_PROCESS(Name)   \
  void clocked_thread() { \
    reset();              \
    wait();               \
    while (true) {        \
      tick();             \
      wait();             \
    }                     \
  }
#define EIE_CLOCKED(clocking)            \
  SC_CTHREAD(clocked_thread, clk.pos()); \
  reset_signal_is(rst_n, false)
#define EIE_COMBINATIONAL(function, sensitivity) \
  SC_METHOD(function);                           \
  sensitive << sensitivity

#else

/// An sc_signal between blocks: the same evaluate and update semantics at a third of the cost. It leaves out what a wire
/// with one writer does not need: the writer check and the time stamps of event().
///
/// Wires between blocks that one process steps can cost less still: their owner takes all new values over in one update
/// phase (CommonUpdate), where else each wire that changes would ask the kernel for its own.
template <class T>
class SignalBase : public sc_core::sc_prim_channel, public sc_core::sc_signal_inout_if<T> {
 public:
  const T& read() const final { return current_; }
  const T& get_data_ref() const final { return current_; }
  void write(const T& value) final {
    if (!(value == next_)) change(value);
  }

  // What Output needs to write without a virtual call.
  T* next() { return &next_; }
  bool is_updated_by_owner() const { return by_owner_; }
  void change(const T& value) {
    next_ = value;
    if (!by_owner_) request_update();
  }

  /// To be called in the constructor of the owner, which has to call take_over() in each update phase from then on. What
  /// another process writes is not seen before the owner's next one.
  void update_by_owner() { by_owner_ = true; }
  void take_over() {
    if (changed_ != nullptr && !(current_ == next_)) changed_->notify(sc_core::SC_ZERO_TIME);
    current_ = next_;
  }

  const sc_core::sc_event& default_event() const override { return value_changed_event(); }
  const sc_core::sc_event& value_changed_event() const override { return event_of(changed_, "changed"); }
  bool event() const override { return false; }
  const char* kind() const override { return "eie::Signal"; }

 protected:
  explicit SignalBase(const char* name) : sc_core::sc_prim_channel(name) {}
  const T& current() const { return current_; }

  /// Events exist only where a process is sensitive to them.
  static const sc_core::sc_event& event_of(std::unique_ptr<sc_core::sc_event>& event, const char* name) {
    if (event == nullptr) event = std::make_unique<sc_core::sc_event>(sc_core::sc_gen_unique_name(name));
    return *event;
  }
  void update() override { take_over(); }

 private:
  T current_{};
  T next_{};  // what was written last
  bool by_owner_ = false;
  mutable std::unique_ptr<sc_core::sc_event> changed_;
};

template <class T>
class Signal final : public SignalBase<T> {
 public:
  explicit Signal(const char* name) : SignalBase<T>(name) {}
};

template <>
class Signal<bool> final : public SignalBase<bool> {
 public:
  explicit Signal(const char* name) : SignalBase<bool>(name) {}
  const sc_core::sc_event& posedge_event() const override { return event_of(rose_, "posedge"); }
  const sc_core::sc_event& negedge_event() const override { return event_of(fell_, "negedge"); }
  bool posedge() const override { return false; }
  bool negedge() const override { return false; }

  void take_over() {
    const bool before = current();
    SignalBase<bool>::take_over();
    if (rose_ != nullptr && !before && current()) rose_->notify(sc_core::SC_ZERO_TIME);
    if (fell_ != nullptr && before && !current()) fell_->notify(sc_core::SC_ZERO_TIME);
  }

 private:
  void update() override { take_over(); }
  mutable std::unique_ptr<sc_core::sc_event> rose_;
  mutable std::unique_ptr<sc_core::sc_event> fell_;
};

/// One update phase for all wires of an owner: after request() the owner's take_over_wires() is called in it.
template <class Owner>
class CommonUpdate final : public sc_core::sc_prim_channel {
 public:
  CommonUpdate(const char* name, Owner& owner) : sc_core::sc_prim_channel(name), owner_(owner) {}
  void request() { request_update(); }
  const char* kind() const override { return "eie::CommonUpdate"; }

 private:
  void update() override { owner_.take_over_wires(); }
  Owner& owner_;
};

/// An input port that reads its signal's current value in place. The sc_in itself, an object of 200 bytes, lies elsewhere;
/// what a simulated cycle touches is a pointer, and the ports of a block share a cache line or two.
template <class T>
class Input {
 public:
  explicit Input(const char* name) : port_(std::make_unique<Port>(name, *this)) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  const T& read() const { return *value_; }

  /// Binds to a channel, to a port, or to an Input of the parent.
  template <class Other>
  void operator()(Other& other) {
    port_->bind(other);
  }
  void operator()(Input& parent) { port_->bind(*parent.port_); }
  operator sc_core::sc_in<T>&() { return *port_; }  // for sensitivity lists

 private:
  class Port : public sc_core::sc_in<T> {
   public:
    Port(const char* name, Input& handle) : sc_core::sc_in<T>(name), handle_(handle) {}

   private:
    void end_of_elaboration() override {
      sc_core::sc_in<T>::end_of_elaboration();
      handle_.value_ = &sc_core::sc_in<T>::read();
    }
    Input& handle_;
  };

  const T* value_ = nullptr;
  std::unique_ptr<Port> port_;
};

/// An output port that writes a Signal without virtual calls; bound to any other channel it is an sc_out.
template <class T>
class Output {
 public:
  explicit Output(const char* name) : port_(std::make_unique<Port>(name, *this)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  [[gnu::always_inline]] void write(const T& value) {
    if (to_owner_) {
      *next_ = value;
    } else if (next_ == nullptr || !(*next_ == value)) {
      port_->change(value);
    }
  }
  const T& read() const { return port_->read(); }

  template <class Other>
  void operator()(Other& other) {
    port_->bind(other);
  }
  void operator()(Output& parent) { port_->bind(*parent.port_); }
  operator sc_core::sc_out<T>&() { return *port_; }

 private:
  class Port : public sc_core::sc_out<T> {
   public:
    Port(const char* name, Output& handle) : sc_core::sc_out<T>(name), handle_(handle) {}
    void change(const T& value) {
      if (signal_ != nullptr) {
        signal_->change(value);
      } else {
        this->write(value);
      }
    }

   private:
    void end_of_elaboration() override {
      sc_core::sc_out<T>::end_of_elaboration();
      signal_ = dynamic_cast<Signal<T>*>(this->get_interface());
      if (signal_ != nullptr) {
        handle_.next_ = signal_->next();
        handle_.to_owner_ = signal_->is_updated_by_owner();
      }
    }
    Output& handle_;
    Signal<T>* signal_ = nullptr;
  };

  T* next_ = nullptr;      // of the Signal
  bool to_owner_ = false;  // whose owner takes it over without being asked
  std::unique_ptr<Port> port_;
};

/// A value shared by the functions of one block.
template <class T>
class Net {
 public:
  explicit Net(const char* /*name*/) {}
  const T& read() const { return value_; }
  void write(const T& value) { value_ = value; }
  const T& traced() const { return value_; }

 private:
  T value_{};
};

/// A port of an SRAM, bound to a Net of the block that owns it.
template <class T>
class NetIn {
 public:
  explicit NetIn(const char* /*name*/) {}
  void operator()(const Net<T>& net) { net_ = &net; }
  const T& read() const { return net_->read(); }

 private:
  const Net<T>* net_ = nullptr;
};

template <class T>
class NetOut {
 public:
  explicit NetOut(const char* /*name*/) {}
  void operator()(Net<T>& net) { net_ = &net; }
  void write(const T& value) { net_->write(value); }
  const T& read() const { return net_->read(); }

 private:
  Net<T>* net_ = nullptr;
};

/// What a trace file can be told beside values: that those listed next are known only behind the clock edge that ends their
/// cycle, as everything that request() decides is here; and which of them mean something only while two conditions hold (both
/// null: always).
class LateTrace {
 public:
  virtual void late(bool is_late, const bool* known, const bool* and_known) = 0;

 protected:
  ~LateTrace() = default;
};

template <class T, class = void>
struct HasRead : std::false_type {};
template <class T>
struct HasRead<T, std::void_t<decltype(std::declval<const T&>().read())>> : std::true_type {};

/// Lists members of a block in a trace file under the names that they have in the RTL: arrays element by element, ports and
/// wires with the value that they carry.
class BlockTrace {
 public:
  BlockTrace(sc_core::sc_trace_file* file, const sc_core::sc_object& block)
      : file_(file), late_(dynamic_cast<LateTrace*>(file)), prefix_(std::string(block.name()) + ".") {}

  /// `names`: those of the members, with ", " between them.
  template <class T, class... More>
  void operator()(const std::string& names, const T& member, const More&... more) const {
    const std::size_t end = names.find(',');
    add(member, names.substr(0, end));
    if constexpr (sizeof...(more) != 0) (*this)(names.substr(end + 2), more...);
  }

  /// Those listed from here on are late, with a condition or without; on_time() ends it.
  void late() const {
    if (late_ != nullptr) late_->late(true, nullptr, nullptr);
  }
  template <class Enable>
  void late_while(const Enable& known) const {
    if (late_ != nullptr) late_->late(true, &known.read(), &known.read());
  }
  template <class Enable>
  void late_while(const Enable& known, const Enable& and_known) const {
    if (late_ != nullptr) late_->late(true, &known.read(), &and_known.read());
  }
  void on_time() const {
    if (late_ != nullptr) late_->late(false, nullptr, nullptr);
  }

 private:
  template <class T>
  void add(const T& member, const std::string& name) const {
    if constexpr (HasRead<T>::value) {
      static_assert(std::is_lvalue_reference_v<decltype(member.read())>, "a trace holds on to where the value lies");
      trace_value(file_, member.read(), prefix_ + name);
    } else {
      trace_value(file_, member, prefix_ + name);
    }
  }
  template <class T, std::size_t N>
  void add(const T (&member)[N], const std::string& name) const {
    for (std::size_t k = 0; k < N; ++k) add(member[k], name + "[" + std::to_string(k) + "]");
  }
  template <class T>
  void add(const sc_core::sc_vector<T>& member, const std::string& name) const {
    for (std::size_t k = 0; k < member.size(); ++k) add(member[k], name + "[" + std::to_string(k) + "]");
  }

  sc_core::sc_trace_file* file_;
  LateTrace* late_;
  std::string prefix_;
};

#define EIE_TRACE(...) list(#__VA_ARGS__, __VA_ARGS__)

#define EIE_BLOCK(Name) \
  EIE_HAS_PROCESS(Name) \
  void clock_edge() {   \
    if (rst_n.read()) { \
      step();           \
    } else {            \
      reset_step();     \
    }                   \
  }
#define EIE_CLOCKED(clocking)                       \
  if ((clocking) == ::eie::Clocking::kOwnProcess) { \
    SC_METHOD(clock_edge);                          \
    sensitive << clk.pos();                         \
    dont_initialize();                              \
  }
#define EIE_COMBINATIONAL(function, sensitivity)

#endif

/// Ports and wires that are there under a condition; who uses them asks for it first.
template <bool kThere, class T>
using InputIf = std::conditional_t<kThere, Input<T>, Absent<T>>;
template <bool kThere, class T>
using OutputIf = std::conditional_t<kThere, Output<T>, Absent<T>>;
template <bool kThere, class T>
using SignalIf = std::conditional_t<kThere, Signal<T>, Absent<T>>;
template <bool kThere, class T>
using NetIf = std::conditional_t<kThere, Net<T>, Absent<T>>;

}  // namespace eie
