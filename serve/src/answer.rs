//! Answers: JSON, files, and why something is not done.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{fs, io, path::Path};

/// Most bytes of a file that is sent.
const MOST_BYTES: u64 = 512 << 20;

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Whoever asks has no token, or comes from another page.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is no such thing.
    #[error("{0:?}: there is no such {1} in the folder")]
    Unknown(String, &'static str),
    /// A parameter that is not understood.
    #[error("{0}")]
    Request(String),
    /// It cannot be done now.
    #[error("{0}")]
    Busy(String),
    /// More than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// What was uploaded cannot be used, or not for what was asked, such as calendars without dates.
    #[error("{0}")]
    Content(String),
    /// The program failed.
    #[error("{0}")]
    Failed(String),
    /// What the system says.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Refused::Forbidden(_) => StatusCode::FORBIDDEN,
            Refused::Unknown(..) => StatusCode::NOT_FOUND,
            Refused::Request(_) => StatusCode::BAD_REQUEST,
            Refused::Busy(_) => StatusCode::CONFLICT,
            Refused::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::Content(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Failed(_) | Refused::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, json_answer(&json!({ "error": self.to_string() }))).into_response()
    }
}

/// JSON.
pub(crate) fn json_answer(value: &Value) -> Response {
    typed("application/json", value.to_string())
}

/// Something of a type.
pub(crate) fn typed(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// A file to be saved under a name.
pub(crate) fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Result<Response, Refused> {
    let mut answer = typed(kind, bytes);
    // A name is that of a folder, and may hold anything.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.+".contains(c) { c } else { '_' };
    let value = format!("attachment; filename=\"{}\"", name.chars().map(plain).collect::<String>());
    let value = HeaderValue::from_str(&value).map_err(|why| Refused::Failed(why.to_string()))?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    Ok(answer)
}

/// A whole file; waits for the disk.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Refused> {
    let bytes = fs::metadata(path)?.len();
    if bytes > MOST_BYTES {
        return Err(Refused::TooLarge(format!("a file of {bytes} bytes, expected at most {MOST_BYTES}")));
    }
    Ok(fs::read(path)?)
}

/// Work that waits for the disk, beside the server.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|why| Refused::Failed(why.to_string()))?
}
