// The views: the folder, an input, a run, two runs side by side. Each is given a signal that says when
// it is left.

async function home() {
  const state = await ask("/api/state");
  document.getElementById("folder").textContent = state.folder;
  const runs = state.runs.map((run) => [
    el("a", { href: link("run", run.name) }, run.name), run.running ? el("strong", null, "at work") : score(run.score), date(run.at),
  ]);
  const inputs = state.inputs.map((input) => [el("a", { href: link("input", input.name) }, input.name), date(input.at)]);
  return [
    el("h2", { tabindex: -1 }, "Timetables"),
    el("h3", null, "Upload"),
    el("p", { class: "note" }, "A workbook (.xlsx, .ods), a zipped folder of CSV files, or .xml, .ctt, .ectt, .tim; at most 64 MiB."),
    uploadForm(),
    el("h3", null, "Runs"),
    runs.length ? table("The newest first", ["run", "timetable", "changed"], runs) : el("p", { class: "note" }, "There is no run in this folder."),
    state.runs.length > 1 ? compareForm(state.runs.map((run) => run.name)) : null,
    el("h3", null, "Uploads"),
    inputs.length ? table("The newest first", ["input", "uploaded"], inputs) : el("p", { class: "note" }, "Nothing was uploaded."),
  ];
}

function uploadForm() {
  const file = el("input", { type: "file", id: "file", required: true, accept: ".xlsx,.ods,.zip,.xml,.ctt,.ectt,.tim" });
  const button = el("button", null, "Upload and check");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    complaint(form, null);
    try {
      const body = file.files[0];
      const { name } = await ask(`/api/inputs?${query({ name: body.name })}`, { method: "POST", body });
      location.hash = link("input", name);
    } catch (why) {
      complaint(form, why);
    }
    button.disabled = false;
  };
  const form = el("form", { submit }, el("label", null, "File", file), button);
  return form;
}

function compareForm(names, first, second) {
  const choice = (label, chosen) => el("label", null, label, el("select", null, names.map((name) => el("option", { selected: name === chosen }, name))));
  const [one, other] = [choice("Compare", first ?? names[0]), choice("with", second ?? names[1])];
  const value = (label) => label.querySelector("select").value;
  const submit = (event) => {
    event.preventDefault();
    location.hash = link("compare", value(one), value(other));
  };
  return el("form", { submit }, one, other, el("button", null, "Side by side"));
}

async function input(_, name) {
  const found = await ask(path("api", "inputs", name));
  const { length } = found.problems, more = found.problems_in_all - length;
  const errors = found.problems.filter((problem) => problem.severity === "error").length;
  const verdict = !found.can_run ? "It cannot be read as it is: correct it and upload it again."
    : !found.possible ? "It asks for what cannot work: correct it and upload it again, or search anyway."
    : length ? "Nothing was found that cannot work; see the warnings." : "Nothing was found that cannot work.";
  say(`${errors} errors`);
  return [
    el("h2", { tabindex: -1 }, `Input ${name}`),
    el("p", { class: found.possible ? "good" : "bad", id: "verdict" }, verdict),
    el("ul", { class: "problems" }, found.problems.map((problem) => el("li", { class: problem.severity },
      el("div", null, problem.text), problem.remedy ? el("div", { class: "note" }, problem.remedy) : null, places(problem.text, found.lines)))),
    more > 0 ? el("p", { class: "note" }, `... and ${figure(more)} more`) : null,
    found.can_run ? [el("h3", null, "Solve"), runForm(name, found.possible)] : null,
    found.possible ? null : [el("h3", null, "Upload again"), uploadForm()],
  ];
}

// The lines that a text names, with the names of their columns; the cells that hold what it quotes are
// marked.
function places(text, lines) {
  const quoted = [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
  const cell = (value) => quoted.some((word) => value.includes(word)) ? el("td", null, el("mark", null, value)) : el("td", null, value);
  const named = lines.filter(({ file, line }) => new RegExp(`${file.replace(".", "\\.")}:${line}(?![0-9])`).test(text));
  return named.map(({ file, line, head, text: row }) => {
    const separator = [";", "\t"].find((mark) => head.includes(mark) && !head.includes(",")) ?? ",";
    const columns = head ? cells(head, separator) : null, values = head ? cells(row, separator) : [row];
    return el("div", { class: "scroll" }, el("table", null, el("caption", null, `${file}, line ${line}`),
      columns ? el("tr", null, columns.map((column) => el("th", { scope: "col" }, column))) : null, el("tr", null, values.map(cell))));
  });
}

// The cells of a line of CSV.
function cells(line, separator) {
  const found = [""];
  let quoted = false;
  for (const c of line) {
    if (c === '"') quoted = !quoted;
    else if (c === separator && !quoted) found.push("");
    else found[found.length - 1] += c;
  }
  return found;
}

function runForm(name, possible) {
  const time = el("select", { id: "time" }, [["10s", "10 seconds"], ["60", "a minute"], ["5m", "5 minutes"], ["30m", "half an hour"], ["2h", "2 hours"], ["10h", "10 hours"]]
    .map(([value, text]) => el("option", { value, selected: value === "60" }, text)));
  const seed = el("input", { type: "number", min: 0, step: 1, value: 1 });
  const button = el("button", { id: "solve" }, possible ? "Solve" : "Solve anyway");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    complaint(form, null);
    try {
      const asked = query({ input: name, time: time.value, seed: seed.value, anyway: possible ? "" : "yes" });
      location.hash = link("run", (await ask(`/api/runs?${asked}`, { method: "POST" })).name);
    } catch (why) {
      complaint(form, why);
    }
    button.disabled = false;
  };
  const form = el("form", { submit }, el("label", null, "Time", time), el("label", null, "Seed", seed), button);
  return form;
}

