//! Who may ask: whoever has the token, from this very server's pages.
//!
//! * The server has one name and port. A request for another name (a foreign page whose name was
//!   made to lead here) is refused.
//! * A request that another page has the browser send is refused, by `Origin` and
//!   `Sec-Fetch-Site`; the cookie does not go with such a request either (`SameSite=Strict`).
//! * The token comes with the address that is printed, and then as a cookie that scripts cannot
//!   read.
//! * Pages run the server's own script alone. The page of a run has a script of its own: it runs
//!   in a sandbox, as if it came from elsewhere.

use crate::answer::Refused;
use crate::router::Server;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{fs::File, io::Read, sync::Arc};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; \
img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The policy of a run's own page.
pub(crate) const SANDBOX: &str =
    "sandbox allow-scripts allow-modals allow-popups allow-downloads; frame-ancestors 'self'";
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Token and port.
#[derive(Debug)]
pub(crate) struct Access {
    token: String,
    port: u16,
}

impl Access {
    /// With a new token.
    pub(crate) fn new(port: u16) -> std::io::Result<Access> {
        let mut bytes = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Access { token: bytes.iter().map(|byte| format!("{byte:02x}")).collect(), port })
    }

    /// The address with the token.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// Cookies are those of a machine, whatever the port.
    fn cookie(&self) -> String {
        format!("stagecoach-{}", self.port)
    }

    /// What makes the browser come with the token from now on.
    pub(crate) fn set_cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie(), self.token)
    }

    fn is_token(&self, given: &str) -> bool {
        // As long for every token that is wrong.
        let differs = given.bytes().zip(self.token.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
        given.len() == self.token.len() && differs == 0
    }

    fn has_token(&self, query: Option<&str>, headers: &HeaderMap) -> bool {
        let in_query = query.unwrap_or_default().split('&').filter_map(|pair| pair.strip_prefix("token="));
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mine = self.cookie();
        in_query.chain(cookies.filter(|(name, _)| *name == mine).map(|(_, value)| value)).any(|t| self.is_token(t))
    }

    fn check(&self, method: &Method, path: &str, query: Option<&str>, headers: &HeaderMap) -> Result<(), Refused> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let hosts = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{}", self.port));
        let host = text(header::HOST).filter(|host| hosts.iter().any(|known| known == host));
        let host = host.ok_or(Refused::Forbidden("a foreign host, expected the address that was printed"))?;
        if text(header::ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
            return Err(Refused::Forbidden("a request of a foreign page"));
        }
        // The first page may be opened by a link, wherever that stands.
        let is_first = path == "/" && method == Method::GET;
        if !is_first && text(SITE).is_some_and(|site| !["same-origin", "none"].contains(&site)) {
            return Err(Refused::Forbidden("a request of a foreign page"));
        }
        if !self.has_token(query, headers) {
            return Err(Refused::Forbidden("the token is missing or wrong: open the address that `serve` printed"));
        }
        Ok(())
    }
}

/// Lets through what may ask; every answer says what a browser may do with it.
pub(crate) async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let allowed = server.access.check(request.method(), uri.path(), uri.query(), request.headers());
    let mut answer = match allowed {
        Ok(()) => next.run(request).await,
        Err(why) => why.into_response(),
    };
    let headers = answer.headers_mut();
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(access: &Access, method: &Method, query: Option<&str>, headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
        }
        access.check(method, "/api/state", query, &map).is_ok()
    }

    #[test]
    fn only_the_token_opens_and_only_for_this_server() {
        let access = Access::new(8000).expect("a token");
        assert_eq!(access.token.len(), 32);
        assert_ne!(Access::new(8000).expect("a token").token, access.token);
        let cookie = format!("other=1; stagecoach-8000={}", access.token);
        let query = format!("a=b&token={}", access.token);
        let host = ("host", "127.0.0.1:8000");
        let ok = |headers: &[(&'static str, &str)]| allowed(&access, &Method::POST, None, headers);
        assert!(ok(&[host, ("cookie", &cookie)]));
        assert!(allowed(&access, &Method::GET, Some(&query), &[host]));
        assert!(ok(&[("host", "localhost:8000"), ("cookie", &cookie), ("origin", "http://localhost:8000")]));
        assert!(!ok(&[host]), "no token");
        assert!(!ok(&[host, ("cookie", &cookie.replace("8000", "8001"))]), "the cookie of another port");
        assert!(!ok(&[host, ("cookie", &cookie[..cookie.len() - 1])]), "half a token");
        assert!(!ok(&[("host", "evil.example:8000"), ("cookie", &cookie)]), "a foreign host");
        assert!(!ok(&[("cookie", &cookie)]), "no host");
        for origin in ["http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:8001"] {
            assert!(!ok(&[host, ("cookie", &cookie), ("origin", origin)]), "{origin}");
        }
        assert!(!ok(&[host, ("cookie", &cookie), ("sec-fetch-site", "cross-site")]));
    }
}
