//! The review page in a browser.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Child;

use serde_json::Value;

use crate::browser::{Browser, BrowserLook};
use crate::support::{Project, Service};

/// Enter, as drivers of browsers write it.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// A page that is served.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(project: &Project) -> Self {
        let mut child = project.start(&["review", "--no-open"]);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("an address");
        Self { child, address: line.trim_end().to_owned() }
    }

    /// The address of a page.
    fn at(&self, path: &str) -> String {
        let (base, token) = self.address.split_once("/?token=").expect("a token");
        let and = if path.contains('?') { '&' } else { '?' };
        format!("{base}{path}{and}token={token}")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(served: &Served, path: &str, look: BrowserLook) -> Browser {
    let browser = Browser::start(look);
    // The list is complete before anything is changed: what is read later is changed already.
    browser.open(&served.at("/"));
    browser.wait_until("!document.querySelector('.busy')");
    browser.open(&served.at(path));
    browser.wait_until("document.querySelector('.current') !== null");
    browser
}

/// The article of a project and its list of articles, in a browser each.
fn article_and_list(served: &Served) -> (Browser, Browser) {
    let article = open(served, "/article?id=a.txt", BrowserLook::default());
    let list = Browser::start(BrowserLook::default());
    list.open(&served.at("/"));
    list.wait_until("!document.querySelector('.busy')");
    (article, list)
}

/// A project with an article of two sentences, and their English.
fn translated(service: &Service) -> Project {
    let project = Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt.\n")
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    project
}

fn wait_for(project: &Project, file: &str, text: &str) {
    while !project.read(file).contains(text) {
        std::thread::yield_now();
    }
}

fn outputs(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = project.files("output").into_iter();
    files.filter(|(path, _)| !path.file_name().expect("a name").to_string_lossy().starts_with('.')).collect()
}

#[test]
fn a_correction_takes_two_keys_and_what_is_typed_and_stands_in_exactly_the_files_with_the_sentence() {
    let service = Service::start();
    let mut project = Project::new().engine(&service.address(), "");
    for number in 0..500 {
        let same = if number % 100 == 7 { " Der Kran steht still." } else { "" };
        let text = format!("Schiff Nummer {number} liegt im Hafen.{same}\n");
        project = project.file(&format!("seeds/{number:03}.txt"), text);
    }
    project.run(&["translate"]).exits(0);
    service.reset();
    let before = outputs(&project);
    let served = Served::start(&project);
    let browser = open(&served, "/article?id=007.txt", BrowserLook::default());
    assert_eq!(browser.ask("location.search"), Value::from("?id=007.txt"), "the token has left the address");
    browser.press("n");
    // The first key opens the editor with all of the text chosen, the last one saves.
    browser.press("e");
    browser.press("The crane stands still.");
    browser.press(ENTER);
    browser.wait_until("document.getElementById('s2').innerText.includes('The crane stands still.')");
    let said = browser.ask("document.getElementById('message').textContent");
    assert!(
        said.as_str().expect("a text").starts_with("saved; the same sentence stands in 4 articles more"),
        "{said}"
    );
    for number in [7, 107, 207, 307, 407] {
        for format in ["en.txt", "english.txt", "jsonl", "tsv"] {
            wait_for(&project, &format!("output/{number:03}.{format}"), "The crane stands still.");
        }
    }
    drop(served);
    let after = outputs(&project);
    let changed: Vec<_> = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes)).collect();
    let paths: Vec<_> = changed.iter().map(|(path, _)| path).collect();
    assert_eq!(paths.len(), 5 * 4, "{paths:?}");
    for (path, bytes) in changed {
        let old = String::from_utf8_lossy(&before[path]).into_owned();
        let new = String::from_utf8_lossy(bytes).into_owned();
        if path.to_string_lossy().ends_with(".en.txt") {
            assert_eq!(old.lines().next(), new.lines().next(), "{}", path.display());
        }
    }
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn the_page_is_worked_by_keyboard() {
    let service = Service::start();
    let project = Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt. Der Kran steht.\n")
        .file("seeds/b.txt", "Der Kran steht.\n")
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    let served = Served::start(&project);
    let browser = open(&served, "/article?id=a.txt", BrowserLook::default());
    let current = "document.querySelector('.current').dataset.number";
    browser.press("n");
    browser.press("n");
    browser.press("p");
    assert_eq!(browser.ask(current), Value::from("2"));
    // What is left with Escape is as it was.
    browser.press("e");
    browser.press("nonsense");
    browser.press(ESCAPE);
    assert_eq!(browser.ask("document.getElementById('s2').dataset.target"), Value::from("EN Die Fähre the."));
    // Accepted, marked as read, gone on.
    browser.press("a");
    browser.wait_until("document.getElementById('s2').classList.contains('read')");
    wait_for(&project, "output/a.jsonl", "\"correction\"");
    browser.wait_until(&format!("{current} === '3'"));
    browser.press("u");
    browser.wait_until("document.getElementById('message').textContent.startsWith('taken back')");
    // Who corrected it has read it, also when the correction is taken back.
    browser.wait_until("document.getElementById('totals').textContent.includes('1 read')");
    browser.press("m");
    browser.wait_until("document.getElementById('totals').textContent.includes('0 read')");
    browser.press("?");
    browser.wait_until("document.getElementById('help').open");
    browser.press(ESCAPE);
    browser.wait_until("!document.getElementById('help').open");
    browser.press("]");
    browser.wait_until("document.body.dataset.article === 'b.txt'");
}

