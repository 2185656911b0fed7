// SPDX-License-Identifier: Apache-2.0
#include "tb/examples/virtual_platform/riscv/elf_image.h"

#include <fcntl.h>
#include <gelf.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "tb/support/error.h"

namespace eie::platform {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& file) : number_(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

std::string place(std::uint64_t address) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

}  // namespace

std::uint64_t ElfImage::object(const std::string& file, const std::string& name, std::uint64_t bytes) const {
  const auto found = objects.find(name);
  if (found == objects.end()) throw tb::UserError(file + ": has no object '" + name + "': expected firmware of this platform");
  if (found->second.bytes != bytes) {
    throw tb::UserError(file + ": object '" + name + "' has " + std::to_string(found->second.bytes) + " bytes: expected " +
                        std::to_string(bytes) + ", firmware of this version");
  }
  return found->second.address;
}

ElfImage read_elf(const std::string& file, std::uint64_t low, std::uint64_t high) {
  const std::string expected = ": expected a 64-bit executable for RISC-V";
  const Descriptor descriptor(file);
  struct stat status {};
  if (descriptor.number() < 0 || fstat(descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw tb::UserError(file + ": cannot be read" + expected);
  }
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_begin(descriptor.number(), ELF_C_READ, nullptr), elf_end);
  GElf_Ehdr header;
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF || gelf_getehdr(elf.get(), &header) == nullptr) {
    throw tb::UserError(file + ": is no ELF file" + expected);
  }
  if (header.e_machine != EM_RISCV || header.e_type != ET_EXEC || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    throw tb::UserError(file + ": is made for another machine or to be linked" + expected);
  }
  ElfImage image;
  image.entry = header.e_entry;
  std::size_t count = 0;
  elf_getphdrnum(elf.get(), &count);
  for (std::size_t k = 0; k < count; ++k) {
    GElf_Phdr segment;
    if (gelf_getphdr(elf.get(), static_cast<int>(k), &segment) == nullptr) throw tb::UserError(file + ": is damaged" + expected);
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_paddr < low || segment.p_paddr > high || segment.p_memsz > high - segment.p_paddr) {
      throw tb::UserError(file + ": has a segment at " + place(segment.p_paddr) + ": expected all in " + place(low) + " to " +
                          place(high));
    }
    ElfSegment part{segment.p_paddr, std::vector<unsigned char>(segment.p_memsz)};
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (segment.p_filesz > segment.p_memsz || segment.p_offset > size || segment.p_filesz > size - segment.p_offset ||
        pread(descriptor.number(), part.bytes.data(), segment.p_filesz, static_cast<off_t>(segment.p_offset)) !=
            static_cast<ssize_t>(segment.p_filesz)) {
      throw tb::UserError(file + ": is not all there" + expected);
    }
    image.segments.push_back(std::move(part));
  }
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr about;
    if (gelf_getshdr(section, &about) == nullptr || about.sh_type != SHT_SYMTAB || about.sh_entsize == 0) continue;
    Elf_Data* const data = elf_getdata(section, nullptr);
    for (std::uint64_t k = 0; data != nullptr && k < about.sh_size / about.sh_entsize; ++k) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(k), &symbol) == nullptr) break;
      const char* const name = elf_strptr(elf.get(), about.sh_link, symbol.st_name);
      if (name != nullptr && GELF_ST_TYPE(symbol.st_info) == STT_OBJECT) image.objects[name] = {symbol.st_value, symbol.st_size};
    }
  }
  return image;
}

}  // namespace eie::platform
