use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::future::join_all;

use super::*;
use crate::engine::ErrorClass;

/// A server that reads a request with texts, does something with the connection, and closes it. Of itself it says nothing.
fn raw(then: impl Fn(&mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            let asks_for_settings = |seen: &[u8]| seen.starts_with(b"GET ") && seen.ends_with(b"\r\n\r\n");
            // The body of every request with texts ends with a brace.
            while !seen.ends_with(b"}") && !asks_for_settings(&seen) {
                let read = stream.read(&mut buffer).unwrap();
                seen.extend_from_slice(&buffer[..read]);
            }
            if asks_for_settings(&seen) {
                let nothing = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(nothing).unwrap();
            } else {
                then(&mut stream);
            }
        }
    });
    address
}

fn profile_at(address: SocketAddr) -> Profile {
    let profile =
        Profile { attempts: NonZeroU32::new(1), ..Profile::new("probe", EngineKind::LibreTranslate) };
    with(profile, |service| {
        service.base_url = Some(format!("http://{address}"));
        service.key = Some(SecretString::from(KEY));
    })
}

async fn error_from(address: SocketAddr) -> EngineError {
    build(&profile_at(address)).unwrap().translate(&batch(&["Ja."])).await.unwrap_err()
}

/// How a service begins an answer whose length it does not tell.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

fn last(error: EngineError) -> EngineError {
    match error {
        EngineError::GivenUp { last, .. } => *last,
        error => error,
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_tried_again() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"translatedText\": [\"Y"] {
        let address = raw(move |stream| stream.write_all(head.as_bytes()).unwrap());
        let error = last(error_from(address).await);
        assert!(matches!(error, EngineError::BrokenOff { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Retry(None));
    }
}

#[tokio::test]
async fn nobody_there_is_told_with_the_host() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = error_from(address).await;
    assert_eq!(error.class(), ErrorClass::Fatal);
    assert!(error.to_string().contains(&format!("cannot reach {address}")), "{error}");
}

/// An error and all that lies below it, the outermost first.
fn chain(error: &EngineError) -> Vec<&(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source()).collect()
}

#[tokio::test]
async fn an_error_keeps_what_lies_below_it_without_address_and_key() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let breaks = raw(|stream| stream.write_all(&HEAD[..20]).unwrap());
    for address in [nobody, breaks] {
        let profile = with(profile_at(address), |service| {
            service.base_url = Some(format!("http://{address}/{KEY}"));
        });
        let error = build(&profile).unwrap().translate(&batch(&["Ja."])).await.unwrap_err();
        let chain = chain(&error);
        assert!(chain.iter().any(|error| error.is::<reqwest::Error>()), "{error:?}");
        for error in &chain {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(KEY), "{shown}");
        }
    }
    let refused = error_from(nobody).await;
    let deepest = chain(&refused).pop().and_then(|error| error.downcast_ref::<std::io::Error>());
    assert_eq!(deepest.map(std::io::Error::kind), Some(std::io::ErrorKind::ConnectionRefused));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let silent = raw(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let dripping = raw(|stream| {
        let _ = stream.write_all(HEAD);
        while stream.write_all(b" ").is_ok() {
            thread::yield_now();
        }
    });
    for address in [silent, dripping] {
        let timeout = Some(Duration::from_millis(50));
        let profile = with(profile_at(address), |service| service.timeout = timeout);
        let error = build(&profile).unwrap().translate(&batch(&["Ja."])).await.unwrap_err();
        assert!(matches!(last(error), EngineError::Timeout { .. }), "{address}");
    }
}

