// SPDX-License-Identifier: Apache-2.0
// Properties of LnzdNode, for any four children whose columns ascend, any out_pop, any resets, and batch after batch.
//
// Children are modelled: a child offers its next candidate at any time, keeps it until it is popped, and says at any
// time that it is exhausted. Columns may repeat here; in the device they do not, so there "ascending" is strict.
// One item is followed, as in act_queue.sv, from the child to the output.
module lnzd_node_properties #(parameter COLUMN = 8, parameter VALUE = 16) (
  input wire clk,
  input wire reset_now,
  input wire [3:0] offer,
  input wire [4*COLUMN-1:0] offer_column,
  input wire [4*VALUE-1:0] offer_value,
  input wire [3:0] finish,
  input wire restart,
  input wire out_pop,
  input wire follow
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  // The children.
  reg [3:0] valid = 0, exhausted = 0;
  reg [4*COLUMN-1:0] column = 0;  // of the last candidate, valid or taken
  reg [4*VALUE-1:0] value = 0;
  wire [3:0] pop;

  wire out_valid, out_exhausted;
  wire [COLUMN-1:0] out_column, second_column;
  wire [VALUE-1:0] out_value, second_value;
  wire give = out_valid && out_pop;
  wire again = out_exhausted && restart;  // the CCU drains: the next batch

  LnzdNode dut (.clk(clk), .rst_n(rst_n), .in_valid(valid), .in_column(column), .in_value(value),
                .in_exhausted(exhausted), .pop(pop), .out_valid(out_valid), .out_column(out_column),
                .out_value(out_value), .out_exhausted(out_exhausted), .out_pop(out_pop),
                .probe_second_column_(second_column), .probe_second_value_(second_value));

  integer c;
  always @(posedge clk) begin
    for (c = 0; c < 4; c = c + 1) begin
      if (!rst_n || again) begin
        valid[c] <= 0;
        exhausted[c] <= 0;
        column[c*COLUMN +: COLUMN] <= 0;
      end else if (!exhausted[c] && (!valid[c] || pop[c])) begin
        valid[c] <= offer[c] && !finish[c];
        exhausted[c] <= finish[c];
        if (offer[c] && !finish[c]) begin
          if (offer_column[c*COLUMN +: COLUMN] > column[c*COLUMN +: COLUMN])
            column[c*COLUMN +: COLUMN] <= offer_column[c*COLUMN +: COLUMN];
          value[c*VALUE +: VALUE] <= offer_value[c*VALUE +: VALUE];
        end
      end
    end
  end

  // What is popped from the children, in that order, in a FIFO that cannot be wrong.
  wire take = |pop;
  wire [COLUMN-1:0] taken_column = pop[0] ? column[0 +: COLUMN] : pop[1] ? column[COLUMN +: COLUMN]
                                 : pop[2] ? column[2*COLUMN +: COLUMN] : column[3*COLUMN +: COLUMN];
  wire [VALUE-1:0] taken_value = pop[0] ? value[0 +: VALUE] : pop[1] ? value[VALUE +: VALUE]
                               : pop[2] ? value[2*VALUE +: VALUE] : value[3*VALUE +: VALUE];
  reg [2:0] held = 0;
  reg [COLUMN-1:0] last_taken = 0, last_given = 0;
  reg followed = 0, delivered = 0;
  reg [2:0] before = 0;
  reg [COLUMN+VALUE-1:0] item = 0;
  reg waited = 0;
  reg [COLUMN+VALUE-1:0] past = 0;
  always @(posedge clk) begin
    waited <= rst_n && out_valid && !out_pop;
    past <= {out_column, out_value};
    if (!rst_n || again) begin
      held <= 0;
      last_taken <= 0;
      last_given <= 0;
      followed <= 0;
      delivered <= 0;
    end else begin
      held <= held + take - give;
      if (take) last_taken <= taken_column;
      if (give) last_given <= out_column;
      if (!followed && take && follow) begin
        followed <= 1;
        before <= held - give;
        item <= {taken_column, taken_value};
      end else if (followed && give) begin
        if (before == 0) begin
          followed <= 0;
          delivered <= 1;
        end else begin
          before <= before - 1;
        end
      end
    end
  end

  genvar g;
  always @* if (started) begin
    never_overflows: assert (held <= 2);
    valid_is_exact: assert (out_valid == (held != 0));  // none lost, none duplicated
    takes_from_one: assert (pop == 0 || pop == 1 || pop == 2 || pop == 4 || pop == 8);
    takes_what_is_there: assert ((pop & ~valid) == 0);
    takes_when_it_can: assert (take == (((valid | exhausted) == 15) && valid != 0 && held < 2));
    exhausted_is_exact: assert (out_exhausted == (exhausted == 15 && held == 0));
    delivers_in_order: assert (!(followed && before == 0) || {out_column, out_value} == item);
    follows_second: assert (!(followed && before == 1) || (held == 2 && {second_column, second_value} == item));
    follows_inside: assert (!followed || before < held);
    payload_stays: assert (!waited || (out_valid && {out_column, out_value} == past));
    // Ascending, and what it follows from.
    ascending: assert (!out_valid || out_column >= last_given);
    ascending_inside: assert (held != 2 || second_column >= out_column);
    last_is_second: assert (held != 2 || second_column == last_taken);
    last_is_first: assert (held != 1 || out_column == last_taken);
    last_is_given: assert (held != 0 || last_taken == last_given);
    children_stay_exclusive: assert ((valid & exhausted) == 0);
  end
  generate for (g = 0; g < 4; g = g + 1) begin : child
    always @* if (started) begin
      assert (!take || !valid[g] || taken_column <= column[g*COLUMN +: COLUMN]);  // smallest first
      assert (exhausted[g] || column[g*COLUMN +: COLUMN] >= last_taken);  // never behind
    end
  end endgenerate
  always @* begin
    reach_full: cover (held == 2 && valid == 15);
    reach_each_child: cover (pop[3] && valid == 15 && held == 1);
    reach_delivered: cover (delivered && item[0] && last_given > 3);
    reach_exhausted: cover (out_exhausted && last_given != 0);
    reach_wait: cover (waited && out_valid);
  end
endmodule
