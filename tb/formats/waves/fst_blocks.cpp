// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/waves/fst_blocks.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <libdeflate.h>
#include <new>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace eie::tb {
namespace {

constexpr char kBlockType = 8;  // FST_BL_VCDATA_DYN_ALIAS2
constexpr char kPackedByZlib = 'Z';
constexpr unsigned kUnknownStep = 1;  // FST_RCV_X
/// Bytes of chains in a block: longer chains pack better, and a reader that wants one moment reads a whole block.
constexpr std::size_t kBlockBytes = std::size_t{16} << 20;
/// Shorter chains are not worth a try.
constexpr std::size_t kLeastPacked = 32;

void append_number(std::string& to, std::uint64_t v) {
  for (unsigned shift = 64; shift != 0; shift -= 8) to += static_cast<char>(v >> (shift - 8));
}
void append_varint(std::string& to, std::uint64_t v) {
  for (; v > 0x7F; v >>= 7) to += static_cast<char>(v | 0x80);
  to += static_cast<char>(v);
}
void append_signed_varint(std::string& to, std::int64_t v) {
  for (; v < -64 || v > 63; v >>= 7) to += static_cast<char>((v & 0x7F) | 0x80);
  to += static_cast<char>(v & 0x7F);
}

/// Chains lie in chunks of one size, so that those that grow in a cycle lie on few pages of memory and nothing moves. A chunk
/// ends with how many of its bytes are used and the number of the next one.
constexpr std::size_t kChunk = 256;
constexpr std::size_t kUsed = kChunk - 5;
constexpr std::size_t kNext = kChunk - 4;
constexpr std::size_t kSlab = std::size_t{2} << 20;  // a large page
constexpr std::size_t kChunksOfSlab = kSlab / kChunk;
/// Room for the longest step with 64 bits.
constexpr std::size_t kRoom = 16;
constexpr std::uint32_t kNoChunk = ~std::uint32_t{0};

std::size_t offset_in_chunk(const unsigned char* at) { return reinterpret_cast<std::uintptr_t>(at) % kChunk; }

unsigned char* put_varint(unsigned char* to, std::uint64_t v) {
  for (; v > 0x7F; v >>= 7) *to++ = static_cast<unsigned char>(v | 0x80);
  *to++ = static_cast<unsigned char>(v);
  return to;
}

}  // namespace

/// The changes of one variable in this block, and its value. Small: there are tens of thousands, and each cycle touches many.
struct FstBlocks::Chain {
  enum class State : std::uint8_t { kUnknown, kValue, kLong };  // kLong: in long_values_
  unsigned char* to = nullptr;                                  // where the next change goes; null: none in this block
  std::uint64_t value = 0;                                      // a real one: its bits
  std::uint32_t first = kNoChunk;
  std::uint32_t last = 0;  // index of the time of the last change
  std::uint16_t width = 0;
  Kind kind = Kind::kBits;
  State state = State::kUnknown;

  std::uint64_t step(std::uint32_t now) {
    const std::uint64_t steps = now - last;
    last = now;
    return steps;
  }
};

/// The memory of the chains.
class FstBlocks::Chunks {
 public:
  /// Where a chain goes on, with room for kRoom bytes.
  unsigned char* reserve(Chain& c) {
    if (c.to == nullptr || offset_in_chunk(c.to) + kRoom > kUsed) c.to = next_of(c);
    return c.to;
  }
  void append(Chain& c, const void* data, std::size_t bytes) {
    const auto* from = static_cast<const unsigned char*>(data);
    while (bytes != 0) {
      unsigned char* const to = reserve(c);
      const std::size_t part = std::min(bytes, kUsed - offset_in_chunk(to));
      std::memcpy(to, from, part);
      c.to = to + part;
      from += part;
      bytes -= part;
    }
  }
  void append_varint(Chain& c, std::uint64_t v) {
    unsigned char* const to = reserve(c);
    c.to = put_varint(to, v);
  }
  /// The whole chain, copied to the end of `to`, which has room for it.
  std::string_view gather(const Chain& c, std::vector<char>& to) const {
    const std::size_t begin = to.size();
    const unsigned char* const end = c.to;
    for (const unsigned char* chunk = chunk_of(c.first);;) {
      const bool is_last = end > chunk && end <= chunk + kUsed;
      const std::size_t used = is_last ? static_cast<std::size_t>(end - chunk) : chunk[kUsed];
      to.insert(to.end(), chunk, chunk + used);
      if (is_last) break;
      std::uint32_t next;
      std::memcpy(&next, chunk + kNext, sizeof next);
      chunk = chunk_of(next);
    }
    return {to.data() + begin, to.size() - begin};
  }
  std::size_t bytes() const { return used_ * kChunk; }
  void clear() { used_ = 0; }

