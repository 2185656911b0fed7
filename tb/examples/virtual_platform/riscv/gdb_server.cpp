// SPDX-License-Identifier: Apache-2.0
#include "tb/examples/virtual_platform/riscv/gdb_server.h"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace eie::platform {
namespace {

constexpr unsigned kInstructionsPerPoll = 10000;
constexpr char kInterrupt = 3;
constexpr unsigned kMostMemory = 4096;  // bytes in an answer
constexpr const char* kDone = "OK";
constexpr const char* kFailed = "E01";
constexpr const char* kTrapped = "S05";  // SIGTRAP

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t k = 0; k < count; ++k) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", bytes[k]);
    text += digits;
  }
  return text;
}

std::string hex(std::uint64_t value) {  // as the target's memory has it: little endian
  unsigned char bytes[8];
  std::memcpy(bytes, &value, sizeof(value));
  return hex(bytes, sizeof(bytes));
}

/// Bytes of a text of hexadecimal digits; fewer where it is none.
std::vector<unsigned char> bytes_of(const std::string& text) {
  std::vector<unsigned char> bytes;
  unsigned value = 0;
  for (std::size_t k = 0; k + 1 < text.size() && std::sscanf(text.substr(k, 2).c_str(), "%2x", &value) == 1; k += 2) {
    bytes.push_back(static_cast<unsigned char>(value));
  }
  return bytes;
}

std::uint64_t word_of(const std::string& text) {
  const std::vector<unsigned char> bytes = bytes_of(text);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(value)));
  return value;
}

[[noreturn]] void refuse(const std::string& what) { throw std::runtime_error("--gdb: " + what + ": " + std::strerror(errno)); }

}  // namespace

GdbServer::GdbServer(unsigned port) {
  const int door = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (door < 0 || setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      bind(door, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(door, 1) != 0 ||
      getsockname(door, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    if (door >= 0) close(door);
    refuse("port " + std::to_string(port));
  }
  std::fprintf(stderr, "waiting for gdb: target remote localhost:%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  socket_ = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
  close(door);
  if (socket_ < 0) refuse("no debugger");
}

GdbServer::~GdbServer() {
  if (socket_ >= 0) close(socket_);
}

bool GdbServer::stops_at(std::uint64_t pc) {
  if (socket_ < 0) return false;
  return steps_ || breakpoints_.count(pc) != 0 || interrupt_asked();
}

bool GdbServer::interrupt_asked() {
  if (++until_poll_ < kInstructionsPerPoll) return false;
  until_poll_ = 0;
  pollfd watched{socket_, POLLIN, 0};
  char seen = 0;
  return poll(&watched, 1, 0) > 0 && recv(socket_, &seen, 1, MSG_PEEK) == 1 && seen == kInterrupt &&
         recv(socket_, &seen, 1, 0) == 1;
}

void GdbServer::standing(CoreDebug& core) {
  if (!first_) send(kTrapped);  // at first the debugger asks
  first_ = false;
  while (socket_ >= 0) {
    const std::string packet = receive();
    if (packet == "c" || packet == "s") {
      steps_ = packet == "s";
      return;
    }
    if (packet == "k" || packet[0] == 'D') {
      if (packet[0] == 'D') send(kDone);
      close(socket_);
      socket_ = -1;
      return;
    }
    send(answer(packet, core));
  }
}

void GdbServer::ended(int status) {
  if (socket_ < 0) return;
  char text[8];
  std::snprintf(text, sizeof(text), "W%02x", static_cast<unsigned>(status) & 0xFF);
  send(text);
}

std::string GdbServer::answer(const std::string& packet, CoreDebug& core) {
  const std::string rest = packet.substr(1);
  unsigned number = 0;
  std::uint64_t address = 0;
  unsigned length = 0;
  switch (packet[0]) {
    case '?':
      return kTrapped;
    case 'g': {
      std::string all;
      for (unsigned k = 0; k < CoreDebug::kRegisters; ++k) all += hex(core.register_value(k));
      return all;
    }
    case 'G':
      if (rest.size() < 16 * CoreDebug::kRegisters) return kFailed;
      for (unsigned k = 0; k < CoreDebug::kRegisters; ++k) core.set_register(k, word_of(rest.substr(std::size_t{16} * k, 16)));
      return kDone;
    case 'p':
      if (std::sscanf(rest.c_str(), "%x", &number) != 1 || number >= CoreDebug::kRegisters) return kFailed;
      return hex(core.register_value(number));
    case 'P': {
      const std::size_t equals = rest.find('=');
      if (std::sscanf(rest.c_str(), "%x", &number) != 1 || number >= CoreDebug::kRegisters || equals == std::string::npos)
        return kFailed;
      core.set_register(number, word_of(rest.substr(equals + 1)));
      return kDone;
    }
    case 'm': {
      if (std::sscanf(rest.c_str(), "%" SCNx64 ",%x", &address, &length) != 2) return kFailed;
      std::array<unsigned char, kMostMemory> bytes{};
      const unsigned done = core.memory(tlm::TLM_READ_COMMAND, address, bytes.data(), std::min(length, kMostMemory));
      return done == 0 ? kFailed : hex(bytes.data(), done);
    }
    case 'M': {
      const std::size_t colon = rest.find(':');
      if (std::sscanf(rest.c_str(), "%" SCNx64 ",%x", &address, &length) != 2 || colon == std::string::npos) return kFailed;
      std::vector<unsigned char> bytes = bytes_of(rest.substr(colon + 1));
      const auto count = static_cast<unsigned>(bytes.size());
      return count == length && core.memory(tlm::TLM_WRITE_COMMAND, address, bytes.data(), count) == count ? kDone : kFailed;
    }
    case 'Z':
    case 'z':
      if ((rest[0] != '0' && rest[0] != '1') || std::sscanf(rest.c_str() + 1, ",%" SCNx64, &address) != 1) return "";
      if (packet[0] == 'Z') {
        breakpoints_.insert(address);
      } else {
        breakpoints_.erase(address);
      }
      return kDone;
    case 'H':
    case 'T':
      return kDone;
    default:
      if (packet.rfind("qSupported", 0) == 0) return "PacketSize=2000";
      if (packet == "qAttached") return "1";
      return "";  // not known: the protocol's way to say so
  }
}

/// The text of the next packet, acknowledged; "k" when the debugger has gone.
std::string GdbServer::receive() {
  std::string text;
  bool inside = false;
  for (char c = 0; recv(socket_, &c, 1, 0) == 1;) {
    if (c == '$') {
      inside = true;
      text.clear();
    } else if (c == '#' && inside) {
      char sum[2];  // TCP has its own
      if (recv(socket_, sum, 2, MSG_WAITALL) != 2 || ::send(socket_, "+", 1, MSG_NOSIGNAL) != 1) break;
      if (!text.empty()) return text;
      inside = false;
    } else if (inside) {
      text += c;
    }
  }
  return "k";
}

void GdbServer::send(const std::string& text) {
  unsigned sum = 0;
  for (const char c : text) sum += static_cast<unsigned char>(c);
  char end[4];
  std::snprintf(end, sizeof(end), "#%02x", sum & 0xFF);
  const std::string packet = "$" + text + end;
  if (::send(socket_, packet.data(), packet.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(packet.size())) {
    close(socket_);
    socket_ = -1;
  }
}

}  // namespace eie::platform
