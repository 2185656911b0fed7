// SPDX-License-Identifier: Apache-2.0
// What the page does beyond what it says: texts of marks at the mouse and on arrow keys, tables in another order.

const tip = document.getElementById("tip");
const said = document.getElementById("said");

function hideTip() {
  tip.hidden = true;
}

function showTip(mark) {
  tip.textContent = mark.getAttribute("aria-label");
  tip.hidden = false;
  const box = mark.getBoundingClientRect();
  const left = Math.min(box.left + box.width / 2 + 8, document.documentElement.clientWidth - tip.offsetWidth - 6);
  const below = box.bottom + tip.offsetHeight + 10 < window.innerHeight;
  tip.style.left = `${Math.max(4, left) + window.scrollX}px`;
  tip.style.top = `${(below ? box.bottom + 6 : Math.max(4, box.top - tip.offsetHeight - 6)) + window.scrollY}px`;
}

/** One stop of the Tab key a chart; within it the arrow keys, Home and End go from mark to mark. */
function connect(chart) {
  const marks = [...chart.querySelectorAll(".mark")];
  if (marks.length === 0) return;
  for (const mark of marks) {
    const title = mark.querySelector("title");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", title.textContent);
    title.remove();  // or the browser shows it a second time
    mark.setAttribute("tabindex", "-1");
  }
  // Points from left to right, whatever order they are drawn in.
  const order = marks.slice();
  if (chart.classList.contains("scatter")) {
    const x = new Map(order.map((mark) => [mark, Number(mark.querySelector("circle").getAttribute("cx"))]));
    order.sort((a, b) => x.get(a) - x.get(b));
  }
  let current = 0;
  order[0].setAttribute("tabindex", "0");
  const index = new Map(order.map((mark, k) => [mark, k]));
  const markOf = (event) => event.target.closest(".mark");
  const frame = chart.parentElement;  // an SVG that listens for focus is a stop of the Tab key itself
  frame.addEventListener("pointerover", (event) => markOf(event) && showTip(markOf(event)));
  frame.addEventListener("pointerout", hideTip);
  frame.addEventListener("focusin", (event) => {
    const mark = markOf(event);
    if (!mark) return;
    order[current].setAttribute("tabindex", "-1");
    current = index.get(mark);
    mark.setAttribute("tabindex", "0");
    showTip(mark);
  });
  frame.addEventListener("focusout", hideTip);
  frame.addEventListener("keydown", (event) => {
    const to = {ArrowRight: current + 1, ArrowDown: current + 1, ArrowLeft: current - 1, ArrowUp: current - 1, Home: 0,
                End: order.length - 1}[event.key];
    if (event.key === "Escape") hideTip();
    if (to === undefined) return;
    event.preventDefault();
    order[Math.max(0, Math.min(order.length - 1, to))].focus();
  });
}

/** A number of a cell, its thousands separated; NaN for a text. */
function numberOf(cell) {
  const text = cell.textContent.split(" ")[0].replace(/,/g, "");
  return text === "" ? NaN : Number(text);
}

function sortBy(table, column, head) {
  const descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows];
  const sign = descending ? -1 : 1;
  rows.sort((a, b) => {
    const [p, q] = [a.cells[column], b.cells[column]];
    const [x, y] = [numberOf(p), numberOf(q)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return sign * (x - y);
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;  // texts behind numbers, either way
    return sign * p.textContent.localeCompare(q.textContent, "en", {numeric: true});
  });
  table.tBodies[0].append(...rows);
  said.textContent = `Sorted by ${head.textContent}, ${descending ? "descending" : "ascending"}`;
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[table.tHead.rows.length - 1].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.textContent = head.textContent;
    button.title = "Sort by this column";
    head.replaceChildren(button);
    button.addEventListener("click", () => sortBy(table, column, head));
  });
}
document.querySelectorAll(".chart svg").forEach(connect);
window.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => part.open = true));
