// SPDX-License-Identifier: Apache-2.0
// Properties of SpmatRead with skipped padding, for any columns and any contents of the memory.
//
// One row of the memory is followed, chosen freely with its contents: what holds for it holds for each. The machine beside the
// block counts the entries of the column at work: `position` is the first that did not come yet, `left` how many are left.
module spmat_skip_properties (
  input wire clk,
  input wire reset_now,
  input wire busy,
  input wire want,
  input wire [15:0] address,
  input wire [15:0] length,
  input wire [15:0] value,
  input wire [12:0] any_row,
  input wire [63:0] any_content,
  input wire [63:0] other_content
);
  reg started = 0;
  reg [12:0] row = 0;  // constants, chosen in the first cycle
  reg [63:0] content = 0;
  always @(posedge clk) begin
    started <= 1;
    if (!started) begin
      row <= any_row;
      content <= any_content;
    end
  end
  wire rst_n = started && !reset_now;

  // A column has entries and ends within what a pointer can say.
  wire [16:0] column_end = address + length;
  wire offered = want && length != 0 && !column_end[16];

  wire ready, entry_valid, entry_first, enable, write, held, valid;
  wire [3:0] skipped, code, run, pending;
  wire [15:0] entry_value;
  wire [13:0] word, held_row;
  wire [2:0] select;
  wire [16:0] rest;
  reg [63:0] q = 0;

  SpmatRead dut (.clk(clk), .rst_n(rst_n), .pe(2'd0), .busy(busy), .entry_address_valid(offered), .entry_address_first(1'b1),
    .entry_address_address(address), .entry_address_length(length), .entry_address_value(value), .column_ready(ready),
    .entry_valid(entry_valid), .entry_first(entry_first), .entry_skipped(skipped), .entry_code(code), .entry_run(run),
    .entry_value(entry_value), .host_valid(1'b0), .host_write(1'b0), .host_region(3'd0), .host_pe(2'd0), .host_word(14'd0),
    .host_strobe(8'd0), .host_data(64'd0), .enable_(enable), .write_(write), .address_(word), .q_(q), .error_(1'b0),
    .probe_held_(held), .probe_valid_(valid), .probe_held_row_(held_row), .probe_select_(select), .probe_rest_(rest),
    .probe_pending_(pending));

  // The memory.
  reg [13:0] at = 0;  // the row at its output,
  reg known = 0;      // once there is one
  always @(posedge clk) if (started && enable && !write) begin
    at <= word;
    known <= 1;
    q <= word == {1'b0, row} ? content : other_content;
  end

  // The column at work.
  reg [16:0] position = 0;
  reg [16:0] left = 0;
  reg first = 0;
  reg [15:0] activation = 0;
  wire [4:0] consumed = skipped + 1;
  always @(posedge clk) begin
    if (!rst_n) begin
      left <= 0;
    end else if (offered && ready) begin
      position <= address;
      left <= length;
      first <= 1;
      activation <= value;
    end else if (entry_valid) begin
      position <= position + consumed;
      left <= left - consumed;
      first <= 0;
    end
  end

  wire [16:0] place = position + skipped;  // of the entry that comes
  wire [7:0] entry = {run, code};
  wire in_row = place[16:3] == {1'b0, row};
  wire [7:0] stored = content >> {place[2:0], 3'b000};

  always @* if (started) begin
    every_cycle: assert (entry_valid == (left != 0));  // one entry in each, to the end
    within_column: assert (!entry_valid || consumed <= left);
    ready_is_exact: assert (ready == (left == 0 || left == consumed));
    first_entry: assert (!entry_valid || entry_first == first);
    activation_stays: assert (!entry_valid || entry_value == activation);
    the_entry: assert (!(entry_valid && in_row) || entry == stored);
    paid_for_a_reason: assert (!(entry_valid && entry == 8'hF0) || left == consumed || place[2:0] == 7);
    reads_only: assert (!write);
    // What the proof leans on.
    lean_valid: assert (valid == (left != 0));
    lean_output: assert (!held || (known && at == held_row));
    lean_row: assert (!(known && at == {1'b0, row}) || q == content);
    lean_at_work: assert (left == 0 || held);
    lean_position: assert (left == 0 || {held_row, select} == position + pending);
    lean_rest: assert (left == 0 || rest == select + left - pending);
    lean_pending: assert (left == 0 || pending == 0 || (pending < 8 && select == 0 && pending < left));
    lean_end: assert (left == 0 || position + left <= 17'h0FFFF);
  end
  always @* lean_start: assert (started || !known);
  genvar k;
  generate for (k = 0; k < 8; k = k + 1) begin : each
    wire [16:0] here = {1'b0, row, 3'd0} + k;
    wire [7:0] word_here = content[8*k+7:8*k];
    always @* if (started) begin
      // Only padding is skipped: of this row, or of the one before that waits.
      assert (!(entry_valid && position <= here && here < place) || word_here == 8'hF0);  // only_padding
      assert (!(left != 0 && position <= here && here < position + pending) || word_here == 8'hF0);  // lean_skipped
    end
  end endgenerate
  always @* begin
    reach_chain: cover (entry_valid && skipped == 6);
    reach_over_rows: cover (entry_valid && skipped == 9);
    reach_paid: cover (entry_valid && entry == 8'hF0 && left != consumed);
    reach_next_row: cover (entry_valid && in_row && !first && place[2:0] == 0);
    reach_last: cover (entry_valid && ready && offered);
  end
endmodule
