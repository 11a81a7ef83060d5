//! `wortlaut memory forget` and `wortlaut translate --again`.

use crate::support::{Fault, Project, Service, english};

fn project(service: &Service) -> Project {
    Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt.")
        .file("seeds/b.txt", "Die Fähre kommt. Der Kran steht.")
        .engine(&service.address(), "")
}

/// The texts that were sent since the last call, in alphabetical order.
fn sent(service: &Service) -> Vec<String> {
    let mut texts: Vec<String> = service.counts().texts.into_keys().collect();
    texts.sort();
    service.reset();
    texts
}

#[test]
fn what_is_forgotten_is_sent_again_and_nothing_else() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let english = project.files("output");
    service.reset();

    let ran = project.run(&["memory", "forget", "Der Hafen ist leer.", "--dry-run"]).exits(0);
    assert_eq!(ran.stdout, "1 translation would be forgotten\n");
    let ran = project.run(&["memory", "forget", "Der Hafen ist leer."]).exits(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    project.run(&["translate"]).exits(0);
    assert!(sent(&service).is_empty());

    let ran = project.run(&["memory", "forget", "Der  Hafen ist leer.", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "1 translation forgotten\n");
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service), ["Der Hafen ist leer."]);

    project.run(&["memory", "forget", "--article", "b.*", "--yes"]).exits(0);
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service), ["Der Kran steht.", "Die Fähre kommt."]);

    project.run(&["memory", "forget", "--engine", "other", "--yes"]).exits(0);
    project.run(&["translate"]).exits(0);
    assert!(sent(&service).is_empty());
    let ran = project.run(&["memory", "forget", "--engine", "double", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "3 translations forgotten\n");
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service).len(), 3);
    assert_eq!(project.files("output"), english);
}

#[test]
fn what_is_to_be_forgotten_must_be_said() {
    let project = Project::new().engine("http://127.0.0.1:1", "");
    project.run(&["memory", "forget", "--yes"]).exits(2);
    let ran = project.run(&["memory", "forget", "--unusable", "--yes"]).exits(0);
    assert!(ran.stdout.starts_with("there is no translation memory"), "{}", ran.stdout);
    assert!(project.files(".wortlaut").is_empty());
}

#[test]
fn an_article_that_is_not_there_is_named() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let ran = project.run(&["memory", "forget", "--article", "c*", "--yes"]).exits(2);
    assert!(ran.stderr.contains("c*"), "{}", ran.stderr);
}

#[test]
fn an_echo_fails_and_is_asked_for_again_when_the_user_says_so() {
    let service = Service::start().fault(Fault::Echo("Fähre"));
    let project = project(&service);
    let ran = project.run(&["translate", "--json"]).exits(3);
    assert_eq!(ran.json()["failed"], 2);
    assert!(ran.stderr.contains("--again 'a.txt#2'"), "{}", ran.stderr);
    let english_text = project.read("output/a.english.txt");
    assert!(english_text.contains("not translated") && !english_text.contains("Fähre"), "{english_text}");
    let times = service.counts().texts["Die Fähre kommt."];
    assert_eq!(
        times, 3,
        "in its batch, alone, and behind a short text; the service takes nothing else along"
    );

    service.mend();
    service.reset();
    project.run(&["translate"]).exits(3);
    assert!(sent(&service).is_empty());
    let dry = project.run(&["translate", "--dry-run", "--json", "--again", "a.txt#2"]).exits(0).json();
    assert_eq!((&dry["estimate"]["to_send"], &dry["estimate"]["failed"]), (&1.into(), &0.into()));
    let ran = project.run(&["translate", "--again", "a.txt#2"]).exits(0);
    assert!(!ran.stderr.contains("no segment"), "{}", ran.stderr);
    assert_eq!(sent(&service), ["Die Fähre kommt."]);
    assert_eq!(project.rows("output/b.jsonl")[0]["en"], english("Die Fähre kommt."));

    let ran = project.run(&["memory", "forget", "--unusable", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "0 translations and 1 unusable answer forgotten\n");
}

#[test]
fn segments_are_chosen_by_article_and_by_german() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    service.reset();
    project.run(&["translate", "--again", "b*"]).exits(0);
    assert_eq!(sent(&service), ["Der Kran steht.", "Die Fähre kommt."]);
    project.run(&["translate", "--again-text", "(?i)hafen|kran"]).exits(0);
    assert_eq!(sent(&service), ["Der Hafen ist leer.", "Der Kran steht."]);
    let ran = project.run(&["translate", "--again", "c.txt#1"]).exits(0);
    assert!(ran.stderr.contains("no segment of these articles was chosen"), "{}", ran.stderr);
    assert!(sent(&service).is_empty());
    let ran = project.run(&["translate", "--again-text", "("]).exits(2);
    assert!(ran.stderr.contains("regular expression"), "{}", ran.stderr);
}

const AGENCY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en"
 srclang="de" datatype="plaintext"/><body>
<tu changeid="Ada" changedate="20260102T030405Z"><tuv xml:lang="de"><seg>Der  Hafen ist leer.</seg></tuv>
<tuv xml:lang="en"><seg>The port lies empty.</seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>Der Kran steht.</seg></tuv><tuv xml:lang="en"><seg>The crane &lt;stands&gt;.</seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>Nichts.</seg></tuv></tu>
</body></tmx>
"#;

