//! `wortlaut review`: who is answered, and with what.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;

use serde_json::{Value, json};

use crate::support::{Project, Service};

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

    /// Sends an object from a page of the server.
    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let port = self.host.rsplit_once(':').expect("a port").1;
        let (host, body) = (&self.host, body.to_string());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: wortlaut-review-{port}={TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        let answer = self.send(&head, &body);
        (answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::from(answer.body)))
    }

    /// What a page knows of a segment: its state and its English.
    fn segment(&self, article: &str, number: usize) -> (String, String) {
        let page = self.get(&format!("/article?id={article}")).body;
        let row = page.split("<div class=\"segment ").find(|row| row.contains(&format!("id=\"s{number}\"")));
        let row = row.unwrap_or_else(|| panic!("no segment {number} in {page}"));
        let value = |name: &str| {
            let (_, rest) = row.split_once(&format!("{name}=\"")).expect(name);
            rest.split_once('"').expect("an end").0.to_owned()
        };
        (value("data-state"), value("data-target"))
    }

    /// Corrects a segment as it is now.
    fn correct(&self, article: &str, number: usize, target: &str) -> (u16, Value) {
        let (state, _) = self.segment(article, number);
        let change =
            json!({ "id": article, "number": number, "state": state, "target": target, "page": "1" });
        self.post("/correct", &change)
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
fn what_a_run_brings_meanwhile_is_in_the_list() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &[]);
    assert!(review.overview("").contains("3 articles"));
    let listed = |expected: &str| while !review.overview("").contains(expected) {};
    // A new article stands where its name belongs.
    project.put("seeds/aa.txt", "Neu ist der Kai.\n");
    project.run(&["translate"]).exits(0);
    listed("4 articles · 6 segments");
    let list = review.overview("");
    let place =
        |name: &str| list.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("no {name}: {list}"));
    assert!(place("a.txt") < place("aa.txt") && place("aa.txt") < place("b.txt"));
    // Another text, an article less, another glossary.
    project.put("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt. Es regnet. Wind weht.\n");
    std::fs::remove_file(project.path().join("seeds/c.txt")).expect("removed");
    let project = project.glossary(&[["Kai", "quay", ""]]);
    project.run(&["translate"]);
    listed("3 articles · 7 segments");
    assert!(review.get("/article?id=a.txt").body.contains("EN Wind"), "the English is there");
    assert_eq!(review.get("/article?id=c.txt").status, 404);
    let card = review.get("/segment?id=aa.txt&number=1").body;
    assert!(card.contains("quay"), "{card}");
}

