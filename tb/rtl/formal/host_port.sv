// SPDX-License-Identifier: Apache-2.0
// Properties of HostPort: the response channels B and R of AXI4-Lite keep valid and payload until ready; both resets clear
// all registers, and what the core raises in the cycle of its own reset does not count; only legal writes get onto the bus;
// the interrupt is what its registers say. Everything else is free: requests, the core, what PEs answer, resets.
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

  wire core_rst_n, busy, irq, host_valid, host_write, done, error, saturated, irq_status, irq_enable;
  wire [12:0] in_length, layer_ctrl;
  wire [8:0] out_length;
  wire [13:0] pointer_base;
  wire [7:0] in_address, bias_address, host_strobe;
  wire [9:0] out_address;
  wire [2:0] host_region;
  wire awready, wready, arready, bvalid, rvalid;
  wire [1:0] bresp, rresp;
  wire [63:0] rdata;
  HostPort dut (.clk(clk), .rst_n(rst_n), .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .wvalid(wvalid),
    .wready(wready), .wdata(wdata), .wstrb(wstrb), .bvalid(bvalid), .bready(bready), .bresp(bresp), .arvalid(arvalid),
    .arready(arready), .araddr(araddr), .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp),
    .finish(finish), .cycles(cycles), .broadcasts(broadcasts), .queue_full_cycles(queue_full_cycles),
    .act_transfer_cycles(act_transfer_cycles), .batches(batches), .any_error(any_error),
    .any_saturated(any_saturated), .host_data0(host_data0), .core_rst_n(core_rst_n), .busy(busy), .irq(irq),
    .layer_in_length(in_length), .layer_out_length(out_length), .layer_pointer_base(pointer_base),
    .layer_in_address(in_address), .layer_out_address(out_address), .layer_bias_address(bias_address),
    .host_valid(host_valid), .host_write(host_write), .host_region(host_region), .host_strobe(host_strobe),
    .probe_done_(done), .probe_error_(error), .probe_saturated_(saturated), .probe_irq_status_(irq_status),
    .probe_irq_enable_(irq_enable), .probe_layer_ctrl_(layer_ctrl));

  reg b_waited = 0, r_waited = 0, core_was_reset = 0, soft = 0;
  reg [1:0] b_past = 0;
  reg [65:0] r_past = 0;
  reg [7:0] reads = 0, writes_a = 0, writes_d = 0;  // requests accepted and not answered
  always @(posedge clk) begin
    b_waited <= rst_n && bvalid && !bready;
    r_waited <= rst_n && rvalid && !rready;
    core_was_reset <= started && !core_rst_n;
    soft <= rst_n && started;  // with core_rst_n low: by CTRL
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
    reset_clears_registers: assert (core_rst_n || {busy, done, error, saturated, irq, irq_status, irq_enable, in_length,
      out_length, pointer_base, in_address, out_address, bias_address, layer_ctrl} == 0);
    no_flags_of_the_past: assert (!core_was_reset || !(error || saturated));
    irq_is_its_registers: assert (irq == (irq_status && irq_enable));
    bus_writes_have_bytes: assert (!(host_valid && host_write) || host_strobe != 0);
    codes_by_halves: assert (!(host_valid && host_write && host_region == 4) || host_strobe == 8'h0F ||
      host_strobe == 8'hF0 || host_strobe == 8'hFF);
    counters_are_not_written: assert (!(host_valid && host_write && host_region == 3));
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
    reach_soft_reset: cover (soft && !core_rst_n && any_saturated);
    reach_flags: cover (error && saturated && irq);
    reach_odd_bytes: cover (host_valid && host_write && host_strobe == 8'h5A);
  end
endmodule
