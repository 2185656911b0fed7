// SPDX-License-Identifier: Apache-2.0
// eie report: pages of what the program itself wrote on a fake engine, and what is refused.
#include <cstdlib>

#include "tb/support/page/html.h"
#include "tb/support/thousands.h"
#include "tb/test/unit/tb/cli/program_files.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Html, EscapesWhatMarksUp) {
  EXPECT_EQ(html_text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html_text("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"), "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  // Control characters, cut and overlong characters, surrogates.
  EXPECT_EQ(html_text(std::string("\0", 1)), "\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\x1B["), "\xEF\xBF\xBD[");
  EXPECT_EQ(html_text("x\xE2\x82"), "x\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Html, ScriptsHoldTheSameJson) {
  const nlohmann::json json = {{"a", "</script><!--"}, {"b", "\xE2\x80\xA8 \xE2\x80\xA9 \xE2\x82\xAC"}};
  const std::string text = script_text(json.dump());
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(text.find("\xE2\x80\xA8"), std::string::npos);
  EXPECT_EQ(text.find("\xE2\x80\xA9"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(text), json);
}

TEST(Html, PlacesInContentsStay) {
  EXPECT_EQ(filled_page("<1> and <2>", {{"<2>", "<1>"}, {"<1>", "<2>"}}), "<2> and <1>");
  EXPECT_THROW(filled_page("<1>", {{"<2>", ""}}), std::logic_error);
}

class ReportPage : public testing::Test {
 protected:
  ReportPage() { setenv("EIE_DATA_DIR", EIE_SOURCE_DIR, 1); }
  ~ReportPage() override { unsetenv("EIE_DATA_DIR"); }

  Json read(const std::string& name) const {
    const nlohmann::json valid = f.json(name);  // against the schema
    return Json::parse(read_text(f.folder.file(name)));
  }
  static std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Json run_report() {
    EXPECT_EQ(eie({"run", f.weights, f.activations, "--config", f.config, "--bias", f.bias, "--json", f.folder.file("run.json")})
                  .status,
              kExitDone);
    return read("run.json");
  }
  /// A network of two layers; the second has this name.
  Json network_report(const std::string& name) {
    std::vector<double> w;
    for (const std::int32_t v : random_vector(1000, -6, 6, 0.3, 4)) w.push_back(v / 8.0);
    write_npy(f.folder.file("w2.npy"), w, {10, 100});
    write_npy(f.folder.file("x.npy"), f.a, {1, 90});
    f.folder.write("net.yaml", "inputs: x.npy\nlayers:\n  - {name: one, weights: w.npy, bias: b.npy, relu: true}\n  - {name: " +
                                   Json(name).dump() + ", weights: w2.npy, relu: false}\n");
    const Outcome o = eie({"network", f.folder.file("net.yaml"), "--config", f.config, "--json", f.folder.file("net.json")});
    EXPECT_EQ(o.status, kExitDone) << o.err;
    return read("net.json");
  }
  /// The page of reports, which must work.
  std::string page_of(const std::vector<Json>& reports) {
    std::vector<std::string> arguments = {"report"};
    for (const Json& report : reports) {
      arguments.push_back(f.folder.write("in" + std::to_string(arguments.size()) + ".json", report.dump()));
    }
    arguments.insert(arguments.end(), {"-o", f.folder.file("page.html")});
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitDone) << o.err;
    return read_text(f.folder.file("page.html"));
  }
  /// What is said of a text that is no report; nothing is written.
  std::string refusal(const std::string& text) {
    const Outcome o = eie({"report", f.folder.write("in.json", text), "-o", f.folder.file("no.html")});
    EXPECT_EQ(o.status, kExitUsage) << text.substr(0, 200);
    EXPECT_TRUE(has(o.err, ": expected ")) << o.err;
    EXPECT_TRUE(has(o.err, f.folder.file("in.json"))) << o.err;
    EXPECT_FALSE(std::filesystem::exists(f.folder.file("no.html")));
    return o.err;
  }
  static void expect_sound(const std::string& page) {
    EXPECT_EQ(count(page, "<script"), 2u);
    EXPECT_EQ(count(page, "</script>"), 2u);
    for (const char* tag : {"section", "table", "svg", "div", "ul", "li", "tr", "g", "title", "p", "figure"}) {
      EXPECT_EQ(count(page, std::string("<") + tag + " ") + count(page, std::string("<") + tag + ">"),
                count(page, std::string("</") + tag + ">"))
          << tag;
    }
    for (const char* outside : {"http:", "https:", "src=", "@import"}) EXPECT_EQ(count(page, outside), 0u) << outside;
    const std::string main = page.substr(page.find("<main>"), page.find("</main>") - page.find("<main>"));
    for (const char* number : {"nan", "\"inf", "-inf", ">inf"}) EXPECT_EQ(count(main, number), 0u) << number;
  }

  Files f;
};

