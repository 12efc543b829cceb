//! A server, and a browser's requests to it by hand.

use super::Place;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Cursor, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Stdio},
    time::Duration,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A server; it ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) port: u16,
    pub(crate) token: String,
}

/// What it answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

impl Server {
    pub(crate) fn start(place: &Place, arguments: &str) -> Server {
        let mut command = place.command(&format!("serve {arguments} --json"));
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("the program runs");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        super::schema::holds(&line);
        let event: Value = serde_json::from_str(&line).expect("JSON");
        let address = event["address"].as_str().expect("an address");
        let (port, token) = address
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once("/?token="))
            .unwrap_or_else(|| panic!("{address}"));
        Server { child, out, port: port.parse().expect("a port"), token: token.to_owned() }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a time limit");
        stream
    }

    /// The lines that a browser on its own page sends.
    pub(crate) fn own(&self) -> String {
        let port = self.port;
        format!(
            "Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n{}",
            self.cookie()
        )
    }

    pub(crate) fn cookie(&self) -> String {
        format!("Cookie: stagecoach-{}={}\r\n", self.port, self.token)
    }

    /// Sends a request and reads what comes until the connection is closed.
    pub(crate) fn send(&self, start: &str, lines: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let head = format!("{start} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
        stream.write_all(head.as_bytes()).expect("the server reads");
        // It may have refused already, and then it reads no more.
        let _ = stream.write_all(body);
        answer(stream)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &self.own(), b"")
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        let lines = format!("{}Content-Length: {}\r\n", self.own(), body.len());
        self.send(&format!("POST {path}"), &lines, body)
    }

    /// Uploads; gives the name of the input.
    pub(crate) fn upload(&self, name: &str, body: &[u8]) -> String {
        let answer = self.post(&format!("/api/inputs?name={name}"), body).is(201);
        answer.json()["name"].as_str().expect("a name").to_owned()
    }

    pub(crate) fn signal(&self, number: i32) {
        // SAFETY: `kill` takes two numbers; the child has not been waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, number) }, 0);
    }

    /// Waits for its end; gives the exit code and the last event.
    pub(crate) fn end(mut self) -> (Option<i32>, Value) {
        let mut text = String::new();
        self.out.read_to_string(&mut text).expect("text");
        let code = self.child.wait().expect("it ends").code();
        super::schema::holds(text.trim());
        (code, serde_json::from_str(text.trim()).expect("JSON"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that is reset has said before why.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut body = bytes[end + 4..].to_vec();
    if head.to_lowercase().contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    Answer { status, head, body }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(&String::from_utf8_lossy(&bytes[..end]), 16).expect("a size");
        whole.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    whole
}

/// The files of a folder in an archive, below a folder of this name.
pub(crate) fn zipped(folder: &Path, below: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().into_string().expect("a name");
        zip.start_file(format!("{below}{name}"), SimpleFileOptions::default()).expect("an entry");
        zip.write_all(&fs::read(entry.path()).expect("a file")).expect("bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

/// An archive with these entries.
pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("an archive").into_inner()
}
