// Which view is shown.

const VIEWS = { input, run, compare };
let page = null;

async function show() {
  const [view, rest = ""] = location.hash.slice(1).split(/=(.*)/s), main = document.getElementById("main");
  const mine = new AbortController();
  page?.abort();
  page = mine;
  let parts;
  try {
    const values = rest.split("&").map(decodeURIComponent);
    parts = await (Object.hasOwn(VIEWS, view) ? VIEWS[view] : home)(mine.signal, ...values);
  } catch (why) {
    parts = [el("h2", { tabindex: -1 }, "This cannot be shown"), el("p", { class: "bad", role: "alert" }, why.message), el("p", null, el("a", { href: "#" }, "All timetables"))];
  }
  // Another view was asked for meanwhile.
  if (mine.signal.aborted) return;
  main.replaceChildren(...parts.flat(3).filter(Boolean));
  const head = main.querySelector("h2");
  document.title = `${head.textContent} · Stagecoach`;
  if (show.again) head.focus({ preventScroll: true });
  show.again = true;
  document.documentElement.dataset.ready = location.hash || "#";
}

// The token is a cookie by now; it need not stand in the history.
history.replaceState(null, "", location.pathname + location.hash);
addEventListener("hashchange", show);
show();