 private:
  struct Free {
    void operator()(unsigned char* slab) const { std::free(slab); }
  };

  unsigned char* chunk_of(std::uint32_t number) const {
    return slabs_[number / kChunksOfSlab].get() + number % kChunksOfSlab * kChunk;
  }
  unsigned char* next_of(Chain& c) {
    if (used_ == slabs_.size() * kChunksOfSlab) {
      slabs_.emplace_back(static_cast<unsigned char*>(std::aligned_alloc(kSlab, kSlab)));
      if (slabs_.back() == nullptr) throw std::bad_alloc();
      madvise(slabs_.back().get(), kSlab, MADV_HUGEPAGE);  // only faster
    }
    const auto number = static_cast<std::uint32_t>(used_++);
    if (c.to == nullptr) {
      c.first = number;
    } else {
      unsigned char* const chunk = c.to - offset_in_chunk(c.to);
      chunk[kUsed] = static_cast<unsigned char>(offset_in_chunk(c.to));
      std::memcpy(chunk + kNext, &number, sizeof number);
    }
    return chunk_of(number);
  }

  std::vector<std::unique_ptr<unsigned char[], Free>> slabs_;
  std::size_t used_ = 0;  // chunks
};

/// Packs by zlib's format; level 1 of libdeflate takes a third of zlib's time and the same bytes.
struct FstBlocks::Packer {
  Packer() : compressor(libdeflate_alloc_compressor(1)) {
    if (compressor == nullptr) throw std::bad_alloc();
  }
  ~Packer() { libdeflate_free_compressor(compressor); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  /// Adds to `out`; false, and nothing added, where it would be no shorter.
  bool pack(std::string_view bytes, std::string& out) {
    if (room.size() < bytes.size()) room.resize(bytes.size());
    const std::size_t packed = libdeflate_zlib_compress(compressor, bytes.data(), bytes.size(), room.data(), bytes.size() - 1);
    out.append(room.data(), packed);
    return packed != 0;
  }
  void pack_or_copy(std::string_view bytes, std::string& out) {
    if (!pack(bytes, out)) out += bytes;
  }

  libdeflate_compressor* compressor;
  std::vector<char> room;
};

/// All that a block is made of.
struct FstBlocks::Content {
  std::vector<Chain> chains;
  std::unique_ptr<Chunks> chunks;
  std::string frame;
  std::string times;
  std::uint32_t time_count = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

FstBlocks::FstBlocks(const std::string& file) : file_(file), chunks_(std::make_unique<Chunks>()) {
  descriptor_ = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  failed_ = descriptor_ < 0;
}

FstBlocks::~FstBlocks() {
  if (writing_.valid()) writing_.wait();
  if (descriptor_ >= 0) close(descriptor_);
}

void FstBlocks::add_variable(Kind kind, unsigned width) {
  Chain chain;
  chain.kind = kind;
  chain.width = static_cast<std::uint16_t>(width);
  if (kind == Kind::kReal) {
    const double none = std::nan("");
    std::memcpy(&chain.value, &none, sizeof none);
  }
  chains_.push_back(chain);
}

void FstBlocks::time(std::uint64_t now) {
  if (!started_) {
    started_ = true;
    first_time_ = begin_ = now;
    append_frame(frame_);
    append_varint(times_, now);
  } else {
    if (chunks_->bytes() > kBlockBytes) end_block();
    append_varint(times_, now - now_);
    ++time_index_;
  }
  ++time_count_;
  now_ = now;
}

void FstBlocks::bits(std::uint32_t variable, std::uint64_t value) {
  Chain& c = chains_[variable];
  c.state = Chain::State::kValue;
  c.value = value;
  unsigned char* to = chunks_->reserve(c);
  if (c.width == 1) {
    to = put_varint(to, c.step(time_index_) << 2 | value << 1);
  } else {
    to = put_varint(to, c.step(time_index_) << 1);
    const std::uint64_t high_first = __builtin_bswap64(value << (64 - c.width));
    std::memcpy(to, &high_first, sizeof high_first);
    to += (c.width + 7u) / 8;
  }
  c.to = to;
}

void FstBlocks::digits(std::uint32_t variable, const char* digits) {
  Chain& c = chains_[variable];
  const std::string_view all(digits, c.width);
  const bool known = all.find_first_not_of("01") == std::string_view::npos;
  if (known && c.width <= 64) {
    std::uint64_t value = 0;
    for (const char digit : all) value = value << 1 | (digit == '1' ? 1 : 0);
    bits(variable, value);
    return;
  }
  if (c.width == 1) {
    unknown(variable);
    return;
  }
  c.state = Chain::State::kLong;
  long_values_[variable] = all;
  if (!known) {
    chunks_->append_varint(c, c.step(time_index_) << 1 | 1);
    chunks_->append(c, all.data(), all.size());
    return;
  }
  std::string bytes((all.size() + 7) / 8, 0);
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k] == '1') bytes[k / 8] = static_cast<char>(bytes[k / 8] | 0x80 >> k % 8);
  }
  chunks_->append_varint(c, c.step(time_index_) << 1);
  chunks_->append(c, bytes.data(), bytes.size());
}

