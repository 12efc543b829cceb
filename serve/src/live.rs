//! A run as it goes on, as server-sent events: its state whenever that changes, until it has ended.

use crate::answer::Refused;
use crate::router::Server;
use crate::runs::state;
use axum::{
    extract::{Path, State},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_core::Stream;
use serde_json::Value;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::sleep,
};

/// Between two looks at what a run of another program has saved.
const LOOK: Duration = Duration::from_secs(1);

/// Events as they come.
struct Events(Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

/// Follows a run.
pub(crate) async fn events(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    state(&server, &name).await?;
    let (to, from) = channel(4);
    tokio::spawn(async move {
        let mut ending = server.ending.subscribe();
        tokio::select! {
            () = tell(&server, &name, &to) => {}
            () = to.closed() => {}
            _ = ending.wait_for(|ending| *ending) => {}
        }
    });
    Ok(Sse::new(Events(from)).keep_alive(KeepAlive::default()).into_response())
}

/// Tells of a run until it has ended.
async fn tell(server: &Server, name: &str, to: &Sender<Event>) {
    let job = server.work.last().filter(|job| job.name == name);
    let mut changes = job.map(|job| job.watch());
    let mut told = Value::Null;
    loop {
        if let Some(changes) = &mut changes {
            changes.mark_unchanged();
        }
        let Ok(now) = state(server, name).await else { return };
        if now != told && to.send(Event::default().data(now.to_string())).await.is_err() {
            return;
        }
        if now["running"] != true {
            return;
        }
        told = now;
        match &mut changes {
            // The last state of all is told before its sender goes.
            Some(changes) => tokio::select! { _ = changes.changed() => {} () = sleep(LOOK) => {} },
            None => sleep(LOOK).await,
        }
    }
}
