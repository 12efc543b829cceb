// Which rooms are free.

// Weeks in which something is in a room, on a day within slots.
function taken(room, day, start, end) {
  const weeks = new Set();
  const add = (time) => { if (on(time, day) && time[2] < end && start < time[3]) weeksOf(time).forEach((w) => weeks.add(w)); };
  byRoom()[room].forEach((c) => { if (timeOf(c)) add(timeOf(c)); });
  D.rooms.closed[room].forEach((t) => add(D.times[t]));
  return weeks;
}

function free(_, more) {
  const pick = (list, text, otherwise) => { const i = list.findIndex((one) => one === text); return i < 0 ? otherwise : i; };
  const day = pick(D.days, more.day, 0);
  const start = pick(D.slots.map((s) => s[0]), more.from, 0);
  const end = Math.max(start, pick(D.slots.map((s) => s[1]), more.to, start)) + 1;
  const seats = Number(more.seats) || 0, feature = more.feature ?? "", week = Number(more.week) || 0;
  const features = [...new Set(D.rooms.features.flatMap((f) => f.split(", ")))].filter(Boolean).sort();
  const go = (change) => { location.hash = to("free", undefined, { day: D.days[day], from: from(start), to: until(end), seats, feature, week, ...change }); };
  const choice = (text, key, options, chosen) => el("label", null, text, " ", el("select", { onchange: (e) => go({ [key]: e.target.value }) }, options.map(([value, shown]) => el("option", { value, selected: String(value) === String(chosen) }, shown))));
  const rows = [];
  for (let room = 0; room < count("room"); room++) {
    if (D.rooms.seats[room] < seats || (feature && !D.rooms.features[room].split(", ").includes(feature))) continue;
    const busy = taken(room, day, start, end);
    const open = Array.from({ length: D.weeks }, (_, w) => w).filter((w) => !busy.has(w) && (!week || w === week - 1));
    if (!open.length) continue;
    let longer = end;
    while (longer < D.slots.length && ![...taken(room, day, longer, longer + 1)].some((w) => open.includes(w))) longer++;
    rows.push([linkTo("room", room), D.rooms.seats[room], D.rooms.features[room], open.length === D.weeks ? "all" : runs(open), until(longer)]);
  }
  return [
    heading("Free rooms"),
    el("form", { class: "tools no-print", onsubmit: (e) => e.preventDefault() },
      choice("Day", "day", D.days.map((d) => [d, d]), D.days[day]),
      choice("from", "from", D.slots.map((s) => [s[0], s[0]]), from(start)),
      choice("to", "to", D.slots.slice(start).map((s) => [s[1], s[1]]), until(end)),
      D.weeks > 1 ? choice("in", "week", [[0, "some week"], ...Array.from({ length: D.weeks }, (_, w) => [w + 1, `week ${w + 1}`])], week) : null,
      el("label", null, "Seats at least ", el("input", { type: "number", min: 0, value: seats, onchange: (e) => go({ seats: e.target.value }) })),
      features.length ? choice("with", "feature", [["", "anything"], ...features.map((f) => [f, f])], feature) : null),
    table(`Free on ${D.days[day]}, ${hours(start, end)}: ${plural(rows.length, "room")} of ${figure(count("room"))}`, ["Room", "#Seats", "Features", "In weeks", "Free until"], rows),
  ];
}
