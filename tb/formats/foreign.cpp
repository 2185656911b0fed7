// SPDX-License-Identifier: Apache-2.0
// Files that are not read here, by what they are, with the line that converts them.
#include <algorithm>

#include "tb/formats/readers.h"
#include "tb/formats/text/text_lines.h"

namespace eie::tb {
namespace {

// The path as a Python string, where it needs no care; else a placeholder.
std::string quoted(const std::string& path) {
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-' ||
           c == '/' || c == ' ';
  });
  return plain ? "'" + path + "'" : "'FILE'";
}

std::string python(const std::string& text) { return "python3 -c \"" + text + "\""; }

std::string torch_line(const std::string& path) {
  return python("import numpy, torch; d = torch.load(" + quoted(path) +
                ", map_location='cpu'); print(list(d)); numpy.save('W.npy', d['NAME'].numpy())");
}
std::string gunzip_line(const char* tool, const std::string& path) { return std::string(tool) + " -k " + path; }

struct Foreign {
  std::string what;
  std::string line;
};

[[noreturn]] void refuse(const std::string& path, const Foreign& foreign) {
  fail_file(path, "is " + foreign.what, "a file of numbers; this line makes one: " + foreign.line);
}

bool starts(std::string_view bytes, std::string_view with, std::size_t at = 0) {
  return bytes.size() >= at + with.size() && bytes.substr(at, with.size()) == with;
}

// "": by its byte-order mark; "LE", "BE": without one, by the zeros of ASCII text; null: not UTF-16.
const char* utf16_order(std::string_view b) {
  if (starts(b, "\xFF\xFE") || starts(b, "\xFE\xFF")) return "";
  const std::string_view start = b.substr(0, 200);
  if (start.size() < 4 || b.size() % 2 != 0) return nullptr;
  for (const std::size_t zero : {1, 0}) {
    bool all = true;
    for (std::size_t k = 0; k + 1 < start.size(); k += 2) {
      const auto other = static_cast<unsigned char>(start[k + 1 - zero]);
      all = all && start[k + zero] == '\0' && other < 0x7F && (other >= 0x20 || (other >= '\t' && other <= '\r'));
    }
    if (all) return zero == 1 ? "LE" : "BE";
  }
  return nullptr;
}

