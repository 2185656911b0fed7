// SPDX-License-Identifier: Apache-2.0
// Properties of ActQueue, for any stream of broadcasts that respects `full`, any head_ready, any resets.
//
// One item is followed: at a moment chosen freely, the item that is broadcast is remembered, with the number of items in
// front of it. As the moment is free, what holds for this item holds for each. Every bit is a property of its own, so
// that a proof looks at one bit of the storage.
module act_queue_properties #(parameter COLUMN = 14, parameter VALUE = 16, parameter DEPTH = 7) (
  input wire clk,
  input wire reset_now,
  input wire want,
  input wire [COLUMN-1:0] column,
  input wire [VALUE-1:0] value,
  input wire head_ready,
  input wire follow
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  wire head_valid, full;
  wire [COLUMN-1:0] head_column;
  wire [VALUE-1:0] head_value;
  wire push = want && !full;  // the CCU broadcasts only when no queue is full
  wire pop = head_valid && head_ready;

  ActQueue dut (.clk(clk), .rst_n(rst_n), .broadcast_valid(push), .broadcast_column(column), .broadcast_value(value),
                .head_valid(head_valid), .head_column(head_column), .head_value(head_value), .head_ready(head_ready),
                .full(full));

  reg [7:0] held = 0;       // items broadcast and not yet accepted
  reg followed = 0;         // an item is being followed,
  reg [7:0] before = 0;     // behind so many,
  reg [COLUMN+VALUE-1:0] item = 0;
  reg waited = 0;           // in the cycle before, a head was there and was not accepted
  reg [COLUMN+VALUE-1:0] past = 0;
  reg delivered = 0;
  always @(posedge clk) begin
    if (!rst_n) begin
      held <= 0;
      followed <= 0;
      waited <= 0;
      delivered <= 0;
    end else begin
      held <= held + push - pop;
      waited <= head_valid && !head_ready;
      if (!followed && push && follow) begin
        followed <= 1;
        before <= held - pop;
        item <= {column, value};
      end else if (followed && pop) begin
        if (before == 0) begin
          followed <= 0;
          delivered <= 1;
        end else begin
          before <= before - 1;
        end
      end
    end
    past <= {head_column, head_value};
  end

  always @* if (started) begin
    never_overflows: assert (held <= DEPTH);
    full_is_exact: assert (full == (held == DEPTH));
    valid_is_exact: assert (head_valid == (held != 0));  // none lost, none duplicated
    valid_stays: assert (!waited || head_valid);
  end
  genvar bit_;
  generate for (bit_ = 0; bit_ < COLUMN + VALUE; bit_ = bit_ + 1) begin : each
    wire [COLUMN+VALUE-1:0] head = {head_column, head_value};
    always @* if (started) begin
      assert (!(followed && before == 0) || head[bit_] == item[bit_]);  // in order
      assert (!waited || head[bit_] == past[bit_]);  // payload stays
    end
  end endgenerate
  always @* begin
    reach_full: cover (full);
    reach_follow_through_full: cover (followed && before == DEPTH - 1 && item[0]);
    reach_delivered: cover (delivered);
    reach_wait: cover (waited && head_valid);
  end
endmodule