void FstBlocks::unknown(std::uint32_t variable) {
  Chain& c = chains_[variable];
  c.state = Chain::State::kUnknown;
  if (c.width == 1) {
    chunks_->append_varint(c, c.step(time_index_) << 4 | kUnknownStep);
    return;
  }
  constexpr std::string_view kUnknown = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  chunks_->append_varint(c, c.step(time_index_) << 1 | 1);
  for (std::size_t left = c.width; left != 0;) {
    const std::size_t part = std::min(left, kUnknown.size());
    chunks_->append(c, kUnknown.data(), part);
    left -= part;
  }
}

void FstBlocks::real(std::uint32_t variable, double value) {
  Chain& c = chains_[variable];
  c.state = Chain::State::kValue;
  std::memcpy(&c.value, &value, sizeof value);
  chunks_->append_varint(c, c.step(time_index_) << 1 | 1);
  chunks_->append(c, &value, sizeof value);  // the header says in which order the bytes are
}

void FstBlocks::text(std::uint32_t variable, const std::string& value) {
  Chain& c = chains_[variable];
  chunks_->append_varint(c, c.step(time_index_) << 1);
  chunks_->append_varint(c, value.size());
  chunks_->append(c, value.data(), value.size());
}

/// A text has no place here: readers know it from its first change on.
void FstBlocks::append_frame(std::string& block) {
  for (std::size_t v = 0; v < chains_.size(); ++v) {
    const Chain& c = chains_[v];
    if (c.kind == Kind::kReal) {
      block.append(reinterpret_cast<const char*>(&c.value), sizeof c.value);
    } else if (c.kind == Kind::kBits && c.state == Chain::State::kValue) {
      for (unsigned bit = c.width; bit != 0; --bit) block += static_cast<char>('0' + (c.value >> (bit - 1) & 1));
    } else if (c.kind == Kind::kBits && c.state == Chain::State::kLong) {
      block += long_values_.at(static_cast<std::uint32_t>(v));
    } else if (c.kind == Kind::kBits) {
      block.append(c.width, 'x');
    }
  }
}

namespace {

/// Chains that are packed by one thread.
struct PackedPart {
  std::string bytes;            // each with its length in front
  std::vector<std::size_t> at;  // where each begins
};

}  // namespace

