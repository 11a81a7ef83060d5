//! Holds the structure that `src/lib.rs` describes: layers, and who may use which crate.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and their layers.
const ROOMS: &[(&str, u8)] = &[
    ("tables", 0),
    ("disk", 0),
    ("model", 0),
    ("text", 1),
    ("english", 2),
    ("glossary", 2),
    ("check", 3),
    ("enforce", 4),
    ("read", 5),
    ("write", 5),
    ("memory", 5),
    ("engine", 5),
    ("store", 5),
    ("pipeline", 6),
    ("config", 7),
    ("report", 7),
    ("cmd", 8),
];

/// Crates that only some rooms may use.
const CRATES: &[(&str, &[&str])] = &[
    ("tokio", &["engine", "pipeline", "cmd"]),
    ("rusqlite", &["memory"]),
    ("indicatif", &["report"]),
    ("reqwest", &["engine", "store"]),
    ("clap", &["cmd"]),
    ("miette", &["cmd"]),
];

struct File {
    path: PathBuf,
    room: String,
    text: String,
}

fn sources() -> Vec<File> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![sources.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inner = path.strip_prefix(&sources).expect("below src");
                let room = inner.components().next().expect("a name").as_os_str().to_string_lossy();
                let room = room.trim_end_matches(".rs").to_owned();
                files.push(File { room, text: fs::read_to_string(&path).expect("text"), path });
            }
        }
    }
    assert!(files.len() > ROOMS.len(), "the sources were not found");
    files
}

fn layer(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, layer)| *layer)
}

/// The code of a file without its comments.
fn code(file: &File) -> impl Iterator<Item = &str> {
    file.text.lines().map(|line| line.split("//").next().unwrap_or_default())
}

#[test]
fn rooms_import_only_lower_layers() {
    for file in sources() {
        let Some(own) = layer(&file.room) else { continue };
        for line in code(&file) {
            for (_, rest) in line.match_indices("crate::").map(|(at, found)| (at, &line[at + found.len()..]))
            {
                let other: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(theirs) = layer(&other) else { continue };
                let allowed = other == file.room || theirs < own;
                assert!(
                    allowed,
                    "{}: {} (layer {own}) uses {other} (layer {theirs})",
                    file.path.display(),
                    file.room
                );
            }
        }
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for file in sources() {
        for (name, rooms) in CRATES {
            let used = code(&file).any(|line| {
                line.match_indices(name).any(|(at, found)| {
                    let before = line[..at].chars().next_back();
                    line[at + found.len()..].starts_with("::")
                        && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            });
            assert!(!used || rooms.contains(&file.room.as_str()), "{} uses {name}", file.path.display());
        }
    }
}

#[test]
fn every_room_is_known() {
    for file in sources() {
        let known = layer(&file.room).is_some() || ["lib", "main"].contains(&file.room.as_str());
        assert!(known, "{} is in no room of the table", file.path.display());
    }
}

/// A field or a variant may be plain from its name; what another room calls is not.
#[test]
fn public_items_have_docs() {
    let items = ["fn", "struct", "enum", "trait", "const", "static", "type", "async fn", "const fn"];
    for file in sources() {
        let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(item) = line.strip_prefix("pub ") else { continue };
            if !items.iter().any(|kind| item.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' '))) {
                continue;
            }
            // Attributes, also of several lines, stand between an item and its docs.
            let is_doc = |line: &&&str| line.starts_with("///");
            let before = lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with('}'));
            let has_docs = before.clone().any(|line| is_doc(&line));
            assert!(has_docs, "{}:{}: {line} has no docs", file.path.display(), at + 1);
        }
    }
}
