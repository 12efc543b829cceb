//! The page in a browser: what it shows is what `timetable.csv` says.

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{Place, browser::Browser};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Shows a view and gives every entry of its week: class, day, beginning of the row.
const ENTRIES: &str = r##"
(link) => {
  history.replaceState(null, "", link);
  dispatchEvent(new HashChangeEvent("hashchange"));
  const table = document.querySelector("table.week"), found = [];
  const days = [...table.querySelectorAll("thead th")].map((th) => th.textContent);
  const taken = days.map(() => 0);
  for (const row of table.querySelectorAll("tbody tr")) {
    const start = row.querySelector("th").childNodes[0].textContent;
    const cells = [...row.querySelectorAll("td")];
    days.forEach((day, i) => {
      if (taken[i] > 0) { taken[i]--; return; }
      const cell = cells.shift();
      taken[i] = cell.rowSpan - 1;
      for (const entry of cell.querySelectorAll("a.entry")) {
        const when = entry.querySelector(".when");
        found.push(`${entry.dataset.class} ${day} ${when ? when.textContent.slice(0, 5) : start}`);
      }
    });
  }
  return found;
}
"##;

type Weeks = BTreeMap<(String, String), BTreeSet<String>>;

/// The demo's solution, and whose week should show what.
fn demo() -> (Place, Weeks) {
    let place = Place::new();
    place.run("demo --steps 20000 --out out -q").ends_with(0);
    let read = |file: &str| -> Vec<Vec<String>> {
        let text = place.read(&format!("out/solution/{file}.csv"));
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let (lines, enrolments) = (read("timetable"), read("enrolment"));
    assert!(lines.len() > 100 && enrolments.len() > 1000);
    let mut weeks = Weeks::new();
    let mut of_section: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for line in &lines {
        let shown = format!("{}-{}.{} {} {}", line[0], line[1], line[2], line[3], line[4]);
        for (kind, id) in [("room", &line[6]), ("teacher", &line[7]), ("course", &line[0])] {
            weeks.entry((kind.to_owned(), id.clone())).or_default().insert(shown.clone());
        }
        of_section.entry((&line[0], &line[1])).or_default().push(shown);
    }
    for line in &enrolments {
        for (kind, id) in [("student", &line[0]), ("group", &line[5])] {
            let shown = of_section[&(line[1].as_str(), line[2].as_str())].iter().cloned();
            weeks.entry((kind.to_owned(), id.clone())).or_default().extend(shown);
        }
    }
    (place, weeks)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn every_week_shows_the_sessions_of_timetable_csv_and_nothing_is_fetched() {
    let Some(mut browser) = Browser::start() else { return };
    let (place, weeks) = demo();
    browser.open(&place.path("out/timetable.html"), "#room=R4");
    assert_eq!(browser.run("document.querySelector('h2').textContent"), "Room R4");
    assert_eq!(browser.run("document.title"), "Room R4 \u{b7} demo-1");
    browser.run(&format!("window.entries = {ENTRIES}; 0"));
    let mut kinds = BTreeMap::new();
    // A browser lets a page change its link 200 times in ten seconds: not every student is looked at.
    let looked_at = |kind: &str, id: &str| kind != "student" || id.ends_with(['3', '7']);
    for ((kind, id), expected) in weeks.iter().filter(|((kind, id), _)| looked_at(kind, id)) {
        let link = format!("#{kind}={}", id.replace(' ', "%20"));
        let shown = texts(&browser.run(&format!("entries({})", json!(link))));
        assert_eq!(shown.len(), expected.len(), "{link}");
        assert_eq!(&shown.into_iter().collect::<BTreeSet<_>>(), expected, "{link}");
        *kinds.entry(kind.as_str()).or_insert(0) += 1;
    }
    assert_eq!(kinds, BTreeMap::from([("course", 30), ("group", 10), ("room", 12), ("student", 60), ("teacher", 24)]));
    assert_eq!(browser.complaints(), [] as [String; 0]);
}

#[test]
fn the_search_finds_names_and_ids_and_goes_there_with_the_keyboard() {
    let Some(mut browser) = Browser::start() else { return };
    let (place, _) = demo();
    browser.open(&place.path("out/timetable.html"), "");
    let key = |browser: &mut Browser, key: &str, code: u32, text: &str| {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            browser.call("Input.dispatchKeyEvent", event);
        }
    };
    key(&mut browser, "/", 191, "/");
    assert_eq!(browser.run("document.activeElement.id"), "search");
    browser.call("Input.insertText", json!({ "text": "teacher 17" }));
    assert_eq!(browser.run("document.querySelector('#found a').textContent"), "teacher Teacher 17 (t17)");
    assert_eq!(browser.run("document.getElementById('said').textContent"), "1 found");
    let moved = "new Promise((done) => addEventListener('hashchange', () => done(location.hash), { once: true }))";
    browser.run(&format!("window.moved = {moved}; 0"));
    key(&mut browser, "ArrowDown", 40, "");
    key(&mut browser, "Enter", 13, "\r");
    assert_eq!(browser.run("moved"), "#teacher=t17");
    assert_eq!(browser.run("document.activeElement.textContent"), "Teacher Teacher 17 (t17)");
    assert_eq!(browser.run("document.querySelectorAll('#found a').length"), 0);
    assert_eq!(browser.complaints(), [] as [String; 0]);
}

#[test]
fn free_rooms_are_those_in_which_nothing_is_held() {
    let Some(mut browser) = Browser::start() else { return };
    let (place, weeks) = demo();
    let page = place.path("out/timetable.html");
    let busy = |day: &str, hour: &str| -> BTreeSet<String> {
        let lines = place.read("out/solution/timetable.csv");
        let cells = lines.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let held = cells.filter(|c| c[3] == day && c[4] <= hour && hour < c[5]);
        held.map(|c| c[6].to_owned()).collect()
    };
    let rooms: BTreeSet<String> = weeks.keys().filter(|key| key.0 == "room").map(|key| key.1.clone()).collect();
    assert_eq!(rooms.len(), 12);
    for (day, hour) in [("Wed", "10:00"), ("Mon", "09:00"), ("Fri", "14:00")] {
        browser.open(&page, &format!("#free&day={day}&from={hour}"));
        let free =
            texts(&browser.run("[...document.querySelectorAll('table.list tbody th a')].map((a) => a.textContent)"));
        let mut expected: BTreeSet<String> = rooms.difference(&busy(day, hour)).cloned().collect();
        // Closed.
        if day == "Fri" {
            expected.remove("R8");
        }
        if day != "Mon" {
            expected.remove("LAB2");
        }
        assert_eq!(free.into_iter().collect::<BTreeSet<_>>(), expected, "{day} {hour}");
    }
    browser.open(&page, "#free&day=Wed&from=10:00&seats=70");
    let free = texts(&browser.run("[...document.querySelectorAll('table.list tbody th a')].map((a) => a.textContent)"));
    assert!(free.iter().all(|room| room == "HALL"), "{free:?}");
}

#[test]
fn all_rooms_are_printed_a_page_each() {
    let Some(mut browser) = Browser::start() else { return };
    let (place, _) = demo();
    browser.open(&place.path("out/timetable.html"), "#print=rooms");
    assert_eq!(browser.run("document.querySelectorAll('section.sheet').length"), 12);
    let data = browser.call("Page.printToPDF", json!({ "preferCSSPageSize": true }))["data"].clone();
    let pdf = STANDARD.decode(data.as_str().expect("a PDF")).expect("base64");
    assert!(pdf.starts_with(b"%PDF-"));
    let text = String::from_utf8_lossy(&pdf);
    let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page/").count();
    assert_eq!(pages, 12);
}

#[test]
fn a_browser_that_cannot_decompress_shows_the_same_and_markup_in_names_is_text() {
    let Some(mut browser) = Browser::start() else { return };
    const EVIL: &str = "</script><img src=x onerror=\"window.caught=1\"><b>";
    let place = Place::new();
    place.run("generate demo f").ends_with(0);
    let courses = place.read("f/courses.csv").replacen("Biology 1", &EVIL.replace('"', "\"\""), 1);
    let courses: String = courses
        .lines()
        .map(|line| if line.contains("onerror") { quote(line, EVIL) } else { format!("{line}\n") })
        .collect();
    place.write("f/courses.csv", &courses);
    place.run("solve f --steps 5000 --out out -q");
    let page = place.path("out/timetable.html");
    browser.open(&page, "#course=BIO101");
    let shown = "document.querySelector('main').innerText";
    let (heading, with) = (browser.run("document.querySelector('h2').textContent"), browser.run(shown));
    assert_eq!(heading, format!("Course {EVIL} (BIO101)"));
    let script = "delete window.DecompressionStream";
    browser.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    browser.open(&page, "#course=BIO101");
    assert_eq!(browser.run("typeof DecompressionStream"), "undefined");
    assert_eq!(browser.run(shown), with);
    assert_eq!(browser.run("typeof window.caught"), "undefined");
    assert_eq!(browser.run("document.querySelectorAll('main img').length"), 0);
    assert_eq!(browser.complaints(), [] as [String; 0]);
}

/// A line with one of its cells in quotes.
fn quote(line: &str, cell: &str) -> String {
    let doubled = cell.replace('"', "\"\"");
    format!("{}\n", line.replace(&doubled, &format!("\"{doubled}\"")))
}
