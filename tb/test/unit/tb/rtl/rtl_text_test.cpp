// SPDX-License-Identifier: Apache-2.0
// Digests of generated RTL: what counts as a change of the source and what does not; and the text that
// Verilator gets.
#include <gtest/gtest.h>

#include "tb/rtl/rtl_digest.h"
#include "tb/rtl/rtl_inline.h"
#include "tb/support/sha256.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

using Tokens = std::vector<std::string>;

TEST(Sha256, PublishedExamples) {  // FIPS 180-2, appendix B
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(CppTokens, CommentsAndSpaceAreNoTokens) {
  const Tokens expected = {"int", "x", "=", "a", "/", "b", ";"};
  EXPECT_EQ(cpp_tokens("int x=a/b;"), expected);
  EXPECT_EQ(cpp_tokens("int /* a // b */ x = // c \" d\n\n  a / b\t;\r\n"), expected);
  EXPECT_EQ(cpp_tokens("in\\\nt x = a /\\\n/ comment \\\n goes on\n / b;"), expected);
}

TEST(CppTokens, StringsAndCharactersKeepWhatTheyHold) {
  EXPECT_EQ(cpp_tokens(R"(f("a /* b */ // c", '"', '\'', "\\", "\"  x"))"),
            (Tokens{"f", "(", R"("a /* b */ // c")", ",", R"('"')", ",", R"('\'')", ",", R"("\\")", ",", R"("\"  x")", ")"}));
  EXPECT_EQ(cpp_tokens("u8\"a\" L'b' \"c\\\nd\""), (Tokens{"u8\"a\"", "L'b'", "\"cd\""}));
}

TEST(CppTokens, RawStrings) {
  EXPECT_EQ(cpp_tokens("R\"(a \\\n \" // )\" b"), (Tokens{"R\"(a \\\n \" // )\"", "b"}));
  EXPECT_EQ(cpp_tokens("u8R\"xy(a )\" )xy\";"), (Tokens{"u8R\"xy(a )\" )xy\"", ";"}));
  EXPECT_EQ(cpp_tokens("FOR\"(\""), (Tokens{"FOR", "\"(\""}));  // not a prefix
}

TEST(CppTokens, NumbersAndLongPunctuation) {
  EXPECT_EQ(cpp_tokens("1'000u+0x1p-3-.5e+2"), (Tokens{"1'000u", "+", "0x1p-3", "-", ".5e+2"}));
  EXPECT_EQ(cpp_tokens("a>>=b>> c> >d->e::f...g<<h"),
            (Tokens{"a", ">>=", "b", ">>", "c", ">", ">", "d", "->", "e", "::", "f", "...", "g", "<<", "h"}));
  EXPECT_EQ(cpp_tokens("a|=b^c||d"), (Tokens{"a", "|=", "b", "^", "c", "||", "d"}));
}

TEST(CppTokens, DirectivesEndWithTheirLine) {
  EXPECT_EQ(cpp_tokens("#define A \\\n 1\nB"), (Tokens{"#", "define", "A", "1", "\n", "B"}));
  EXPECT_NE(cpp_tokens("#define A\nB"), cpp_tokens("#define A B"));
  EXPECT_NE(cpp_tokens("#define A(x) x\n"), cpp_tokens("#define A (x) x\n"));
  EXPECT_EQ(cpp_tokens("# if 1 // one\n"), cpp_tokens("#if 1\n"));
}

TEST(CppTokens, WhatDoesNotEnd) {
  EXPECT_THROW(cpp_tokens("/* a"), TokenError);
  EXPECT_THROW(cpp_tokens("\"a\nb\""), TokenError);
  EXPECT_THROW(cpp_tokens("R\"x(a)\""), TokenError);
}

TEST(SynthesisTokens, WhatIsForSimulationAloneIsLeftOut) {
  EXPECT_EQ(synthesis_tokens("a\n#if !EIE_SYNTHESIS_VIEW\nb\n#endif\nc"), (Tokens{"a", "c"}));
  EXPECT_EQ(synthesis_tokens("#if !EIE_SYNTHESIS_VIEW\nb\n#else\nc\n#endif\n"), (Tokens{"c"}));
  EXPECT_EQ(synthesis_tokens("#if EIE_SYNTHESIS_VIEW // x\nb\n# else\nc\n#endif\nd"), (Tokens{"b", "d"}));
  EXPECT_EQ(synthesis_tokens("a\n#if EIE_SYNTHESIS_VIEW\nb\n#endif"), (Tokens{"a", "b"}));
}

TEST(SynthesisTokens, OtherConditionsStayAndMayBeNested) {
  const std::string plain = "#ifdef A\nx\n#elif B\ny\n#else\nz\n#endif\n";
  EXPECT_EQ(synthesis_tokens(plain), cpp_tokens(plain));
  EXPECT_EQ(synthesis_tokens("#if !EIE_SYNTHESIS_VIEW\n" + plain + "#else\n" + plain + "#endif\n"), cpp_tokens(plain));
  EXPECT_EQ(synthesis_tokens("#if EIE_SYNTHESIS_VIEW\n" + plain + "#else\n" + plain + "#endif\n"), cpp_tokens(plain));
  EXPECT_EQ(synthesis_tokens("#if A\n#if !EIE_SYNTHESIS_VIEW\nx\n#endif\ny\n#endif\n"), cpp_tokens("#if A\ny\n#endif\n"));
  const std::string inner = "#if EIE_SYNTHESIS_VIEW\nx\n#else\ny\n#endif\n";
  EXPECT_EQ(synthesis_tokens("#if !EIE_SYNTHESIS_VIEW\n" + inner + "#else\n" + inner + "#endif\n"), (Tokens{"x"}));
  EXPECT_EQ(synthesis_tokens("#if EIE_SYNTHESIS_VIEW\n" + inner + "#else\n" + inner + "#endif\n"), (Tokens{"x"}));
  const std::string compound = "#if !EIE_SYNTHESIS_VIEW || A\nx\n#endif\n";
  EXPECT_EQ(synthesis_tokens(compound), cpp_tokens(compound));
}

TEST(SynthesisTokens, ConditionalsThatDoNotPair) {
  EXPECT_THROW(synthesis_tokens("#if !EIE_SYNTHESIS_VIEW\n"), TokenError);
  EXPECT_THROW(synthesis_tokens("#endif\n"), TokenError);
  EXPECT_THROW(synthesis_tokens("#else\n"), TokenError);
  EXPECT_THROW(synthesis_tokens("#if EIE_SYNTHESIS_VIEW\na\n#elif B\nb\n#endif\n"), TokenError);
}

class RtlDigestTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { folder_.write(name, text); }
  std::string digest() const { return rtl_source_digest(folder_.file(""), config_); }

  TempFolder folder_;
  HwConfig config_ = small_config();
};

TEST_F(RtlDigestTest, ChangesWithTheSourceAndTheConfiguration) {
  put("a.h", "int x = 1;  // one\n");
  put("b.h", "int y;\n");
  const std::string before = digest();
  put("notes.txt", "not a header");
  put("a.h", "/* one */\nint x\n  = 1;\n");
  EXPECT_EQ(digest(), before) << "a comment and white space do not count";
  put("a.h", "int x = 2;\n");
  EXPECT_NE(digest(), before);
  put("a.h", "int x = 1;\n");
  EXPECT_EQ(digest(), before);
  put("a.h", "");
  put("b.h", "int x = 1; int y;\n");
  EXPECT_NE(digest(), before) << "files count";
  put("a.h", "int x = 1;\n#if !EIE_SYNTHESIS_VIEW\nint trace;\n#endif\n");
  put("b.h", "int y;\n");
  EXPECT_EQ(digest(), before) << "what is for simulation alone does not count";
  put("a.h", "int x = 1;\n#if EIE_SYNTHESIS_VIEW\nint trace;\n#endif\n");
  EXPECT_NE(digest(), before) << "what is for synthesis does";
  put("a.h", "int x = 1;\n");
  ++config_.queue_depth;
  EXPECT_NE(digest(), before);
}

TEST_F(RtlDigestTest, NamesTheFileThatIsBroken) {
  put("a.h", "/*");
  try {
    digest();
    FAIL();
  } catch (const TokenError& error) {
    EXPECT_EQ(std::string(error.what()), "a.h: a comment does not end");
  }
}

TEST_F(RtlDigestTest, StampedTextIsCheckedBothWays) {
  const std::string rtl = "module Eie;\nendmodule\n";
  const std::string stamped = stamp_rtl(rtl, "eie4", sha256("source"));
  EXPECT_EQ(check_rtl(stamped, sha256("source")), "");
  EXPECT_NE(check_rtl(stamped, sha256("other source")).find("is stale"), std::string::npos);
  EXPECT_NE(check_rtl(stamped + "\n", sha256("source")).find("was edited"), std::string::npos);
  EXPECT_NE(check_rtl(rtl, sha256("source")).find("no digests"), std::string::npos);
  EXPECT_NE(check_rtl("", sha256("source")).find("no digests"), std::string::npos);
}

TEST(RtlInline, BodiesMoveToTheirCalls) {
  EXPECT_EQ(inline_next_state_functions("logic a;\n"
                                        "always_comb begin : p_comb     // p.h:1\n    p_func;\nend\n"
                                        "function void p_func;\n    logic b;\n    a = b;\nendfunction\n"
                                        "always_comb \nbegin : q\n    c = 1;\nend\n"),
            "logic a;\n"
            "always_comb begin : p_comb     // p.h:1\n    logic b;\n    a = b;\nend\n"
            "always_comb \nbegin : q\n    c = 1;\nend\n");
  EXPECT_THROW(inline_next_state_functions("function void p_func;\nendfunction\n"), std::runtime_error);
}

}  // namespace
}  // namespace eie::tb
