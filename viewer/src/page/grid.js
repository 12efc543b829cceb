// A week as a table: days across, slots down.

// The rows: all slots of a short day, else from one beginning or end to the next.
function rowsOf(entries) {
  if (D.slots.length <= 16) return D.slots.map((_, slot) => [slot, slot + 1]);
  const ends = [...new Set(entries.flatMap((c) => [timeOf(c)[2], timeOf(c)[3]]))].sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => [ends[i], end]);
}

// The entries of a day in groups of those that overlap.
function blocks(entries, day) {
  const found = [];
  const sorted = entries.filter((c) => on(timeOf(c), day)).sort((a, b) => timeOf(a)[2] - timeOf(b)[2] || timeOf(b)[3] - timeOf(a)[3] || a - b);
  for (const c of sorted) {
    const [, , start, end] = timeOf(c), last = found[found.length - 1];
    if (last && start < last.end) {
      last.classes.push(c);
      last.end = Math.max(last.end, end);
    } else found.push({ start, end, classes: [c] });
  }
  return found;
}

// When a room cannot be used, as weeks of a slot of a day.
function closed(room, day, slot) {
  const weeks = new Set();
  for (const t of D.rooms.closed[room]) {
    const time = D.times[t];
    if (on(time, day) && time[2] <= slot && slot < time[3]) weeksOf(time).forEach((w) => weeks.add(w));
  }
  return [...weeks].sort((a, b) => a - b);
}

function entry(c, key, block, present) {
  const time = timeOf(c), course = D.classes.course[c], lines = [];
  const whole = time[2] === block.start && time[3] === block.end;
  if (!whole) lines.push(el("span", { class: "when" }, hours(time[2], time[3])));
  if (!isEvery(time)) lines.push(el("span", { class: "when" }, weekText(weeksOf(time))));
  if (name("course", course)) lines.push(el("span", null, name("course", course)));
  if (key !== "room" && D.classes.room[c] >= 0) lines.push(el("span", { class: "room" }, id("room", D.classes.room[c])));
  if (key !== "teacher" && D.classes.teachers[c].length) {
    lines.push(el("span", { class: "teacher" }, D.classes.teachers[c].map((t) => name("teacher", t) || id("teacher", t)).join(", ")));
  }
  const students = D.classes.students[c];
  if (present) lines.push(el("span", null, `${present} of ${plural(students, "student")}`));
  else if (students && key !== "student") lines.push(el("span", null, plural(students, "student")));
  if (faults().has(c)) lines.push(el("span", { class: "flag" }, "⚠ breaks a rule"));
  if (moved().has(c)) lines.push(el("span", { class: "flag" }, "⇄ changed"));
  const classes = `entry h${course % 8}${faults().has(c) ? " wrong" : ""}${moved().has(c) ? " moved" : ""}`;
  return el("a", { class: classes, href: to("class", D.classes.name[c]), "data-class": D.classes.name[c] }, el("strong", null, D.classes.name[c]), lines);
}

// `key` and `i`: whose week; `week`: one of the weeks to show, or undefined for all.
function grid(key, i, { week, mark, classes = classesOf(key, i), caption } = {}) {
  const placed = classes.filter((c) => timeOf(c) && (week === undefined || weeksOf(timeOf(c)).includes(week)));
  const present = key === "group" ? ofGroup(i) : new Map();
  const rows = rowsOf(placed);
  if (!rows.length) return el("p", { class: "none" }, `${caption}: nothing is held.`);
  const starts = new Map(rows.map(([start], row) => [start, row]));
  const ends = new Map(rows.map(([, end], row) => [end, row + 1]));
  const columns = D.days.map((_, day) => {
    const cells = new Array(rows.length).fill(null);
    for (const block of blocks(placed, day)) {
      const first = starts.get(block.start), last = ends.get(block.end);
      const entries = block.classes.map((c) => entry(c, key, block, present.get(c)));
      block.classes.forEach((c, n) => { if (c === mark) { entries[n].classList.add("mark"); entries[n].setAttribute("aria-current", "true"); } });
      cells[first] = el("td", { rowspan: last - first > 1 ? last - first : null }, el("div", { class: "cell" }, entries));
      for (let row = first + 1; row < last; row++) cells[row] = false;
    }
    if (key === "room") {
      rows.forEach(([slot], row) => {
        const weeks = cells[row] === null ? closed(i, day, slot).filter((w) => week === undefined || w === week) : [];
        if (weeks.length) cells[row] = el("td", { class: "closed" }, weeks.length < D.weeks && week === undefined ? `closed, ${weekText(weeks)}` : "closed");
      });
    }
    return cells;
  });
  const head = el("tr", null, el("td"), D.days.map((day) => el("th", { scope: "col" }, day)));
  const body = rows.map(([start, end], row) => el("tr", null,
    el("th", { scope: "row" }, D.clock ? [from(start), el("br"), el("small", null, until(end))] : hours(start, end)),
    columns.map((cells) => (cells[row] === false ? null : cells[row] ?? el("td")))));
  return el("div", { class: "scroll" }, el("table", { class: "week" }, el("caption", null, caption), el("thead", null, head), el("tbody", null, body)));
}
