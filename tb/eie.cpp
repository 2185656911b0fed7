// The `eie` program. SystemC owns the process: sc_main does the work, main only keeps its banner out of the
// output.
#include <cstdlib>
#include <systemc>

#include "program.h"

int sc_main(int argc, char* argv[]) { return eie::tb::program(argc, argv); }

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
