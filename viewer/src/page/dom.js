// Elements. Whatever comes from the data becomes text, never markup.

const FRAME = "http://www.w3.org/2000/svg";
function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(FRAME, tag), attributes, children);

// Links within the page: `#room=R4&week=3`.
const to = (key, value, more) => {
  const rest = Object.entries(more ?? {}).map(([k, v]) => `&${k}=${encodeURIComponent(v)}`);
  return `#${key}${value === undefined ? "" : `=${encodeURIComponent(value)}`}${rest.join("")}`;
};
function where() {
  const unescaped = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const parts = location.hash.slice(1).split("&").filter(Boolean).map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [unescaped(part), ""] : [unescaped(part.slice(0, at)), unescaped(part.slice(at + 1))];
  });
  return { view: parts[0]?.[0] ?? "overview", value: parts[0]?.[1] ?? "", more: Object.fromEntries(parts.slice(1)) };
}
const linkTo = (key, i) => el("a", { href: to(key, id(key, i)) }, label(key, i));
const classLink = (c) => el("a", { href: to("class", D.classes.name[c]) }, D.classes.name[c]);
const listed = (links) => links.flatMap((link, i) => (i ? [", ", link] : [link]));
const plural = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : one.endsWith("s") ? "es" : "s"}`;
const figure = (n) => n.toLocaleString("en");

// A table of rows, the first so many at first.
function table(caption, head, rows, most = 300) {
  const numeric = head.map((h) => h.startsWith("#"));
  const cell = (value, i) => el(i ? "td" : "th", { class: numeric[i] ? "n" : null, scope: i ? null : "row" },
    typeof value === "number" ? figure(value) : value);
  const body = el("tbody");
  const more = el("p");
  let shown = 0;
  const show = (n) => {
    for (const end = Math.min(rows.length, shown + n); shown < end; shown++) {
      const row = rows[shown];
      body.append(el("tr", null, (typeof row === "function" ? row() : row).map(cell)));
    }
    more.replaceChildren();
    if (shown < rows.length) {
      more.append(`${figure(shown)} of ${figure(rows.length)} shown. `, el("button", { type: "button", onclick: () => show(rows.length) }, "Show all"));
    }
  };
  show(most);
  const heads = head.map((h, i) => el("th", { scope: "col", class: numeric[i] ? "n" : null }, h.replace("#", "")));
  return el("div", { class: "scroll" }, el("table", { class: "list" }, el("caption", null, caption), el("thead", null, el("tr", null, heads)), body), more);
}
