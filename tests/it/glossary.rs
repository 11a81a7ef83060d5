//! Keeping the glossary: `wortlaut glossary` as its users run it.

use serde_json::Value;

use crate::support::Project;

/// A glossary as people keep it: a byte order mark, comments, a column of their own, Windows line ends.
const KEPT: &str =
    "\u{feff}# Names\r\nsource\ttarget\towner\r\nElbe\tElbe\tme\r\n\r\n# Offices\r\nAmt\toffice\t\r\n";

fn project(text: &str) -> Project {
    Project::new().file("glossary/terms.tsv", text)
}

fn glossary(project: &Project) -> String {
    project.read("glossary/terms.tsv")
}

#[test]
fn set_changes_the_cells_it_names_and_nothing_else() {
    let project = project(KEPT);
    project.run(&["glossary", "set", "Amt", "--target", "agency|office", "--avoid", "bureau"]).exits(0);
    let after = KEPT
        .replace("target\towner", "target\towner\tavoid")
        .replace("Elbe\tme", "Elbe\tme\t")
        .replace("Amt\toffice\t", "Amt\tagency|office\t\tbureau");
    assert_eq!(glossary(&project), after);
    project.run(&["glossary", "set", "Oder", "--target", "Oder"]).exits(2);
    project.run(&["glossary", "set", "Amt"]).exits(2);
    project.run(&["glossary", "set", "Amt", "--kind", "office"]).exits(2);
    assert_eq!(glossary(&project), after);
}

#[test]
fn show_spells_out_the_forms() {
    let project = project(KEPT);
    project.run(&["glossary", "add", "Damm", "dam", "--note", "not levee", "--kind", "term"]).exits(0);
    let shown = project.run(&["glossary", "show", "Damm"]).exits(0).stdout;
    assert!(
        shown.contains("Dämme") && shown.contains("not levee") && shown.contains("terms.tsv:7"),
        "{shown}"
    );
    let json = project.run(&["glossary", "show", "Damm", "--json"]).exits(0).json();
    assert_eq!(json["entry"]["targets"][0], "dam");
    assert!(json["found_as"].as_array().is_some_and(|forms| forms.contains(&"Dammes".into())), "{json}");
    project.run(&["glossary", "show", "Dam"]).exits(2);
}

#[test]
fn a_broken_line_is_named_and_the_rest_works_when_asked() {
    let project = project("source\ttarget\nbroken\nElbe\tElbe\n");
    let ran = project.run(&["glossary", "list"]).exits(5);
    assert!(ran.stderr.contains("terms.tsv:2") && ran.stderr.contains("--lenient"), "{}", ran.stderr);
    let ran = project.run(&["glossary", "list", "--lenient"]).exits(0);
    assert!(ran.stderr.contains("terms.tsv:2") && ran.stdout.contains("Elbe"), "{ran:?}");
    project.put("wortlaut.toml", "[glossary]\nlenient = true\n");
    project.run(&["glossary", "find", "an der Elbe"]).exits(0);
    let project = project.file("articles/a.txt", "An der Elbe.\n").file("wortlaut.toml", "");
    project.run(&["translate", "--engine", "pseudo"]).exits(5);
    let ran = project.run(&["translate", "--engine", "pseudo", "--lenient", "--json"]).exits(0);
    assert!(ran.stderr.contains("terms.tsv:2"), "{}", ran.stderr);
    assert_eq!(ran.json()["terms"]["held"], 1);
}

#[test]
fn find_marks_terms_in_colour_only_where_colour_is_wanted() {
    let project = project(KEPT);
    let plain = project.run(&["glossary", "find", "die Elbe"]).exits(0).stdout;
    assert_eq!(plain, "die [Elbe]{Elbe}\n");
    let run = |variables: &[&str]| {
        let mut command = project.command(&["glossary", "find", "die Elbe"]);
        for variable in variables {
            command.env(variable, "1");
        }
        String::from_utf8(command.output().expect("started").stdout).expect("text")
    };
    assert!(run(&["CLICOLOR_FORCE"]).contains("\u{1b}[1;32mElbe\u{1b}[0m"));
    assert_eq!(run(&["CLICOLOR_FORCE", "NO_COLOR"]), plain);
}