TEST_F(ReportPage, ShowsARun) {
  const Json report = run_report();
  ASSERT_EQ(report["energy"]["refused"], nullptr);
  const std::string page = page_of({report});
  expect_sound(page);
  for (const char* id : {"verdict", "summary", "layers", "cycles", "energy", "load", "exactness", "what-ran"}) {
    EXPECT_EQ(count(page, std::string("<section id=\"") + id + "\""), 1u) << id;
  }
  EXPECT_TRUE(has(page, "every output matches the golden model"));
  EXPECT_TRUE(has(page, thousands(report["cycles"].get<std::uint64_t>())));
  for (const Json& input : report["inputs"]) EXPECT_TRUE(has(page, input["sha256"].get<std::string>()));
  // A bar a PE, with its entries.
  ASSERT_EQ(report["work"]["per_pe"].size(), 4u);
  for (unsigned p = 0; p < 4; ++p) {
    EXPECT_TRUE(
        has(page, "PE " + std::to_string(p) + ": " + thousands(report["work"]["per_pe"][p].get<std::uint64_t>()) + " entries"));
  }
  for (const Json& part : report["energy"]["parts"]) EXPECT_TRUE(has(page, ">" + part["event"].get<std::string>() + "<"));
}

TEST_F(ReportPage, HoldsTheReportsThemselves) {
  const Json a = run_report(), b = network_report("two");
  const std::string page = page_of({a, b});
  const std::string start = "<script type=\"application/json\" id=\"reports\">";
  const std::size_t at = page.find(start) + start.size();
  EXPECT_EQ(Json::parse(page.substr(at, page.find("</script>", at) - at)), Json::array({a, b}));
}

TEST_F(ReportPage, NamesAreTexts) {
  const std::string evil = "<script>alert(1)</script>\"'&<!--/*REPORTS*/<!--MAIN-->\xE2\x80\xA8";
  Json report = network_report("two");
  report["layers"][1]["name"] = evil;
  report["config"] = evil;
  report["configuration"]["name"] = evil;
  report["options"][evil] = evil;
  report["inputs"][0]["path"] = evil;
  report["warnings"].push_back(evil);
  report["energy"]["parts"][0]["block"] = evil;
  report["energy"]["parts"][0]["event"] = evil;
  Json other = report;
  other["config"] = "other" + evil;
  const std::string page = page_of({report, other});
  expect_sound(page);
  EXPECT_FALSE(has(page, "<script>alert"));
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;&lt;!--/*REPORTS*/"));
}

TEST_F(ReportPage, WarningsAndMismatchesComeFirst) {
  Json report = run_report();
  report["warnings"] = {"the sums are too large"};
  report["golden_match"] = false;
  report["mismatches"] = 3;
  report["saturated"] = true;
  const std::string page = page_of({report});
  const std::size_t warnings = page.find("<section id=\"warnings\"");
  EXPECT_LT(warnings, page.find("<section id=\"verdict\""));
  EXPECT_TRUE(has(page, "the sums are too large"));
  EXPECT_TRUE(has(page, "does not match the golden model, 3 wrong outputs"));
  EXPECT_TRUE(has(page, "an accumulator was clamped (saturated)"));
}

