//! What a `wortlaut.toml` may do without trust, and whose file is read at all.
//!
//! A file that was merely found in a folder may be a stranger's. Its settings count as long as they cannot hurt:
//! what each can do says the schema ([`Power`]), and [`check`] is the one place that decides. The program's
//! defaults, the user's own file, a file named by `--config`, variables and flags need no trust.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::layers::{Layers, ProjectFile, ValueOrigin};
use super::mask::printable;
use super::setting::{self, Power};
use super::trusted::{TrustState, TrustStore};
use super::value::ValueShape;
use super::{ConfigError, FILE_NAME};
use crate::engine::{Kind, Server};

/// The variable that has files read whoever else may write them.
pub(super) const OVERRIDE: &str = "WORTLAUT_TRUST";

/// A setting that needs trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its dotted key.
    pub key: String,
    /// What it does, as the rest of a sentence that begins with the key.
    pub what: String,
}

/// What the settings of a file that was found do beyond what is harmless; nothing if no file was found.
#[must_use]
pub fn needs(layers: &Layers) -> Vec<Need> {
    let Some(found) = layers.found() else { return Vec::new() };
    let folder = found.file.parent().unwrap_or(Path::new("/"));
    let mut needs = Vec::new();
    for (key, value, origin) in layers.iter() {
        let Some(setting) = setting::find(key) else { continue };
        let is_found = matches!(origin, ValueOrigin::File(path) if *path == found.shown);
        // A path that the file leaves to the default can be a link in its folder all the same.
        // The memory is opened through no link, trusted or not, and says so better.
        let is_left_to_default =
            *origin == ValueOrigin::Default && setting.shape == ValueShape::Path && key != "memory.path";
        if !is_found && !is_left_to_default {
            continue;
        }
        let what = match setting.power {
            Power::Nothing => None,
            Power::Runs => Some(format!("runs a program: {}", printable(key, value))),
            Power::Exposes => value.as_switch().unwrap_or(true).then(|| "sends a key unencrypted".to_owned()),
            Power::Host => value.as_text().and_then(|address| foreign(layers, key, address)),
            Power::Path => {
                value.as_path().filter(|path| leaves(folder, &found.current.join(path))).map(|path| {
                    let by_link = if is_found { "" } else { ", as a link in the project's folder" };
                    format!("leads out of the project's folder: {:?}{by_link}", path.display())
                })
            }
        };
        needs.extend(what.map(|what| Need { key: key.to_owned(), what }));
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
    let server = Server::parse(address).ok()?;
    let (name, _) = setting::engine_field(key)?;
    let kind = layers.text(&format!("engines.{name}.kind")).unwrap_or(name);
    let is_vendors = kind.parse::<Kind>().is_ok_and(|kind| server.is_vendors(kind));
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

/// Refuses a file that someone else may have written.
pub(super) fn guard(path: &Path, environment: &super::Environment) -> Result<(), ConfigError> {
    if environment.get(OVERRIDE) == Some("1") {
        return Ok(());
    }
    match fault(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })? {
        None => Ok(()),
        Some(fault) => Err(ConfigError::Stranger { path: path.to_owned(), fault }),
    }
}

/// What is wrong about a file or its folder.
#[cfg(unix)]
fn fault(path: &Path) -> std::io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let (of_file, of_folder) = (fs::metadata(path)?, fs::metadata(folder)?);
    let me = rustix::process::geteuid().as_raw();
    if let Some(owner) = foreign_owner(of_file.uid(), me) {
        return Ok(Some(owner));
    }
    // On a file the bit means nothing.
    if anyone_writes(of_file.mode() & !STICKY) {
        return Ok(Some("anyone may write to it".to_owned()));
    }
    Ok(anyone_writes(of_folder.mode()).then(|| "anyone may write to its folder".to_owned()))
}

#[cfg(not(unix))]
fn fault(_: &Path) -> std::io::Result<Option<String>> {
    Ok(None)
}

/// In a folder with this bit, only the owner of a file can replace it.
#[cfg(unix)]
const STICKY: u32 = 0o1000;

#[cfg(unix)]
fn anyone_writes(mode: u32) -> bool {
    mode & 0o002 != 0 && mode & STICKY == 0
}

#[cfg(unix)]
fn foreign_owner(owner: u32, me: u32) -> Option<String> {
    (owner != me && owner != 0).then(|| format!("it belongs to user {owner}, who is neither you nor root"))
}

/// Trusts a file as it is now; for one that the program itself wrote.
///
/// # Errors
/// The file cannot be read, or the list of trusted files cannot be written.
pub fn trust_file(path: &Path, environment: &super::Environment) -> Result<(), ConfigError> {
    let read = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(read)?;
    let file = located(path).map_err(read)?;
    TrustStore::of(environment)?.add(&file, blake3::hash(&bytes))
}

/// A file by the real path of its folder. The file itself may be a link, which counts by where it stands, since its
/// relative paths do.
pub(super) fn located(path: &Path) -> std::io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(folder)?.join(path.file_name().unwrap_or(FILE_NAME.as_ref())))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::Environment;
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

    #[test]
    fn a_file_that_others_may_write_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, "").expect("written");
        let refused = |of_file: u32, of_folder: u32, environment: &Environment| {
            fs::set_permissions(&path, fs::Permissions::from_mode(of_file)).expect("set");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(of_folder)).expect("set");
            guard(&path, environment).err().map(|error| error.to_string())
        };
        let plain = Environment::default();
        assert_eq!(refused(0o644, 0o755, &plain), None);
        assert_eq!(refused(0o664, 0o775, &plain), None);
        assert_eq!(refused(0o644, 0o1777, &plain), None);
        for modes in [(0o666, 0o755), (0o1666, 0o755), (0o644, 0o777)] {
            let error = refused(modes.0, modes.1, &plain).expect("refused");
            assert!(error.contains("anyone may write to it"), "{error}");
            assert_eq!(refused(modes.0, modes.1, &[(OVERRIDE, "1")].into()), None);
        }
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        assert_eq!(foreign_owner(0, 1000), None);
        assert_eq!(foreign_owner(1000, 1000), None);
        assert!(foreign_owner(1001, 1000).is_some_and(|fault| fault.contains("1001")));
        assert!(foreign_owner(1001, 0).is_some());
    }
}
