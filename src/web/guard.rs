//! Who is answered: only a browser that was given the address, and only pages of this server may change anything.
//!
//! A server on the loopback address is reached by every page in every browser of this machine, and by every user. So each
//! request shows the token (in its address, or in the cookie that the first one is given); names this server as its host,
//! since a page elsewhere can make its own name lead here; and, if it writes, comes from a page of this server.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::token::PageToken;

/// What a page of this server may load and do: its own files, and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What is asked of every request.
#[derive(Debug)]
pub(super) struct PageGuard {
    token: PageToken,
    /// The name of the cookie. It has the port in it: cookies of a host are sent to all its ports, and two projects may be
    /// open at once.
    cookie: String,
    hosts: [String; 2],
    is_read_only: bool,
}

impl PageGuard {
    pub(super) fn new(token: PageToken, port: u16, is_read_only: bool) -> Self {
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Self { token, cookie: format!("wortlaut-review-{port}"), hosts, is_read_only }
    }

    /// Why a request is not answered; otherwise, whether it is to be given the cookie.
    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<bool, Refusal> {
        let hosts: Vec<_> = headers.get_all(header::HOST).iter().collect();
        let is_host = |host: &HeaderValue| {
            self.hosts.iter().any(|known| host.as_bytes().eq_ignore_ascii_case(known.as_bytes()))
        };
        if !matches!(hosts[..], [host] if is_host(host)) {
            return Err(Refusal::Host);
        }
        let shown = token_in(uri.query().unwrap_or_default());
        let is_shown = shown.is_some_and(|shown| self.token.is(shown));
        // A wrong token is refused even with the right cookie: it is the address of another server.
        if !is_shown && (shown.is_some() || !self.has_cookie(headers)) {
            return Err(Refusal::Token);
        }
        let origins: Vec<_> = headers.get_all(header::ORIGIN).iter().collect();
        let is_own = |origin: &HeaderValue| {
            let host = origin.as_bytes().strip_prefix(b"http://");
            host.is_some_and(|host| self.hosts.iter().any(|known| known.as_bytes() == host))
        };
        let writes = !matches!(*method, Method::GET | Method::HEAD);
        match origins[..] {
            [] if !writes || is_shown => {}
            [origin] if is_own(origin) => {}
            _ => return Err(Refusal::Origin),
        }
        if writes && self.is_read_only { Err(Refusal::ReadOnly) } else { Ok(is_shown) }
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.split_once('='));
        cookies.any(|(name, value)| name.trim() == self.cookie && self.token.is(value.trim()))
    }

    /// The cookie that stands for the token. No script sees it, and no other site makes a browser send it.
    fn granted(&self) -> Option<HeaderValue> {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.token.as_str());
        HeaderValue::from_str(&cookie).ok()
    }
}

/// The token that the query of an address shows.
fn token_in(query: &str) -> Option<&str> {
    query.split('&').find_map(|part| part.strip_prefix("token="))
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Host,
    Token,
    Origin,
    ReadOnly,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Host => (StatusCode::MISDIRECTED_REQUEST, "this server is not known by that name\n"),
            Self::Token => (
                StatusCode::FORBIDDEN,
                "open the address that `wortlaut review` printed: it holds the token of this page\n",
            ),
            Self::Origin => (StatusCode::FORBIDDEN, "only the pages of this server may change anything\n"),
            Self::ReadOnly => {
                (StatusCode::FORBIDDEN, "this page is read-only: it was opened with --read-only\n")
            }
        };
        (status, text).into_response()
    }
}

/// Lets a request through or refuses it, and gives every answer the headers that keep it here.
pub(super) async fn guarded(State(guard): State<Arc<PageGuard>>, request: Request, next: Next) -> Response {
    let checked = guard.check(request.method(), request.uri(), request.headers());
    let mut response = match checked {
        Ok(_) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if checked == Ok(true)
        && let Some(cookie) = guard.granted()
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, uri: &str, headers: &[(&str, &str)], read_only: bool) -> Result<bool, Refusal> {
        let guard = PageGuard::new("secret".parse().expect("a token"), 7000, read_only);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
        }
        guard.check(method, &uri.parse().expect("an address"), &map)
    }

    #[test]
    fn a_request_shows_the_token_and_names_the_server() {
        const HOST: (&str, &str) = ("host", "127.0.0.1:7000");
        const COOKIE: (&str, &str) = ("cookie", "a=b; wortlaut-review-7000=secret");
        for (uri, headers, expected) in [
            ("/?token=secret", &[HOST][..], Ok(true)),
            ("/?q=x&token=secret", &[("host", "LOCALHOST:7000")], Ok(true)),
            ("/", &[HOST, COOKIE], Ok(false)),
            ("/", &[HOST], Err(Refusal::Token)),
            ("/?token=", &[HOST], Err(Refusal::Token)),
            ("/?token=secre", &[HOST], Err(Refusal::Token)),
            ("/?token=other", &[HOST, COOKIE], Err(Refusal::Token)),
            ("/", &[HOST, ("cookie", "wortlaut-review-7001=secret")], Err(Refusal::Token)),
            ("/?token=secret", &[("host", "127.0.0.1")], Err(Refusal::Host)),
            ("/?token=secret", &[("host", "evil.example:7000")], Err(Refusal::Host)),
            ("/?token=secret", &[], Err(Refusal::Host)),
            ("/?token=secret", &[HOST, HOST], Err(Refusal::Host)),
            ("/", &[HOST, COOKIE, ("origin", "http://evil.example")], Err(Refusal::Origin)),
        ] {
            assert_eq!(check(&Method::GET, uri, headers, false), expected, "{uri} {headers:?}");
        }
    }

    #[test]
    fn only_pages_of_this_server_write() {
        const HOST: (&str, &str) = ("host", "127.0.0.1:7000");
        const COOKIE: (&str, &str) = ("cookie", "wortlaut-review-7000=secret");
        let own = ("origin", "http://127.0.0.1:7000");
        for (uri, headers, expected) in [
            ("/correct", &[HOST, COOKIE, own][..], Ok(false)),
            ("/correct?token=secret", &[HOST], Ok(true)),
            ("/correct", &[HOST, COOKIE], Err(Refusal::Origin)),
            ("/correct", &[HOST, COOKIE, ("origin", "null")], Err(Refusal::Origin)),
            ("/correct", &[HOST, COOKIE, ("origin", "https://127.0.0.1:7000")], Err(Refusal::Origin)),
            ("/correct", &[HOST, COOKIE, ("origin", "http://127.0.0.1:7001")], Err(Refusal::Origin)),
            ("/correct?token=secret", &[HOST, ("origin", "http://evil.example")], Err(Refusal::Origin)),
            ("/correct", &[HOST, COOKIE, own, own], Err(Refusal::Origin)),
        ] {
            assert_eq!(check(&Method::POST, uri, headers, false), expected, "{uri} {headers:?}");
        }
        assert_eq!(check(&Method::POST, "/correct", &[HOST, COOKIE, own], true), Err(Refusal::ReadOnly));
        assert_eq!(check(&Method::DELETE, "/", &[HOST, COOKIE, own], true), Err(Refusal::ReadOnly));
    }
}
