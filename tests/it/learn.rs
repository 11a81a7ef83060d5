//! Corrections in files: what is read back, what is not, and what becomes of the files.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::{Project, Ran};

const TEXT: &str = "Der Hafen von Rostock\n\nDas Schiff kam nach Mitternacht an. Niemand wartete am Kai.\n\nDer Kapitän schwieg. Am Morgen lief es wieder aus.\n";
const PSEUDO: &str = "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['lines', 'text', 'document', 'tsv', 'jsonl', 'xliff', 'tmx']\n";

/// A project that was translated.
fn translated() -> Project {
    let project = Project::new()
        .file("wortlaut.toml", PSEUDO)
        .file("seeds/a.txt", TEXT)
        .file("seeds/b.txt", "Ein Satz.\n");
    project.run(&["translate"]).exits(0);
    project
}

/// Exchanges words in a file.
#[track_caller]
fn edit(project: &Project, file: &str, old: &str, new: &str) {
    let text = project.read(file);
    assert!(text.contains(old), "{file}: {text}");
    project.put(file, text.replacen(old, new, 1));
}

/// The pairs that were learned: segment and English.
fn pairs(ran: &Ran) -> Vec<(u64, String)> {
    let objects = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object"));
    objects
        .filter_map(|object| Some((object["segment"].as_u64()?, object["new"].as_str()?.to_owned())))
        .collect()
}

const OLD: &str = "[de] Niemand wartete am Kai.";
const NEW: &str = "Nobody was waiting on the quay.";

#[test]
fn each_format_is_read_back_by_its_segments() {
    for file in ["a.en.txt", "a.english.txt", "a.tsv", "a.jsonl", "a.xlf", "a.tmx"] {
        let project = translated();
        edit(&project, &format!("output/{file}"), OLD, NEW);
        let ran = project.run(&["learn", "--dry-run", "--json", "--by", "Maria"]).exits(0);
        assert_eq!(pairs(&ran), [(3, NEW.to_owned())], "{file}");
        let first: Value =
            serde_json::from_str(ran.stdout.lines().next().expect("a line")).expect("an object");
        assert_eq!((&first["de"], &first["by"]), (&"Niemand wartete am Kai.".into(), &"Maria".into()));
        // Nothing was learned yet, and the file is still theirs.
        let ran = project.run(&["translate"]).exits(3);
        assert!(ran.stderr.contains("`wortlaut learn` takes the corrections over"), "{}", ran.stderr);
        assert!(project.read(&format!("output/{file}")).contains(NEW));
    }
}

#[test]
fn a_reader_that_goes_does_not_keep_corrections_from_being_learned() {
    let project = translated();
    edit(&project, "output/a.en.txt", OLD, NEW);
    for (arguments, english) in [(&["learn"][..], NEW), (&["learn", "--undo"], OLD)] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut learn = project.command(arguments);
        assert!(learn.stdout(writer).status().expect("started").success());
        assert!(project.read("output/a.tsv").contains(english), "{arguments:?}");
        project.run(&["translate"]).exits(0);
    }
}

#[test]
fn a_file_that_was_only_saved_by_another_program_teaches_nothing() {
    for file in ["a.en.txt", "a.english.txt", "a.tsv"] {
        let project = translated();
        let path = format!("output/{file}");
        let own = project.read(&path);
        let manifest = project.read("output/.wortlaut-manifest.jsonl");
        project.put(&path, format!("\u{feff}{}", own.replace('\n', "\r\n")));
        let ran = project.run(&["learn", "--json"]).exits(0);
        assert!(pairs(&ran).is_empty(), "{file}: {}", ran.stdout);
        assert_eq!(project.read(&path), own, "{file} is written as wortlaut writes it");
        assert_eq!(
            project.read("output/.wortlaut-manifest.jsonl"),
            manifest,
            "{file}: all is known as before"
        );
        project.run(&["translate"]).exits(0);
    }
}

#[test]
fn lines_that_were_moved_split_or_merged_are_aligned_by_what_they_say() {
    let project = translated();
    let file = "output/a.en.txt";
    edit(&project, file, "an.\n[de] Niemand wartete am Kai.", "an. Nobody\nwaited there.");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, "Nobody waited there.".to_owned())]);
    let project = translated();
    edit(&project, file, "[de] Der Kapitän schwieg.\n", "");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(3);
    assert_eq!(pairs(&ran), []);
    assert!(ran.stdout.contains("nothing is left of segment 4"), "{}", ran.stdout);
}

