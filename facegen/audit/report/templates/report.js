(() => {
"use strict";
const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
root.classList.add("js");

/* Level (sittings, people, images), pair and view: what is shown of what the page holds. */
function showLevel(name) {
  all(".level").forEach((part) => part.classList.toggle("on", part.dataset.level === name));
  drawVisible();
}
function showPair(id) {
  all(".pair").forEach((part) => part.classList.toggle("on", part.dataset.pair === id));
  const select = document.getElementById("pair");
  if (![...select.options].some((option) => option.value === id)) return;
  all(".level").forEach((level) => {
    const pairs = all(".pair", level);
    const lost = pairs.length > 0 && !pairs.some((part) => part.classList.contains("on"));
    let line = level.querySelector(".no-pair");
    if (lost && !line) {
      line = document.createElement("p");
      line.className = "no-pair note";
      line.textContent = "These two are not both counted at this level.";
      pairs[0].before(line);
    }
    if (line) line.hidden = !lost;
  });
}
function showView(view) {
  document.getElementById("pairs").dataset.view = view;
  all("#pairs td[data-n]").forEach((cell) => {
    cell.textContent = cell.dataset[view];
    if (cell.dataset.cn) cell.className = cell.dataset["c" + view];
  });
}

/* Sorting: the button of a column head; the first click puts numbers from the largest, words from the first. */
function sortBy(head) {
  const row = head.parentElement, table = head.closest("table"), body = table.tBodies[0];
  const at = [...row.cells].indexOf(head);
  const first = head.classList.contains("num") || head.closest(".heat") && at > 0 ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const way = head.getAttribute("aria-sort") === first ? other : first;
  [...row.cells].forEach((cell) => cell.hasAttribute("aria-sort") && cell.setAttribute("aria-sort", cell === head ? way : "none"));
  const key = (line) => {
    const cell = line.cells[at];
    const text = cell.dataset.v ?? cell.textContent.trim();
    return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  const lines = [...body.rows].map((line) => [key(line), line]);
  lines.sort((a, b) => compare(a[0], b[0]) * (way === "ascending" ? 1 : -1));
  body.append(...lines.map((line) => line[1]));
}

/* Filters: words in any column, one category an attribute, empty rows only. */
function filter(box) {
  const table = document.getElementById(box.dataset.table);
  const words = box.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
  const choices = all("select", box).filter((s) => s.value !== "").map((s) => [Number(s.dataset.column), s.value]);
  const empty = box.querySelector("[data-empty]")?.checked;
  let shown = 0;
  const rows = [...table.tBodies[0].rows];
  rows.forEach((row) => {
    const text = row.textContent.toLowerCase();
    const keep = words.every((w) => text.includes(w)) && choices.every(([i, v]) => row.cells[i].dataset.c === v) && (!empty || "empty" in row.dataset);
    row.hidden = !keep;
    shown += keep;
  });
  box.querySelector("output").textContent = `${shown} of ${rows.length} rows`;
}

/* Figures: drawn when they come into view, in the colours of the scheme; dark scales run the other way, as in the style sheet. */
const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
function colours(figure) {
  const style = getComputedStyle(root), value = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: value("--line"), zerolinecolor: value("--strong"), linecolor: value("--line"), tickcolor: value("--line") };
  const data = figure.data.flatMap((trace) => {
    if (trace.meta?.scale === "amount") return amounts(trace, figure.meta);
    if (trace.meta?.scale === "nobody") {
      const paper = value("--lack-paper");
      return [{ ...trace, zmin: 0, zmax: 1, colorscale: [[0, paper], [1, paper]], textfont: { color: value("--lack"), weight: "bold" } }];
    }
    const colour = value("--s" + ((trace.meta?.series ?? 0) % 7));
    return [{ ...trace, marker: { ...trace.marker, color: colour }, line: { ...trace.line, color: colour }, error_x: { ...trace.error_x, color: colour }, error_y: { ...trace.error_y, color: colour } }];
  });
  const layout = {
    ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: figure.meta?.light ? value("--raised") : "rgba(0,0,0,0)", dragmode: "zoom",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: value("--ink") },
    hoverlabel: { bgcolor: value("--raised"), bordercolor: value("--strong"), font: { color: value("--ink") } },
    xaxis: { ...figure.layout.xaxis, ...axis }, yaxis: { ...figure.layout.yaxis, ...axis },
  };
  return [data, layout];
}
/* One trace for dark figures on light steps and one for light on dark: plotly gives a trace one colour of text. */
function amounts(trace, meta) {
  const { steps, ink } = dark.matches ? meta.dark : meta.light;
  const scale = steps.flatMap((c, i) => [[i / steps.length, c], [(i + 1) / steps.length, c]]);
  return [...new Set(ink)].map((colour) => {
    const keep = (rows, none) => rows.map((line, i) => line.map((value, j) => trace.z[i][j] !== null && ink[trace.z[i][j]] === colour ? value : none));
    return { ...trace, zmin: -0.5, zmax: steps.length - 0.5, colorscale: scale, textfont: { color: colour }, z: keep(trace.z, null), text: keep(trace.text, "") };
  });
}
const drawn = new Set();
/* Room for every figure from the start: one that takes its room only when drawn moves the page under a hand about to click. */
function reserve(place) {
  const figure = figures[place.id];
  if (!figure) { place.closest("figure").hidden = true; return; }
  if (figure.meta?.wide) place.style.minWidth = figure.meta.wide + "px";
  place.style.height = figure.layout.height + "px";
}
function draw(place) {
  if (!(place.id in figures)) return;
  Plotly.react(place, ...colours(figures[place.id]), { displayModeBar: false, responsive: true });
  drawn.add(place);
}
function drawVisible() {
  if (!("Plotly" in window)) return;
  all(".plot").forEach((place) => place.offsetParent && !drawn.has(place) && watcher.observe(place));
}
const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
  if (!entry.isIntersecting) return;
  watcher.unobserve(entry.target);
  draw(entry.target);
}), { rootMargin: "300px" });
dark.addEventListener("change", () => drawn.forEach(draw));

/* A link to a part that is folded opens it; paper has everything open. */
function openTarget() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  if (target?.tagName === "DETAILS") { target.open = true; target.querySelector("summary").focus(); }
}
let folded = [];
addEventListener("beforeprint", () => { folded = all("details:not([open])"); folded.forEach((d) => { d.open = true; }); });
addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));
addEventListener("hashchange", openTarget);

all(".plot").forEach(reserve);
all(".sort").forEach((button) => button.addEventListener("click", () => sortBy(button.closest("th"))));
all(".filter").forEach((box) => { box.addEventListener("input", () => filter(box)); filter(box); });
all("input[name=level]").forEach((radio) => radio.addEventListener("change", () => showLevel(radio.value)));
const pair = document.getElementById("pair"), view = document.getElementById("view");
pair?.addEventListener("change", () => showPair(pair.value));
view?.addEventListener("change", () => showView(view.value));
all("a[href^='#']").forEach((link) => link.addEventListener("click", () => setTimeout(openTarget)));

const level = document.querySelector("input[name=level]:checked")?.value ?? document.querySelector(".level")?.dataset.level;
if (pair) { pair.selectedIndex = 0; showPair(pair.value); view.selectedIndex = 0; }
showLevel(level);
openTarget();
if (still.matches) root.style.scrollBehavior = "auto";
})();
