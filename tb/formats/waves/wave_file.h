// SPDX-License-Identifier: Apache-2.0
// A file of waves that is being written: variables in a tree of scopes, then times and changes of values.
//
// FST (through fstapi, which Verilator and GTKWave share) or VCD, by the file's extension. The file has its name once it
// is whole: what a signal or an error interrupts leaves nothing behind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace eie::tb {

/// What kind of value a variable has.
enum class WaveKind {
  kBits,  // `width` bits, unsigned
  kSigned,
  kReal,
  kText,  // words, such as the name of a state
};

struct WaveVariable {
  std::string scope;  // "eie.pe_0.ptr_read"
  std::string name;   // "head_valid", "destination_[5]"
  WaveKind kind = WaveKind::kBits;
  unsigned width = 1;
};

class WaveFile {
 public:
  using Id = std::uint32_t;

  WaveFile() = default;
  WaveFile(const WaveFile&) = delete;
  WaveFile& operator=(const WaveFile&) = delete;
  virtual ~WaveFile() = default;

  /// Declares a variable, all of a scope one after the other.
  virtual Id declare(const WaveVariable& variable) = 0;
  /// Another name of a variable that was declared with the same kind and width.
  virtual void declare_alias(const WaveVariable& variable, Id of) = 0;
  /// After the last declaration.
  virtual void end_declarations() = 0;

  /// In units of the file, ascending. Changes belong to the time before them.
  virtual void time(std::uint64_t now) = 0;
  /// A value of up to 64 bits; those above the variable's width must be 0.
  virtual void change(Id id, std::uint64_t bits) = 0;
  /// All bits of a value, '0', '1' or 'x', the most significant first, as many as the variable is wide.
  virtual void change_digits(Id id, const char* digits) = 0;
  /// All bits are unknown.
  virtual void unknown(Id id) = 0;
  virtual void change_real(Id id, double value) = 0;
  virtual void change_text(Id id, const std::string& value) = 0;

  /// Ends the file and gives it its name. Throws UserError when it could not be written in full.
  virtual void close() = 0;
};

/// True for a name that ends with .fst or .vcd.
bool is_wave_file_name(const std::string& path);

/// Starts a file; its unit of time is a picosecond times 10^-3 to the `femtoseconds`: 1 ps, or 1 fs. Throws UserError when the
/// name is not one of a wave file, or the file cannot be written.
std::unique_ptr<WaveFile> create_wave_file(const std::string& path, bool femtoseconds);

/// Parts of create_wave_file().
std::unique_ptr<WaveFile> create_fst_file(const std::string& path, bool femtoseconds);
std::unique_ptr<WaveFile> create_vcd_file(const std::string& path, bool femtoseconds);

}  // namespace eie::tb
