//! Holds the structure that `src/lib.rs` describes: layers, and who may use which crate.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
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
    ("score", 3),
    ("enforce", 4),
    ("bilingual", 4),
    ("read", 5),
    ("write", 5),
    ("memory", 5),
    ("engine", 5),
    ("store", 5),
    ("learn", 6),
    ("pipeline", 6),
    ("verify", 6),
    ("config", 7),
    ("report", 7),
    ("web", 7),
    ("cmd", 8),
];

/// Crates that only some rooms may use.
const CRATES: &[(&str, &[&str])] = &[
    // In memory, only what drives the connection to a server.
    ("tokio", &["memory", "engine", "pipeline", "web", "cmd"]),
    ("tokio_postgres", &["memory"]),
    ("rusqlite", &["memory"]),
    ("indicatif", &["report"]),
    ("reqwest", &["engine", "store"]),
    ("axum", &["web"]),
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

/// Rooms in which a file imports only files below it, so that it can be read, and changed, with those alone.
const ROOMS_WITHOUT_CIRCLES: [&str; 19] = [
    "learn",
    "disk",
    "text",
    "english",
    "glossary",
    "check",
    "score",
    "enforce",
    "bilingual",
    "read",
    "write",
    "memory",
    "engine",
    "store",
    "verify",
    "report",
    "web",
    "config",
    "cmd",
];

/// The code of a file that is not for tests only, and the modules that are.
fn without_tests(file: &File) -> (String, Vec<String>) {
    let (mut own, mut for_tests) = (String::new(), Vec::new());
    let mut lines = code(file);
    while let Some(line) = lines.next() {
        let attribute = line.trim_start();
        if !(attribute.starts_with("#[cfg(test)]") || attribute.starts_with("#[cfg(all(test")) {
            own.extend([line, "\n"]);
            continue;
        }
        let Some(item) = lines.find(|line| !line.trim_start().starts_with("#[")) else { break };
        let module = item.trim_end().strip_suffix(';').and_then(|item| item.rsplit_once("mod "));
        for_tests.extend(module.map(|(_, name)| name.to_owned()));
        // An item that does not end on its line ends with a brace under its beginning.
        if !item.trim_end().ends_with([';', '}']) {
            let end = format!("{}}}", &item[..item.len() - item.trim_start().len()]);
            lines.find(|line| line.trim_end() == end);
        }
    }
    (own, for_tests)
}

/// The module paths that code names after `super::`, with braces taken apart.
fn branches(tree: &str) -> Vec<String> {
    let end =
        tree.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '{'))).unwrap_or(tree.len());
    let path = &tree[..end];
    let Some((stem, _)) = path.split_once('{') else { return vec![path.trim_end_matches(':').to_owned()] };
    let (mut depth, mut items, mut item) = (0, Vec::new(), String::new());
    for c in tree[stem.len() + 1..].chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 { items.push(std::mem::take(&mut item)) } else { item.push(c) }
    }
    items.push(item);
    items.iter().flat_map(|item| branches(item)).map(|branch| format!("{stem}{branch}")).collect()
}

/// The modules of a room, each with those that its code names. Tests may name what they like.
fn imports(room: &str) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
    let module = |file: &File| -> Vec<String> {
        let path = file.path.strip_prefix(&folder).expect("in the room").with_extension("");
        let names = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        names.filter(|name| name != "mod").collect()
    };
    let mut files = Vec::new();
    let mut for_tests = BTreeSet::new();
    for file in sources().iter().filter(|file| file.room == room && file.path.starts_with(&folder)) {
        let (own, inner) = without_tests(file);
        let module = module(file);
        for_tests.extend(inner.into_iter().map(|name| [&module[..], &[name]].concat()));
        files.push((module, own.split_whitespace().collect::<String>()));
    }
    files.retain(|(module, _)| !for_tests.contains(module));
    let known: BTreeSet<&Vec<String>> = files.iter().map(|(module, _)| module).collect();
    let resolve = |base: &[String], path: &str| {
        let mut found: Vec<String> =
            base.iter().cloned().chain(path.split("::").map(str::to_owned)).collect();
        while !known.contains(&found) {
            found.pop();
        }
        found
    };
    let from_room = format!("crate::{room}::");
    let edges = |(module, code): &(Vec<String>, String)| {
        // A file that declares modules stands above them.
        let is_inner = |other: &&&Vec<String>| other.len() == module.len() + 1 && other.starts_with(module);
        let mut named: BTreeSet<Vec<String>> =
            known.iter().filter(is_inner).map(|inner| (*inner).clone()).collect();
        let mut add = |base: &[String], tree: &str| {
            named.extend(
                branches(tree).iter().map(|path| resolve(base, path)).filter(|found| found != module),
            );
        };
        for tree in code.split(&from_room).skip(1) {
            add(&[], tree);
        }
        let mut rest = code.as_str();
        while let Some(at) = rest.find("super::") {
            rest = &rest[at..];
            let mut up = 0;
            while let Some(inner) = rest.strip_prefix("super::") {
                (up, rest) = (up + 1, inner);
            }
            add(&module[..module.len() - up.min(module.len())], rest);
        }
        (module.clone(), named)
    };
    files.iter().map(edges).collect()
}

#[test]
fn a_file_imports_only_files_below_it() {
    for room in ROOMS_WITHOUT_CIRCLES {
        let mut left = imports(room);
        assert!(left.values().any(|named| !named.is_empty()), "no imports were found in {room}");
        // What imports nothing that is left is below all the rest; where no file is, the rest is a circle.
        loop {
            let low: Vec<_> = left
                .iter()
                .filter(|(_, named)| named.iter().all(|other| !left.contains_key(other)))
                .map(|(m, _)| m.clone())
                .collect();
            if low.is_empty() {
                break;
            }
            left.retain(|module, _| !low.contains(module));
        }
        assert!(left.is_empty(), "files of {room} import each other: {left:#?}");
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

/// A reader who has met a name knows what it means everywhere. Two of a name in one file are one thing for two systems.
#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for file in sources() {
        for line in code(&file) {
            // Of an item, not of a trait's associated type, which is indented.
            let item = line.trim_start_matches(|c: char| c.is_ascii_lowercase() || "():_ ".contains(c));
            let declared = ["struct ", "enum ", "trait ", "type "].iter().any(|kind| {
                line.strip_suffix(item)
                    .is_some_and(|before| format!(" {before}").ends_with(&format!(" {kind}")))
            });
            if declared && !(line.starts_with(' ') && line.trim_start().starts_with("type ")) {
                let name: String = item.chars().take_while(|c| c.is_alphanumeric()).collect();
                places.entry(name).or_default().insert(file.path.clone());
            }
        }
    }
    assert!(places.len() > 100, "the types were not found");
    let several: Vec<_> = places.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
}
