//! What a `wortlaut.toml` may do without trust.
//!
//! A file that was merely found in a folder may be a stranger's. Its settings count as long as they cannot hurt:
//! what each can do says the schema ([`Power`]), and [`check`] is the one place that decides. The program's
//! defaults, the user's own file, a file named by `--config`, variables and flags need no trust.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::environment::Environment;
use super::error::ConfigError;
use super::file::FILE_NAME;
use super::layers::{Layers, ProjectFile, ValueOrigin};
use super::mask::printable;
use super::names;
use super::ownership::located;
use super::setting::Power;
use super::trusted::{TrustState, TrustStore};
use crate::engine::{EngineKind, Server};
use crate::memory::MemoryAddress;

/// A setting that needs trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustNeed {
    /// Its dotted key.
    pub key: String,
    /// What it does, as the rest of a sentence that begins with the key.
    pub what: String,
}

/// What the settings of a file that was found do beyond what is harmless; nothing if no file was found.
#[must_use]
pub fn needs(layers: &Layers) -> Vec<TrustNeed> {
    let Some(found) = layers.found() else { return Vec::new() };
    let folder = found.file.parent().unwrap_or(Path::new("/"));
    let mut needs = Vec::new();
    for (key, value, origin) in layers.iter() {
        let Some(setting) = names::find(key) else { continue };
        let is_found = matches!(origin, ValueOrigin::File(path) if *path == found.shown);
        // A path that the file leaves to the default can be a link in its folder all the same.
        // The memory is opened through no link, trusted or not, and says so better.
        let is_path = setting.shape.is_path();
        let is_left_to_default = *origin == ValueOrigin::Default && is_path && key != "memory.path";
        if !is_found && !is_left_to_default {
            continue;
        }
        let what = match setting.power {
            Power::Nothing => None,
            Power::Runs => Some(format!("runs a program: {}", printable(key, value))),
            Power::Exposes => value.as_switch().unwrap_or(true).then(|| "sends a key unencrypted".to_owned()),
            Power::Host => value.as_text().and_then(|address| foreign(layers, key, address)),
            Power::Path => value.paths().find(|path| leaves(folder, &found.current.join(path))).map(|path| {
                let by_link = if is_found { "" } else { ", as a link in the project's folder" };
                format!("leads out of the project's folder: {:?}{by_link}", path.display())
            }),
        };
        needs.extend(what.map(|what| TrustNeed { key: key.to_owned(), what }));
    }
    needs
}

/// Refuses settings of a file that was found, needs trust, and does not have it.
pub(super) fn check(layers: &Layers) -> Result<(), ConfigError> {
    let (needs, Some(found)) = (needs(layers), layers.found()) else { return Ok(()) };
    let Some((first, others)) = needs.split_first() else { return Ok(()) };
    let since = match found.state()? {
        TrustState::Trusted => return Ok(()),
        TrustState::Unknown => "is not trusted",
        TrustState::Changed => "has changed since it was trusted",
    };
    let others = others.iter().map(|need| format!("\nthis needs trust, too: {} {}", need.key, need.what));
    let hint =
        format!("read the file; if you trust it, run: {}{}", command(found), others.collect::<String>());
    let message = format!("{} {}, and this {FILE_NAME} {since}", first.key, first.what);
    Err(if layers.is_default(&first.key) {
        ConfigError::Value { origin: found.shown.display().to_string(), message, hint: Some(hint) }
    } else {
        layers.error_at(&first.key, message, Some(hint))
    })
}

/// The command that trusts a file.
fn command(found: &ProjectFile) -> String {
    let folder = found.file.parent().unwrap_or(Path::new("/"));
    if found.shown.parent() == Some(Path::new("")) {
        return "wortlaut trust".to_owned();
    }
    let folder = folder.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    if folder.chars().all(is_plain) {
        format!("wortlaut trust {folder}")
    } else {
        format!("wortlaut trust '{}'", folder.replace('\'', "'\\''"))
    }
}

/// What is said of an address that is neither the vendor's nor this machine. One that cannot be used is sent nothing.
fn foreign(layers: &Layers, key: &str, address: &str) -> Option<String> {
    if key == "memory.url" {
        let host = MemoryAddress::parse(address).ok()?.foreign_host()?;
        return Some(format!("keeps the translation memory on {host}"));
    }
    let server = Server::parse(address).ok()?;
    let Some((name, _)) = names::engine_field(key) else {
        let way = if key == "models.proxy" { "through" } else { "from" };
        return (!server.is_loopback()).then(|| format!("pulls models {way} {}", server.host()));
    };
    let kind = layers.text(&format!("engines.{name}.kind")).unwrap_or(name);
    let is_vendors = kind.parse::<EngineKind>().is_ok_and(|kind| server.is_vendors(kind));
    (!is_vendors && !server.is_loopback()).then(|| format!("sends texts to {}", server.host()))
}

/// Whether a path leads out of a folder, whose own path has no links in it.
fn leaves(folder: &Path, path: &Path) -> bool {
    let mut real = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
            }
            step => real.push(step),
        }
        if fs::symlink_metadata(&real).is_ok_and(|found| found.is_symlink()) {
            match fs::canonicalize(&real) {
                Ok(target) => real = target,
                // What is written to it would appear wherever it points.
                Err(_) => return true,
            }
        }
    }
    !real.starts_with(folder)
}

/// Trusts a file as it is now; for one that the program itself wrote.
///
/// # Errors
/// The file cannot be read, or the list of trusted files cannot be written.
pub fn trust_file(path: &Path, environment: &Environment) -> Result<(), ConfigError> {
    let read = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(read)?;
    let file = located(path).map_err(read)?;
    TrustStore::of(environment)?.add(&file, blake3::hash(&bytes))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn paths_that_leave_the_folder_are_seen_through() {
        let outside = tempfile::tempdir().expect("a folder");
        let project = tempfile::tempdir().expect("a folder");
        let folder = fs::canonicalize(project.path()).expect("there");
        fs::create_dir(folder.join("in")).expect("made");
        symlink(outside.path(), folder.join("out")).expect("made");
        symlink(outside.path().join("later"), folder.join("dangling")).expect("made");
        symlink(folder.join("in"), folder.join("inner")).expect("made");
        symlink("circle", folder.join("circle")).expect("made");
        for path in ["", ".", "in", "new/file", "in/../x", "inner/x", "new/../in", "out/../in/.."] {
            // The last one goes through the link, and `..` of what it points to is not the project.
            assert_eq!(leaves(&folder, &folder.join(path)), path.starts_with("out"), "{path}");
        }
        for path in [
            "..",
            "in/../..",
            "out",
            "out/x",
            "dangling",
            "dangling/x",
            "circle",
            "/etc/passwd",
            "new/../../x",
        ] {
            assert!(leaves(&folder, &folder.join(path)), "{path}");
        }
    }

    #[test]
    fn a_neighbour_with_a_like_name_is_outside() {
        assert!(leaves(Path::new("/p/corpus"), Path::new("/p/corpus-2/x")));
        assert!(leaves(Path::new("/p/corpus"), Path::new("/p/corpus/../corpus-2")));
    }
}
