//! `serve` in a browser: from an upload with errors to a download.
#![cfg(feature = "serve")]

mod common;

use common::{
    Place,
    browser::Browser,
    server::{Server, zipped},
};
use serde_json::{Value, json};
use std::path::Path;

/// Chooses a file and uploads it; waits for what is said of it.
fn upload(browser: &mut Browser, file: &Path) {
    let root = browser.call("DOM.getDocument", json!({}))["root"]["nodeId"].clone();
    let input = browser.call("DOM.querySelector", json!({ "nodeId": root, "selector": "#file" }))["nodeId"].clone();
    browser.call("DOM.setFileInputFiles", json!({ "files": [file], "nodeId": input }));
    let before = browser.run("location.hash");
    browser.run("document.getElementById('file').form.requestSubmit()");
    browser.until(&format!("location.hash !== {before} && document.documentElement.dataset.ready === location.hash"));
}

fn text(browser: &mut Browser, selector: &str) -> String {
    let shown = browser.run(&format!("document.querySelector({})?.innerText ?? ''", json!(selector)));
    shown.as_str().expect("a text").to_owned()
}

#[test]
fn an_upload_is_corrected_solved_watched_stopped_and_downloaded_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    let courses = place.read("faculty/courses.csv");
    let archive = |name: &str| {
        std::fs::write(place.path(name), zipped(&place.path("faculty"), "faculty/")).expect("a file");
        place.path(name)
    };
    place.write("faculty/courses.csv", &courses.replacen("t01;t02", "t01;<b>nobody</b>", 1));
    let broken = archive("broken.zip");
    place.write("faculty/courses.csv", &courses);
    let good = archive("good.zip");
    let server = Server::start(&place, "runs");

    browser.load(&format!("http://127.0.0.1:{}/?token={}", server.port, server.token));
    browser.until("document.documentElement.dataset.ready");
    assert_eq!(browser.run("location.search"), "", "the token is not left in the address");
    assert_eq!(browser.run("document.cookie"), "", "scripts cannot read it");
    upload(&mut browser, &broken);
    assert!(text(&mut browser, "#verdict").contains("cannot be read as it is"));
    let problem = text(&mut browser, ".problems li.error");
    assert!(problem.contains("courses.csv:2") && problem.contains("courses.csv, line 2"), "{problem}");
    assert_eq!(browser.run("document.querySelectorAll('main b').length"), 0, "names are text");
    assert_eq!(text(&mut browser, ".problems mark"), "t01;<b>nobody</b>", "the cell is marked");

    upload(&mut browser, &good);
    assert!(text(&mut browser, "#verdict").starts_with("Nothing was found that cannot work"));
    browser.run("document.getElementById('time').value = '30m'");
    browser.run("document.getElementById('solve').click()");
    browser.until("document.getElementById('best')?.innerText.startsWith('valid, penalty')");
    browser.run("document.getElementById('stop').click()");
    browser.until("document.getElementById('downloads')");
    assert!(text(&mut browser, "#verdict").starts_with("valid, penalty"));
    browser.until("[...document.querySelectorAll('caption')].some((one) => one.innerText === 'Penalty by rule')");

    // All that is offered can be had, and is saved or shown as it should be.
    let links = "Promise.all([...document.querySelectorAll('#downloads a')].map(async (a) => { const answer = await fetch(a.href); return `${answer.status} ${answer.headers.get('content-type')} ${(await answer.arrayBuffer()).byteLength > 1000}`; }))";
    assert_eq!(
        browser.run(links),
        json!([
            "200 text/html; charset=utf-8 true",
            "200 text/html; charset=utf-8 true",
            "200 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet true",
            "200 application/zip true",
        ])
    );

    // Side by side with itself: two pages in sandboxes, from which the server cannot be asked.
    browser.run("location.hash = 'compare=good&good'");
    browser.until("document.querySelectorAll('iframe').length === 2");
    assert_eq!(
        browser.run("[...document.querySelectorAll('iframe')].map((one) => one.contentDocument)"),
        json!([null, null])
    );
    browser.load(&format!("http://127.0.0.1:{}/runs/good/timetable.html#room=R4", server.port));
    browser.until("document.documentElement.dataset.ready");
    assert_eq!(text(&mut browser, "h2"), "Room R4");
    assert_eq!(browser.run("origin"), "null");
    let asked = browser.run("fetch('/api/state').then((answer) => `answered ${answer.status}`, () => 'refused')");
    assert_eq!(asked, "refused");

    // Nothing else was asked for, and nothing went wrong but what was refused last.
    let own = format!("http://127.0.0.1:{}/", server.port);
    let foreign = |(method, of): &&(String, Value)| {
        let url = of["request"]["url"].as_str().unwrap_or_default();
        method == "Network.requestWillBeSent" && !["data:", "about:", &own].iter().any(|known| url.starts_with(known))
    };
    let foreign: Vec<_> = browser.events.iter().filter(foreign).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let wrong: Vec<&(String, Value)> = browser
        .events
        .iter()
        .filter(|(method, _)| ["Runtime.exceptionThrown", "Log.entryAdded"].contains(&method.as_str()))
        .collect();
    assert!(wrong.iter().all(|(_, of)| of.to_string().contains("/api/state")), "{wrong:?}");
}
