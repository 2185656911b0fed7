// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/members.h"

#include "tb/formats/readers.h"
#include "tb/support/file_cause.h"

namespace eie::tb {

std::size_t choose_member(const std::string& path, const std::string& named, const std::vector<Member>& members,
                          const Wanted& wanted) {
  constexpr std::size_t kNamed = 12;
  constexpr std::size_t kLongestText = 300;
  std::string names;
  std::string shapes;
  std::vector<std::size_t> fitting;
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (!named.empty() && members[k].name == named) return k;
    if (wanted.fits(members[k].shape)) fitting.push_back(k);
    if (names.size() > kLongestText || k > kNamed) continue;
    const bool last = k == kNamed || names.size() > kLongestText;
    names += (k != 0 ? ", " : "") + (last ? "..." : printable(members[k].name));
    shapes += (k != 0 ? ", " : "") + (last ? "..." : printable(members[k].name) + " " + shape_text(members[k].shape));
  }
  if (!named.empty()) fail_file(path, "has no member '" + printable(named) + "'", "one of " + names);
  if (members.size() == 1) return 0;
  if (fitting.size() == 1) return fitting.front();
  const std::string which = fitting.empty() ? "none" : std::to_string(fitting.size());
  fail_file(path, "holds " + std::to_string(members.size()) + " arrays (" + shapes + ") of which " + which + " may be meant",
            wanted.what + ", named as " + path + ":NAME");
}

}  // namespace eie::tb