#[test]
fn the_records_of_a_corpus_follow_too() {
    let service = Service::start();
    let record = |id: &str, text: &str| format!("{}\n", json!({ "id": id, "text": text }));
    let first = record("x/1", "Der Hafen ist leer.");
    let project = Project::new().engine(&service.address(), "").file("c.jsonl", &first);
    let fields = ["c.jsonl", "--text-field", "text", "--id-field", "id"];
    project.run(&[&["translate"], &fields[..]].concat()).exits(0);
    let review = Review::start(&project, &fields);
    assert!(review.overview("").contains("1 article · 1 segment"));
    project.put("c.jsonl", first + &record("x/2", "Die Fähre kommt."));
    project.run(&[&["translate"], &fields[..]].concat()).exits(0);
    while !review.overview("").contains("2 articles · 2 segments") {}
    assert!(review.get("/article?id=x/2").body.contains("EN Die Fähre"));
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

/// Waits until a file has a text, as it has within a second.
#[track_caller]
fn wait_for(project: &Project, file: &str, text: &str) {
    while !project.read(file).contains(text) {
        std::thread::yield_now();
    }
}

/// A project whose engine counts what it is sent.
fn translated(service: &Service) -> Project {
    let project = Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt.\n")
        .file("seeds/b.txt", "Der Kran steht. Die Fähre kommt.\n")
        .file("seeds/c.txt", "Der Kran steht.\n")
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    service.reset();
    project
}

/// The outputs: what begins with a dot is the account of them.
fn visible(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_visible = |path: &Path| !path.file_name().expect("a name").to_string_lossy().starts_with('.');
    project.files("output").into_iter().filter(|(path, _)| is_visible(path)).collect()
}

#[test]
fn a_correction_stands_in_all_files_with_the_sentence_and_in_no_others() {
    let service = Service::start();
    let project = translated(&service);
    let before = visible(&project);
    let review = Review::start(&project, &[]);
    review.overview("");
    let (status, answer) = review.correct("a.txt", 2, "  The ferry\tis coming. ");
    assert_eq!(status, 200, "{answer}");
    assert!(answer["message"].as_str().expect("a text").contains("1 article"), "{answer}");
    assert!(answer["rows"][0]["html"].as_str().expect("a row").contains("The ferry is coming."), "{answer}");
    for article in ["a", "b"] {
        for format in ["en.txt", "english.txt", "jsonl", "tsv"] {
            wait_for(&project, &format!("output/{article}.{format}"), "The ferry is coming.");
        }
    }
    drop(review);
    let after = visible(&project);
    let changed: Vec<String> = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(*bytes))
        .map(|(path, _)| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    let expected =
        ["a.en.txt", "a.english.txt", "a.jsonl", "a.tsv", "b.en.txt", "b.english.txt", "b.jsonl", "b.tsv"];
    assert_eq!(changed, expected);
    assert_eq!(before.len(), after.len(), "no file more");
    // The next run, a new entry and another engine change nothing of it.
    project.put("glossary/terms.tsv", "source\ttarget\nFähre\tferryboat\n");
    project.run(&["translate"]);
    assert_eq!(service.counts().requests, 0);
    assert_eq!(project.read("output/b.en.txt").lines().nth(1), Some("The ferry is coming."));
    project.run(&["translate", "--engine", "pseudo", "--overwrite"]);
    assert_eq!(project.read("output/b.en.txt").lines().nth(1), Some("The ferry is coming."));
}

#[test]
fn a_correction_survives_a_kill_right_after_its_answer() {
    let service = Service::start();
    let project = translated(&service);
    let mut review = Review::start(&project, &[]);
    review.overview("");
    assert_eq!(review.correct("c.txt", 1, "The crane stands still.").0, 200);
    review.child.kill().expect("killed");
    review.child.wait().expect("ended");
    let again = Review::start(&project, &[]);
    again.overview("");
    assert_eq!(again.segment("b.txt", 1).1, "The crane stands still.");
    project.run(&["translate"]).exits(0);
    assert!(project.read("output/c.en.txt").contains("The crane stands still."));
}

#[test]
fn the_second_of_two_sees_what_the_first_did() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &[]);
    review.overview("");
    let (seen, _) = review.segment("a.txt", 2);
    // The first one corrects the same sentence in another article.
    assert_eq!(review.correct("b.txt", 2, "The ferry comes.").0, 200);
    let change = json!({ "id": "a.txt", "number": 2, "state": seen, "target": "My ferry.", "page": "2" });
    let (status, answer) = review.post("/correct", &change);
    assert_eq!((status, &answer["conflict"]), (409, &Value::from(true)), "{answer}");
    assert!(answer["message"].as_str().expect("a text").contains("The ferry comes."), "{answer}");
    assert_eq!(review.segment("a.txt", 2).1, "The ferry comes.");
    // Having seen it, the second may still mean it.
    let change =
        json!({ "id": "a.txt", "number": 2, "state": answer["state"], "target": "My ferry.", "page": "2" });
    assert_eq!(review.post("/correct", &change).0, 200);
    assert_eq!(review.segment("a.txt", 2).1, "My ferry.");
    assert_eq!(review.segment("b.txt", 2).1, "The ferry comes.", "each keeps its own");
}