#[test]
fn pairs_go_out_of_one_memory_into_another_and_are_the_same() {
    let project = Project::new().file("agency.tmx", AGENCY).engine("http://127.0.0.1:1", "");
    let ran = project.run(&["memory", "import", "agency.tmx", "--by", "Ben", "--dry-run", "--json"]).exits(0);
    assert_eq!((ran.json()["suggestions"].as_u64(), ran.json()["without_text"].as_u64()), (Some(2), Some(1)));
    assert!(project.files(".wortlaut").is_empty());
    project.run(&["memory", "import", "agency.tmx", "--by", "Ben"]).exits(0);
    let again = project.run(&["memory", "import", "agency.tmx", "--by", "Ben", "--json"]).exits(0);
    assert_eq!(again.json()["known"], 2, "the same file gives the same pairs");
    project.run(&["memory", "import", "agency.tmx", "--by", "Cy", "--as", "correction"]).exits(0);
    project.run(&["memory", "export", "all.tmx"]).exits(0);
    let ran = project.run(&["memory", "export", "all.tmx"]).exits(2);
    assert!(ran.stderr.contains("--overwrite"), "{}", ran.stderr);

    let other = Project::new().file("all.tmx", project.read("all.tmx")).engine("http://127.0.0.1:1", "");
    let ran = other.run(&["memory", "import", "all.tmx", "--by", "Nobody", "--json"]).exits(0);
    assert_eq!((ran.json()["corrections"].as_u64(), ran.json()["suggestions"].as_u64()), (Some(2), Some(2)));
    other.run(&["memory", "export", "back.tmx"]).exits(0);
    assert_eq!(other.read("back.tmx"), project.read("all.tmx"));

    let found = other.run(&["memory", "search", "stands", "--json"]).exits(0);
    let first: serde_json::Value =
        serde_json::from_str(found.stdout.lines().next().expect("found")).expect("json");
    assert_eq!((&first["pair"]["kind"], &first["pair"]["by"]), (&"correction".into(), &"Cy".into()));
    let id = &first["id"].as_str().expect("an id")[..8];
    let ran = other.run(&["memory", "show", id]).exits(0);
    assert!(
        ran.stdout.contains("The crane <stands>.") && ran.stdout.contains("agency.tmx"),
        "{}",
        ran.stdout
    );
    for wrong in ["ffffffff", "123", "% drop"] {
        other.run(&["memory", "show", wrong]).exits(2);
    }
}

#[test]
fn a_broken_file_says_where_and_what_came_before_it_is_kept() {
    let project = Project::new()
        .file(
            "broken.tmx",
            AGENCY.replace(
                "<tu><tuv xml:lang=\"de\"><seg>Nichts.",
                "<tu><tuv xml:lang=\"de\"><seg>&nichts;</oops>",
            ),
        )
        .file("letter.txt", "Liebe Ada")
        .engine("http://127.0.0.1:1", "");
    let ran = project.run(&["memory", "import", "broken.tmx"]).exits(2);
    assert!(ran.stderr.contains("broken.tmx") && ran.stderr.contains("2 pairs"), "{}", ran.stderr);
    assert_eq!(project.run(&["memory", "stats", "--json"]).exits(0).json()["suggestions"], 2);
    let ran = project.run(&["memory", "import", "letter.txt"]).exits(2);
    assert!(ran.stderr.contains(".tmx"), "{}", ran.stderr);
}

#[test]
fn memories_are_merged_checked_and_pruned() {
    let service = Service::start();
    let project = project(&service).file("agency.tmx", AGENCY);
    for command in ["stats", "check"] {
        let ran = project.run(&["memory", command]).exits(2);
        assert!(ran.stderr.contains("there is no translation memory"), "{}", ran.stderr);
    }
    project.run(&["translate"]).exits(0);
    project.run(&["memory", "import", "agency.tmx"]).exits(0);
    let memory = ".wortlaut/memory.db";
    project.run(&["memory", "merge", memory, memory, "-o", "both.db"]).exits(0);
    project.run(&["memory", "merge", memory, memory, "-o", memory]).exits(4);
    let merged =
        project.run(&["memory", "merge", "both.db", memory, "-o", "again.db", "--json"]).exits(0).json();
    assert_eq!((merged["answers"].as_u64(), merged["suggestions"].as_u64()), (Some(3), Some(2)));
    project.run(&["memory", "check"]).exits(0);

    let ran = project.run(&["memory", "prune", "--gone", "--dry-run"]).exits(0);
    assert_eq!(ran.stdout, "0 answers would be removed\n");
    project.run(&["memory", "prune"]).exits(2);
    project.run(&["memory", "prune", "--before", "yesterday"]).exits(2);
    let ran = project.run(&["memory", "prune", "--before", "9999-01-01"]).exits(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    let ran = project.run(&["memory", "prune", "--before", "9999-01-01", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "3 answers removed\n");
    let stats = project.run(&["memory", "stats", "--json"]).exits(0).json();
    assert_eq!((stats["answers"].as_u64(), stats["suggestions"].as_u64()), (Some(0), Some(2)));
}
