// SPDX-License-Identifier: Apache-2.0
// Images of memories, word by word. tb/test/system/rtl/memory_images_test.py plays them on the RTL.
#include "tb/host/memory_images.h"

#include <gtest/gtest.h>

#include "hw/register_map.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

/// Takes every access.
class AnyDevice final : public Device {
 public:
  std::string engine() const override { return "any"; }
  void write(std::uint64_t, std::uint64_t, unsigned) override { ++accesses; }
  std::uint64_t read(std::uint64_t, unsigned) override { return 0; }
  void write_stream(const std::vector<Beat>& beats) override { accesses += beats.size(); }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    return std::vector<std::uint64_t>(addresses.size(), 0);
  }
  void backdoor_write(std::uint64_t, std::uint64_t) override { ++accesses; }
  std::uint64_t backdoor_read(std::uint64_t) override { return 0; }
  void wait_interrupt(std::uint64_t) override {}
  std::uint64_t now_cycles() const override { return 0; }
  std::size_t accesses = 0;
};

TEST(MemoryImages, WordsAreThoseOfTheSrams) {
  HwConfig config = small_config(2);
  config.spmat_width = 128;
  config.pointer_width = 18;
  MemoryContents contents(config);
  const std::uint64_t pe1 = config.window_base(1);
  // Two beats are a word; the first beat has the first entries, in the lowest bits.
  contents.write(pe1, 0x0123456789abcdef, 0xFF);
  contents.write(pe1 + 8, 0xfedcba9876543210, 0xFF);
  contents.write(pe1 + 5 * 16 + 8, 0x1, 0xFF);
  EXPECT_EQ(contents.text(1, PeMemory::kSpmat, false),
            "fedcba98765432100123456789abcdef\n@5\n00000000000000010000000000000000\n");
  // A beat has the even pointer below and the odd one above; 18 bits are five digits.
  contents.write(pe1 + config.window().ptr_offset + 8, 0x0003ffff00012345, 0xFF);
  EXPECT_EQ(contents.text(1, PeMemory::kPtrEven, false), "@1\n12345\n");
  EXPECT_EQ(contents.text(1, PeMemory::kPtrOdd, false), "@1\n3ffff\n");
  EXPECT_EQ(contents.text(1, PeMemory::kPtrOdd, true), "@1\n111111111111111111\n");
  EXPECT_EQ(contents.text(1, PeMemory::kPtrEven, true), "@1\n010010001101000101\n");
  // Bytes without a strobe stay; 16 words later an address has two digits.
  contents.write(pe1 + config.window().act_offset + 16 * 8, ~std::uint64_t{0}, 0xFF);
  contents.write(pe1 + config.window().act_offset + 16 * 8, 0, 0x03);
  contents.write(pe1 + config.window().act_offset + 17 * 8, 7, 0xFF);
  EXPECT_EQ(contents.text(1, PeMemory::kAct, false), "@10\nffffffffffff0000\n0000000000000007\n");
  for (const PeMemory memory : kPeMemories) EXPECT_EQ(contents.text(0, memory, false), "") << memory_name(memory);
  // Registers and what is behind the windows are no memories.
  contents.write(reg::kCtrl, 1, 0xFF);
  contents.write(config.window_base(2), 1, 0xFF);
  EXPECT_EQ(contents.text(0, PeMemory::kSpmat, false), "");
}

TEST(MemoryImages, RowsOf32BitsShareAWord) {
  HwConfig config = small_config(1);
  config.spmat_width = 32;
  EXPECT_EQ(memory_width(PeMemory::kSpmat, config), 64u);
  MemoryContents contents(config);
  contents.write(config.window_base(0), 0x1111111122222222, 0xFF);
  EXPECT_EQ(contents.text(0, PeMemory::kSpmat, false), "1111111122222222\n");
}

TEST(MemoryImages, EachStartShowsWhatIsThere) {
  const HwConfig config = small_config(1);
  AnyDevice device;
  std::vector<std::string> seen;
  MemoryRecorder recorder(device, config, [&](std::uint64_t launch, const MemoryContents& contents) {
    EXPECT_EQ(launch, seen.size());
    seen.push_back(contents.text(0, PeMemory::kSpmat, false));
  });
  recorder.write(config.window_base(0) + 4, 0xAB, 4);  // the upper half of a word
  recorder.write_stream({{config.window_base(0) + 8, 5}, {reg::kCtrl, reg::kCtrlStart}, {config.window_base(0) + 16, 6}});
  recorder.backdoor_write(config.window_base(0) + 24, 7);
  recorder.write(reg::kCtrl, reg::kCtrlSoftReset);
  recorder.write(reg::kCtrl, reg::kCtrlStart);
  const std::string first = "000000ab00000000\n0000000000000005\n";
  EXPECT_EQ(seen, (std::vector<std::string>{first, first + "0000000000000006\n0000000000000007\n"}));
  EXPECT_EQ(device.accesses, 7u) << "all reach the device";
}

TEST(MemoryImages, LoaderNamesFilesAndArrays) {
  const HwConfig config = small_config(1);
  const std::string text = image_loader(config, {"pe0_act.memh", "pe0_spmat.memb"}, {"pe_0.act_rw.act.words", "x"});
  EXPECT_NE(text.find("$readmemh($sformatf(\"%0s/pe0_act.memh\", images), `EIE_DUT.pe_0.act_rw.act.words);"), std::string::npos);
  EXPECT_NE(text.find("$readmemb($sformatf(\"%0s/pe0_spmat.memb\", images), `EIE_DUT.x);"), std::string::npos);
}

}  // namespace
}  // namespace eie::tb
