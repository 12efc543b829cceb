// The views: each gives the elements of the page.

const heading = (text) => el("h2", { tabindex: -1 }, text);

function overview() {
  const { unplaced, hard, penalty } = D.score;
  const verdict = D.score.valid ? `Valid: every class is placed and no hard rule is broken. Penalty ${figure(penalty)}.`
    : `Not valid: ${plural(unplaced, "class")} not placed, ${plural(hard, "hard violation")}, penalty ${figure(penalty)}.`;
  const counts = Object.keys(KINDS).filter(count).map((key) => el("li", null, el("a", { href: to(KINDS[key].list) }, `${KINDS[key].all}: ${figure(count(key))}`)));
  const placed = D.classes.time.filter((t) => t >= 0).length;
  const most = Math.max(1, ...D.rules.map((r) => r[3]));
  const bar = (n) => svg("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": true }, svg("rect", { width: (100 * n) / most, height: 8 }));
  return [
    heading(D.name),
    el("p", { class: D.score.valid ? "good" : "bad" }, D.score.valid ? "✓ " : "✗ ", verdict, D.score.valid ? null : [" ", el("a", { href: to("problems") }, "What is wrong, and why")]),
    D.bound > 0 ? el("p", null, `No valid timetable costs less than ${figure(D.bound)}.`) : null,
    el("p", null, `${figure(placed)} of ${plural(D.classes.name.length, "class")} placed; ${plural(D.weeks, "week")} of ${plural(D.days.length, "day")} with ${plural(D.slots.length, "slot")}.`),
    el("ul", { class: "counts" }, counts),
    D.rules.length ? table("Score by rule", ["Rule", "#Times", "#Hard", "#Penalty", "Share"], D.rules.map(([rule, times, h, p]) => [rule, times, h, p, bar(p)]))
      : el("p", null, "No rule is broken and nothing costs anything."),
    D.events.length ? run() : null,
  ];
}

const megabytes = (bytes) => (bytes === null || bytes === undefined ? "unknown" : `${(bytes / 1e6).toFixed(1)} MB`);
const scoreText = (score) => (score ? [score.unplaced ? `${figure(score.unplaced)} not placed` : null, score.hard ? `${figure(score.hard)} hard` : null, `penalty ${figure(score.penalty)}`].filter(Boolean).join(", ") : "no timetable");

// How score and memory went, a point for the end of each stage.
function run() {
  let time = 0;
  const points = D.events.map((e) => ({ ...e, time: (time += e.seconds) }));
  const rows = points.map((e) => [`${e.stage} ${e.implementation}`, `${e.seconds.toFixed(1)} s`, `${e.time.toFixed(1)} s`, scoreText(e.after), megabytes(e.memory.peak), e.outcome]);
  const scored = points.filter((e) => e.after);
  const measured = points.filter((e) => e.memory.peak);
  return el("section", null, el("h3", null, "The run"),
    table("Stages", ["Stage", "#Took", "#Ended after", "Score", "#Memory at most", "Outcome"], rows),
    el("div", { class: "charts" },
      chart("Penalty over time", scored.map((e) => [e.time, e.after.penalty, e.stage]), figure),
      chart("Classes not placed and hard violations over time", scored.map((e) => [e.time, e.after.unplaced + e.after.hard, e.stage]), figure),
      chart("Memory over time, at most in each stage", measured.map((e) => [e.time, e.memory.peak, e.stage]), megabytes)));
}

