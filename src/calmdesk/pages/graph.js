"use strict";
(() => {
  const page = document.documentElement;
  const graph = document.querySelector(".graph");
  const steps = document.getElementById("steps");
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const boxes = [...graph.querySelectorAll(".node")];
  const ways = [...graph.querySelectorAll(".way")];
  const articles = [...steps.querySelectorAll("article")];
  const titles = new Map(boxes.map((box) => [box.dataset.step, box.querySelector(".title").textContent]));
  const natural = Number(graph.getAttribute("width"));
  const ratio = Number(graph.getAttribute("height")) / natural;
  let chosen = "";
  let hits = [];

  const boxOf = (step) => boxes.find((box) => box.dataset.step === step);
  const count = (number, one, many) => (number === 1 ? `1 ${one}` : number ? `${number} ${many}` : `no ${one}`);

  // Every step that can be come to from one, following the ways in one direction.
  const reach = (start, from, to) => {
    const seen = new Set();
    const open = [start];
    while (open.length) {
      const here = open.pop();
      for (const way of ways) {
        if (way.dataset[from] === here && !seen.has(way.dataset[to])) {
          seen.add(way.dataset[to]);
          open.push(way.dataset[to]);
        }
      }
    }
    return seen;
  };

  const highlight = (step) => {
    const behind = reach(step, "from", "to");
    const before = reach(step, "to", "from");
    graph.classList.toggle("choosing", Boolean(step));
    for (const box of boxes) {
      const name = box.dataset.step;
      box.classList.toggle("chosen", name === step);
      box.classList.toggle("on", name === step || behind.has(name) || before.has(name));
      box.setAttribute("aria-pressed", String(name === step));
      box.setAttribute("tabindex", name === (step || boxes[0].dataset.step) ? "0" : "-1");
    }
    for (const way of ways) {
      const { from, to } = way.dataset;
      const leads = (before.has(from) && (to === step || before.has(to)));
      const follows = (behind.has(to) && (from === step || behind.has(from)));
      way.classList.toggle("on", leads || follows);
    }
    behind.delete(step);
    before.delete(step);
    return [before.size, behind.size];
  };

  const bring = (box) => {
    const flow = document.getElementById("flow");
    const seen = box.getBoundingClientRect();
    const room = flow.getBoundingClientRect();
    flow.scrollBy({
      left: seen.left + seen.width / 2 - room.left - room.width / 2,
      top: seen.top + seen.height / 2 - room.top - Math.min(room.height, window.innerHeight) / 2,
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
  };

  const choose = (step, focus) => {
    if (!boxOf(step)) return;
    chosen = step;
    const [before, behind] = highlight(step);
    for (const article of articles) article.classList.toggle("chosen", article.id === `step-${step}`);
    steps.classList.add("one");
    const lead = count(before, "step leads here", "steps lead here");
    status.textContent = `${titles.get(step)}: ${lead}, ${count(behind, "step can follow", "steps can follow")}.`;
    history.replaceState(null, "", `#step-${step}`);
    bring(boxOf(step));
    if (focus === "box") boxOf(step).focus({ preventScroll: true });
    if (focus === "text") document.getElementById(`step-${step}`).querySelector("h3").focus({ preventScroll: false });
  };

  const leave = () => {
    chosen = "";
    highlight("");
    steps.classList.remove("one");
    for (const article of articles) article.classList.remove("chosen");
    status.textContent = "";
    history.replaceState(null, "", location.pathname + location.search);
  };

  const look = () => {
    const words = search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    hits = words.length
      ? articles
          .filter((article) => words.every((word) => article.textContent.toLocaleLowerCase().includes(word)))
          .map((article) => article.id.slice("step-".length))
      : [];
    if (words.length && chosen) leave();
    graph.classList.toggle("searching", words.length > 0);
    for (const box of boxes) box.classList.toggle("hit", hits.includes(box.dataset.step));
    for (const row of steps.querySelectorAll(".contents li")) {
      row.classList.toggle("left-out", words.length > 0 && !hits.includes(row.dataset.step));
    }
    if (!words.length) status.textContent = "";
    else if (!hits.length) status.textContent = "No step has these words.";
    else status.textContent = `${count(hits.length, "step has", "steps have")} these words. Enter opens the next one.`;
  };

  // The place in the hits survives choosing one: Enter again goes to the next.
  const nextHit = () => {
    if (!hits.length) return;
    const step = hits[(hits.indexOf(chosen) + 1) % hits.length];
    graph.classList.remove("searching");
    choose(step, "");
    status.textContent = `${hits.indexOf(step) + 1} of ${hits.length}. ${status.textContent}`;
  };

  const zoom = (wide) => {
    const now = Math.max(natural / 6, Math.min(natural * 2, wide));
    graph.style.width = `${now}px`;
    graph.style.height = `${now * ratio}px`;
  };

  graph.addEventListener("click", (event) => {
    const box = event.target.closest(".node");
    // On a narrow screen the words stand above the flow, out of sight.
    if (box) choose(box.dataset.step, matchMedia("(max-width: 56rem)").matches ? "text" : "box");
    else if (chosen) leave();
  });

  graph.addEventListener("keydown", (event) => {
    const at = boxes.indexOf(event.target.closest(".node"));
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: boxes.length - 1 }[event.key];
    if (to !== undefined && boxes[to]) choose(boxes[to].dataset.step, "box");
    else if (event.key === "Enter" || event.key === " ") choose(boxes[at].dataset.step, chosen === boxes[at].dataset.step ? "text" : "box");
    else if (to === undefined) return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && event.target !== search) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape") {
      search.value = "";
      look();
      leave();
    } else if (event.key === "Enter" && event.target === search) {
      event.preventDefault();
      nextHit();
    }
  });

  steps.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#step-']");
    if (!link) return;
    event.preventDefault();
    choose(decodeURIComponent(link.getAttribute("href")).slice("#step-".length), "text");
  });

  for (const radio of document.querySelectorAll("input[name='layer']")) {
    radio.addEventListener("change", () => (page.dataset.layer = radio.value));
  }
  search.addEventListener("input", look);
  document.getElementById("all").addEventListener("click", () => {
    leave();
    steps.querySelector(".contents a").focus();
  });
  document.getElementById("smaller").addEventListener("click", () => zoom(graph.getBoundingClientRect().width / 1.25));
  document.getElementById("larger").addEventListener("click", () => zoom(graph.getBoundingClientRect().width * 1.25));
  document.getElementById("fit").addEventListener("click", () => zoom(document.getElementById("flow").clientWidth - 32));
  document.getElementById("print").addEventListener("click", () => window.print());

  page.classList.add("scripted");
  highlight("");
  const named = decodeURIComponent(location.hash);
  if (named.startsWith("#step-")) choose(named.slice("#step-".length), "");
})();
