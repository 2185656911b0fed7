// SPDX-License-Identifier: Apache-2.0
// What is written down of a layer, played again on another device of the same kind, must give the same answers, whatever
// that device's memories held before.
#include "tb/host/recording_device.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "tb/golden/golden.h"
#include "tb/host/driver.h"
#include "tb/host/events.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

// Both texts of a recorder.
struct Texts {
  std::string stimulus;
  std::string expected;
  RecordingDevice::Sink to_stimulus() {
    return [this](const std::string& text) { stimulus += text; };
  }
  RecordingDevice::Sink to_expected() {
    return [this](const std::string& text) { expected += text; };
  }
};

std::vector<std::vector<std::string>> words(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::vector<std::string> of_line;
    for (std::string word; fields >> word;) of_line.push_back(word);
    if (!of_line.empty() && of_line.front() != "//") lines.push_back(of_line);
  }
  return lines;
}

std::uint64_t hex(const std::string& text) { return std::stoull(text, nullptr, 16); }

// Answers as an engine would that stores 64-bit words, accesses of both sizes; the last word refuses.
class Words final : public Device {
 public:
  std::string engine() const override { return "words"; }
  void write(std::uint64_t address, std::uint64_t data, unsigned bytes) override {
    if (address == 0xFF8) throw DeviceError("refused");
    std::uint64_t& word = words_[address / 8];
    if (bytes == 8) {
      word = data;
    } else {
      const unsigned lsb = address % 8 == 4 ? 32 : 0;
      word = (word & ~(std::uint64_t{0xFFFFFFFF} << lsb)) | data << lsb;
    }
  }
  std::uint64_t read(std::uint64_t address, unsigned bytes) override {
    const std::uint64_t word = words_[address / 8];
    return bytes == 8 ? word : (address % 8 == 4 ? word >> 32 : word) & 0xFFFFFFFF;
  }
  void write_stream(const std::vector<Beat>& beats) override {
    for (const Beat& beat : beats) write(beat.address, beat.data, 8);
  }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    std::vector<std::uint64_t> data;
    for (const std::uint64_t address : addresses) data.push_back(read(address, 8));
    return data;
  }
  void backdoor_write(std::uint64_t, std::uint64_t) override { FAIL(); }
  std::uint64_t backdoor_read(std::uint64_t address) override { return words_[address / 8]; }
  void wait_interrupt(std::uint64_t limit) override { waited = limit; }
  void set_host_stalls(unsigned percent, std::uint64_t) override { stalls = percent; }
  void announce(const LaunchContext& context) override { announced = context.launch; }
  void observe(EventSink& sink) override { observer = &sink; }
  void finish() override { finished = true; }
  std::uint64_t now_cycles() const override { return 17; }

  std::uint64_t waited = 0;
  unsigned stalls = 0;
  bool finished = false;
  std::uint64_t announced = 0;
  EventSink* observer = nullptr;

 private:
  std::map<std::uint64_t, std::uint64_t> words_;
};

