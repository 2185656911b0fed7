// SPDX-License-Identifier: Apache-2.0
// Properties of ArithUnit and ActRw together: the product is a free input, in each cycle, and so is the stream of
// entries; the row looked at and the shift are free constants.
//
// `sum` is what a machine without a pipeline holds: it takes the product at once. Rounding and saturation are written
// from docs/numerics.md, not copied.
module accumulate_properties #(parameter ROW = 6, parameter ACC = 16) (
  input wire clk,
  input wire [1:0] pe,
  input wire busy,
  input wire entry_valid,
  input wire entry_first,
  input wire [3:0] entry_code,
  input wire [3:0] entry_run,
  input wire [15:0] entry_value,
  input wire [8:0] out_length,
  input wire [31:0] product,
  input wire [ROW-1:0] any_row,
  input wire [5:0] any_shift
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started;
  reg [ROW-1:0] row = 0;  // constants, chosen in the first cycle
  reg [5:0] shift = 0;
  always @(posedge clk) if (!started) begin
    row <= any_row;
    shift <= any_shift > 30 ? 30 : any_shift;  // at most 2D - 2
  end

  wire [ROW-1:0] read_row, write_row, row1, row2, row3;
  wire write, valid1, valid2, valid3;
  wire signed [ACC-1:0] written, accumulated, sum3;
  wire [(1<<ROW)*ACC-1:0] file;

  ArithUnit arith_unit (.clk(clk), .rst_n(rst_n), .pe(pe), .busy(busy), .entry_valid(entry_valid),
    .entry_first(entry_first), .entry_code(entry_code), .entry_run(entry_run), .entry_value(entry_value),
    .access_read_row(read_row), .access_write(write), .access_write_row(write_row), .access_sum(written),
    .accumulated(accumulated), .shift(shift), .out_length(out_length), .host_valid(1'b0), .host_write(1'b0),
    .host_region(3'd0), .host_pe(2'd0), .host_word(14'd0), .host_strobe(8'd0), .host_data(64'd0), .product2_(product),
    .probe_valid1_(valid1), .probe_valid2_(valid2), .probe_valid3_(valid3), .probe_row1_(row1), .probe_row2_(row2),
    .probe_row3_(row3), .probe_sum3_(sum3));

  ActRw act_rw (.clk(clk), .rst_n(rst_n), .pe(pe), .busy(busy), .drain(1'b0), .control_op(3'd0),
    .control_relu(1'b0), .control_address(8'd0), .control_base(9'd0), .control_offset(2'd0), .control_length(9'd0),
    .access_read_row(read_row), .access_write(write), .access_write_row(write_row), .access_sum(written),
    .accumulated(accumulated), .pop(1'b0), .host_valid(1'b0), .host_write(1'b0), .host_region(3'd0), .host_pe(2'd0),
    .host_word(14'd0), .host_strobe(8'd0), .host_data(64'd0), .q_(64'd0), .error_(1'b0), .probe_destination_(file));

  // The machine without a pipeline.
  reg signed [ACC-1:0] sum = 0;
  wire signed [47:0] wide = $signed(product);
  wire signed [47:0] half = shift == 0 ? 48'sd0 : 48'sd1 <<< (shift - 1);
  wire signed [47:0] scaled = (wide + half) >>> shift;
  wire signed [47:0] total = sum + scaled;
  wire signed [ACC-1:0] clamped = total > 32767 ? 16'sd32767 : total < -32768 ? -16'sd32768 : total[ACC-1:0];
  reg [1:0] hits = 0;  // the row was hit in the last two cycles
  always @(posedge clk) begin
    if (!rst_n) sum <= 0;
    else if (valid2 && row2 == row) sum <= clamped;
    hits <= {hits[0], rst_n && valid2 && row2 == row};
  end

  wire signed [ACC-1:0] stored = file[row * ACC +: ACC];
  always @* if (started) begin
    // Main properties: what is written back is that sum, and so is what the registers hold once it is.
    sum_is_exact: assert (!(write && write_row == row) || written == sum);
    file_is_exact: assert ((write && write_row == row) || stored == sum);
    // What they follow from.
    shift_is_legal: assert (shift <= 30);
    write_is_stage_4: assert (write == valid3 && (!write || (write_row == row3 && written == sum3)));
    read_is_stage_2: assert (!valid1 || read_row == row1);
    read_is_current: assert (!(valid2 && row2 == row) || accumulated == stored);
  end
  always @* begin
    reach_distance_one: cover (hits == 2'b11 && sum == 100 && stored != 0);
    reach_distance_two: cover (hits == 2'b10 && valid2 && row2 == row && stored == 7);
    reach_saturated: cover (sum == 32767 && stored == 32767 && shift == 12);
    reach_other_rows: cover (valid3 && row3 != row && stored == 5);
  end
endmodule