#[tokio::test]
async fn late_answers_are_waited_for_and_every_request_is_counted() {
    let reply = serde_json::json!({ "translatedText": ["Yes."] });
    let late = ResponseTemplate::new(200).set_body_json(reply).set_delay(Duration::from_millis(900));
    let server = server("/translate", late).await;
    let timeout = Some(Duration::from_millis(300));
    let patient = Profile { attempts: None, ..profile(EngineKind::LibreTranslate, &server) };
    let engine = build(&with(patient, |service| service.timeout = timeout)).unwrap();
    let batch = batch(&["Ja."]);
    let answers = join_all((0..4).map(|_| engine.translate(&batch))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let sent = bodies(&server).await.len();
    assert!(sent <= 10, "{sent} requests for four batches");
    assert_eq!(engine.requests(), sent as u64);
}

#[tokio::test]
async fn what_never_left_this_machine_is_no_request() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let engine = build(&profile_at(address)).unwrap();
    assert!(engine.translate(&batch(&["Ja."])).await.is_err());
    assert_eq!(engine.requests(), 0);
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let address = raw(|stream| {
        let _ = stream.write_all(HEAD);
        while stream.write_all(&[b' '; 16_000]).is_ok() {}
    });
    let error = error_from(address).await;
    assert!(
        matches!(&error, EngineError::NoAnswer { fault } if fault.to_string().contains("16 MiB")),
        "{error}"
    );
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_not_unpacked_to_its_end() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&vec![b' '; 17 << 20]).unwrap();
    let bomb = ResponseTemplate::new(200).insert_header("Content-Encoding", "gzip");
    let server = server("/translate", bomb.set_body_bytes(packer.finish().unwrap())).await;
    let error =
        build(&profile(EngineKind::LibreTranslate, &server)).unwrap().translate(&batch(&["Ja."])).await;
    assert!(
        matches!(&error, Err(EngineError::NoAnswer { fault }) if fault.to_string().contains("16 MiB")),
        "{error:?}"
    );
}

#[tokio::test]
async fn headers_and_nesting_without_end_are_errors() {
    let headers = raw(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Padding: 0123456789012345678901234567890123456789\r\n").is_ok() {}
    });
    assert!(matches!(last(error_from(headers).await), EngineError::BrokenOff { .. }));
    for kind in SERVICES {
        let error = answer_of(kind, ResponseTemplate::new(200).set_body_string("[".repeat(100_000))).await;
        assert!(matches!(error, Err(EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) })), "{kind}");
    }
}

/// What an engine makes of an answer to one text.
async fn answer_of(kind: EngineKind, answer: ResponseTemplate) -> Result<Vec<Translation>, EngineError> {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(always(answer)).mount(&server).await;
    build::bare(&profile(kind, &server), &Arc::default()).unwrap().translate(&batch(&["Ja."])).await
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away = MockServer::start().await;
    let location = format!("{}/translate", away.uri());
    let server = server("/translate", ResponseTemplate::new(307).insert_header("Location", location)).await;
    let engine = build(&profile(EngineKind::LibreTranslate, &server)).unwrap();
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Fatal);
    assert!(away.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_permanent_is_told_after_one_request_though_its_body_breaks_off() {
    let page = "<!doctype html><title>Please sign in</title>";
    for (head, says) in [
        ("200 OK", "a web page came"),
        ("302 Found\r\nLocation: https://login.example/?next=x", "redirects to https://login.example/"),
        ("307 Temporary Redirect\r\nLocation: /login", "redirects to /login"),
        ("403 Forbidden", "does not accept the key"),
        ("511 Network Authentication Required", "wants a login"),
    ] {
        let answer =
            format!("HTTP/1.1 {head}\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n{page}");
        let address = raw(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        });
        let engine = build(&Profile { attempts: None, ..profile_at(address) }).unwrap();
        let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Fatal, "{head}: {error}");
        assert!(error.to_string().contains(says), "{head}: {error}");
        assert_eq!(engine.requests(), 1, "{head}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_told_with_host_and_path() {
    let server = MockServer::start().await;
    let engine = build(&profile(EngineKind::LibreTranslate, &server)).unwrap();
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Fatal);
    let place = format!("{}/translate", server.address());
    assert!(error.to_string().contains(&place) && error.to_string().contains("base_url"), "{error}");
}

