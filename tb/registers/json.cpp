// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tb/registers/description.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const RegisterDescription& r) {
  Json j = {{"name", r.name},         {"offset", r.offset},     {"count", r.count},
            {"readable", r.readable}, {"writable", r.writable}, {"while_busy", while_busy_name(r.while_busy)},
            {"meaning", r.meaning},   {"fields", Json::array()}};
  for (const FieldDescription& field : r.fields) {
    j["fields"].push_back({{"name", field.name},
                           {"lsb", field.lsb},
                           {"width", field.width},
                           {"access", access_name(field.access)},
                           {"reset", field.reset},
                           {"meaning", field.meaning}});
  }
  return j;
}

}  // namespace

std::string map_json(const MapDescription& map) {
  Json j = {{"schema", "eie-registers/1"}, {"version", kVersion}, {"config", map.config}, {"registers", Json::array()}};
  for (const RegisterDescription& r : map.registers) j["registers"].push_back(to_json(r));
  Json windows = {{"base", map.window_base}, {"stride", map.window_stride}, {"count", map.n_pe}, {"memories", Json::array()}};
  for (const MemoryDescription& m : map.memories) {
    Json memory = {{"name", m.name},         {"offset", m.offset},   {"bytes", m.bytes},
                   {"writable", m.writable}, {"meaning", m.meaning}, {"registers", Json::array()}};
    for (const RegisterDescription& r : m.registers) memory["registers"].push_back(to_json(r));
    windows["memories"].push_back(memory);
  }
  j["windows"] = windows;
  return j.dump(2) + "\n";
}

}  // namespace eie::tb
