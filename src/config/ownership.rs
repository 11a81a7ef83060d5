//! Whose configuration file is read at all, and where it really stands.

use std::fs;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ConfigError;
use super::file::FILE_NAME;
use super::names::TRUST_ALL;

/// Refuses a file that someone else may have written.
pub(super) fn guard(path: &Path, environment: &Environment) -> Result<(), ConfigError> {
    if environment.get(TRUST_ALL) == Some("1") {
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

/// A file by the real path of its folder. The file itself may be a link, which counts by where it stands, since its
/// relative paths do.
pub(super) fn located(path: &Path) -> std::io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(folder)?.join(path.file_name().unwrap_or(FILE_NAME.as_ref())))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

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
            assert_eq!(refused(modes.0, modes.1, &[(TRUST_ALL, "1")].into()), None);
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