#[test]
fn what_is_taken_back_is_what_the_engine_wrote_again() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &[]);
    review.overview("");
    let (state, machine) = review.segment("c.txt", 1);
    let undo = |state: &str| {
        review.post("/undo", &json!({ "id": "c.txt", "number": 1, "state": state, "page": "1" }))
    };
    assert_eq!(undo(&state).0, 422, "nothing to undo");
    let (_, saved) = review.correct("c.txt", 1, "The crane stands still.");
    wait_for(&project, "output/c.en.txt", "stands still");
    assert_eq!(undo(saved["state"].as_str().expect("a state")).0, 200);
    wait_for(&project, "output/c.en.txt", &machine);
    assert_eq!(review.segment("c.txt", 1), (state, machine));
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn what_is_to_be_looked_at_only_cannot_be_changed_and_nonsense_is_refused() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &["--read-only"]);
    review.overview("");
    assert_eq!(review.correct("c.txt", 1, "x").0, 403);
    let review = Review::start(&project, &[]);
    review.overview("");
    for (target, status) in [("", 422), (" \u{202e} ", 422)] {
        assert_eq!(review.correct("c.txt", 1, target).0, status, "{target:?}");
    }
    let change =
        |number: Value| json!({ "id": "c.txt", "number": number, "state": "0", "target": "x", "page": "1" });
    assert_eq!(review.post("/correct", &change(0.into())).0, 404);
    assert_eq!(review.post("/correct", &change(99.into())).0, 404);
    assert_eq!(review.post("/correct", &change("x".into())).0, 422);
    assert_eq!(review.post("/correct", &json!({ "id": "c.txt", "target": "x".repeat(100_000) })).0, 413);
    let before = project.files("output");
    assert_eq!(review.segment("c.txt", 1).1, "EN The Kran the.");
    assert_eq!(project.files("output"), before);
}

#[test]
fn a_file_that_a_person_changed_is_left_and_the_page_is_told() {
    let service = Service::start();
    let project = translated(&service);
    project.put("output/c.en.txt", "my own words\n");
    let review = Review::start(&project, &[]);
    review.overview("");
    let mut news = TcpStream::connect(&review.host).expect("a connection");
    let head = format!("GET /news?token={TOKEN} HTTP/1.1\r\nHost: {}\r\n\r\n", review.host);
    news.write_all(head.as_bytes()).expect("sent");
    let mut lines = BufReader::new(news).lines().map(|line| line.expect("a line"));
    lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
    assert_eq!(review.correct("c.txt", 1, "The crane stands still.").0, 200);
    let told = lines.find(|line| line.contains("remark")).expect("told");
    assert!(told.contains("c.en.txt") && told.contains("changed by hand"), "{told}");
    assert_eq!(project.read("output/c.en.txt"), "my own words\n");
    assert!(project.read("output/c.jsonl").contains("stands still"));
}

#[test]
fn what_was_read_is_known_until_it_changes() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &[]);
    review.overview("");
    let change = json!({ "id": "b.txt", "numbers": [1, 2], "is_read": true, "page": "1" });
    assert_eq!(review.post("/read", &change).0, 200);
    assert!(review.overview("").contains("2 read"));
    let unread = review.overview("?read=unread");
    assert!(!unread.contains("id=b.txt") && unread.contains("id=a.txt"), "{unread}");
    assert_eq!(review.correct("c.txt", 1, "The crane stands still.").0, 200);
    wait_for(&project, "output/b.en.txt", "stands still");
    assert!(review.overview("?read=unread").contains("id=b.txt"), "its English is new");
    assert!(!review.overview("?read=unread").contains("id=c.txt"), "who wrote it has read it");
}

#[test]
fn what_engines_and_articles_have_in_them_is_shown_as_text() {
    let service = Service::start().renders("Kran", "<script>alert(1)</script>");
    let project = Project::new()
        .file("seeds/<b>x.txt", "Der Kran <img src=x onerror=alert(1)> steht.\n")
        .engine(&service.address(), "");
    project.run(&["translate"]);
    let review = Review::start(&project, &[]);
    let list = review.overview("?q=kran");
    assert!(!list.contains("<img") && !list.contains("<b>x"), "{list}");
    let id = "%3Cb%3Ex.txt";
    let (status, _) = review.correct(id, 1, "x");
    assert_eq!(status, 404, "a name is not decoded twice");
    let page = review.get(&format!("/article?id={id}")).body;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>"), "{page}");
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(review.get("/article?id=../../etc/passwd").status, 404);
}

