// The data of the page, and what is looked up in it. Classes, rooms, teachers and so on are numbers: places in its lists.

let D; // the data
const memo = new Map();
const once = (name, make) => memo.get(name) ?? (memo.set(name, make()), memo.get(name));

async function read() {
  const text = document.getElementById("data").textContent;
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  if (typeof DecompressionStream === "undefined") return JSON.parse(new TextDecoder().decode(inflate(bytes)));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

// What there is to look at. `key` is the word in links.
const KINDS = {
  room: { list: "rooms", one: "Room", all: "Rooms" },
  teacher: { list: "teachers", one: "Teacher", all: "Teachers" },
  group: { list: "groups", one: "Group", all: "Groups" },
  course: { list: "courses", one: "Course", all: "Courses" },
  student: { list: "students", one: "Student", all: "Students" },
};
const kindOfList = (list) => Object.keys(KINDS).find((key) => KINDS[key].list === list);
const count = (key) => D[KINDS[key].list].id.length;
const id = (key, i) => D[KINDS[key].list].id[i];
const name = (key, i) => D[KINDS[key].list].name?.[i] || "";
const label = (key, i) => (name(key, i) && name(key, i) !== id(key, i) ? `${name(key, i)} (${id(key, i)})` : id(key, i));
const indexOf = (key, text) => once(`ids ${key}`, () => new Map(D[KINDS[key].list].id.map((one, i) => [one, i]))).get(text);
const classNamed = (text) => once("classes", () => new Map(D.classes.name.map((one, i) => [one, i]))).get(text);

// Lists of classes by some number of theirs.
function inverse(size, numbersOf) {
  const lists = Array.from({ length: size }, () => []);
  D.classes.name.forEach((_, c) => numbersOf(c).forEach((i) => lists[i].push(c)));
  return lists;
}
const byRoom = () => once("room", () => inverse(count("room"), (c) => (D.classes.room[c] < 0 ? [] : [D.classes.room[c]])));
const byTeacher = () => once("teacher", () => inverse(count("teacher"), (c) => D.classes.teachers[c]));
const byCourse = () => once("course", () => inverse(count("course"), (c) => [D.classes.course[c]]));
const byStudent = () => once("student", () => D.taken.map((steps) => {
  let at = 0;
  return steps.map((step) => (at += step));
}));
const members = () => once("members", () => {
  const lists = Array.from({ length: count("group") }, () => []);
  D.students.group.forEach((g, s) => { if (g >= 0) lists[g].push(s); });
  return lists;
});
// Of each class of a group: how many of the group are in it.
function ofGroup(g) {
  if (D.groups.classes[g]) return new Map(D.groups.classes[g].map((c) => [c, 0]));
  const found = new Map();
  for (const s of members()[g]) for (const c of byStudent()[s]) found.set(c, (found.get(c) || 0) + 1);
  return found;
}
function classesOf(key, i) {
  switch (key) {
    case "room": return byRoom()[i];
    case "teacher": return byTeacher()[i];
    case "course": return byCourse()[i];
    case "student": return byStudent()[i];
    default: return [...ofGroup(i).keys()].sort((a, b) => a - b);
  }
}
const attendees = (c) => once("attendees", () => {
  const lists = D.classes.name.map(() => []);
  byStudent().forEach((list, s) => list.forEach((one) => lists[one].push(s)));
  return lists;
})[c];

// Times.
const timeOf = (c) => (D.classes.time[c] < 0 ? null : D.times[D.classes.time[c]]);
const weeksOf = (time) => D.weeksets[time[0]];
const isEvery = (time) => weeksOf(time).length === D.weeks;
const on = (time, day) => (time[1] >> day) & 1;
const from = (slot) => D.slots[slot][0];
const until = (end) => D.slots[end - 1][1];
const hours = (start, end) => (D.clock || end - start > 1 ? `${from(start)}–${until(end)}` : from(start));
function runs(numbers) {
  const parts = [];
  for (const n of numbers) {
    const last = parts[parts.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([a, b]) => (a === b ? `${a + 1}` : `${a + 1}–${b + 1}`)).join(", ");
}
const weekText = (weeks) => `week${weeks.length === 1 ? "" : "s"} ${runs(weeks)}`;
function timeText(time) {
  const days = D.days.filter((_, d) => on(time, d)).join(" ");
  return `${days} ${hours(time[2], time[3])}${isEvery(time) ? "" : `, ${weekText(weeksOf(time))}`}`;
}

// Weeks in which the same of these classes are held, as lists of weeks.
function patterns(classes) {
  const found = new Map();
  for (let w = 0; w < D.weeks; w++) {
    const held = classes.filter((c) => timeOf(c) && weeksOf(timeOf(c)).includes(w)).join();
    if (!found.has(held)) found.set(held, []);
    found.get(held).push(w);
  }
  return [...found.values()];
}

// What is wrong with a class, and where it was before.
const faults = () => once("faults", () => {
  const lists = new Map();
  const add = (c, text) => { if (!lists.has(c)) lists.set(c, []); lists.get(c).push(text); };
  D.unplaced.forEach(([c, why]) => add(c, `Not placed: ${why}`));
  D.violations.forEach(([, text, classes]) => classes.forEach((c) => add(c, text)));
  return lists;
});
const moved = () => once("moved", () => new Map((D.changes?.moved ?? []).map((m) => [m[0], m])));