#[tokio::test]
async fn a_web_page_or_text_instead_of_json_ends_everything_unless_the_service_says_that_it_is_down() {
    let page = "\u{feff}\n<!doctype html><title>Willkommen</title>";
    for kind in SERVICES {
        let error = answer_of(kind, ResponseTemplate::new(200).set_body_string(page)).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Fatal, "{kind}");
        assert!(error.to_string().contains("base_url may be wrong"), "{error}");
        let error =
            answer_of(kind, ResponseTemplate::new(200).set_body_string("It works!")).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Fatal, "{kind}");
        assert!(error.to_string().contains("It works!"), "{error}");
        let error = answer_of(kind, ResponseTemplate::new(502).set_body_string(page)).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Retry(None), "{kind}");
    }
}

#[tokio::test]
async fn an_error_in_a_good_answer_is_an_error_with_every_service() {
    for kind in SERVICES {
        for body in [
            r#"{"error":{"message":"nicht jetzt"}}"#,
            r#"{"error":"nicht jetzt"}"#,
            r#"{"message":"nicht jetzt"}"#,
        ] {
            let error = answer_of(kind, ResponseTemplate::new(200).set_body_string(body)).await.unwrap_err();
            assert!(error.to_string().contains("nicht jetzt"), "{kind}: {error}");
        }
        for body in ["{}", "[]", "7", "null", "", r#"{"translations":{},"translatedText":7,"choices":7}"#] {
            let error = answer_of(kind, ResponseTemplate::new(200).set_body_string(body)).await.unwrap_err();
            assert!(
                matches!(error, EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) }),
                "{kind} {body}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_absurd_wait_is_cut_short_or_ignored() {
    for (asked, wait) in [("1e300", None), ("-1", None), ("NaN", None), ("99999999999", Some(99_999_999_999))]
    {
        let answer = ResponseTemplate::new(503).insert_header("Retry-After", asked);
        let error = answer_of(EngineKind::LibreTranslate, answer).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Retry(wait.map(Duration::from_secs)), "{asked}");
    }
}

#[tokio::test]
async fn the_wait_that_a_service_asks_for_is_in_the_error() {
    for (status, seconds) in [(429, "12"), (503, "34")] {
        let answer = ResponseTemplate::new(status).insert_header("Retry-After", seconds);
        let server = server("/translate", answer).await;
        let engine = build::bare(&profile(EngineKind::LibreTranslate, &server), &Arc::default()).unwrap();
        let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
        let asked = Duration::from_secs(seconds.parse().unwrap());
        assert_eq!(error.class(), ErrorClass::Retry(Some(asked)));
    }
}

#[tokio::test]
async fn no_error_shows_the_key() {
    for kind in SERVICES {
        for status in [200, 307, 400, 401, 403, 404, 413, 429, 456, 500] {
            let server = MockServer::start().await;
            let echo = move |request: &wiremock::Request| {
                let seen = format!("{:?} {}", request.headers, String::from_utf8_lossy(&request.body));
                let body = serde_json::json!({ "error": format!("Invalid API key {KEY} {seen}") });
                ResponseTemplate::new(status).set_body_json(body)
            };
            Mock::given(method("POST")).respond_with(echo).mount(&server).await;
            let profile = profile(kind, &server);
            // Without retries: a request to slow down would be obeyed for minutes.
            let engine = build::bare(&profile, &Arc::default()).unwrap();
            let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
            let shown = format!("{error} {error:?} {profile:?} {:?}", engine.info());
            assert!(!shown.contains("4711"), "{kind} {status}: {shown}");
        }
    }
}

#[tokio::test]
async fn requests_go_through_the_proxy_of_the_profile() {
    let answer = ResponseTemplate::new(200).set_body_string(r#"{"translatedText": ["Yes."]}"#);
    let proxy = MockServer::start().await;
    Mock::given(path("/translate")).respond_with(answer).mount(&proxy).await;
    let profile = with(profile(EngineKind::LibreTranslate, &proxy), |service| {
        service.base_url = Some("http://mt.example".to_owned());
        service.allow_http = true;
        service.network.proxy = Some(proxy.uri());
    });
    let translations = build(&profile).unwrap().translate(&batch(&["Ja."])).await.unwrap();
    assert_eq!(texts(&translations), ["Yes."]);
    let requests = proxy.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["host"], "mt.example");
}
