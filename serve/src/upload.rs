//! Uploads: an input becomes a new folder below `uploads`, whole or not at all.

use crate::answer::{Refused, beside, json_answer};
use crate::folder::private;
use crate::router::Server;
use crate::unpack::{is_bounded, unpack};
use axum::{
    body::{Body, HttpBody},
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{
    collections::HashMap,
    fs::{self, File},
    future::poll_fn,
    io::{self, Write},
    path::Path,
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::timeout;

/// Most bytes of an upload: those of a workbook that is read.
const MOST_BYTES: u64 = 64 << 20;
/// Most uploads in the folder.
const MOST_UPLOADS: usize = 200;
/// Longest pause of whoever sends.
const PAUSE: Duration = Duration::from_secs(30);
/// What inputs end in.
const ENDINGS: [&str; 7] = ["xlsx", "ods", "zip", "xml", "ctt", "ectt", "tim"];

/// Takes an upload.
pub(crate) async fn upload(
    State(server): State<Arc<Server>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (stem, ending) = names(query.get("name").map_or("", String::as_str))?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > MOST_BYTES) {
        return Err(too_large());
    }
    let _turn = server.uploads.try_lock().map_err(|_| Refused::Busy("another upload is under way".into()))?;
    if server.folder.inputs().len() >= MOST_UPLOADS {
        return Err(Refused::Busy(format!("{MOST_UPLOADS} uploads are in the folder; remove some of them first")));
    }
    let uploads = server.folder.uploads()?;
    // Nobody sees it before it is whole: names with a dot are those of no input.
    let place = private().prefix(".in-").tempdir_in(&uploads)?;
    if ending == "zip" {
        let mut archive = tempfile::tempfile_in(&uploads)?;
        receive(body, &mut archive).await?;
        let into = place.path().to_owned();
        beside(move || unpack(&archive, &into)).await?;
    } else {
        let path = place.path().join(format!("{stem}.{ending}"));
        let mut file = File::create_new(&path)?;
        receive(body, &mut file).await?;
        if ["xlsx", "ods"].contains(&ending) {
            beside(move || is_bounded(&File::open(&path)?)).await?;
        }
    }
    let name = whole(place, &uploads, &stem)?;
    Ok((StatusCode::CREATED, json_answer(&json!({ "name": name }))).into_response())
}

/// Gives an upload that is whole a name that is free.
fn whole(place: TempDir, uploads: &Path, stem: &str) -> io::Result<String> {
    // The folder with the name is empty, and becomes the other.
    let named = private().prefix(&format!("{stem}-")).rand_bytes(4).tempdir_in(uploads)?;
    fs::rename(place.path(), named.path())?;
    let _ = place.keep();
    Ok(named.keep().file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// Writes what comes, as long as it is not too much.
async fn receive(mut body: Body, file: &mut File) -> Result<(), Refused> {
    let mut bytes = 0;
    loop {
        let next = timeout(PAUSE, poll_fn(|context| Pin::new(&mut body).poll_frame(context))).await;
        let next = next.map_err(|_| Refused::Request("the upload has stopped".into()))?;
        let Some(frame) = next else { return Ok(()) };
        let frame = frame.map_err(|why| Refused::Request(format!("the upload is broken: {why}")))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len() as u64;
        if bytes > MOST_BYTES {
            return Err(too_large());
        }
        file.write_all(&data)?;
    }
}

fn too_large() -> Refused {
    Refused::TooLarge(format!("the upload is too large, expected at most {} MiB", MOST_BYTES >> 20))
}

/// Stem and ending of the names that are given to folder and file.
fn names(given: &str) -> Result<(String, &'static str), Refused> {
    let (stem, end) = given.rsplit_once('.').unwrap_or((given, ""));
    let ending = ENDINGS
        .into_iter()
        .find(|ending| end.eq_ignore_ascii_case(ending))
        .ok_or_else(|| Refused::Request(format!("{given:?}: expected a name that ends in .{}", ENDINGS.join(", ."))))?;
    let plain = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' };
    let stem: String = stem.chars().map(plain).take(40).collect();
    let stem = stem.trim_matches(['-', '_']);
    Ok((if stem.is_empty() { "input".to_owned() } else { stem.to_owned() }, ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_files_and_nothing_else() {
        let of = |given: &str| names(given).map(|(stem, ending)| format!("{stem}.{ending}")).ok();
        assert_eq!(of("Spring term.XLSX").as_deref(), Some("Spring_term.xlsx"));
        assert_eq!(of("../../etc/passwd.zip").as_deref(), Some("etc_passwd.zip"));
        assert_eq!(of(".zip").as_deref(), Some("input.zip"));
        assert_eq!(of("\u{fc}bung.ods").as_deref(), Some("\u{fc}bung.ods"));
        for given in ["a.exe", "a", "", "a.toml", "a.zip.sh"] {
            assert_eq!(of(given), None, "{given}");
        }
    }
}
