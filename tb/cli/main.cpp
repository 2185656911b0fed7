// SPDX-License-Identifier: Apache-2.0
// The `eie` program. SystemC owns the process: sc_main does the work, main only keeps its banner out of the
// output.
#include <cstdlib>
#include <systemc>

#include "tb/cli/program.h"
#include "tb/support/cleanup.h"

int sc_main(int argc, char* argv[]) {
  // SystemC's remarks (the time unit of a trace, say) are not for the user of this program.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  // Times in reports are cycles / clock_mhz, whatever the kernel makes of the period.
  sc_core::sc_report_handler::set_actions("eie/clock/inexact", sc_core::SC_DO_NOTHING);
  return eie::tb::program(argc, argv);
}

int main(int argc, char* argv[]) {
  eie::tb::clean_up_on_signals();
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
