// SPDX-License-Identifier: Apache-2.0
// Properties of the encoder and the decoder in an SRAM wrapper with ECC, for any word and any error. The array and its
// output register are cut: a word that was written, with wrong bits, is what was read.
//
// Two decoders: `read` sees the word with errors, `alone` the errors without a word. That both do the same for every word is
// the first half; the second is what `alone` does for one error and for two, wherever they are.
module secded_properties #(parameter DATA = 64, parameter CHECK = 8) (
  input wire clk,
  input wire [DATA-1:0] data,
  input wire [DATA+CHECK-1:0] any_errors,
  input wire [6:0] first,
  input wire [6:0] second
);
  localparam LENGTH = DATA + CHECK;
  reg started = 0;  // everything here is combinational; the checker wants a register
  always @(posedge clk) started <= 1;
  wire [CHECK-1:0] checks, read_syndrome, alone_syndrome;
  wire [DATA-1:0] wrong;
  wire [CHECK-1:0] wrong_checks;
  wire corrected, error;
  // Every word, every error
  dut read (.data(data), .in_checks(checks), .fresh(1'b1), .word_out(data ^ any_errors[DATA-1:0]),
            .checks_out(checks ^ any_errors[LENGTH-1:DATA]), .syndrome(read_syndrome));
  dut linear (.fresh(1'b1), .word_out(any_errors[DATA-1:0]), .checks_out(any_errors[LENGTH-1:DATA]), .syndrome(alone_syndrome));
  genvar c;
  generate for (c = 0; c < CHECK; c = c + 1) begin : each
    always @* if (started) assert (read_syndrome[c] == alone_syndrome[c]);  // the word makes no difference
  end endgenerate

  // One error, two errors
  wire legal = first < LENGTH && second < LENGTH;
  wire [LENGTH-1:0] errors = (1'b1 << first) | (1'b1 << second);
  dut alone (.fresh(1'b1), .word_out(errors[DATA-1:0]), .checks_out(errors[LENGTH-1:DATA]), .wrong(wrong),
             .wrong_checks(wrong_checks), .corrected(corrected), .error(error));
  wire clean_corrected, clean_error;
  dut clean (.fresh(1'b1), .word_out({DATA{1'b0}}), .checks_out({CHECK{1'b0}}), .corrected(clean_corrected), .error(clean_error));
  always @* if (started) begin
    none_is_none: assert (!clean_corrected && !clean_error);
    single_is_corrected: assert (!(legal && first == second) || (corrected && !error && {wrong_checks, wrong} == errors));
    double_is_detected: assert (!(legal && first != second) || (error && !corrected && wrong == 0 && wrong_checks == 0));
    reach_single_of_data: cover (started && legal && first == second && first < DATA && corrected);
    reach_single_of_checks: cover (started && legal && first == second && first >= DATA && corrected);
    reach_double: cover (started && legal && first < DATA && second >= DATA && error);
  end
endmodule