std::string FstBlocks::pack_chains(const Content& from, std::uint64_t& unpacked) {
  // Equal chains stand in the file once.
  gathered_.clear();
  gathered_.reserve(from.chunks->bytes());  // so that chains stay where they are
  std::vector<std::string_view> unique;
  std::vector<std::uint32_t> number(from.chains.size());  // in `unique`
  std::unordered_map<std::string_view, std::uint32_t> seen;
  for (std::size_t v = 0; v < from.chains.size(); ++v) {
    if (from.chains[v].to == nullptr) continue;
    const std::string_view chain = from.chunks->gather(from.chains[v], gathered_);
    unpacked += chain.size();
    const auto same = seen.emplace(chain, static_cast<std::uint32_t>(unique.size()));
    number[v] = same.first->second;
    if (same.second) unique.push_back(chain);
  }

  // Two threads pack a half each.
  std::array<PackedPart, 2> parts;
  const auto pack = [&](unsigned p) {
    Packer packer;
    PackedPart& part = parts[p];
    std::size_t sum = 0;
    for (const std::string_view& chain : unique) {
      const bool first_half = sum < gathered_.size() / 2;
      sum += chain.size();
      if (first_half != (p == 0)) continue;
      part.at.push_back(part.bytes.size());
      std::string packed;
      if (chain.size() > kLeastPacked && packer.pack(chain, packed)) {
        append_varint(part.bytes, chain.size());
        part.bytes += packed;
      } else {
        append_varint(part.bytes, 0);
        part.bytes += chain;
      }
    }
  };
  std::future<void> other = std::async(std::launch::async, pack, 1U);
  pack(0);
  other.get();

  // The table says for each variable that its chain is that of another, or how far behind the one before it lies.
  std::string bytes(1, kPackedByZlib);
  bytes += parts[0].bytes;
  const std::size_t half = bytes.size();
  bytes += parts[1].bytes;
  std::string table;
  std::vector<std::int64_t> handle(unique.size());  // that has it
  std::uint64_t unchanged = 0;
  std::int64_t alias_before = 0;
  std::size_t before = 0;
  for (std::size_t v = 0; v < from.chains.size(); ++v) {
    if (from.chains[v].to == nullptr) {
      ++unchanged;
      continue;
    }
    if (unchanged != 0) append_varint(table, unchanged << 1);
    unchanged = 0;
    const std::size_t n = number[v];
    if (handle[n] != 0) {
      append_signed_varint(table, handle[n] == alias_before ? 1 : -handle[n] * 2 + 1);
      alias_before = handle[n];
      continue;
    }
    handle[n] = static_cast<std::int64_t>(v) + 1;
    const std::size_t first_count = parts[0].at.size();
    const std::size_t at = n < first_count ? 1 + parts[0].at[n] : half + parts[1].at[n - first_count];
    append_signed_varint(table, static_cast<std::int64_t>(at - before) * 2 + 1);
    before = at;
  }
  if (unchanged != 0) append_varint(table, unchanged << 1);
  bytes += table;
  append_number(bytes, table.size());
  return bytes;
}

void FstBlocks::write(const Content& content) {
  std::string block;
  Packer packer;
  std::string frame;
  packer.pack_or_copy(content.frame, frame);
  append_varint(block, content.frame.size());
  append_varint(block, frame.size());
  append_varint(block, content.chains.size());
  block += frame;
  append_varint(block, content.chains.size());
  std::uint64_t unpacked = 0;
  block += pack_chains(content, unpacked);
  std::string times;
  packer.pack_or_copy(content.times, times);
  block += times;
  append_number(block, content.times.size());
  append_number(block, times.size());
  append_number(block, content.time_count);

  std::string head(1, kBlockType);
  append_number(head, 32 + block.size());
  append_number(head, content.begin);
  append_number(head, content.end);
  append_number(head, unpacked);
  for (const std::string* part : {&head, &block}) {
    for (std::size_t done = 0; done < part->size() && !failed_;) {
      const ssize_t n = ::write(descriptor_, part->data() + done, part->size() - done);
      failed_ = n <= 0 && errno != EINTR;
      if (n > 0) done += static_cast<std::size_t>(n);
    }
  }
}

/// Packing and writing go on beside the simulation.
void FstBlocks::end_block() {
  auto content = std::make_shared<Content>();
  content->chains = chains_;
  content->frame = std::move(frame_);
  content->times = std::move(times_);
  content->time_count = time_count_;
  content->begin = begin_;
  content->end = now_;
  if (writing_.valid()) writing_.get();
  content->chunks = std::move(chunks_);
  chunks_ = idle_ != nullptr ? std::move(idle_) : std::make_unique<Chunks>();
  writing_ = std::async(std::launch::async, [this, content] {
    write(*content);
    content->chunks->clear();
    idle_ = std::move(content->chunks);
  });
  ++count_;

  // The next block begins with the last time of this one.
  frame_.clear();
  append_frame(frame_);
  for (Chain& c : chains_) {
    c.to = nullptr;
    c.last = 0;
  }
  times_.clear();
  append_varint(times_, now_);
  time_index_ = 0;
  time_count_ = 1;
  begin_ = now_;
}

bool FstBlocks::finish() {
  if (chunks_->bytes() != 0 || count_ == 0 || time_count_ > 1) end_block();
  writing_.get();
  return !failed_;
}

}  // namespace eie::tb