TEST(RecordingDevice, ForwardsAndWritesDown) {
  Words inner;
  Texts texts;
  RecordingDevice device(inner, small_config(4), texts.to_stimulus(), texts.to_expected());
  device.comment("a note");
  device.write(0x80, 0x1122334455667788);
  device.write(0x88, 0xABCD, 4);
  device.write(0x8C, 0xEF, 4);
  device.write_stream({{0x90, 1, 0xFF}, {0x98, 2, 0xFF}});
  EXPECT_EQ(device.read(0x80), 0x1122334455667788u);
  EXPECT_EQ(device.read(0x88, 4), 0xABCDu);
  EXPECT_EQ(device.read(0x8C, 4), 0xEFu);
  EXPECT_EQ(device.read_stream({0x98, 0x90}), (std::vector<std::uint64_t>{2, 1}));
  device.wait_interrupt(1000);
  device.set_host_stalls(30, 1);
  struct : EventSink {
    void launch(const LaunchEvents&) override {}
  } sink;
  LaunchContext context;
  context.launch = 7;
  device.observe(sink);
  device.announce(context);
  EXPECT_EQ(device.backdoor_read(0x90), 1u);
  EXPECT_EQ(device.now_cycles(), 17u);
  EXPECT_EQ(device.engine(), "words");
  device.finish();
  EXPECT_EQ(inner.waited, 1000u);
  EXPECT_EQ(inner.stalls, 30u);
  EXPECT_TRUE(inner.finished);
  EXPECT_EQ(inner.announced, 7u);
  EXPECT_EQ(inner.observer, &sink);
  EXPECT_EQ(texts.stimulus,
            "// a note\n"
            "w 00000080 1122334455667788 ff\n"
            "w 00000088 000000000000abcd 0f\n"
            "w 0000008c 000000ef00000000 f0\n"
            "w 00000090 0000000000000001 ff\n"
            "w 00000098 0000000000000002 ff\n"
            "r 00000080\n"
            "r 00000088\n"
            "r 0000008c\n"
            "r 00000098\n"
            "r 00000090\n"
            "i 3e8\n"
            "e b\n");
  EXPECT_EQ(texts.expected,
            "00000080 1122334455667788 ffffffffffffffff // IN_LENGTH\n"
            "00000088 000000000000abcd 00000000ffffffff // OUT_LENGTH\n"
            "0000008c 000000ef00000000 ffffffff00000000 // OUT_LENGTH\n"
            "00000098 0000000000000002 ffffffffffffffff // IN_ADDRESS\n"
            "00000090 0000000000000001 ffffffffffffffff // POINTER_BASE\n");
  EXPECT_EQ(device.writes(), 5u);
  EXPECT_EQ(device.reads(), 5u);
  EXPECT_EQ(device.interrupts(), 1u);
}

TEST(RecordingDevice, MarksTheInterruptAndTheCycles) {
  Words inner;
  Texts texts;
  RecordingDevice device(inner, small_config(4), texts.to_stimulus(), texts.to_expected());
  inner.write(reg::kCycles, 300, 8);
  device.read(reg::kCycles);  // of no launch
  device.write(reg::kCtrl, reg::kCtrlStart);
  device.wait_interrupt(16);
  device.write(reg::kIrqStatus, reg::kIrqDone);
  device.read(reg::kCycles);
  EXPECT_EQ(texts.stimulus,
            "r 00000100\n"
            "q\n"
            "w 00000040 0000000000000001 ff\n"
            "i 10\n"
            "w 00000050 0000000000000001 ff\n"
            "q\n"
            "r 00000100\n"
            "t 12c\n");
}

TEST(RecordingDevice, NothingIsWrittenDownOfWhatWasRefused) {
  Words inner;
  Texts texts;
  RecordingDevice device(inner, small_config(4), texts.to_stimulus(), texts.to_expected());
  EXPECT_THROW(device.write(0xFF8, 1), DeviceError);
  EXPECT_THROW(device.write_stream({{0xFF8, 1, 0xFF}}), DeviceError);
  EXPECT_THROW(device.backdoor_write(0x80, 1), std::logic_error);
  EXPECT_EQ(texts.stimulus + texts.expected, "");
}

// A word that the host wrote in part is known in part.
TEST(RecordingDevice, MasksWhatNobodyHasWritten) {
  Words inner;
  Texts texts;
  const HwConfig config = small_config(4);
  RecordingDevice device(inner, config, texts.to_stimulus(), texts.to_expected());
  const std::uint64_t word = config.window_base(2) + config.window().act_offset + 8 * 5;
  inner.write(word, ~std::uint64_t{0}, 8);
  device.read(word);
  device.write(word + 4, 0x12345678, 4);
  device.read(word);
  EXPECT_EQ(texts.expected.find(" 0000000000000000 0000000000000000 // PE 2 activation word 5\n"), 8u) << texts.expected;
  EXPECT_NE(texts.expected.find(" 1234567800000000 ffffffff00000000 // PE 2 activation word 5\n"), std::string::npos);
}

