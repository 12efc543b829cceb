//! `serve`: from an upload to a download, and what is refused.
#![cfg(feature = "serve")]

mod common;

use common::{
    Place,
    server::{Server, archive, zipped},
    tree, wait_until,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Cursor, Write},
    net::TcpStream,
    process::Command,
};
use zip::ZipArchive;

#[test]
fn an_upload_is_corrected_solved_watched_stopped_and_downloaded() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    let server = Server::start(&place, "runs");

    // A teacher that is not there, and a number that is none.
    let courses = place.read("faculty/courses.csv");
    let broken = courses.replacen("t01;t02", "t01;nobody", 1).replacen(",33,", ",many,", 1);
    place.write("faculty/courses.csv", &broken);
    let name = server.upload("my%20faculty.zip", &zipped(&place.path("faculty"), "faculty/"));
    assert!(name.starts_with("my_faculty-"), "{name}");
    let found = server.get(&format!("/api/inputs/{name}")).is(200).json();
    assert_eq!((&found["can_run"], &found["possible"]), (&false.into(), &false.into()), "{found}");
    let texts: Vec<&str> =
        found["problems"].as_array().unwrap().iter().map(|problem| problem["text"].as_str().unwrap()).collect();
    assert!(texts.iter().any(|text| text.starts_with("courses.csv:2: ") && text.contains("nobody")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("many")), "{texts:?}");
    let line = &found["lines"][0];
    assert_eq!((line["file"].as_str(), line["line"].as_u64()), (Some("courses.csv"), Some(2)));
    assert!(line["head"].as_str().unwrap().starts_with("id,name,"), "{line}");
    assert!(line["text"].as_str().unwrap().contains("nobody"), "{line}");

    place.write("faculty/courses.csv", &courses);
    let name = server.upload("my%20faculty.zip", &zipped(&place.path("faculty"), "faculty/"));
    let found = server.get(&format!("/api/inputs/{name}")).is(200).json();
    assert_eq!((&found["can_run"], &found["possible"]), (&true.into(), &true.into()), "{found}");

    let run = server.post(&format!("/api/runs?input={name}&time=10m&seed=3"), b"").is(201).json()["name"].clone();
    let run = run.as_str().expect("a name");
    assert_eq!(run, "my_faculty");
    let busy = server.post(&format!("/api/runs?input={name}&time=1"), b"").is(409).json();
    assert_eq!(busy["error"], "my_faculty is at work; stop it or wait for its end");

    // Live: until the annealing has told of its best, which is valid.
    let mut events = BufReader::new(server.connect());
    let request = format!("GET /api/runs/{run}/events HTTP/1.1\r\n{}\r\n", server.own());
    events.get_mut().write_all(request.as_bytes()).expect("the server reads");
    let mut next = move || -> Option<Value> {
        loop {
            let mut line = String::new();
            if events.read_line(&mut line).expect("a line") == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
        }
    };
    loop {
        let state = next().expect("an event");
        assert_eq!(state["running"], true, "{state}");
        let best = &state["progress"]["best"];
        if state["stage"] == "stage2b" && best["unplaced"] == 0 && best["hard"] == 0 {
            assert!(state["progress"]["memory"].as_u64() > Some(1_000_000), "{state}");
            assert!(state["progress"]["seconds_left"].as_f64() > Some(1.0), "{state}");
            break;
        }
    }
    assert_eq!(server.get("/api/state").is(200).json()["at_work"], run);
    server.post(&format!("/api/runs/{run}/stop"), b"").is(200);
    let last = std::iter::from_fn(&mut next).find(|state| state["running"] == false).expect("its end");
    assert_eq!(last["exit"], 130, "{last}");
    assert!(last["stages"].as_array().unwrap().len() >= 3, "{last}");

    let score = server.get(&format!("/api/runs/{run}/score")).is(200).json();
    assert_eq!(score["valid"], true);
    assert!(score["by_kind"]["TimePenalty"]["penalty"].as_i64() > Some(0), "{score}");
    let page = server.get(&format!("/runs/{run}/timetable.html")).is(200);
    assert!(page.text().starts_with("<!doctype html>") && page.head.contains("content-security-policy: sandbox "));
    let book = server.get(&format!("/runs/{run}/timetable.xlsx")).is(200);
    assert!(book.head.contains("filename=\"my_faculty.xlsx\""), "{}", book.head);
    assert!(ZipArchive::new(Cursor::new(book.body)).expect("a workbook").index_for_name("xl/workbook.xml").is_some());
    let one = server.get(&format!("/runs/{run}/calendars?of=teacher=t05")).is(200);
    assert!(one.text().starts_with("BEGIN:VCALENDAR") && one.head.contains("filename=\"t05.ics\""), "{}", one.head);
    let all = server.get(&format!("/runs/{run}/calendars")).is(200);
    let all = ZipArchive::new(Cursor::new(all.body)).expect("an archive");
    assert!(all.file_names().any(|name| name.is_ok_and(|name| name == "teachers/t05.ics")));
    assert!(server.get(&format!("/runs/{run}/calendars?of=teacher=nobody")).is(422).text().contains("nobody"));

    // One that cannot begin leaves nothing.
    let bad = server.upload("bad.xlsx", b"no workbook");
    let found = server.get(&format!("/api/inputs/{bad}")).is(200).json();
    assert!(found["problems"][0]["text"].as_str().unwrap().starts_with("bad.xlsx: "), "{found}");
    server.post(&format!("/api/runs?input={bad}&time=1"), b"").is(201);
    wait_until("it has ended", || server.get("/api/runs/bad").is(200).json()["running"] == false);
    let ended = server.get("/api/runs/bad").is(200).json();
    assert!(ended["exit"] == 2 && ended["error"].as_str().unwrap().contains("bad.xlsx"), "{ended}");
    assert!(!place.path("runs/bad").exists());

    // Another one, to be compared with.
    let second = server.post(&format!("/api/runs?input={name}&time=1"), b"").is(201).json()["name"].clone();
    assert_eq!(second, "my_faculty-2");
    wait_until("the second run has ended", || server.get("/api/runs/my_faculty-2").is(200).json()["running"] == false);
    let runs = server.get("/api/state").is(200).json()["runs"].clone();
    assert!(runs.as_array().unwrap().iter().all(|run| run["score"]["hard"] == 0), "{runs}");
    let compared = server.get("/runs/my_faculty/compared.html?with=my_faculty-2").is(200);
    assert!(compared.body.len() > page.body.len(), "it holds what differs");
    place.run("check faculty runs/my_faculty").ends_with(0);
}

