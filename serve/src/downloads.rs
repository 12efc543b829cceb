//! What there is to download of a run: its page, a workbook, calendars; what differs between two.

use crate::access::SANDBOX;
use crate::answer::{Refused, beside, download, read, typed};
use crate::calendars;
use crate::folder::private;
use crate::program::done;
use crate::router::Server;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use scheduler::{PAGE, PLAN_FOLDER};
use std::{collections::HashMap, ffi::OsStr, path, sync::Arc};

type Asked = (State<Arc<Server>>, Path<String>, Query<HashMap<String, String>>);

/// The page of a run.
pub(crate) async fn page(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    let file = server.folder.file_of(&name, PAGE).ok_or(Refused::Unknown(name, "page"))?;
    sandboxed(beside(move || read(&file)).await?)
}

/// A page that says what differs from another run (`with`).
pub(crate) async fn compared((State(server), Path(name), Query(query)): Asked) -> Result<Response, Refused> {
    let other = query.get("with").cloned().unwrap_or_default();
    let plan = plan(&server, &other)?;
    let folder = private().tempdir()?;
    let to = folder.path().join(PAGE);
    view(&server, &name, &["--compare".as_ref(), plan.as_ref(), "--out".as_ref(), to.as_ref()]).await?;
    sandboxed(beside(move || read(&to)).await?)
}

/// A workbook.
pub(crate) async fn workbook(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    let folder = private().tempdir()?;
    let to = folder.path().join("timetable.xlsx");
    view(&server, &name, &["--xlsx".as_ref(), to.as_ref()]).await?;
    let bytes = beside(move || read(&to)).await?;
    download("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &format!("{name}.xlsx"), bytes)
}

/// One calendar (`of`, such as `teacher=ann`), or all of them in an archive.
pub(crate) async fn calendar((State(server), Path(name), Query(query)): Asked) -> Result<Response, Refused> {
    let folder = private().tempdir()?;
    if let Some(of) = query.get("of").filter(|of| !of.is_empty()) {
        let to = folder.path().join("calendar.ics");
        // In one word, so that it is no other flag.
        let of = format!("--of={of}");
        view(&server, &name, &["--ics".as_ref(), to.as_ref(), of.as_ref()]).await?;
        let bytes = beside(move || read(&to)).await?;
        let id = of.rsplit('=').next().unwrap_or_default();
        return download("text/calendar", &format!("{id}.ics"), bytes);
    }
    let to = folder.path().join("calendars");
    view(&server, &name, &["--ics".as_ref(), to.as_ref()]).await?;
    let bytes = beside(move || calendars::archive(&to)).await?;
    download("application/zip", &format!("{name}-calendars.zip"), bytes)
}

fn plan(server: &Server, name: &str) -> Result<path::PathBuf, Refused> {
    let run = server.folder.run(name).ok_or_else(|| Refused::Unknown(name.to_owned(), "run"))?;
    Ok(run.join(PLAN_FOLDER))
}

/// Has `view` make something of a run.
async fn view(server: &Server, name: &str, words: &[&OsStr]) -> Result<(), Refused> {
    let plan = plan(server, name)?;
    let all = [OsStr::new("view"), plan.as_ref()].into_iter().chain(words.iter().copied());
    done(server.program.ask(all).await?).map(drop)
}

/// A page with a script of its own: it may have come from anywhere, as its run may.
fn sandboxed(bytes: Vec<u8>) -> Result<Response, Refused> {
    let mut answer = typed("text/html; charset=utf-8", bytes);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    Ok(answer)
}
