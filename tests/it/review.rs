//! `wortlaut review`: who is answered, and with what.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;

use crate::support::Project;

/// A page that is served.
struct Review {
    child: Child,
    host: String,
}

/// An answer of the page.
#[derive(Debug)]
struct PageAnswer {
    status: u16,
    head: String,
    body: String,
}

impl PageAnswer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

const TOKEN: &str = "a-token";

impl Review {
    /// Starts the command and waits for the address that it prints.
    fn start(project: &Project, more: &[&str]) -> Self {
        let arguments = [&["review", "--no-open", "--token", TOKEN], more].concat();
        let mut child = project.start(&arguments);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("an address");
        let host = line.strip_prefix("http://").and_then(|rest| rest.split_once("/?token=")).expect(&line);
        assert_eq!(host.1.trim_end(), TOKEN);
        Self { host: host.0.to_owned(), child }
    }

    /// Sends a request as it stands, with the end of its head.
    fn send(&self, head: &str, body: &str) -> PageAnswer {
        let mut stream = TcpStream::connect(&self.host).expect("a connection");
        stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        PageAnswer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Gets a page with the cookie.
    fn get(&self, path: &str) -> PageAnswer {
        let port = self.host.rsplit_once(':').expect("a port").1;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: wortlaut-review-{port}={TOKEN}\r\n",
            self.host
        );
        self.send(&head, "")
    }

    /// The list of articles when all of them are there.
    fn overview(&self, query: &str) -> String {
        loop {
            let answer = self.get(&format!("/{query}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            if !answer.body.contains("class=\"busy\"") {
                return answer.body;
            }
        }
    }
}

impl Drop for Review {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn project() -> Project {
    Project::new()
        .file("articles/hafen.txt", "Der Hafen\n\nDer Hafen ist leer. Die Fähre kommt.\n")
        .file("articles/sub/zwei & <drei>.txt", "Der Kran steht. Die Fähre kommt.\n")
        .file("wortlaut.toml", "[translate]\nengine = 'pseudo'\n")
        .glossary(&[["Hafen", "harbour", ""]])
}

#[test]
fn only_those_with_the_token_are_answered() {
    let review = Review::start(&project(), &[]);
    let host = &review.host;
    let answer = review.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n"), "");
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("wortlaut review"), "{answer:?}");
    for path in ["/article?id=hafen.txt", "/assets/review.js", "/news", "/none", "/?token=wrong"] {
        assert_eq!(
            review.send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n"), "").status,
            403,
            "{path}"
        );
    }
    let first = review.send(&format!("GET /?token={TOKEN} HTTP/1.1\r\nHost: {host}\r\n"), "");
    assert_eq!(first.status, 200);
    let cookie = first.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let (cookie, _) = cookie.split_once(';').expect("attributes");
    let next = review.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"), "");
    assert_eq!(next.status, 200);
    assert!(next.header("set-cookie").is_none());
    let rebound = review.send(&format!("GET / HTTP/1.1\r\nHost: evil.example\r\nCookie: {cookie}\r\n"), "");
    assert_eq!(rebound.status, 421);
}

#[test]
fn every_answer_says_what_its_page_may_do() {
    let review = Review::start(&project(), &[]);
    for path in ["/", "/assets/review.css", "/assets/review.js", "/none", "/article?id=none"] {
        let answer = review.get(path);
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(!answer.body.contains("style=") && !answer.body.contains(" onclick"), "{}", answer.body);
    }
}

#[test]
fn the_list_shows_what_a_run_would_write_and_is_narrowed_down() {
    let project = project();
    project.run(&["translate"]).exits(0);
    let review = Review::start(&project, &[]);
    let all = review.overview("");
    assert!(all.contains("2 articles · 5 segments"), "{all}");
    assert!(all.contains("/article?id=hafen.txt\"") && all.contains("Der Hafen</a>"), "{all}");
    assert!(all.contains("/article?id=sub/zwei%20%26%20%3Cdrei%3E.txt"), "{all}");
    assert!(all.contains("sub/zwei &#38; &#60;drei&#62;.txt") && !all.contains("<drei>"), "{all}");
    let found = review.overview("?q=KRAN%20steht");
    assert!(found.contains("<mark>Kran steht</mark>") && !found.contains("hafen.txt"), "{found}");
    let term = review.overview("?rung=repair&engine=pseudo&status=translated&q=Hafen");
    assert!(term.contains("hafen.txt") && term.contains("2 of 3"), "{term}");
    assert!(review.overview("?status=failed").contains("Nothing is like that"));
    assert!(review.overview("?q=%3Cscript%3E").contains("value=\"&#60;script&#62;\""));
}

#[test]
fn what_is_not_translated_yet_is_shown_as_such_and_nothing_is_made() {
    let project = project();
    let review = Review::start(&project, &["--read-only"]);
    let all = review.overview("");
    assert!(all.contains("not translated") && all.contains("data-read-only"), "{all}");
    assert!(project.files(".wortlaut").is_empty());
    assert!(project.files("output").is_empty());
}

#[test]
fn the_records_of_a_corpus_are_articles() {
    let project = Project::new()
        .file("wortlaut.toml", "[translate]\nengine = 'pseudo'\n")
        .file("c.jsonl", "{\"id\":\"x/1\",\"text\":\"Der Hafen ist leer.\"}\n{\"id\":\"x/2\"}\n{\"id\":\"x/3\",\"text\":\"Die Fähre kommt.\"}\n");
    let fields = ["c.jsonl", "--text-field", "text", "--id-field", "id"];
    project.run(&[&["translate"], &fields[..]].concat());
    let review = Review::start(&project, &fields);
    let all = review.overview("");
    assert!(all.contains("3 articles · 2 segments") && all.contains("left out"), "{all}");
    let article = review.get("/article?id=x/3");
    assert!(article.body.contains("Die Fähre kommt."), "{article:?}");
    let broken = review.get("/article?id=c.jsonl%232");
    assert_eq!(broken.status, 404, "{broken:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_server() {
    let project = project();
    let mut review = Review::start(&project, &[]);
    // A page that listens does not hold it up.
    let mut listening = TcpStream::connect(&review.host).expect("a connection");
    let head = format!("GET /news?token={TOKEN} HTTP/1.1\r\nHost: {}\r\n\r\n", review.host);
    listening.write_all(head.as_bytes()).expect("sent");
    let mut first = [0; 12];
    listening.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let pid = review.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("sent").success());
    assert_eq!(review.child.wait().expect("ended").code(), Some(0));
}

#[test]
fn a_taken_port_is_named() {
    let project = project();
    let review = Review::start(&project, &[]);
    let port = review.host.rsplit_once(':').expect("a port").1;
    let ran = project.run(&["review", "--no-open", "--port", port]).exits(2);
    assert!(ran.stderr.contains(port) && ran.stderr.contains("another port"), "{}", ran.stderr);
    project.run(&["review", "--no-open", "--token", "a b"]).exits(2);
}
