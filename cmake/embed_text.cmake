# SPDX-License-Identifier: Apache-2.0
# Text files as a C++ source: cmake -DOUTPUT=x.cpp -DFILES="a;b" -P embed_text.cmake
# -DFUNCTION=web_file -DHEADER=tb/trace/timeline/web_files.h: what gives the text of a name, and what declares it.
# A string literal has a limit in some compilers; pieces next to each other are one literal.
set(entries "")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  get_filename_component(name ${file} NAME)
  string(LENGTH "${text}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND pieces "\n    R\"eie~(${piece})eie~\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "  if (name == \"${name}\") return${pieces};\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from text files.
#include \"${HEADER}\"\n
#include <stdexcept>
#include <string>\n
namespace eie::tb {\n
std::string_view ${FUNCTION}(std::string_view name) {
${entries}  throw std::logic_error(\"no such text: \" + std::string(name));
}\n
}  // namespace eie::tb\n")