#[test]
fn a_file_that_became_another_text_is_learned_only_if_the_user_says_so() {
    let project = translated();
    project.put("output/a.en.txt", "One\n\ntwo\nthree\n\nfour\nfive\n");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("--yes learns them all the same"), "{}", ran.stderr);
    let told = project.run(&["learn", "--dry-run", "--yes", "--json"]).exits(0);
    assert_eq!(pairs(&told).len(), 5, "{}", told.stdout);
    // The German side is not the translator's.
    let project = translated();
    edit(&project, "output/a.de.txt", "Niemand", "Keiner");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("change the article a.txt instead"), "{}", ran.stderr);
}

#[test]
fn two_files_that_say_different_things_of_one_segment_teach_neither() {
    let project = translated();
    edit(&project, "output/a.en.txt", OLD, NEW);
    edit(&project, "output/a.tsv", OLD, "No one waited.");
    let ran = project.run(&["learn", "--json"]).exits(3);
    assert!(pairs(&ran).is_empty() && ran.stdout.contains("says otherwise of segment 3"), "{}", ran.stdout);
    let ran = project.run(&["learn", "output/a.en.txt", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())]);
}

#[test]
fn what_cannot_be_learned_from_is_said_so() {
    let project = translated();
    let ran = project.run(&["learn"]).exits(0);
    assert_eq!(ran.stdout, "nothing to learn: all files are as wortlaut wrote them\n");
    let ran = project.run(&["learn", "seeds/a.txt"]).exits(2);
    assert!(ran.stderr.contains("is not a file that wortlaut wrote to an output folder"), "{}", ran.stderr);
    let ran = project.run(&["learn", "nowhere"]).exits(2);
    assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    edit(&project, "output/a.en.txt", OLD, NEW);
    fs::remove_file(project.path().join("seeds/a.txt")).expect("removed");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("the article a.txt cannot be read"), "{}", ran.stderr);
}

#[test]
fn what_holds_many_articles_or_is_for_reading_says_what_to_do_instead() {
    let project = translated();
    project.put("corpus.csv", "id,text\n1,Der Regen fiel lange.\n");
    project
        .run(&["translate", "corpus.csv", "--text-field", "text", "--format", "tmx", "-o", "many/"])
        .exits(0);
    edit(&project, "many/corpus.tmx", "</tmx>", "</tmx><!-- read -->");
    let ran = project.run(&["learn", "many"]).exits(3);
    assert!(ran.stderr.contains("it holds many articles"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("`wortlaut memory import many/corpus.tmx --as correction`"),
        "{}",
        ran.stderr
    );
    project.run(&["translate", "--format", "md", "-o", "read"]).exits(0);
    edit(&project, "read/a.bilingual.md", "# a.txt", "# Read");
    let ran = project.run(&["learn", "read"]).exits(3);
    assert!(ran.stderr.contains("the format md is for reading"), "{}", ran.stderr);
    project.run(&["translate", "seeds/a.txt", "--format", "text", "-o", "alone.txt"]).exits(0);
    let ran = project.run(&["learn", "alone.txt"]).exits(2);
    assert!(ran.stderr.contains("is not read back"), "{}", ran.stderr);
}

#[test]
fn what_another_engine_or_glossary_would_write_now_is_not_taken_for_a_correction() {
    let project = translated();
    edit(&project, "output/a.english.txt", OLD, NEW);
    project.put("glossary/terms.tsv", "source\ttarget\nKapitän\tskipper\n");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())], "with what the jsonl beside it has");
    fs::remove_file(project.path().join("output/a.jsonl")).expect("removed");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())]);
}

/// Exchanges words in the members of an archive, such as a Word document or an Excel workbook.
fn edit_archive(project: &Project, file: &str, old: &str, new: &str) {
    let mut archive =
        ZipArchive::new(Cursor::new(fs::read(project.path().join(file)).expect("read"))).expect("an archive");
    let mut edited = ZipWriter::new(Cursor::new(Vec::new()));
    let mut count = 0;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("a member");
        let name = member.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("read");
        edited.start_file(name, SimpleFileOptions::default()).expect("begun");
        if let Ok(text) = std::str::from_utf8(&bytes) {
            count += text.matches(old).count();
            bytes = text.replace(old, new).into_bytes();
        }
        edited.write_all(&bytes).expect("written");
    }
    assert!(count > 0, "{file} does not have {old}");
    project.put(file, edited.finish().expect("closed").into_inner());
}

/// A Word document of two paragraphs.
fn docx() -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let types =
        "<Types><Override PartName=\"/word/document.xml\" ContentType=\"x.document.main+xml\"/></Types>";
    let paragraphs = "<w:p><w:r><w:t>Das Schiff kam nach Mitternacht an.</w:t></w:r></w:p>\
                      <w:p><w:r><w:t>Niemand wartete am Kai.</w:t></w:r></w:p>";
    let main = format!("<w:document xmlns:w=\"w\"><w:body>{paragraphs}<w:sectPr/></w:body></w:document>");
    let parts = [("[Content_Types].xml", types), ("word/document.xml", &main)];
    for (name, text) in parts {
        archive.start_file(name, SimpleFileOptions::default()).expect("begun");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("closed").into_inner()
}