#[test]
fn check_names_every_problem_with_its_line() {
    let project = project("source\ttarget\nElbe\tElbe\nElbe\tLabe\nAmt für Wasser\tOffice für Water\nx\n")
        .file("articles/a.txt", "An der Elbe stand ein Haus.\n");
    let out = project.run(&["glossary", "check", "articles"]).exits(1).stdout;
    for (line, piece) in [(3, "Labe"), (4, "German"), (4, "occurs in none"), (5, "1 cell where")] {
        let place = format!("terms.tsv:{line}: ");
        let named = out.lines().any(|row| row.contains(&place) && (row.contains(piece) || piece == "Labe"));
        assert!(named, "{line} {piece}: {out}");
    }
    assert!(!out.lines().any(|row| row.starts_with("glossary/terms.tsv:2: ")), "{out}");
    project.put("glossary/terms.tsv", "source\ttarget\nElbe\tElbe\n");
    project.run(&["glossary", "check", "articles"]).exits(0);
}

#[test]
fn edits_of_many_processes_are_all_kept() {
    let project = project("source\ttarget\nWeg\tway\n");
    let glossary = project.path().join("glossary");
    #[cfg(unix)]
    std::os::unix::fs::symlink(glossary.join("terms.tsv"), project.path().join("linked.tsv"))
        .expect("linked");
    std::thread::scope(|scope| {
        for lane in 0..16 {
            let project = &project;
            // A file that is named, its folder and a link to it are one glossary.
            let path =
                ["glossary", "glossary/terms.tsv", "linked.tsv"][lane % if cfg!(unix) { 3 } else { 2 }];
            scope.spawn(move || {
                for n in 0..10 {
                    let term = format!("Amt{lane}x{n}");
                    project.run(&["glossary", "add", &term, "office", "--glossary", path]).exits(0);
                    if n % 5 == 4 {
                        let set = ["glossary", "set", &term, "--note", "seen", "--glossary", path];
                        project.run(&set).exits(0);
                    }
                }
            });
        }
    });
    let listed = project.run(&["glossary", "list"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 1 + 160, "{listed}");
    assert_eq!(listed.lines().filter(|line| line.starts_with("Amt")).count(), 160);
    assert_eq!(project.read("glossary/terms.tsv").matches("seen").count(), 32);
    let left: Vec<_> = std::fs::read_dir(glossary).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn of_two_processes_that_add_the_same_term_one_is_refused() {
    for _ in 0..10 {
        let project = Project::new();
        let add = || project.start(&["glossary", "add", "Amt", "office", "--glossary", "new/terms.tsv"]);
        let ended =
            [add(), add(), add()].map(|child| child.wait_with_output().expect("ended").status.success());
        assert_eq!(ended.iter().filter(|success| **success).count(), 1);
        assert_eq!(project.read("new/terms.tsv"), "source\ttarget\nAmt\toffice\n");
    }
}

#[test]
fn files_of_other_programs_are_glossaries_as_they_are() {
    let wide: Vec<u8> =
        "\u{feff}source\ttarget\r\nTurm\ttower\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let project = Project::new()
        .file("semicolons.csv", "Deutsch;Englisch\nTurm;tower\n")
        .file("plain.csv", "Turm,tower\n")
        .file("german.tsv", "Deutsch\tEnglisch\nTurm\ttower\n");
    std::fs::write(project.path().join("wide.tsv"), wide).expect("written");
    for format in ["terms.tmx", "terms.tbx"] {
        project.run(&["glossary", "export", format, "--from", "plain.csv"]).exits(0);
    }
    for file in ["semicolons.csv", "plain.csv", "german.tsv", "wide.tsv", "terms.tmx", "terms.tbx"] {
        let ran = project.run(&["glossary", "find", "am Turm", "--glossary", file]).exits(0);
        assert_eq!(ran.stdout, "am [Turm]{tower}\n", "{file}: {}", ran.stderr);
    }
    let ran = project.run(&["glossary", "add", "Tor", "gate", "--glossary", "plain.csv"]).exits(5);
    assert!(ran.stderr.contains("glossary import plain.csv"), "{}", ran.stderr);
    assert_eq!(project.read("plain.csv"), "Turm,tower\n");
    // A header of ours that is misspelt is no entry.
    project.put("misspelt.tsv", "sorce\ttarget\nTurm\ttower\n");
    project.run(&["glossary", "list", "--glossary", "misspelt.tsv"]).exits(5);
}

#[test]
fn changes_say_what_was_there_and_can_be_taken_back() {
    let project = project(KEPT);
    let out = project.run(&["glossary", "set", "Amt", "--target", "agency"]).exits(0).stdout;
    assert!(out.contains("target = \"agency\" (was \"office\")"), "{out}");
    project.run(&["glossary", "add-target", "Amt", "office|bureau"]).exits(0);
    project.run(&["glossary", "add-target", "Amt", "bureau", "--first"]).exits(0);
    assert_eq!(glossary(&project), KEPT.replace("Amt\toffice", "Amt\tbureau|agency|office"));
    project.run(&["glossary", "rename", "Amt", "Behörde"]).exits(0);
    assert!(glossary(&project).contains("Behörde\tbureau|agency|office\t\r\n"));
    project.run(&["glossary", "rename", "Behörde", "Elbe"]).exits(2);
    project.run(&["glossary", "rename", "Oder", "Rhein"]).exits(2);
    project.run(&["glossary", "add-target", "Oder", "Oder"]).exits(2);
    let renamed = glossary(&project);
    project.run(&["glossary", "undo"]).exits(0);
    assert_eq!(glossary(&project), KEPT.replace("Amt\toffice", "Amt\tbureau|agency|office"));
    project.run(&["glossary", "undo"]).exits(0);
    assert_eq!(glossary(&project), renamed);
    // What a person wrote in the meantime is theirs.
    let theirs = renamed.replace("Behörde", "Dienststelle");
    project.put("glossary/terms.tsv", &theirs);
    project.run(&["glossary", "undo"]).exits(5);
    assert_eq!(glossary(&project), theirs);
}

#[test]
fn undo_takes_a_whole_import_back_and_a_new_file_away() {
    let project = project(KEPT).file("theirs.csv", "Elbe;River Elbe\nTurm;tower\n");
    project.run(&["glossary", "import", "theirs.csv", "--replace"]).exits(0);
    assert!(glossary(&project).contains("Turm\ttower") && glossary(&project).contains("River Elbe"));
    project.run(&["glossary", "undo"]).exits(0);
    assert_eq!(glossary(&project), KEPT);
    project.run(&["glossary", "add", "Tor", "gate", "--glossary", "new.tsv"]).exits(0);
    // It is the change of another glossary.
    project.run(&["glossary", "undo"]).exits(2);
    project.run(&["glossary", "undo", "--glossary", "new.tsv"]).exits(0);
    assert!(!project.path().join("new.tsv").exists());
    project.run(&["glossary", "undo", "--glossary", "new.tsv"]).exits(0);
    assert_eq!(project.read("new.tsv"), "source\ttarget\nTor\tgate\n");
}

#[test]
fn an_entry_to_be_kept_needs_no_english_and_a_form_leads_to_its_entry() {
    let project = project(KEPT);
    project.run(&["glossary", "add", "Tornado"]).exits(2);
    project.run(&["glossary", "add", "Tornado", "--kind", "keep"]).exits(0);
    assert!(glossary(&project).contains("Tornado\tTornado\t"));
    let out = project.run(&["glossary", "show", "Amtes"]).exits(0).stdout;
    assert!(out.starts_with("“Amtes” is found as Amt\n") && out.contains("office"), "{out}");
}

#[test]
fn of_several_glossaries_a_later_one_wins_and_says_so() {
    let house = "source\ttarget\nTurm\ttower\nTor\tgate\n";
    let project = Project::new()
        .file("house/terms.tsv", house)
        .file("desk/terms.tsv", "source\ttarget\nTor\tgoal\n")
        .file("wortlaut.toml", "[glossary]\npath = [\"house\", \"desk\"]\n");
    let ran = project.run(&["glossary", "find", "Tor am Turm"]).exits(0);
    assert_eq!(ran.stdout, "[Tor]{goal} am [Turm]{tower}\n");
    assert!(ran.stderr.contains("house/terms.tsv:3: “Tor” yields to desk/terms.tsv:2"), "{}", ran.stderr);
    let flags = ["--glossary", "desk", "--glossary", "house"];
    let ran = project.run(&[&["glossary", "find", "Tor"], &flags[..]].concat()).exits(0);
    assert_eq!(ran.stdout, "[Tor]{gate}\n");
    // What is added goes to the last one, what is changed to the one that has it.
    project.run(&["glossary", "add", "Bucht", "bay"]).exits(0);
    project.run(&["glossary", "set", "Turm", "--target", "spire"]).exits(0);
    assert!(project.read("desk/terms.tsv").ends_with("Bucht\tbay\n"));
    assert_eq!(project.read("house/terms.tsv"), house.replace("tower", "spire"));
    project.run(&["glossary", "undo"]).exits(0);
    assert_eq!(project.read("house/terms.tsv"), house);
    project.run(&["glossary", "set", "Hafen", "--target", "port"]).exits(2);
    project.put("wortlaut.toml", "[glossary]\npath = []\n");
    project.run(&["glossary", "list"]).exits(5);
    project.put("wortlaut.toml", "[glossary]\npath = [\"house\", \"../elsewhere\"]\n");
    project.run(&["glossary", "list"]).exits(5);
}

#[test]
fn some_articles_have_a_glossary_of_their_own_on_top() {
    let project = Project::new()
        .file("glossary/terms.tsv", "source\ttarget\nTurm\ttower\nTor\tgate\n")
        .file("sport.tsv", "source\ttarget\nTor\tgoal\nElf\tteam of eleven\n")
        .file("cup.tsv", "source\ttarget\nTurm\trook\n")
        .file("articles/sport/a.txt", "Das Tor am Turm gehört der Elf.\n")
        .file("articles/sport/cup/b.txt", "Das Tor am Turm gehört der Elf.\n")
        .file("articles/c.txt", "Das Tor am Turm gehört der Elf.\n")
        .file(
            "wortlaut.toml",
            "[[glossary.for]]\narticles = \"sport/**\"\npath = \"sport.tsv\"\n\
             [[glossary.for]]\narticles = [\"*.md\", \"**/cup/*\"]\npath = [\"cup.tsv\"]\n",
        );
    let ran = project.run(&["translate", "--engine", "pseudo", "--format", "jsonl"]);
    assert!(ran.stderr.contains("terms.tsv:3: “Tor” yields to sport.tsv:2"), "{}", ran.stderr);
    let targets = |name: &str| -> Vec<String> {
        let line: Value = serde_json::from_str(project.read(name).trim()).expect("JSON");
        let terms = line["terms"].as_array().expect("terms").clone();
        terms.iter().map(|term| term["target"].as_str().expect("a target").to_owned()).collect()
    };
    assert_eq!(targets("output/sport/a.jsonl"), ["goal", "tower", "team of eleven"]);
    assert_eq!(targets("output/sport/cup/b.jsonl"), ["goal", "rook", "team of eleven"]);
    assert_eq!(targets("output/c.jsonl"), ["gate", "tower"]);
    let shown = project.run(&["config", "show"]).exits(0).stdout;
    assert!(shown.contains("glossary.for = [{ articles = [\"sport/**\"]"), "{shown}");
    for (table, message) in [
        ("articles = \"a[\"\npath = \"sport.tsv\"", "wrong pattern"),
        ("articles = \"*\"", "each with articles"),
        ("articles = \"*\"\npath = \"sport.tsv\"\nkind = \"x\"", "each with articles"),
        ("articles = \"*\"\npath = \"../away.tsv\"", "leads out of the project’s folder"),
    ] {
        project.put("wortlaut.toml", format!("[[glossary.for]]\n{table}\n"));
        let ran = project.run(&["translate", "--engine", "pseudo"]).exits(5);
        assert!(ran.stderr.replace('\'', "’").contains(message), "{table}: {}", ran.stderr);
    }
}