#[test]
fn the_end_of_the_server_is_the_end_of_its_run_with_the_best_so_far() {
    let place = Place::new();
    place.write("toy.ctt", common::TOY);
    let server = Server::start(&place, "runs");
    let name = server.upload("toy.ctt", common::TOY.as_bytes());
    server.post(&format!("/api/runs?input={name}&time=1h"), b"").is(201);
    wait_until("there is a timetable", || server.get("/api/runs/toy").json()["stages"][1]["after"].is_object());
    // However often it is told, and by whom.
    server.post("/api/runs/toy/stop", b"").is(200);
    server.post("/api/runs/toy/stop", b"").is(200);
    server.signal(libc::SIGTERM);
    server.signal(libc::SIGTERM);
    let (code, last) = server.end();
    assert_eq!((code, &last["event"]), (Some(0), &"served".into()));
    place.run("check toy.ctt runs/toy").ends_with(0);
    assert!(place.path("runs/toy/timetable.html").is_file());
}

#[test]
fn a_run_that_was_killed_is_no_success() {
    let place = Place::new();
    place.write("toy.ctt", common::TOY);
    let server = Server::start(&place, "runs");
    let name = server.upload("toy.ctt", common::TOY.as_bytes());
    server.post(&format!("/api/runs?input={name}&time=1h"), b"").is(201);
    wait_until("there is a timetable", || server.get("/api/runs/toy").json()["stages"][1]["after"].is_object());
    let server_id = server.child.id();
    let children = fs::read_to_string(format!("/proc/{server_id}/task/{server_id}/children")).expect("its children");
    for id in children.split_whitespace() {
        // SAFETY: a plain system call.
        unsafe { libc::kill(id.parse().expect("a process"), libc::SIGKILL) };
    }
    wait_until("it has ended", || server.get("/api/runs/toy").json()["running"] == false);
    let ended = server.get("/api/runs/toy").json();
    assert!(ended["error"].as_str().is_some_and(|why| why.contains("signal 9")), "{ended}");
}