#[test]
fn an_entry_shows_every_place_it_touches_and_is_applied_without_a_request() {
    let service = Service::start().answers("Der Kran steht.", "The hoist is standing.");
    let project = translated(&service);
    project.put("glossary/terms.tsv", "source\ttarget\tavoid\nSchiff\tship\t\n");
    let review = Review::start(&project, &[]);
    review.overview("");
    let before = (project.read("glossary/terms.tsv"), project.files("output"));
    let change =
        |target: &str, wish: &str| json!({ "source": "Kran", "target": target, "wish": wish, "page": "1" });
    let (status, seen) = review.post("/term/preview", &change("crane", "accept"));
    assert_eq!(status, 200, "{seen}");
    let places: Vec<_> =
        seen["places"].as_array().expect("places").iter().map(|place| &place["article"]).collect();
    assert_eq!(places, ["b.txt", "c.txt"], "{seen}");
    assert_eq!((project.read("glossary/terms.tsv"), project.files("output")), before, "nothing is done yet");
    assert_eq!(review.post("/term/preview", &change("hoist", "avoid")).0, 422, "there is no entry yet");
    assert_eq!(review.post("/term", &change("crane", "accept")).0, 200);
    assert!(project.read("glossary/terms.tsv").contains("Kran\tcrane"));
    // The entry does not hold in what the engine wrote, which is a finding now.
    assert!(review.overview("?finding=term_not_held").contains("id=c.txt"));
    // What is unwanted is replaced by the rung of repair.
    let (_, seen) = review.post("/term/preview", &change("hoist", "avoid"));
    let place = &seen["places"][0];
    assert_eq!(
        (&place["before"], &place["after"]),
        (&"The hoist is standing.".into(), &"The crane is standing.".into())
    );
    assert_eq!(review.post("/term", &change("hoist", "avoid")).0, 200);
    assert!(project.read("output/c.en.txt").contains("The crane is standing."));
    assert!(project.read("output/b.english.txt").contains("The crane is standing."));
    assert_eq!(service.counts().requests, 0);
    project.run(&["glossary", "undo"]).exits(0);
    assert!(!project.read("glossary/terms.tsv").contains("hoist"));
    for (source, target) in [("", "x"), ("x", ""), ("a|b", "x"), ("x", "a\tb|c")] {
        let change = json!({ "source": source, "target": target, "wish": "accept", "page": "1" });
        assert_eq!(review.post("/term", &change).0, 422, "{source:?} {target:?}");
    }
}

#[test]
fn one_segment_is_translated_again_and_nothing_else_is_sent() {
    let service = Service::start();
    let project = translated(&service);
    // This one was never sent.
    project.put("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt. Das Schiff sinkt.\n");
    let review = Review::start(&project, &[]);
    review.overview("");
    let service = service.answers("Die Fähre kommt.", "The ferry is coming.");
    let (state, _) = review.segment("a.txt", 2);
    let change = json!({ "id": "a.txt", "number": 2, "state": state, "page": "1" });
    let (status, answer) = review.post("/again", &change);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(review.segment("a.txt", 2).1, "The ferry is coming.");
    wait_for(&project, "output/b.en.txt", "The ferry is coming.");
    let sent: Vec<_> = service.counts().texts.into_keys().collect();
    assert_eq!(sent, ["Die Fähre kommt."]);
    // What a person wrote is not sent.
    let (_, saved) = review.correct("a.txt", 2, "The ferry comes.");
    let change = json!({ "id": "a.txt", "number": 2, "state": saved["state"], "page": "1" });
    assert_eq!(review.post("/again", &change).0, 422);
}

#[test]
fn a_memory_is_read_without_the_key_of_its_engine() {
    let project = project().file("wortlaut.toml", "[translate]\nengine = 'deepl'\n");
    let review = Review::start(&project, &[]);
    assert!(review.overview("").contains("not translated"));
    let (state, _) = review.segment("hafen.txt", 2);
    let (status, answer) =
        review.post("/again", &json!({ "id": "hafen.txt", "number": 2, "state": state, "page": "1" }));
    assert_eq!(status, 422);
    assert!(answer.as_str().expect("a text").contains("no key"), "{answer}");
}

#[test]
fn what_other_programs_learn_is_seen() {
    let service = Service::start();
    let project = translated(&service);
    let review = Review::start(&project, &[]);
    review.overview("");
    project.put("output/c.en.txt", "The crane stands still.\n");
    project.run(&["learn", "output/c.en.txt", "--yes"]).exits(0);
    while !review.overview("?q=stands%20still").contains("id=b.txt") {
        std::thread::yield_now();
    }
    assert_eq!(service.counts().requests, 0);
}
