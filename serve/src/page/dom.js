"use strict";

// Elements, and what the server says. Whatever comes from there becomes text, never markup.

function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const path = (...parts) => parts.map((part) => `/${encodeURIComponent(part)}`).join("");
const link = (view, ...values) => `#${view}=${values.map(encodeURIComponent).join("&")}`;
const figure = (number) => Math.round(number).toLocaleString("en");
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const date = (seconds) => new Date(seconds * 1000).toLocaleString();

function score(of) {
  if (!of) return el("span", { class: "note" }, "no timetable yet");
  if (!of.unplaced && !of.hard) return el("span", { class: "good" }, `valid, penalty ${figure(of.penalty)}`);
  const parts = [of.unplaced ? `${figure(of.unplaced)} unplaced` : null, of.hard ? `${figure(of.hard)} hard violations` : null];
  return el("span", { class: "bad" }, `not valid: ${parts.filter(Boolean).join(", ")}, penalty ${figure(of.penalty)}`);
}

function table(caption, head, rows, figures = []) {
  const cell = (kind) => (value, i) => el(kind, { class: figures.includes(i) ? "n" : null, scope: kind === "th" ? "col" : null }, value);
  return el("div", { class: "scroll" }, el("table", null, el("caption", null, caption), el("thead", null, el("tr", null, head.map(cell("th")))),
    el("tbody", null, rows.map((row) => el("tr", null, row.map(cell("td")))))));
}

async function ask(address, options) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error ?? `the server answered ${answer.status}`);
  return value;
}

const query = (fields) => new URLSearchParams(Object.entries(fields).filter(([, value]) => value)).toString();

// What is to be heard, too.
function say(text) {
  document.getElementById("said").textContent = text;
}

// Shows beside a form why something is not done.
function complaint(form, why) {
  form.querySelector("[role=alert]")?.remove();
  if (why) form.append(el("p", { class: "bad", role: "alert" }, why.message));
}
