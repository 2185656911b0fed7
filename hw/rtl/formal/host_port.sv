// Properties of HostPort: the response channels B and R of AXI4-Lite keep valid and payload until ready. Everything
// else is free: requests, the core, what PEs answer, resets.
module host_port_properties (
  input wire clk,
  input wire reset_now,
  input wire awvalid, wvalid, bready, arvalid, rready,
  input wire [31:0] awaddr, araddr,
  input wire [63:0] wdata,
  input wire [7:0] wstrb,
  input wire finish, any_error, any_saturated,
  input wire [39:0] cycles, broadcasts, queue_full_cycles, act_transfer_cycles, batches,
  input wire [63:0] host_data0
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  wire awready, wready, arready, bvalid, rvalid;
  wire [1:0] bresp, rresp;
  wire [63:0] rdata;
  HostPort dut (.clk(clk), .rst_n(rst_n), .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .wvalid(wvalid),
    .wready(wready), .wdata(wdata), .wstrb(wstrb), .bvalid(bvalid), .bready(bready), .bresp(bresp), .arvalid(arvalid),
    .arready(arready), .araddr(araddr), .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp),
    .finish(finish), .cycles(cycles), .broadcasts(broadcasts), .queue_full_cycles(queue_full_cycles),
    .act_transfer_cycles(act_transfer_cycles), .batches(batches), .any_error(any_error),
    .any_saturated(any_saturated), .host_data0(host_data0));

  reg b_waited = 0, r_waited = 0;
  reg [1:0] b_past = 0;
  reg [65:0] r_past = 0;
  reg [7:0] reads = 0, writes_a = 0, writes_d = 0;  // requests accepted and not answered
  always @(posedge clk) begin
    b_waited <= rst_n && bvalid && !bready;
    r_waited <= rst_n && rvalid && !rready;
    b_past <= bresp;
    r_past <= {rresp, rdata};
    if (!rst_n) begin
      reads <= 0;
      writes_a <= 0;
      writes_d <= 0;
    end else begin
      reads <= reads + (arvalid && arready) - (rvalid && rready);
      writes_a <= writes_a + (awvalid && awready) - (bvalid && bready);
      writes_d <= writes_d + (wvalid && wready) - (bvalid && bready);
    end
  end
  always @* if (started) begin
    b_valid_stays: assert (!b_waited || bvalid);
    r_valid_stays: assert (!r_waited || rvalid);
    b_is_asked_for: assert (!bvalid || (writes_a != 0 && writes_d != 0));  // no response without a request
    r_is_asked_for: assert (!rvalid || reads != 0);
    few_reads: assert (reads <= 8);
  end
  genvar k;
  generate
    for (k = 0; k < 2; k = k + 1) begin : b
      always @* if (started) assert (!b_waited || bresp[k] == b_past[k]);  // payload stays
    end
    for (k = 0; k < 66; k = k + 1) begin : r
      wire [65:0] now = {rresp, rdata};
      always @* if (started) assert (!r_waited || now[k] == r_past[k]);  // payload stays
    end
  endgenerate
  always @* begin
    reach_b_wait: cover (b_waited && bvalid && bresp == 2);
    reach_r_wait: cover (r_waited && rvalid && rdata == 64'h31454945);
    reach_many_reads: cover (reads == 8 && rvalid);
  end
endmodule
