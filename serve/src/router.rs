//! The server: its addresses, its beginning and its end.

use crate::access::{Access, guard};
use crate::folder::Folder;
use crate::program::Program;
use crate::run::Work;
use crate::{downloads, inputs, live, pages, runs, upload};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use memguard::Bytes;
use std::{io, net::Ipv4Addr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{Mutex, watch},
};

/// Signals that come within this time are one: terminals and job schedulers send two.
const SAME: Duration = Duration::from_secs(1);
/// How long open connections may take to close at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What a server is set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with the runs; uploads go below it. It is made where it is missing.
    pub folder: PathBuf,
    /// The port on 127.0.0.1; 0 is any that is free.
    pub port: u16,
    /// Memory budget of a run; without one, a run finds its limits itself.
    pub memory: Option<Bytes>,
    /// The program that has the commands `check`, `solve` and `view`.
    pub program: PathBuf,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The folder cannot be used.
    #[error("{}: it cannot be used: {source}, expected a folder", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The port cannot be used.
    #[error("port {port} of 127.0.0.1 cannot be used: {source}, expected a port that is free (--port)")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// What the system says.
    #[error("the server cannot go on: {0}")]
    Io(#[from] io::Error),
}

/// What all answers share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) access: Access,
    pub(crate) folder: Folder,
    pub(crate) program: Program,
    pub(crate) work: Work,
    pub(crate) memory: Option<Bytes>,
    /// One upload at a time.
    pub(crate) uploads: Mutex<()>,
    /// Whether the server ends.
    pub(crate) ending: watch::Sender<bool>,
}

/// Serves until a signal (Ctrl-C, SIGTERM, SIGHUP) comes; `ready` is given the address. A run at
/// work then ends with its best so far.
///
/// # Errors
/// Why it cannot begin, or go on.
pub fn serve(settings: Settings, ready: impl FnOnce(&str)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build()?;
    let served = runtime.block_on(run(settings, ready));
    // Whoever still reads from a file is not waited for.
    runtime.shutdown_background();
    served
}

async fn run(settings: Settings, ready: impl FnOnce(&str)) -> Result<(), ServeError> {
    let folder = Folder::open(&settings.folder)
        .map_err(|source| ServeError::Folder { folder: settings.folder.clone(), source })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))
        .await
        .map_err(|source| ServeError::Port { port: settings.port, source })?;
    let server = Arc::new(Server {
        access: Access::new(listener.local_addr()?.port())?,
        folder,
        program: Program::new(settings.program),
        work: Work::default(),
        memory: settings.memory,
        uploads: Mutex::default(),
        ending: watch::Sender::new(false),
    });
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .map(signal)
        .into_iter()
        .collect::<io::Result<Vec<_>>>()?;
    let mut ending = server.ending.subscribe();
    let ended = async move {
        let _ = ending.wait_for(|ending| *ending).await;
    };
    let serving = axum::serve(listener, router(server.clone())).with_graceful_shutdown(ended);
    let serving = tokio::spawn(serving.into_future());
    ready(&server.access.address());
    any(&mut signals).await;
    // Pages see the end of the run before the server is gone.
    tokio::select! {
        () = server.work.end() => {}
        () = another(&mut signals) => tracing::warn!("a second signal: the run at work is not waited for"),
    }
    server.ending.send_replace(true);
    match tokio::time::timeout(LAST_ANSWERS, serving).await {
        Ok(Ok(ended)) => Ok(ended?),
        // Connections that do not close are left.
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// Waits for a signal that is none of those that came at once with the first.
async fn another(signals: &mut [tokio::signal::unix::Signal]) {
    let again = tokio::time::sleep(SAME);
    tokio::pin!(again);
    loop {
        tokio::select! {
            biased;
            () = &mut again => break,
            () = any(signals) => {}
        }
    }
    any(signals).await;
}

/// Waits for the next of these signals.
async fn any(signals: &mut [tokio::signal::unix::Signal]) {
    std::future::poll_fn(|context| {
        let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if came { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(pages::index))
        .route("/app.js", get(pages::script))
        .route("/app.css", get(pages::style))
        .route("/api/state", get(runs::list))
        .route("/api/inputs", post(upload::upload))
        .route("/api/inputs/{name}", get(inputs::check))
        .route("/api/runs", post(runs::start))
        .route("/api/runs/{name}", get(runs::show))
        .route("/api/runs/{name}/score", get(runs::score))
        .route("/api/runs/{name}/events", get(live::events))
        .route("/api/runs/{name}/stop", post(runs::stop))
        .route("/runs/{name}/timetable.html", get(downloads::page))
        .route("/runs/{name}/compared.html", get(downloads::compared))
        .route("/runs/{name}/timetable.xlsx", get(downloads::workbook))
        .route("/runs/{name}/calendars", get(downloads::calendar))
        .layer(from_fn_with_state(server.clone(), guard))
        .with_state(server)
}