#[test]
fn only_the_page_of_the_server_itself_with_its_token_is_answered() {
    let place = Place::new();
    let server = Server::start(&place, "runs");
    let port = server.port;
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let cookie = server.cookie();
    let upload =
        |lines: &str| server.send("POST /api/inputs?name=a.ctt", &format!("{lines}Content-Length: 1\r\n"), b"a");
    let get = |path: &str, lines: &str| server.send(&format!("GET {path}"), lines, b"").status;

    let first = server.send(&format!("GET /?token={}", server.token), &host, b"").is(200);
    let set = format!("set-cookie: stagecoach-{port}={}; Path=/; HttpOnly; SameSite=Strict", server.token);
    assert!(first.head.contains(&set), "{}", first.head);
    assert!(first.head.contains("content-security-policy: default-src 'none'; script-src 'self'"), "{}", first.head);
    for path in ["/", "/app.js", "/api/state", "/runs/a/timetable.html"] {
        assert_eq!(get(path, &host), 403, "{path}: no token");
        assert_eq!(get(path, &format!("{host}Cookie: stagecoach-{port}=0123\r\n")), 403, "{path}: a wrong token");
        assert_eq!(get(path, &format!("Host: evil.example:{port}\r\n{cookie}")), 403, "{path}: a foreign host");
        assert_eq!(
            get(path, &format!("{host}{cookie}Origin: http://evil.example\r\n")),
            403,
            "{path}: a foreign origin"
        );
    }
    assert_eq!(get("/?token=0123", &host), 403);
    assert_eq!(get("/api/state", &format!("{host}{cookie}")), 200);
    assert_eq!(get("/api/state", &format!("{host}{cookie}Sec-Fetch-Site: cross-site\r\n")), 403);
    for origin in ["http://evil.example", "null", "https://127.0.0.1", &format!("http://localhost:{port}")] {
        upload(&format!("{host}{cookie}Origin: {origin}\r\n")).is(403);
    }
    upload(&host).is(403);
    assert_eq!(tree(&place.path("runs")).len(), 0, "nothing was written");
    upload(&format!("{host}{cookie}")).is(201);

    // No other machine reaches it.
    let other = Command::new("hostname").arg("-I").output().map(|done| done.stdout).unwrap_or_default();
    for address in String::from_utf8_lossy(&other).split_whitespace().filter(|one| one.contains('.')) {
        assert!(TcpStream::connect((address, port)).is_err(), "{address}");
    }
}

