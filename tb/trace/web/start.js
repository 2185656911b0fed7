// SPDX-License-Identifier: Apache-2.0
// Colours, the account, and the start.

const kThemes = [["auto", "auto", "as the system has them"], ["light", "light", "light"], ["dark", "dark", "dark"]];
let theme = 0;

function applyTheme() {
  const [name, label, text] = kThemes[theme];
  const dark = name === "dark" || (name === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme-button").textContent = `Colours: ${label}`;
  byId("theme-button").setAttribute("aria-label", `Colours: ${text}`);
  lanes.setTheme(dark ? "dark" : "light");
  showAccount();
  redraw();
}

/** A reason's tile, as the lanes draw it. */
function swatch(reason) {
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 22;
  const c = canvas.getContext("2d");
  c.fillStyle = lanes.patterns[reason];
  c.fillRect(0, 0, 32, 22);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function showAccount() {
  const all = run.totals.reduce((sum, cycles) => sum + cycles, 0);
  const shares = run.totals.map((cycles) => all === 0 ? 0 : cycles / all);
  const bar = byId("account-bar");
  bar.setAttribute("aria-label", kReasonNames.map((name, k) => `${name} ${percent(shares[k])}`).join(", "));
  bar.replaceChildren(...shares.map((share, k) => {
    const part = document.createElement("span");
    part.style.flexGrow = share;
    part.style.background = lanes.palette.reasons[k];
    part.title = `${kReasonNames[k]}: ${percent(share)}`;
    return part;
  }));
  byId("legend").replaceChildren(...kReasonNames.map((name, k) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    const strong = document.createElement("strong");
    strong.textContent = name;
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = run.totals[k] === 0 ? "0" : `${run.totals[k].toLocaleString("en")} · ${percent(shares[k])}`;
    const text = document.createElement("small");
    text.textContent = kReasonTexts[k];
    words.append(strong, " ", number, text);
    item.append(swatch(k), words);
    if (run.totals[k] === 0) item.className = "none";
    return item;
  }));
}

function showTitle() {
  const layers = [...new Set(run.launches.map((launch) => launch.layer))];
  const named = layers.length > 4 ? `${plural(layers.length, "layer")}` : layers.join(", ");
  document.title = `${named} on ${header.config}: EIE timeline`;
  byId("title").textContent = `${named} on ${header.config}`;
  byId("subtitle").textContent = [`engine ${header.engine}`, plural(header.n_pe, "PE"),
    `${plural(run.cycles, "cycle")} at ${header.clock_mhz} MHz (${(run.cycles / header.clock_mhz).toPrecision(4)} µs)`,
    plural(run.launches.length, "launch").replace("launchs", "launches"), plural(run.batches.length, "batch").replace("batchs", "batches"),
    plural(run.broadcasts.length, "broadcast"), plural(run.stalls.length, "stall")].join(" · ");
  byId("about").textContent = `eie ${header.version}, ${header.command}. Cycles count from 0, the first one in which the ` +
    "device is busy; launches follow one another without the host's time between them.";
  if (header.left_out > 0) {
    byId("left-out").hidden = false;
    byId("left-out").textContent = `${plural(header.left_out, "launch").replace("launchs", "launches")} behind these are left ` +
      "out: they would be too much for one page.";
  }
  const select = byId("launch");
  byId("launch-label").hidden = run.launches.length < 2;
  for (const launch of run.launches) {
    const option = document.createElement("option");
    option.value = launch.launch;
    option.textContent = `${launch.launch}: ${launch.layer}${launch.sample > 0 ? `, sample ${launch.sample}` : ""}`;
    select.append(option);
  }
}

function start() {
  if (run.launches.length === 0 || run.cycles === 0) {
    byId("title").textContent = "No launch was recorded";
    document.querySelector("main").hidden = true;
    return;
  }
  showTitle();
  byId("theme-button").addEventListener("click", () => {
    theme = (theme + 1) % kThemes.length;
    applyTheme();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
  fitToWindow();
  applyTheme();
  startPlayer();
  connectPointer();
  connectKeys();
  connectButtons();
  new ResizeObserver(fitToWindow).observe(byId("view"));
  window.addEventListener("resize", fitToWindow);
  setCursor(run.broadcasts.length === 0 ? 0 : run.broadcasts[0].cycle, 0, false);
}

/** For measurements: zooms from the whole run to single cycles and pans, a picture a frame. Milliseconds. */
async function measureFrames(count = 120) {
  const draws = [];
  const gaps = [];
  let last = 0;
  for (let i = 0; i < count; ++i) {
    const share = i / count;
    const span = run.cycles * Math.pow(40 / run.cycles, share);
    const from = (run.cycles - span) * (0.5 + 0.4 * Math.sin(i / 9));
    setView(from, from + span);
    await new Promise((done) => requestAnimationFrame(done));
    const now = performance.now();
    if (last > 0) gaps.push(now - last);
    last = now;
    draws.push(frames[frames.length - 1]);
  }
  const sorted = (list) => [...list].sort((a, b) => a - b);
  const at = (list, share) => sorted(list)[Math.floor((list.length - 1) * share)];
  return {draw_median: at(draws, 0.5), draw_most: at(draws, 1), frame_median: at(gaps, 0.5), frame_95: at(gaps, 0.95)};
}

start();
