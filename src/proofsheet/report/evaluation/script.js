"use strict";
(() => {
  const tools = document.getElementById("tools");
  const rows = [...document.querySelectorAll("#requirements details")];
  const fields = ["q", "verdict", "level", "area", "vendor"].map((name) => document.getElementById("f-" + name)).filter(Boolean);
  const said = document.getElementById("said");
  const texts = new Map();

  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase().replace(/\s+/g, " "));
    return texts.get(row);
  };
  // What the filter needs stands in the row for people: the words of its verdicts, its level, the checks that spoke.
  const verdictOf = Object.fromEntries([...document.getElementById("f-verdict").options].map((option) => [option.text, option.value]));
  const facts = new Map();
  const factsOf = (row) => {
    if (!facts.has(row)) {
      const [verdicts, level] = row.firstChild.children;
      const vendors = row.parentNode.dataset.v.split(" ");
      const parts = [...verdicts.querySelectorAll("b")].map((mark, place) => [vendors[place], verdictOf[mark.textContent]]);
      const areas = new Set([...row.lastChild.querySelectorAll("li")].flatMap((item) => [...item.textContent.matchAll(/ ([a-z]+)\.[a-z_]+(?=[,:;]| in |\s)/g)].map((found) => found[1])));
      facts.set(row, { parts, level: level.textContent, areas });
    }
    return facts.get(row);
  };
  const wanted = () => Object.fromEntries(fields.map((field) => [field.id.slice(2), field.value.trim()]));

  function filter() {
    const want = wanted();
    const words = want.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const { parts, level, areas } = factsOf(row);
      const pair = parts.some(([vendor, verdict]) => (!want.vendor || vendor === want.vendor) && (!want.verdict || verdict === want.verdict));
      const fits = pair && (!want.area || areas.has(want.area)) && (!want.level || level === want.level) && words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    said.textContent = shown ? `${shown} of ${rows.length} entries` : `Nothing fits. ${rows.length} entries are there: clear the search to see them.`;
  }

  function keep() {
    const given = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
    history.replaceState(null, "", given.size ? "#?" + given : "#requirements");
  }

  function set(values) {
    for (const field of fields) field.value = values[field.id.slice(2)] || "";
    filter();
  }

  function follow() {
    const hash = location.hash.slice(1);
    if (hash.startsWith("?")) {
      set(Object.fromEntries(new URLSearchParams(hash.slice(1))));
      document.getElementById("requirements").scrollIntoView();
      return;
    }
    const target = hash && document.getElementById(decodeURIComponent(hash));
    if (!target) return;
    const row = target.closest("#requirements details");
    if (row) {
      if (row.hidden) set({});
      row.open = true;
      row.querySelector("summary").focus({ preventScroll: true });
      row.scrollIntoView({ block: "start" });
    } else if (target.matches("article")) {
      const print = document.querySelector(`.ps a[href="#${CSS.escape(target.id)}"] img`);
      if (print && !target.querySelector("img")) {
        const copy = print.cloneNode();
        copy.loading = "eager";
        target.querySelector("h4").after(copy);
      }
      target.tabIndex = -1;
      target.focus({ preventScroll: true });
      target.scrollIntoView({ block: "start" });
    }
  }

  // toggle does not bubble, so it is caught on the way down.
  document.addEventListener("toggle", ({ target }) => {
    if (target.open && target.matches("#requirements details")) history.replaceState(null, "", "#" + target.lastChild.id);
  }, true);
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  let waiting = 0;
  tools.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filter(); keep(); }, 80);
  });
  tools.addEventListener("reset", () => setTimeout(() => { filter(); keep(); }, 0));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-find]");
    if (!link) return;
    event.preventDefault();
    location.hash = "?" + link.dataset.find;
  });
  // A table that needs no scrolling of its own keeps its head in sight, below the banner.
  const banner = document.querySelector(".sim");
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target === banner) document.documentElement.style.setProperty("--top", `${banner.offsetHeight}px`);
      else target.classList.toggle("fits", target.firstElementChild.offsetWidth <= target.clientWidth);
    }
  });
  for (const box of [banner, ...document.querySelectorAll(".scroll")]) if (box) watch.observe(box);
  addEventListener("hashchange", follow);
  said.textContent = `${rows.length} entries`;
  follow();
  // The browser looks for the place itself when all is there, and takes the focus away again.
  addEventListener("load", () => setTimeout(follow, 0));
})();