// Plays both texts on a device; says how many bits of activation words were compared.
std::uint64_t play(const Texts& texts, Device& device, const HwConfig& config) {
  const auto expected = words(texts.expected);
  std::size_t next = 0;
  std::uint64_t operations = 0;
  std::uint64_t act_bits = 0;
  bool ended = false;
  for (const auto& op : words(texts.stimulus)) {
    EXPECT_FALSE(ended);
    if (op[0] == "w") {
      EXPECT_EQ(op.size(), 4u);
      EXPECT_EQ(op[3], "ff");
      device.write(hex(op[1]), hex(op[2]));
    } else if (op[0] == "r") {
      EXPECT_LT(next, expected.size());
      const auto& line = expected.at(next++);
      EXPECT_EQ(line[0], op[1]);
      const std::uint64_t mask = hex(line[2]);
      EXPECT_EQ(device.read(hex(op[1])) & mask, hex(line[1])) << "read " << op[1];
      const std::uint64_t offset = (hex(op[1]) - reg::kWindowBase) % config.window().stride;
      if (hex(op[1]) < reg::kWindowBase || offset >= config.window().counter_offset) {
        EXPECT_EQ(mask, ~std::uint64_t{0});
      } else {
        for (std::uint64_t bits = mask; bits != 0; bits &= bits - 1) ++act_bits;
      }
    } else if (op[0] == "i") {
      device.wait_interrupt(hex(op[1]));
    } else if (op[0] == "e") {
      EXPECT_EQ(hex(op[1]), operations);
      ended = true;
    } else {
      EXPECT_TRUE(op[0] == "q" || op[0] == "t") << op[0];
    }
    ++operations;
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(next, expected.size());
  return act_bits;
}

TEST(RecordingDevice, AWholeLayerPlayedAgain) {
  struct Case {
    std::size_t rows, columns, launches;
  };
  // The last two are row blocks, and columns over what the activation memories hold.
  for (const Case& c : {Case{37, 50, 1}, Case{150, 50, 3}, Case{61, 1100, 2}}) {
    const HwConfig config = small_config(4);
    CodeMatrix matrix(c.rows, c.columns);
    fill_random(matrix, 0.1, config.code_width, 3);
    matrix.set_codebook(test_codebook(config.code_width, 100));
    const EncodedLayer image = encode(matrix, config, split_rows(c.rows, config));
    const Plan plan = plan_launches(image, config, true, "layer");
    EXPECT_EQ(plan.launches.size(), c.launches);
    DeviceLayer layer;
    layer.image = &image;
    layer.plan = &plan;
    layer.codebook = matrix.codebook();
    layer.bias = random_vector(c.rows, -50, 50, 1, 4);
    layer.shift = 5;
    layer.relu = true;
    const std::vector<std::int32_t> x = random_vector(c.columns, -100, 100, 0.5, 5);

    FakeDevice inner(config);
    Texts texts;
    RecordingDevice device(inner, config, texts.to_stimulus(), texts.to_expected());
    Driver driver(device, config, LoadMode::kPort);
    driver.load({layer});
    const LayerResult result = driver.run(x).front();
    device.finish();
    const GoldenResult golden = golden_layer(matrix, x, layer.bias, layer.shift, layer.relu, config.data_width, config.acc_width);
    EXPECT_EQ(result.outputs, golden.outputs);
    EXPECT_EQ(device.interrupts(), c.launches);

    FakeDevice another(config);
    std::mt19937_64 random(6);
    for (unsigned k = 0; k < config.n_pe; ++k) {
      for (unsigned w = 0; w < config.act_depth; ++w) {
        another.backdoor_write(config.window_base(k) + config.window().act_offset + 8 * w, random());
      }
    }
    // Every output is compared; words that hold inputs too, in full.
    EXPECT_GE(play(texts, another, config), c.rows * config.data_width);
    FakeDevice faulty(config);
    faulty.flip_output = true;
    bool differs = false;
    {
      testing::TestPartResultArray failures;
      testing::ScopedFakeTestPartResultReporter catcher(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD,
                                                        &failures);
      play(texts, faulty, config);
      differs = failures.size() != 0;
    }
    EXPECT_TRUE(differs);
  }
}

}  // namespace
}  // namespace eie::tb