// Empty `what`: not one that is known.
Foreign known(const std::string& path, std::string_view b) {
  using namespace std::string_view_literals;
  const std::string p = quoted(path);
  if (starts(b, "version https://git-lfs.github.com")) {
    return {"a Git LFS pointer, not the file itself", "git lfs pull --include " + p};
  }
  if (starts(b, "\x89HDF\r\n\x1a\n"sv) || starts(b, "\x89HDF\r\n\x1a\n"sv, 512)) {
    return {starts(b, "MATLAB") ? "a MATLAB 7.3 (HDF5) file" : "an HDF5 file",
            python("import h5py, numpy; f = h5py.File(" + p + "); print(list(f)); numpy.save('W.npy', f['NAME'][()])")};
  }
  if (starts(b, "MATLAB 5.0 MAT-file")) {
    return {"a MATLAB file",
            python("import numpy, scipy.io; m = scipy.io.loadmat(" + p + "); print(list(m)); numpy.save('W.npy', m['NAME'])")};
  }
  if (starts(b, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv)) {
    return {"a PyTorch file of before version 1.6", torch_line(path)};
  }
  if (b.size() > 2 && b[0] == '\x80' && b[1] >= 2 && b[1] <= 5) {
    return {"a Python pickle",
            python("import numpy; numpy.save('W.npy', numpy.asarray(numpy.load(" + p + ", allow_pickle=True)))")};
  }
  if (starts(b, "]q\0"sv) || starts(b, "}q\0"sv) || starts(b, "(lp") || starts(b, "(dp") || starts(b, "cnumpy") ||
      starts(b, "ccopy_reg")) {
    return {"a Python pickle (protocol 0 or 1)", python("import numpy; numpy.save('W.npy', numpy.asarray(numpy.load(" + p +
                                                        ", allow_pickle=True, encoding='latin1')))")};
  }
  if (starts(b, "\x1f\x8b"sv)) return {"gzip-compressed", gunzip_line("gunzip", p)};
  if (starts(b, "BZh")) return {"bzip2-compressed", gunzip_line("bunzip2", p)};
  if (starts(b,
             "\xFD"
             "7zXZ\0"sv)) {
    return {"xz-compressed", gunzip_line("unxz", p)};
  }
  if (starts(b, "\x28\xB5\x2F\xFD"sv)) return {"zstd-compressed", gunzip_line("unzstd", p)};
  if (starts(b, "7z\xBC\xAF\x27\x1C"sv)) return {"a 7-Zip archive", "7z x " + p};
  if (starts(b, "ustar", 257)) return {"a tar archive", "tar xf " + p};
  if (starts(b, "GGUF")) {
    return {"a GGUF file", python("import gguf, numpy; t = gguf.GGUFReader(" + p +
                                  ").tensors; print([x.name for x in t]); numpy.save('W.npy', t[0].data)")};
  }
  if (starts(b, "TFL3", 4)) {
    return {"a TensorFlow Lite model",
            python("import numpy, tensorflow as tf; i = tf.lite.Interpreter(" + p +
                   "); i.allocate_tensors(); print(i.get_tensor_details()); numpy.save('W.npy', i.get_tensor(0))")};
  }
  if (starts(b, "PAR1"))
    return {"a Parquet file", python("import numpy, pandas; numpy.save('W.npy', pandas.read_parquet(" + p + ").to_numpy())")};
  if (starts(b, "ARROW1") || starts(b, "FEA1")) {
    return {"an Arrow (Feather) file",
            python("import numpy, pandas; numpy.save('W.npy', pandas.read_feather(" + p + ").to_numpy())")};
  }
  if (starts(b, "\xD0\xCF\x11\xE0"sv))
    return {"an old Excel file",
            python("import numpy, pandas; numpy.save('W.npy', pandas.read_excel(" + p + ", header=None).to_numpy())")};
  if (starts(b, "\x89PNG") || starts(b, "\xFF\xD8\xFF"sv) || starts(b, "GIF8") || starts(b, "BM")) {
    if (!is_text(b))
      return {"an image",
              python("import numpy, PIL.Image; numpy.save('W.npy', numpy.asarray(PIL.Image.open(" + p + ").convert('L')))")};
  }
  if (starts(b, "%PDF")) return {"a PDF document", "pdftotext " + p};
  if (starts(b,
             "\x7F"
             "ELF"))
    fail_file(path, "is a program", "a file of numbers");
  if (const char* order = utf16_order(b); order != nullptr)
    return {"text in UTF-16", "iconv -f UTF-16" + std::string(order) + " -t UTF-8 " + p + " > W.csv"};
  const std::string_view text = trimmed(b.substr(0, 200));
  if (starts(text, "<"))
    return {"a web page or XML, maybe a download that failed",
            python("import numpy, pandas; numpy.save('W.npy', pandas.read_html(" + p + ")[0].to_numpy())")};
  if (starts(text, "[") && text.find(',') == std::string_view::npos && text.find('"') == std::string_view::npos &&
      text.size() > 2 && text != "[]")
    return {"an array as Python prints it",
            python("import numpy; numpy.save('W.npy', numpy.array([r.replace('[', ' ').replace(']', ' ').split() for r in open(" +
                   p + ")], float))")};
  if (starts(text, "{") || starts(text, "["))
    return {"JSON", python("import json, numpy; numpy.save('W.npy', numpy.array(json.load(open(" + p + "))))")};
  return {};
}

}  // namespace

void refuse_foreign(const std::string& path, std::string_view bytes) {
  const Foreign foreign = known(path, bytes);
  if (!foreign.what.empty()) refuse(path, foreign);
  if (starts(bytes, "\x93NUM")) fail_file(path, "is no .npy file: its magic string ends early", "a whole .npy file");
  if (is_text(bytes)) return;
  refuse(path,
         {"binary data without a header that is known here",
          python("import numpy; numpy.save('W.npy', numpy.fromfile(" + quoted(path) + ", 'float32').reshape(ROWS, COLUMNS))")});
}

void refuse_foreign_zip(const std::string& path, const std::vector<std::string>& members) {
  auto has = [&](const std::string& part) {
    return std::any_of(members.begin(), members.end(),
                       [&](const std::string& name) { return name.find(part) != std::string::npos; });
  };
  const std::string p = quoted(path);
  if (has("data.pkl")) refuse(path, {"a PyTorch file", torch_line(path)});
  if (has("xl/workbook"))
    refuse(path, {"an Excel file",
                  python("import numpy, pandas; numpy.save('W.npy', pandas.read_excel(" + p + ", header=None).to_numpy())")});
  if (has("model.weights.h5"))
    refuse(path, {"a Keras model",
                  python("import keras, numpy; numpy.save('W.npy', keras.models.load_model(" + p + ").get_weights()[0].T)")});
  if (members.empty()) refuse(path, {"an empty zip archive", python("import numpy; numpy.savez('W.npz', W=W)")});
  refuse(path, {"a zip archive without .npy arrays (it holds " + members.front().substr(0, 60) +
                    (members.size() > 1 ? ", ..." : "") + ")",
                "unzip " + p});
}

}  // namespace eie::tb