/// A project with an article in each format, in all output formats that are read back.
fn in_all_formats() -> Project {
    let config = "[translate]\ninput = 'seeds'\nengine = 'pseudo'\n\
                  formats = ['lines', 'text', 'document', 'tsv', 'xlsx', 'jsonl', 'xliff', 'xliff-1.2', 'tmx']\n\
                  [engines.other]\nkind = 'pseudo'\n";
    let page = "<html><body><p>Das Schiff kam nach Mitternacht an.</p><p>Niemand wartete am Kai.</p></body></html>\n";
    let cues = "1\n00:00:01,000 --> 00:00:02,000\nDas Schiff kam nach Mitternacht an.\n\n\
                2\n00:00:03,000 --> 00:00:04,000\nNiemand wartete am Kai.\n";
    let project = Project::new()
        .file("wortlaut.toml", config)
        .file("seeds/a.txt", TEXT)
        .file(
            "seeds/m.md",
            "# Der Hafen\n\nDas Schiff kam an. Niemand wartete am Kai.\n\n- Der Kapitän schwieg.\n",
        )
        .file("seeds/p.html", page)
        .file("seeds/s.srt", cues)
        .file("seeds/w.docx", docx());
    project.run(&["translate"]).exits(0);
    project
}

/// A corrected sentence stands in all files of its article, whatever the next run is told.
#[test]
fn a_correction_in_any_file_survives_the_next_run_a_new_entry_and_another_engine() {
    for file in ["a.en.txt", "a.english.txt", "a.tsv", "a.xlsx", "a.jsonl", "a.xlf", "a.1.2.xlf", "a.tmx"] {
        let project = in_all_formats();
        let path = match file {
            "a.xlsx" => "output/a.bilingual.xlsx".to_owned(),
            file => format!("output/{file}"),
        };
        let change = if file == "a.xlsx" { edit_archive } else { edit };
        change(&project, &path, OLD, NEW);
        let ran = project.run(&["learn", "--json"]).exits(0);
        let learned = pairs(&ran);
        assert!(matches!(&learned[..], [(_, text)] if text == NEW), "{file}: {}", ran.stdout);
        let stem = &file[..1];
        let holds = |when: &str| {
            for format in [".en.txt", ".english.txt", ".tsv", ".jsonl", ".xlf", ".tmx"] {
                let text = project.read(&format!("output/{stem}{format}"));
                assert!(text.contains(NEW) && !text.contains(OLD), "{file}, {when}: {format}: {text}");
            }
        };
        holds("learned");
        let before = project.outputs("output");
        project.run(&["translate"]).exits(0);
        // The same sentence in the other articles takes it, too.
        holds("translated again");
        project.run(&["learn"]).exits(0);
        assert!(before.len() == project.outputs("output").len());
        project.put("glossary/terms.tsv", "source\ttarget\nKai\tpier\n");
        project.run(&["translate"]).exits(1);
        holds("with another entry");
        project.run(&["translate", "--engine", "other"]).exits(1);
        holds("with another engine");
    }
}

/// Marks the unit of a sentence as approved, as a translator or a tool does.
fn approve(project: &Project, file: &str) {
    let path = format!("output/{file}");
    let text = project.read(&path);
    let sentence = text.find(OLD).expect("the English");
    let (head, tail) = text.split_at(sentence);
    let marked = |from: &str, to: &str| {
        let at = head.rfind(from).expect("a state");
        [&head[..at], to, &head[at + from.len()..], tail].concat()
    };
    let text = match file {
        "a.tsv" => marked("\ttranslated\t", "\tapproved\t"),
        "a.tmx" => marked(">translated<", ">approved<"),
        "a.xlf" | "m.xlf" => marked("state=\"translated\"", "state=\"final\""),
        "a.1.2.xlf" => marked("<trans-unit", "<trans-unit approved=\"yes\""),
        _ => marked("state=\"translated\"", "state=\"signed-off\""),
    };
    project.put(&path, text);
}

