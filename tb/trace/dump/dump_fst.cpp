// SPDX-License-Identifier: Apache-2.0
// FST, through its author's reader.
#include <exception>
#include <unordered_map>

#include "tb/support/error.h"
#include "tb/trace/dump/dump_readers.h"

#if EIE_HAVE_FST
#include <fstapi.h>
#endif

namespace eie::tb {
#if EIE_HAVE_FST
namespace {

class FstFile final : public DumpFile {
 public:
  explicit FstFile(const std::string& file) : reader_(fstReaderOpen(file.c_str()), fstReaderClose) {
    if (!reader_ || fstReaderGetVarCount(reader_.get()) == 0) {
      throw UserError(file + ": is no whole FST file: expected one whose writer has closed it");
    }
    header_.exponent = fstReaderGetTimescale(reader_.get());
    header_.first = fstReaderGetStartTime(reader_.get());
    header_.last = fstReaderGetEndTime(reader_.get());
    read_hierarchy();
  }

  void changes(const std::vector<std::size_t>& variables, const DumpChange& change) override {
    Request request{&change, {}, nullptr};
    fstReaderClrFacProcessMaskAll(reader_.get());
    for (const std::size_t v : variables) {
      request.wanted[handles_.at(v)].push_back(v);
      fstReaderSetFacProcessMask(reader_.get(), handles_.at(v));
    }
    fstReaderIterBlocks2(
        reader_.get(),
        [](void* user, std::uint64_t time, fstHandle handle, const unsigned char* value) {
          static_cast<Request*>(user)->tell(time, handle, reinterpret_cast<const char*>(value));
        },
        [](void* user, std::uint64_t time, fstHandle handle, const unsigned char* value, std::uint32_t length) {
          static_cast<Request*>(user)->tell(time, handle, {reinterpret_cast<const char*>(value), length});
        },
        &request, nullptr);
    if (request.error) std::rethrow_exception(request.error);
  }

 private:
  struct Request {
    const DumpChange* change;
    std::unordered_map<fstHandle, std::vector<std::size_t>> wanted;
    std::exception_ptr error;  // must not pass through C

    void tell(std::uint64_t time, fstHandle handle, std::string_view value) {
      if (error) return;
      try {
        for (const std::size_t v : wanted.at(handle)) (*change)(time, v, value);
      } catch (...) {
        error = std::current_exception();
      }
    }
  };

  void read_hierarchy() {
    std::vector<std::string> scopes;
    while (const fstHier* h = fstReaderIterateHier(reader_.get())) {
      if (h->htyp == FST_HT_SCOPE) {
        scopes.push_back((scopes.empty() ? "" : scopes.back() + ".") + h->u.scope.name);
      } else if (h->htyp == FST_HT_UPSCOPE) {
        if (!scopes.empty()) scopes.pop_back();
      } else if (h->htyp == FST_HT_ATTRBEGIN && h->u.attr.typ == FST_AT_MISC && h->u.attr.subtype == FST_MT_COMMENT) {
        header_.comments.emplace_back(h->u.attr.name);
      } else if (h->htyp == FST_HT_VAR) {
        DumpVariable v;
        v.scope = scopes.empty() ? "" : scopes.back();
        const std::string name = h->u.var.name;
        std::size_t end = name.find(' ');
        if (end == std::string::npos && name.find(':') != std::string::npos) end = name.rfind('[');
        v.name = name.substr(0, end);
        if (end != std::string::npos) v.range = name.substr(name.find_first_not_of(' ', end));
        v.width = h->u.var.length;
        const unsigned type = h->u.var.typ;
        v.kind = type == FST_VT_GEN_STRING ? DumpKind::kText
                 : type == FST_VT_VCD_REAL || type == FST_VT_VCD_REAL_PARAMETER || type == FST_VT_VCD_REALTIME ||
                         type == FST_VT_SV_SHORTREAL
                     ? DumpKind::kReal
                     : DumpKind::kBits;
        v.is_signed = type == FST_VT_VCD_INTEGER || (type >= FST_VT_SV_INT && type <= FST_VT_SV_BYTE);
        header_.variables.push_back(v);
        handles_.push_back(h->u.var.handle);
      }
    }
  }

  std::unique_ptr<void, void (*)(void*)> reader_;
  std::vector<fstHandle> handles_;
};

}  // namespace

std::unique_ptr<DumpFile> open_fst(const std::string& file) { return std::make_unique<FstFile>(file); }
#else
std::unique_ptr<DumpFile> open_fst(const std::string& file) {
  throw UserError(file + ": is FST, which this program was built without: expected VCD, or a build that finds Verilator");
}
#endif

}  // namespace eie::tb
