//! A browser without a screen, told what to do over a pipe (Chrome DevTools protocol).

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A browser with one page; it ends with the test.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    calls: u64,
    /// What happened meanwhile: method and parameters.
    pub(crate) events: Vec<(String, Value)>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; where there is none, that is a skip.
    #[track_caller]
    pub(crate) fn start() -> Option<Browser> {
        let version = Command::new("chromium").arg("--version").output();
        if !version.is_ok_and(|done| done.status.success()) {
            needs::skip(needs::Need::Browser, "no chromium");
            return None;
        }
        let profile = tempfile::tempdir().expect("a folder");
        // It reads from its third and writes to its fourth file.
        let mut child = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<&0 4>&1 < /dev/null > /dev/null 2>&1", "sh"])
            .args(["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let (to, from) = (child.stdin.take().expect("a pipe"), BufReader::new(child.stdout.take().expect("a pipe")));
        let mut browser = Browser { child, to, from, session: None, calls: 0, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Network.enable", "Log.enable"] {
            browser.call(domain, json!({}));
        }
        Some(browser)
    }

    /// Calls a method; waits for its answer.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("the browser reads");
        loop {
            let answer = self.next();
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("the browser writes");
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        let message: Value = serde_json::from_slice(&bytes).expect("JSON");
        if let Some(method) = message["method"].as_str() {
            self.events.push((method.to_owned(), message["params"].clone()));
        }
        message
    }

    /// Opens a page and waits until it shows its data.
    pub(crate) fn open(&mut self, page: &Path, link: &str) {
        // Another link of the page that is open would be no new page.
        self.load("about:blank");
        self.load(&format!("file://{}{link}", page.display()));
        self.until("document.documentElement.dataset.ready");
    }

    /// Waits until an expression in the page is true.
    pub(crate) fn until(&mut self, expression: &str) {
        self.run(&format!(
            "new Promise((done, fail) => {{ const look = (n) => ({expression}) ? done() : n > 6000 ? fail(new Error('waited in vain')) : setTimeout(look, 5, n + 1); look(0); }})"
        ));
    }

    /// Opens a page by its address.
    pub(crate) fn load(&mut self, url: &str) {
        let before = self.events.len();
        self.call("Page.navigate", json!({ "url": url }));
        while !self.events[before..].iter().any(|(method, _)| method == "Page.loadEventFired") {
            self.next();
        }
    }

    /// What an expression in the page is, also of a promise.
    pub(crate) fn run(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// What went wrong in the page, and what it asked the network for.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let wrong = self.events.iter().filter(|(method, parameters)| {
            let url = parameters["request"]["url"].as_str().unwrap_or_default();
            match method.as_str() {
                "Runtime.exceptionThrown" | "Log.entryAdded" | "Page.javascriptDialogOpening" => true,
                "Network.requestWillBeSent" => !["file:", "data:", "about:"].iter().any(|known| url.starts_with(known)),
                _ => false,
            }
        });
        wrong.map(|(method, parameters)| format!("{method} {parameters}")).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its own children end when their pipes do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