#[test]
fn nothing_outside_the_folder_is_read_or_written() {
    let place = Place::new();
    place.write("toy.ctt", common::TOY);
    place.run("solve toy.ctt --steps 1000 --out secret -q").ends_with(0);
    let server = Server::start(&place, "runs");
    let name = server.upload("toy.ctt", common::TOY.as_bytes());
    std::os::unix::fs::symlink(place.path("secret"), place.path("runs/linked")).expect("a link");
    let before = tree(&place.path("runs"));
    for run in ["..%2Fsecret", "%2e%2e%2fsecret", "..", "%2e%2e", "linked", ".%00", "uploads", "..%5csecret"] {
        for rest in ["timetable.html", "timetable.xlsx", "calendars", "compared.html?with=linked"] {
            let status = server.get(&format!("/runs/{run}/{rest}")).status;
            assert_eq!(status, 404, "/runs/{run}/{rest}");
        }
        for rest in ["", "/score", "/events"] {
            assert_eq!(server.get(&format!("/api/runs/{run}{rest}")).status, 404, "/api/runs/{run}{rest}");
        }
        assert_eq!(server.get(&format!("/api/inputs/{run}")).status, 404, "{run}");
        assert_eq!(server.post(&format!("/api/runs?input={run}&time=1"), b"").status, 404, "{run}");
    }
    assert_eq!(server.get("/runs/../../etc/passwd").status, 404);
    // What an upload says it is called is no path, and what is in it is none either.
    for entry in
        ["../courses.csv", "../../../courses.csv", "/tmp/courses.csv", "a/../../courses.csv", "..\\courses.csv"]
    {
        let refused = server.post("/api/inputs?name=a.zip", &archive(&[(entry, b"id")])).is(422).json();
        assert!(refused["error"].as_str().unwrap().contains("leads out of the archive"), "{entry}: {refused}");
    }
    server.post("/api/inputs?name=..%2f..%2fa.sh", b"x").is(400);
    server.post("/api/inputs?name=stagecoach.toml", b"x").is(400);
    for (query, why) in [("time=abc", "time is"), ("time=99h", "time is"), ("seed=x", "seed is")] {
        let refused = server.post(&format!("/api/runs?input={name}&{query}"), b"").is(400).text();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(before == tree(&place.path("runs")), "nothing was written");
    let inside = server.upload("..%2f..%2ftoy.ctt", common::TOY.as_bytes());
    assert!(place.path(&format!("runs/uploads/{inside}/toy.ctt")).is_file(), "{inside}");
}

#[test]
fn an_upload_starts_no_program() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    let mark = place.path("mark");
    let evil = format!("[stage2a]\nuse = \"exec:touch {}\"\n", mark.display());
    place.write("faculty/stagecoach.toml", &evil);
    place.write("faculty/resume.toml", &evil);
    let server = Server::start(&place, "runs");
    let name = server.upload("f.zip", &zipped(&place.path("faculty"), ""));
    server.post(&format!("/api/runs?input={name}&time=1"), b"").is(201);
    wait_until("the run has ended", || server.get("/api/runs/f").json()["running"] == false);
    assert_eq!(server.get("/api/runs/f/score").is(200).json()["valid"], true);
    assert!(!mark.exists());
    assert!(!place.path(&format!("runs/uploads/{name}/stagecoach.toml")).exists());
}

#[test]
fn uploads_that_are_too_large_are_refused_and_leave_nothing() {
    let place = Place::new();
    let server = Server::start(&place, "runs");
    // 2 GB that are announced: refused before anything is sent.
    let lines = format!("{}Content-Length: 2147483648\r\n", server.own());
    server.send("POST /api/inputs?name=a.xlsx", &lines, b"").is(413);

    // 2 GB that are not announced: as soon as it is too much.
    let mut stream = server.connect();
    let head = format!("POST /api/inputs?name=a.xlsx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{}\r\n", server.own());
    stream.write_all(head.as_bytes()).expect("the server reads");
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat();
    let taken = (0..2048).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    assert!((64..256).contains(&taken), "{taken} MiB were taken");
    drop(stream);
    wait_until("nothing is left", || tree(&place.path("runs/uploads")).is_empty());

    let zeros = vec![0; 100 << 20];
    let bomb = archive(&[("courses.csv", &zeros), ("rooms.csv", &zeros), ("teachers.csv", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    let refused = server.post("/api/inputs?name=a.zip", &bomb).is(413).json();
    assert_eq!(refused["error"], "it unpacks to more than 256 MiB");
    let sheets = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"];
    let bomb = archive(&sheets.map(|sheet| (sheet, zeros.as_slice())));
    server.post("/api/inputs?name=a.xlsx", &bomb).is(413);
    // Whoever stops in the middle leaves nothing either.
    let mut stream = server.connect();
    let head = format!("POST /api/inputs?name=a.ctt HTTP/1.1\r\nContent-Length: 100\r\n{}\r\nhalf", server.own());
    stream.write_all(head.as_bytes()).expect("the server reads");
    wait_until("it has begun", || !tree(&place.path("runs/uploads")).is_empty());
    assert_eq!(server.get("/api/state").is(200).json()["inputs"], serde_json::json!([]), "it is not whole");
    drop(stream);
    wait_until("nothing is left", || tree(&place.path("runs/uploads")).is_empty());
    assert_eq!(server.get("/api/state").is(200).json()["inputs"], serde_json::json!([]));
    let peak = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap_or_default();
    let peak =
        peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(peak.is_none_or(|kb| kb < 60_000), "{peak:?} kB");
}
