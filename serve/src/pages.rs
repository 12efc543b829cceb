//! The server's own page.

use crate::answer::typed;
use crate::router::Server;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use std::sync::Arc;

/// The page; whoever comes with the token in the address comes with a cookie from now on.
pub(crate) async fn index(State(server): State<Arc<Server>>) -> Response {
    let mut answer = typed("text/html; charset=utf-8", include_str!("page/index.html"));
    if let Ok(cookie) = HeaderValue::from_str(&server.access.set_cookie()) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

pub(crate) async fn script() -> Response {
    let parts = [include_str!("page/dom.js"), include_str!("page/views.js"), include_str!("page/main.js")];
    typed("text/javascript; charset=utf-8", parts.concat())
}

pub(crate) async fn style() -> Response {
    typed("text/css; charset=utf-8", include_str!("page/app.css"))
}
