"use strict";
const views = [];
const values = {};
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

function unpack(node) {
  if (Array.isArray(node)) return node.map(unpack);
  if (!node || typeof node !== "object") return node;
  if (node.packed) {
    const { names, known, rows } = node.packed;
    return { values: rows.map((row) => Object.fromEntries(row.map((place, n) => [names[n], known[place]]))) };
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, unpack(value)]));
}

function obeys(tests) {
  return tests.every(([name, test, value]) => {
    const wanted = values[name];
    if (wanted === undefined || wanted === null) return true;
    if (test === "in") return wanted.includes(String(value));
    if (test === "equals") return String(value) === String(wanted);
    const limit = Number(wanted);
    return { max: value <= limit, under: value < limit, min: value >= limit, over: value > limit }[test];
  });
}

// A chart is drawn anew when what it obeys changes; its rows are in the page, so that is quick.
async function render(one) {
  for (const param of one.spec.params || []) if (param.name in one.values()) param.value = one.values()[param.name];
  if (one.view) one.view.finalize();
  one.view = (await vegaEmbed(one.place, structuredClone(one.spec), { actions: false, renderer: "svg" })).view;
  own(one.place);
}

function apply(name) {
  for (const one of views) if ((one.spec.params || []).some((param) => param.name === name)) render(one);
  for (const row of all("tr[data-controls]")) row.hidden = !obeys(JSON.parse(row.dataset.controls));
}

// Vega names a gradient by the page's whole address and by the same id in each chart: browsers then find none, or another.
function own(place) {
  for (const gradient of all("linearGradient", place)) {
    const id = `${place.id}-gradient`;
    if (gradient.id !== id) gradient.id = id;
    for (const mark of all(".role-legend-gradient path", place))
      if (mark.getAttribute("fill") !== `url(#${id})`) mark.setAttribute("fill", `url(#${id})`);
  }
}

// Legends are made for a phone's 330 pixels.
function widen(node, width) {
  if (!node || typeof node !== "object") return;
  if (typeof node.columns === "number") node.columns = Math.max(1, Math.floor((node.columns * width) / 330));
  for (const key of Object.keys(node)) if (key !== "data") widen(node[key], width);
}

async function draw(sheet) {
  for (const place of all(".chart:not([data-drawn])", sheet)) {
    place.dataset.drawn = "yes";
    const spec = unpack(JSON.parse(document.getElementById(place.dataset.spec).textContent));
    widen(spec, place.clientWidth);
    spec.description = place.closest(".tile").getAttribute("aria-label");
    const grain = {};
    const one = { place, spec, view: null, values: () => ({ ...values, ...grain }) };
    views.push(one);
    await render(one);
    const changes = { subtree: true, childList: true, attributeFilter: ["fill", "id"] };
    new MutationObserver(() => own(place)).observe(place, changes);
    for (const button of all("[data-grain]", place.closest(".tile"))) {
      button.onclick = () => {
        all("[data-grain]", button.parentNode).forEach((each) => each.setAttribute("aria-pressed", each === button));
        grain.grain = button.dataset.grain;
        render(one);
      };
    }
  }
  document.documentElement.dataset.drawn = sheet.id;
}

function show(tab, focus) {
  for (const one of all("[role=tab]")) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", chosen);
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  const id = tab.getAttribute("aria-controls");
  for (const bar of all(".controls[data-sheet]")) bar.hidden = bar.dataset.sheet !== id;
  if (focus) {
    tab.focus();
    history.replaceState(null, "", "#" + id);
  }
  draw(document.getElementById(id));
}

function choose(control) {
  const name = control.dataset.control;
  if (control.tagName === "SELECT") {
    values[name] = control.value || null;
  } else {
    const boxes = all("input", control);
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const every = chosen.length === boxes.length || !chosen.length;
    values[name] = every ? null : chosen;
    control.querySelector(".now").textContent =
      every ? "すべて All" : chosen.length > 1 ? `${chosen.length} / ${boxes.length}` : chosen[0];
  }
  for (const twin of all(`select[data-control="${name}"]`)) if (twin !== control && control.value) twin.value = control.value;
}

for (const control of all("[data-control]")) {
  choose(control);
  control.addEventListener("change", () => { choose(control); apply(control.dataset.control); });
}
document.addEventListener("click", (event) => {
  for (const open of all("details.control[open]")) if (!open.contains(event.target)) open.open = false;
});
const tabs = all("[role=tab]");
tabs.forEach((tab, number) => {
  tab.onclick = () => show(tab, true);
  tab.onkeydown = (event) => {
    const to = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to !== undefined) show(tabs[(to + tabs.length) % tabs.length], true);
  };
});
apply();
show(tabs.find((tab) => tab.getAttribute("aria-controls") === location.hash.slice(1)) || tabs[0], false);