#[test]
fn words_selected_on_both_sides_become_an_entry() {
    let service = Service::start().answers("Der Kran steht.", "The hoist is standing.");
    let project = Project::new()
        .file("seeds/a.txt", "Der Kran steht.\n")
        .file("seeds/b.txt", "Der Kran steht.\n")
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    service.reset();
    let project = project.glossary(&[["Kran", "crane", ""]]);
    let served = Served::start(&project);
    let browser = open(&served, "/article?id=a.txt", BrowserLook::default());
    let select = |side: &str, from: usize, to: usize| {
        browser.ask(&format!(
            "(() => {{ const text = document.querySelector('.current .{side} p'); const whole = text.innerText; \
             const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT); const range = new Range(); let at = 0; \
             for (let node; node = walk.nextNode(); at += node.length) {{ \
             if ({from} >= at && {from} <= at + node.length) range.setStart(node, {from} - at); \
             if ({to} >= at && {to} <= at + node.length) range.setEnd(node, {to} - at); }} \
             getSelection().removeAllRanges(); getSelection().addRange(range); return whole; }})()"
        ))
    };
    select("german", 4, 8);
    browser.wait_until("getSelection().toString() === 'Kran'");
    select("english", 4, 9);
    browser.wait_until("getSelection().toString() === 'hoist'");
    browser.press("g");
    browser.wait_until("document.querySelector('#term [name=target]').value === 'hoist'");
    browser.ask("document.querySelector('#term [value=avoid]').click()");
    // Both places are shown before anything is done.
    browser.wait_until("document.querySelectorAll('#term-places ins').length === 2");
    assert!(!project.read("glossary/terms.tsv").contains("hoist"));
    browser.picture("glossary.png");
    browser.ask("document.querySelector('#term [name=apply]').click()");
    browser.wait_until("document.getElementById('s1').innerText.includes('The crane is standing.')");
    assert!(project.read("output/b.en.txt").contains("The crane is standing."));
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn a_page_sees_what_another_one_does() {
    let service = Service::start();
    let project = translated(&service);
    let served = Served::start(&project);
    let one = open(&served, "/article?id=a.txt", BrowserLook::default());
    let two = open(&served, "/article?id=a.txt", BrowserLook::default());
    two.press("e");
    two.press("Mine.");
    one.press("e");
    one.press("Theirs.");
    one.press(ENTER);
    two.wait_until("document.getElementById('message').textContent.includes('somebody else')");
    two.press(ENTER);
    two.wait_until("document.getElementById('message').textContent.includes('Theirs.')");
    assert_eq!(two.ask("document.querySelector('textarea').value"), Value::from("Mine."));
    two.press(ENTER);
    one.wait_until("document.getElementById('s1').innerText.includes('Mine.')");
}

#[test]
fn a_page_that_was_hidden_catches_up() {
    let service = Service::start();
    let project = translated(&service);
    let served = Served::start(&project);
    let (article, list) = article_and_list(&served);
    let show = |page: &Browser, is_hidden: bool| {
        page.ask(&format!(
            "(Object.defineProperty(document, 'hidden', {{ configurable: true, value: {is_hidden} }}), \
             document.dispatchEvent(new Event('visibilitychange')))"
        ));
    };
    show(&article, true);
    show(&list, true);
    let project = project
        .file("seeds/a.txt", "Der Hafen ist leer. Es regnet. Die Fähre kommt.\n")
        .file("seeds/b.txt", "Der Kran steht.\n");
    project.run(&["translate"]).exits(0);
    // A third page has heard all that happened.
    let third = open(&served, "/article?id=a.txt", BrowserLook::default());
    third.wait_until("document.getElementById('s3')?.innerText.includes('EN Die Fähre')");
    assert_eq!(article.ask("document.getElementById('s3')"), Value::Null);
    show(&article, false);
    show(&list, false);
    article.wait_until("document.getElementById('s3')?.innerText.includes('EN Die Fähre')");
    list.wait_until("document.getElementById('totals').textContent.includes('2 articles')");
}

#[test]
fn an_open_page_follows_a_run() {
    let service = Service::start();
    let project = translated(&service);
    let served = Served::start(&project);
    let (article, list) = article_and_list(&served);
    // The article has a sentence more, and there is another article.
    let project = project
        .file("seeds/a.txt", "Der Hafen ist leer. Es regnet. Die Fähre kommt.\n")
        .file("seeds/b.txt", "Der Kran steht.\n");
    project.run(&["translate"]).exits(0);
    article.wait_until("document.getElementById('s3')?.innerText.includes('EN Die Fähre')");
    list.wait_until("document.getElementById('totals').textContent.includes('2 articles')");
}

#[test]
fn what_would_harm_a_page_is_text_in_it() {
    let hostile = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>";
    let service =
        Service::start().answers("Der Kran steht.", &format!("{hostile} \u{202e}gnp \u{1b}[31mred"));
    let project = Project::new()
        .file("seeds/a.txt", format!("Der Kran steht. Ein \u{202e}Schiff {hostile} kommt \u{1b}[31m an.\n"))
        .engine(&service.address(), "");
    project.run(&["translate"]);
    let served = Served::start(&project);
    let browser = open(&served, "/article?id=a.txt", BrowserLook::default());
    let text = browser.ask("document.querySelector('main').innerText");
    let text = text.as_str().expect("text");
    assert!(text.matches("<script>window.harmed = 1</script>").count() >= 2, "{text}");
    assert!(!text.contains(['\u{202e}', '\u{1b}']) && text.contains("U+202E"), "{text}");
    assert_eq!(browser.ask("window.harmed === undefined"), Value::Bool(true));
    assert_eq!(browser.ask("document.querySelectorAll('script').length"), Value::from(1));
    assert_eq!(browser.ask("document.querySelectorAll('main img').length"), Value::from(0));
    // Neither does it in the list, nor in the editor.
    browser.press("e");
    browser.press(ESCAPE);
    browser.open(&served.at("/?q=script"));
    browser.wait_until("document.querySelector('mark') !== null");
    assert_eq!(browser.ask("window.harmed === undefined"), Value::Bool(true));
}

#[test]
fn an_article_of_five_thousand_segments_scrolls() {
    let service = Service::start();
    let text: Vec<String> =
        (0..5000).map(|number| format!("Schiff Nummer {number} liegt im Hafen.")).collect();
    let project = Project::new().file("seeds/a.txt", text.join("\n\n")).engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    let served = Served::start(&project);
    let browser = open(&served, "/article?id=a.txt", BrowserLook::default());
    assert_eq!(browser.ask("document.querySelectorAll('.segment').length"), Value::from(5000));
    browser.ask("document.getElementById('s5000').scrollIntoView()");
    browser.wait_until("document.getElementById('s5000').getBoundingClientRect().top < innerHeight");
    // What is not seen is not laid out: a few screens of blocks are.
    let visible = browser.ask("getComputedStyle(document.querySelector('section')).contentVisibility");
    assert_eq!(visible, Value::from("auto"));
}

/// An article and its English, for pictures.
const ARTICLE: &[(&str, &str)] = &[
    ("Der Hafen wartet auf die Nordflotte", "The harbour is waiting for the Northern Fleet"),
    ("Seit drei Wochen liegt kein Schiff mehr am Kai.", "For three weeks no ship has lain at the quay."),
    (
        "Hafenmeisterin Anna Lorenz zählt 12 leere Liegeplätze.",
        "Harbour master Anna Lorenz counts 11 empty berths.",
    ),
    ("Was jetzt geschieht", "What happens now"),
    ("Die Nordflotte soll am 3. Mai einlaufen.", "The Northern Fleet is to put in on 3 May."),
    ("Bis dahin bleiben die Kräne stehen.", "Until then the cranes stand still."),
];

fn pictured(service: &Service) -> Project {
    let texts: Vec<&str> = ARTICLE.iter().map(|(german, _)| *german).collect();
    let text = format!(
        "# {}\n\n{} {}\n\n## {}\n\n- {}\n- {}\n",
        texts[0], texts[1], texts[2], texts[3], texts[4], texts[5]
    );
    let project = Project::new()
        .file("seeds/hafen.md", text)
        .file("seeds/kran.md", "# Der Kran\n\nBis dahin bleiben die Kräne stehen.\n")
        .glossary(&[
            ["Nordflotte", "Northern Fleet", "North Fleet"],
            ["Hafen", "harbour", ""],
            ["Kai", "wharf", ""],
        ])
        .engine(&service.address(), "");
    project.run(&["translate"]);
    project
}

#[test]
fn pictures_for_people() {
    let service =
        ARTICLE.iter().fold(Service::start(), |service, (german, english)| service.answers(german, english));
    let project = pictured(&service);
    let served = Served::start(&project);
    for (name, look) in [
        ("light", BrowserLook::default()),
        // That of the README.
        ("small", BrowserLook { window: [1040, 760], ..BrowserLook::default() }),
        ("dark", BrowserLook { is_dark: true, ..BrowserLook::default() }),
        ("narrow", BrowserLook { narrow: Some(400), ..BrowserLook::default() }),
    ] {
        let browser = open(&served, "/article?id=hafen.md", look);
        browser.press("n");
        browser.press("n");
        browser.wait_until("document.getElementById('panel').textContent.includes('Segment 3')");
        let wide = browser.ask("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(wide, Value::Bool(true), "{name} scrolls sideways");
        browser.picture(&format!("article-{name}.png"));
        browser.open(&served.at("/"));
        browser.picture(&format!("list-{name}.png"));
    }
}