async function run(left, name) {
  await ask(path("api", "runs", name));
  left.throwIfAborted();
  const body = el("div"), source = new EventSource(path("api", "runs", name, "events"));
  left.addEventListener("abort", () => source.close());
  source.addEventListener("message", (event) => {
    const state = JSON.parse(event.data);
    body.replaceChildren(...(state.running ? atWork(name, state) : ended(name, state)).flat(3).filter(Boolean));
    if (!state.running) source.close();
  });
  source.addEventListener("error", () => say("The server does not answer; what is shown may be old"));
  return [el("h2", { tabindex: -1 }, `Run ${name}`), body];
}

function stagesOf(state) {
  const row = (stage) => [stage.stage, stage.implementation, `${stage.seconds.toFixed(1)} s`, stage.memory.peak ? megabytes(stage.memory.peak) : "", stage.after ? score(stage.after) : "done"];
  return state.stages?.length ? table("Stages that have ended", ["stage", "implementation", "time", "peak memory", "result"], state.stages.map(row), [2, 3]) : null;
}

function atWork(name, state) {
  const now = state.progress ?? {}, best = now.best ?? state.stages?.at(-1)?.after;
  const stop = async (event) => {
    event.target.disabled = true;
    await ask(path("api", "runs", name, "stop"), { method: "POST" }).catch((why) => say(why.message));
  };
  return [
    el("p", { id: "verdict" }, state.stopping ? "It is asked to stop, and writes its best timetable so far." : "It is at work."),
    el("dl", null,
      el("dt", null, "Stage"), el("dd", null, state.stage ? `${state.stage} ${state.implementation}` : "it begins"),
      el("dt", null, "Best so far"), el("dd", { id: "best" }, score(best)),
      el("dt", null, "Memory"), el("dd", null, now.memory ? megabytes(now.memory) : "not known yet"),
      el("dt", null, "Left for this stage"), el("dd", null, typeof now.seconds_left === "number" ? `at most ${figure(now.seconds_left)} s` : "not known yet")),
    // A run of another program is stopped where it was started.
    "stopping" in state ? el("button", { id: "stop", disabled: state.stopping, click: stop }, "Stop with the best so far") : null,
    stagesOf(state),
  ];
}

function ended(name, state) {
  const last = state.stages?.at(-1)?.after;
  const of = el("input", { placeholder: "teacher=ann", pattern: "[a-z]+=.+" });
  const one = (event) => {
    event.preventDefault();
    location.href = `${path("runs", name, "calendars")}?${query({ of: of.value })}`;
  };
  const found = el("div");
  if (last) rules([name]).then((parts) => found.append(...parts)).catch((why) => found.append(el("p", { class: "bad" }, why.message)));
  say("The run has ended");
  return [
    el("p", { id: "verdict" }, state.error ? el("span", { class: "bad" }, state.error) : last ? score(last) : "It ended without a timetable."),
    state.warning ? el("p", { class: "note" }, state.warning) : null,
    last ? el("p", { class: "tools", id: "downloads" },
      state.page ? el("a", { href: path("runs", name, "timetable.html"), target: "_blank" }, "Open the timetable") : null,
      state.page ? el("a", { href: path("runs", name, "timetable.html"), download: `${name}.html` }, "HTML") : null,
      el("a", { href: path("runs", name, "timetable.xlsx") }, "Excel workbook"), el("a", { href: path("runs", name, "calendars") }, "All calendars (.zip)")) : null,
    last ? el("form", { submit: one }, el("label", null, "One calendar: teacher=, room=, group=, course=, student=", of), el("button", null, "Calendar (.ics)")) : null,
    found,
    stagesOf(state),
  ];
}

// What each rule counts in some runs, and what they are better at, side by side.
async function rules(names) {
  const scores = [];
  for (const name of names) scores.push(await ask(path("api", "runs", name, "score")));
  const all = [...new Set(scores.flatMap((one) => Object.keys(one.by_kind)))];
  const cell = (tally) => tally ? `${figure(tally.penalty)}${tally.hard ? ` and ${figure(tally.hard)} hard` : ""}` : "0";
  const rows = all.map((rule) => [rule, ...scores.map((one) => cell(one.by_kind[rule]))]);
  const total = ["in all", ...scores.map((one) => score(one.score))];
  const figures = names.map((_, i) => i + 1);
  const better = Object.keys(scores[0].qualities).map((quality) => {
    const values = scores.map((one) => one.qualities[quality]), least = Math.min(...values);
    return [quality, ...values.map((value) => value === least && values.some((other) => other > least) ? el("strong", null, `${value} *`) : `${value}`)];
  });
  const caption = names.length > 1 ? "Less is better, * is the least; figures of a week" : "Less is better; figures of a week";
  return [table("Penalty by rule", ["rule", ...names], [...rows, total], figures), table(caption, ["", ...names], better, figures)];
}

async function compare(_, first, second) {
  const { runs } = await ask("/api/state"), names = runs.map((run) => run.name);
  const both = [first, second];
  return [
    el("h2", { tabindex: -1 }, `${first} and ${second}`),
    compareForm(names, first, second),
    await rules(both),
    el("p", null, el("a", { href: `${path("runs", second, "compared.html")}?${query({ with: first })}#changes`, target: "_blank" }, `What is different in ${second}`)),
    el("div", { class: "pair" }, both.map((name) => el("section", null, el("h3", null, name),
      el("iframe", { src: path("runs", name, "timetable.html"), title: `Timetable of ${name}`, sandbox: "allow-scripts allow-modals allow-popups" })))),
  ];
}