#[test]
fn what_a_translator_approved_as_it_is_becomes_a_correction() {
    for file in ["a.tsv", "a.xlf", "a.1.2.xlf", "a.tmx", "m.xlf", "m.1.2.xlf"] {
        let project = in_all_formats();
        approve(&project, file);
        let dry = project.run(&["learn", "--dry-run"]).exits(0).stdout;
        let expected = format!(
            "output/{file}: 1 approved as it is\n  segment 3: Niemand wartete am Kai.\n    = {OLD}\n"
        );
        assert_eq!(dry, expected);
        let ran = project.run(&["learn", "--by", "Maria"]).exits(0);
        assert!(ran.stdout.contains("learned 1 approved as it is; "), "{}", ran.stdout);
        let article = file[..1].to_owned() + ".jsonl";
        let row = &project.rows(&format!("output/{article}"))[2];
        assert_eq!((row["en"].as_str(), row["by"].as_str()), (Some(OLD), Some("Maria")));
        // The file is as wortlaut writes it now, and the sentence stays, whatever comes.
        let ran = project.run(&["learn"]).exits(0);
        assert!(ran.stdout.contains("nothing to learn"), "{}", ran.stdout);
        project.run(&["translate", "--again", "*"]).exits(0);
        let row = &project.rows(&format!("output/{article}"))[2];
        assert_eq!((row["en"].as_str(), row["rung"].as_str()), (Some(OLD), Some("correction")));
    }
    // Beside a correction it is counted apart, however many there are.
    let project = in_all_formats();
    let text = project.read("output/a.xlf").replace("state=\"translated\"", "state=\"reviewed\"");
    project.put("output/a.xlf", text.replace(OLD, NEW));
    let ran = project.run(&["learn", "--json"]).exits(0);
    let file: Value = serde_json::from_str(ran.stdout.lines().last().expect("a line")).expect("an object");
    assert_eq!((&file["learned"], &file["approved"]), (&5.into(), &4.into()));
    let project = in_all_formats();
    edit_archive(&project, "output/a.bilingual.xlsx", ">translated<", ">approved<");
    let ran = project.run(&["learn", "--dry-run"]).exits(0);
    assert!(ran.stdout.starts_with("output/a.bilingual.xlsx: 5 approved as they are\n"), "{}", ran.stdout);
}

#[test]
fn an_approval_keeps_markup_where_it_stands() {
    let project = Project::new()
        .file("wortlaut.toml", "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['document', 'jsonl', 'tsv', 'xliff']\n")
        .file("seeds/m.md", "Der **rote** Kran `k1` steht am *alten* Kai.\n");
    for file in ["output/m.tsv", "output/m.xlf"] {
        project.run(&["translate", "--overwrite"]).exits(0);
        let before = project.read("output/m.english.md");
        let text = project.read(file);
        let text = match file {
            "output/m.tsv" => text.replace("\ttranslated\t", "\tapproved\t"),
            _ => text.replace("state=\"translated\"", "state=\"final\""),
        };
        project.put(file, text);
        let ran = project.run(&["learn"]).exits(0);
        assert!(ran.stdout.contains("1 approved as it is"), "{}", ran.stdout);
        assert_eq!(project.read("output/m.english.md"), before, "{file}");
        project.run(&["learn", "--undo"]).exits(0);
    }
}

#[test]
fn what_was_learned_last_is_taken_back() {
    let project = translated();
    edit(&project, "output/a.en.txt", OLD, NEW);
    project.run(&["learn"]).exits(0);
    let first = project.outputs("output");
    edit(&project, "output/a.english.txt", "[de] Der Kapitän schwieg.", "The captain was silent.");
    let ran = project.run(&["learn", "--by", "Zora"]).exits(0);
    assert!(ran.stdout.contains("learned 1 correction"), "{}", ran.stdout);
    let ran = project.run(&["learn", "--undo", "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("a.txt, segment 4: The captain was silent."), "{}", ran.stdout);
    project.run(&["learn", "--undo"]).exits(0);
    assert_eq!(project.outputs("output"), first);
    project.run(&["learn", "--undo"]).exits(0);
    assert!(project.read("output/a.en.txt").contains(OLD));
    let ran = project.run(&["learn", "--undo"]).exits(0);
    assert!(ran.stdout.contains("nothing was learned"), "{}", ran.stdout);
}

#[test]
fn what_belongs_to_no_segment_stays_in_the_file_and_the_rest_is_learned() {
    let project = translated();
    edit(&project, "output/a.en.txt", OLD, NEW);
    let mine = project.read("output/a.en.txt") + "\nTo be continued.\n";
    project.put("output/a.en.txt", &mine);
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("1 line belongs to no segment"), "{}", ran.stderr);
    assert_eq!(project.read("output/a.en.txt"), mine);
    assert!(project.read("output/a.tsv").contains(NEW));
    // Remarks of a translator would be lost, too.
    let project = translated();
    edit(&project, "output/a.tsv", OLD, NEW);
    let table = project.read("output/a.tsv").replacen('\n', "\tto do\n", 1);
    let rows: Vec<String> = table
        .lines()
        .map(|row| if row.contains(NEW) { format!("{row}\task Anna") } else { row.to_owned() })
        .collect();
    project.put("output/a.tsv", rows.join("\n") + "\n");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("remarks or columns of its own"), "{}", ran.stderr);
    assert!(
        project.read("output/a.tsv").contains("ask Anna") && project.read("output/a.en.txt").contains(NEW)
    );
}