function chart(title, points, show) {
  if (points.length < 2) return null;
  const last = points[points.length - 1][0] || 1, most = Math.max(...points.map((p) => p[1])) || 1;
  const x = (t) => 20 + (t / last) * 340, y = (v) => 150 - (v / most) * 110;
  const line = points.map(([t, v], i) => `${i ? "L" : "M"}${x(t).toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const dots = points.map(([t, v, stage]) => svg("circle", { cx: x(t), cy: y(v), r: 3.5 }, svg("title", null, `${stage}: ${show(v)} after ${t.toFixed(1)} s`)));
  const end = points[points.length - 1];
  return el("figure", null, el("figcaption", null, title), svg("svg", { class: "chart", viewBox: "0 0 380 175", role: "img", "aria-label": `${title}: from ${show(points[0][1])} to ${show(end[1])}` },
    svg("path", { class: "axis", d: "M20 150H360M20 40V150" }), svg("path", { class: "line", d: line }), dots,
    svg("text", { x: 20, y: 30 }, show(most)), svg("text", { x: 20, y: 168 }, "0 s"), svg("text", { x: 360, y: 168, "text-anchor": "end" }, `${last.toFixed(1)} s`)));
}

// All of a kind, with what can be counted of each.
function all(key) {
  const kind = KINDS[key], indexes = Array.from({ length: count(key) }, (_, i) => i);
  const figures = {
    room: [["#Seats", "Features", "#Sessions", "#Slots a week"], (i) => [D.rooms.seats[i], D.rooms.features[i], classesOf(key, i).length, load(classesOf(key, i))]],
    teacher: [["#Sessions", "#Slots a week"], (i) => [classesOf(key, i).length, load(classesOf(key, i))]],
    group: [["#Students", "#Sessions"], (i) => [D.groups.classes[i] ? "" : members()[i].length, classesOf(key, i).length]],
    course: [["Department", "#Sessions", "#Not placed"], (i) => [D.courses.department[i], classesOf(key, i).length, classesOf(key, i).filter((c) => !timeOf(c)).length]],
    student: [["Group", "#Sessions"], (i) => [D.students.group[i] < 0 ? "" : D.groups.id[D.students.group[i]], classesOf(key, i).length]],
  }[key];
  const rows = indexes.map((i) => () => [linkTo(key, i), ...figures[1](i)]);
  return [
    heading(kind.all),
    key === "student" ? null : el("p", { class: "no-print" }, el("a", { href: to("print", kind.list) }, `Print the week of ${key === "course" ? "every course" : `all ${kind.list}`}, a page each`)),
    table(`${kind.all}: ${figure(count(key))}`, [kind.one, ...figures[0]], rows),
  ];
}
// Slots a week, averaged over the weeks.
function load(classes) {
  let slots = 0;
  for (const c of classes) {
    const time = timeOf(c);
    if (time) slots += D.days.filter((_, d) => on(time, d)).length * (time[3] - time[2]) * weeksOf(time).length;
  }
  return Math.round((10 * slots) / D.weeks) / 10;
}

function about(key, i) {
  switch (key) {
    case "room": return [`${plural(D.rooms.seats[i], "seat")}${D.rooms.features[i] ? `, ${D.rooms.features[i]}` : ""}`];
    case "course": return D.courses.department[i] ? [`Department: ${D.courses.department[i]}`] : [];
    case "group": return D.groups.classes[i] ? ["Courses that the same students take"] : [plural(members()[i].length, "student")];
    case "student": return D.students.group[i] < 0 ? [] : [linkTo("group", D.students.group[i])];
    default: return [];
  }
}

// One week, with what is not in it.
function one(key, text, more) {
  const i = indexOf(key, text);
  if (i === undefined) return [heading(`${KINDS[key].one} ${text}`), el("p", null, `There is no ${key} of this name here. `, el("a", { href: to(KINDS[key].list) }, `All ${KINDS[key].list}`))];
  const classes = classesOf(key, i), different = patterns(classes);
  const chosen = different.find((weeks) => weeks.includes(Number(more.week) - 1));
  const step = (by, word) => (i + by >= 0 && i + by < count(key) ? el("a", { href: to(key, id(key, i + by)), rel: by < 0 ? "prev" : "next" }, word) : null);
  const weeks = different.length < 2 ? null : el("label", { class: "no-print" }, "Weeks ", el("select", {
    onchange: (event) => { location.hash = to(key, text, event.target.value ? { week: event.target.value } : {}); },
  }, el("option", { value: "" }, "all"), different.map((w) => el("option", { value: w[0] + 1, selected: w === chosen }, runs(w)))));
  const missing = classes.filter((c) => !timeOf(c));
  const title = `${KINDS[key].one} ${label(key, i)}${chosen ? `, ${weekText(chosen)}` : ""}`;
  return [
    heading(title),
    el("p", { class: "tools" }, about(key, i), weeks, el("span", { class: "no-print links" }, step(-1, "‹ previous"), step(1, "next ›"), el("a", { href: to(KINDS[key].list) }, `all ${KINDS[key].list}`), el("button", { type: "button", onclick: () => print() }, "Print"))),
    different.length > 1 && !chosen ? el("p", { class: "note" }, `Weeks differ: ${different.map((w) => weekText(w)).join("; ")}.`) : null,
    grid(key, i, { week: chosen?.[0], caption: `Week of ${title}` }),
    missing.length ? el("section", { class: "bad" }, el("h3", null, "Not placed"), el("ul", null, missing.map((c) => el("li", null, classLink(c))))) : null,
  ];
}

function oneClass(text) {
  const c = classNamed(text);
  if (c === undefined) return [heading(`Class ${text}`), el("p", null, "There is no class of this name here.")];
  const k = D.classes, time = timeOf(c), before = moved().get(c), problems = faults().get(c) ?? [];
  const key = k.room[c] >= 0 ? "room" : "course", i = key === "room" ? k.room[c] : k.course[c];
  const fact = (term, value) => (value === null || value === "" ? null : [el("dt", null, term), el("dd", null, value)]);
  return [
    heading(`Class ${text}`),
    problems.length ? el("ul", { class: "bad" }, problems.map((p) => el("li", null, "⚠ ", p))) : null,
    el("dl", null,
      fact("Course", linkTo("course", k.course[c])), fact("Section", figure(k.section[c])), fact("Session", figure(k.session[c])),
      fact("Time", time ? timeText(time) : "not placed"), fact("Room", k.room[c] >= 0 ? linkTo("room", k.room[c]) : null),
      fact("Taught by", k.teachers[c].length ? listed(k.teachers[c].map((t) => linkTo("teacher", t))) : null),
      fact("Students", k.limit[c] < 0 ? figure(k.students[c]) : `${figure(k.students[c])} of ${figure(k.limit[c])} at most`),
      fact("Penalty that it has a part in", k.cost[c] ? figure(k.cost[c]) : null),
      before ? fact("Before", before[1]) : null),
    grid(key, i, { mark: c, caption: `Where it is: week of ${KINDS[key].one.toLowerCase()} ${label(key, i)}` }),
    count("student") && k.students[c] ? el("details", null, el("summary", null, plural(k.students[c], "student")), el("p", null, listed(attendees(c).map((s) => linkTo("student", s))))) : null,
  ];
}

function problems() {
  const classes = (list) => listed(list.map(classLink));
  const placeOf = (c) => linkTo("course", D.classes.course[c]);
  const more = D.left_out ? el("p", null, `${figure(D.left_out)} more violations are counted in the score, but not listed here.`) : null;
  return [
    heading("What is wrong"),
    D.unplaced.length ? table(`Classes that are not placed: ${figure(D.unplaced.length)}`, ["Class", "Course", "Why"], D.unplaced.map(([c, why]) => () => [classLink(c), placeOf(c), why])) : el("p", null, "Every class is placed."),
    D.violations.length ? table(`Hard rules that are broken: ${figure(D.violations.length)}`, ["Rule", "What is wrong", "Classes", "Where"], D.violations.map(([rule, text, list, student, room]) => () =>
      [rule, text, classes(list), student >= 0 ? linkTo("student", student) : room >= 0 ? linkTo("room", room) : ""])) : el("p", null, "No hard rule is broken."),
    more,
  ];
}

function changes() {
  const c = D.changes;
  return [
    heading(`Changes against ${c.against}`),
    el("p", null, `${plural(c.moved.length, "class")} changed, ${figure(c.added.length)} new, ${figure(c.gone.length)} gone; the classes of ${plural(c.students, "student")} differ.`),
    c.moved.length ? table("Changed", ["Class", "Before", "Now"], c.moved.map(([k, was, now]) => () => [classLink(k), was, now])) : null,
    c.added.length ? table("New", ["Class", "Now"], c.added.map(([k, now]) => () => [classLink(k), now])) : null,
    c.gone.length ? table("Gone", ["Class", "Before"], c.gone) : null,
  ];
}

// Every week of a kind that is not empty, a page each.
function printAll(list) {
  const key = kindOfList(list);
  if (!key) return [heading(`There is nothing called ${list} here`)];
  const indexes = Array.from({ length: count(key) }, (_, i) => i).filter((i) => classesOf(key, i).some((c) => timeOf(c)));
  return [
    el("div", { class: "no-print" }, heading(`Print all ${list}`), el("p", null, `${plural(indexes.length, "page")}. `, el("button", { type: "button", onclick: () => print() }, "Print"))),
    indexes.map((i) => el("section", { class: "sheet" }, el("h2", null, `${KINDS[key].one} ${label(key, i)}`), el("p", null, about(key, i)), grid(key, i, { caption: `${D.name}: week of ${KINDS[key].one.toLowerCase()} ${label(key, i)}` }))),
  ];
}