TEST_F(ReportPage, ComparesWhatCompareWrote) {
  f.folder.write("wide.yaml",
                 std::string(kConfig).replace(0, 7, "name: w").replace(std::string(kConfig).find("n_pe: 4"), 7, "n_pe: 8"));
  const Outcome o = eie({"compare", f.weights, f.activations, "--config", f.config, "--config", f.folder.file("wide.yaml"),
                         "--json", f.folder.file("c.json")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const Json report = read("c.json");
  const std::string page = page_of({report});
  expect_sound(page);
  EXPECT_TRUE(has(page, "Which to build, and why"));
  EXPECT_TRUE(has(page, "What differs in the configuration (t, then w): n_pe 4 and 8."));
  EXPECT_TRUE(has(page, "<strong class=\"mark-word\">best</strong>"));
  EXPECT_EQ(count(page, "class=\"mark dot "), 2u);
}

TEST_F(ReportPage, OlderReportsWithoutTheListOfPes) {
  Json report = run_report();
  report["work"].erase("per_pe");
  const std::string page = page_of({report});
  EXPECT_TRUE(has(page, "Not drawn: 1 layer whose report has no list of all PEs"));
  EXPECT_EQ(count(page, "class=\"mark pe\""), 0u);
}

TEST_F(ReportPage, SamePlaceSameRunTwice) {
  const Json report = run_report();
  const std::string page = page_of({report, report});
  EXPECT_TRUE(has(page, "t, report 1"));
  EXPECT_TRUE(has(page, "Either: t, report 1 and t, report 2 are equal in time, energy and area"));
}

Json sweep_report() {
  Json sweep = {{"schema", "eie-report/1"}, {"version", "1.0.0"}, {"command", "sweep"}, {"kind", "sweep"}, {"points_total", 5}};
  const auto point = [&](int index, int n_pe, double us, double uj, double mm2, bool pareto) {
    sweep["points"].push_back({{"index", index},
                               {"status", "ok"},
                               {"layer", "alex7"},
                               {"balance", "none"},
                               {"n_pe", n_pe},
                               {"cycles", 800 * us},
                               {"time_us", us},
                               {"energy_uj", uj},
                               {"power_mw", 1e3 * uj / us},
                               {"area_mm2", mm2},
                               {"load_balance", 0.9},
                               {"pareto", pareto},
                               {"digest", "x"},
                               {"reason", nullptr}});
  };
  point(0, 16, 40, 8, 10, true);
  point(1, 32, 20, 7, 20, true);
  point(2, 64, 22, 9, 40, false);
  sweep["points"].push_back({{"index", 3},
                             {"status", "refused"},
                             {"layer", "alex7"},
                             {"balance", "none"},
                             {"n_pe", 3},
                             {"cycles", nullptr},
                             {"time_us", nullptr},
                             {"energy_uj", nullptr},
                             {"power_mw", nullptr},
                             {"area_mm2", nullptr},
                             {"load_balance", nullptr},
                             {"pareto", false},
                             {"digest", ""},
                             {"reason", "n_pe is 3: expected a power of two"}});
  return sweep;
}

TEST_F(ReportPage, ShowsASweep) {
  const std::string page = page_of({sweep_report()});
  expect_sound(page);
  EXPECT_EQ(count(page, "class=\"mark dot front"), 2u);
  EXPECT_EQ(count(page, "class=\"mark dot other"), 1u);
  EXPECT_TRUE(has(page, "Fastest: n_pe 32 (20 us, 7 uJ, 20 mm2)."));
  EXPECT_TRUE(has(page, "Least energy: n_pe 32 "));
  EXPECT_TRUE(has(page, "Smallest: n_pe 16 "));
  EXPECT_TRUE(has(page, "1 without time and energy, status refused (point 3: n_pe is 3: expected a power of two)"));
  EXPECT_TRUE(has(page, "Not all: the sweep has 5 points."));
}

TEST_F(ReportPage, RefusesWhatIsNoReport) {
  EXPECT_TRUE(has(refusal(""), "is empty"));
  EXPECT_TRUE(has(refusal("[]"), "is no object"));
  EXPECT_TRUE(has(refusal("{}"), "has no key 'schema'"));
  EXPECT_TRUE(has(refusal("# a text\n"), "in.json:1:1: is not JSON"));
  EXPECT_TRUE(has(refusal("{\n  \"schema\": oops\n}"), "in.json:2:13: is not JSON"));
  EXPECT_TRUE(has(refusal(R"({"schema": "other/7"})"), "key 'schema' is 'other/7'"));
  EXPECT_TRUE(has(refusal(R"({"schema": "eie-report/1"})"), "key 'command' is missing"));
  EXPECT_TRUE(has(refusal(R"({"schema": "eie-report/1", "command": "info"})"), "key 'command' is 'info'"));
  EXPECT_TRUE(has(refusal(R"({"schema": "eie-report/1", "kind": "sweep", "points": []})"), "expected at least one point"));
  EXPECT_TRUE(has(refusal(std::string(100000, '[')), "is nested over 64 deep"));
  EXPECT_TRUE(has(refusal("{\"schema\": 1e999}"), "out of range"));
  const Outcome encode =
      eie({"encode", f.weights, "--config", f.config, "--output", f.folder.file("enc"), "--json", f.folder.file("e.json")});
  ASSERT_EQ(encode.status, kExitDone);
  EXPECT_TRUE(has(refusal(read_text(f.folder.file("e.json"))), "key 'command' is 'encode'"));
}

TEST_F(ReportPage, RefusesEveryTruncation) {
  const std::string text = run_report().dump(2);
  for (std::size_t size = 1; size + 1 < text.size(); size += 97) {
    const std::string said = refusal(text.substr(0, size));
    EXPECT_TRUE(has(said, "ends in the middle, after " + std::to_string(size) + " bytes")) << said;
  }
}

/// Calls `change(parent, key)` for every key below `json`.
void for_each_key(Json& json, const std::function<void(Json& parent, const std::string& key)>& change) {
  if (json.is_object()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    for (const std::string& key : keys) {
      for_each_key(json[key], change);
      change(json, key);
    }
  } else if (json.is_array() && !json.empty()) {
    for_each_key(json[0], change);
  }
}

TEST_F(ReportPage, EveryMissingOrWrongKeyIsAPageOrOneLine) {
  std::size_t keys = 0, pages = 0, refused = 0;
  for (Json report : {run_report(), network_report("two"), sweep_report()}) {
    const auto attempt = [&](const std::string& what) {
      const Outcome o = eie({"report", f.folder.write("in.json", report.dump()), "-o", f.folder.file("p.html")});
      SCOPED_TRACE(what + ": " + o.err);
      if (o.status == kExitDone) {
        expect_sound(read_text(f.folder.file("p.html")));
        ++pages;
        std::filesystem::remove(f.folder.file("p.html"));
      } else {
        EXPECT_EQ(o.status, kExitUsage);
        EXPECT_TRUE(has(o.err, ": expected "));
        EXPECT_TRUE(has(o.err, what.substr(0, what.find(' '))));
        EXPECT_FALSE(std::filesystem::exists(f.folder.file("p.html")));
        ++refused;
      }
    };
    for_each_key(report, [&](Json& parent, const std::string& key) {
      const Json kept = parent[key];
      // A wrong value a key, another one for the next.
      static const std::vector<Json> kWrong = {nullptr, "x", -1, 1e300, 0, true, Json::array(), Json::object()};
      parent[key] = kWrong[++keys % kWrong.size()];
      attempt(key + " is " + parent[key].dump());
      Json others = Json::object();
      for (const auto& [name, value] : parent.items()) {
        if (name != key) others[name] = value;
      }
      parent[key] = kept;
      std::swap(parent, others);
      attempt(key + " is missing");
      std::swap(parent, others);
    });
  }
  EXPECT_GT(pages, 50u);
  EXPECT_GT(refused, 200u);
}

TEST_F(ReportPage, WhereThePageGoes) {
  const std::string report = f.folder.write("in.json", run_report().dump());
  const Outcome out = eie({"report", report, "-o", "-"});
  EXPECT_EQ(out.status, kExitDone);
  EXPECT_EQ(out.out.rfind("<!doctype html>", 0), 0u);
  EXPECT_EQ(out.out.substr(out.out.size() - 8), "</html>\n");
  EXPECT_TRUE(has(eie({"report", report, "-o", report}).err, "is the file of --reports too"));
  EXPECT_TRUE(has(eie({"report", report}).err, "--output is missing"));
  EXPECT_TRUE(has(eie({"report", "-o", f.folder.file("x.html")}).err, "--reports is missing"));
  EXPECT_TRUE(has(eie({"report", f.folder.file("none.json"), "-o", f.folder.file("x.html")}).err, "does not exist"));
  EXPECT_FALSE(std::filesystem::exists(f.folder.file("x.html")));
  EXPECT_EQ(eie({"report", "--reports", report, "--output", f.folder.file("x.html")}).status, kExitDone);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  return std::make_unique<FakeDevice>(config);
}

}  // namespace eie::tb
