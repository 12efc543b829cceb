// Which view is shown, the search, and the beginning.

const VIEWS = {
  overview, free, problems, changes,
  class: oneClass,
  print: printAll,
};

function show() {
  const { view, value, more } = where(), main = document.getElementById("main");
  let parts;
  if (KINDS[view]) parts = one(view, value, more);
  else if (kindOfList(view)) parts = all(kindOfList(view));
  else if (view === "changes" && !D.changes) parts = overview();
  else parts = (VIEWS[view] ?? overview)(value, more);
  main.replaceChildren(...parts.flat(3).filter((part) => part !== null && part !== undefined && part !== false));
  const list = KINDS[view]?.list ?? (view === "print" ? value : view);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${list}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const head = main.querySelector("h2");
  document.title = head ? `${head.textContent} · ${D.name}` : D.name;
  if (show.before) head?.focus({ preventScroll: true });
  if (show.before && view !== show.before) scrollTo(0, 0);
  main.querySelector(".mark")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  show.before = view;
}

// Everything with a name, in lower case.
const names = () => once("names", () => [
  ...Object.keys(KINDS).flatMap((key) => Array.from({ length: count(key) }, (_, i) => ({ key, i, text: label(key, i) }))),
  ...D.classes.name.map((text, i) => ({ key: "class", i, text: name("course", D.classes.course[i]) ? `${text} ${name("course", D.classes.course[i])}` : text })),
].map((one) => ({ ...one, low: one.text.toLocaleLowerCase() })));

function search(text) {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean), found = document.getElementById("found"), said = document.getElementById("said");
  if (!words.length) {
    found.replaceChildren();
    said.textContent = "";
    return;
  }
  const hits = names().filter(({ low }) => words.every((word) => low.includes(word)));
  // What begins like that comes first.
  const first = hits.filter(({ low }) => low.startsWith(words[0])), rest = hits.filter(({ low }) => !low.startsWith(words[0]));
  const links = [...first, ...rest].slice(0, 30).map(({ key, i, text: shown }) => el("li", null,
    el("a", { href: key === "class" ? to("class", D.classes.name[i]) : to(key, id(key, i)) }, el("small", null, key), " ", shown)));
  found.replaceChildren(...links);
  said.textContent = hits.length > 30 ? `${figure(hits.length)} found, 30 shown` : `${figure(hits.length)} found`;
}

function begin() {
  const box = document.getElementById("search"), found = document.getElementById("found");
  const nav = document.querySelector("nav ul");
  const wrong = D.unplaced.length + D.violations.length + D.left_out;
  const links = [["overview", "Overview"], ...Object.keys(KINDS).filter(count).map((key) => [KINDS[key].list, KINDS[key].all]),
    count("room") ? ["free", "Free rooms"] : null, ["problems", `Problems (${figure(wrong)})`], D.changes ? ["changes", `Changes (${figure(D.changes.moved.length + D.changes.added.length + D.changes.gone.length)})`] : null];
  nav.append(...links.filter(Boolean).map(([view, text]) => el("li", null, el("a", { href: to(view) }, text))));
  box.addEventListener("input", () => search(box.value));
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  const close = () => { box.value = ""; search(""); };
  found.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      box.focus();
    }
    if (event.key === "Escape") close();
    const inside = [box, ...found.querySelectorAll("a")], at = inside.indexOf(document.activeElement);
    if (at >= 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      inside[Math.max(0, Math.min(inside.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    }
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
  addEventListener("hashchange", show);
  show();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

read().then((data) => {
  D = data;
  begin();
}).catch((why) => {
  document.getElementById("main").replaceChildren(el("p", { class: "bad", role: "alert" }, `This page cannot be shown: ${why.message}. The same timetable is in the files beside it.`));
});
