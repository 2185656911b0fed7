// The commands of the `eie` program. Each takes the arguments after its name and returns the exit status; it
// throws UserError for wrong usage or bad input and DeviceError when the device fails.
#pragma once

#include <string>
#include <vector>

namespace eie::tb {

int run_command(const std::vector<std::string>& arguments);
int encode_command(const std::vector<std::string>& arguments);
int network_command(const std::vector<std::string>& arguments);
int bench_command(const std::vector<std::string>& arguments);
int export_command(const std::vector<std::string>& arguments);
int figure3_command(const std::vector<std::string>& arguments);

}  // namespace eie::tb
