//! Keys: from the environment, a file or a command, never from a file of the project.

use std::fs;
use std::path::Path;
use std::process::Command;

use secrecy::SecretString;

use super::{ConfigError, EngineSettings};

/// The key of an engine profile; `None` if the profile names no source or the variable is not set.
///
/// A key file comes before a command, and a command before the environment variable, so that what was
/// set up on purpose wins over what happens to be exported.
///
/// # Errors
/// If a file cannot be read or others may read it, or if a command fails.
pub fn resolve_key(
    profile: &str,
    settings: &EngineSettings,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<SecretString>, ConfigError> {
    let found = if let Some(path) = &settings.key_file {
        Some(from_file(path))
    } else if let Some(command) = &settings.key_command {
        Some(from_command(command))
    } else {
        settings.key_env.as_deref().and_then(variable).map(Ok)
    };
    let Some(key) =
        found.transpose().map_err(|message| ConfigError::Key { profile: profile.to_owned(), message })?
    else {
        return Ok(None);
    };
    let key = key.trim();
    Ok((!key.is_empty()).then(|| SecretString::from(key)))
}

/// The first line of a file that only its owner can read.
fn from_file(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let metadata =
        fs::metadata(path).map_err(|error| format!("cannot read the key file {shown}: {error}"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(format!("others can read the key file {shown}; run: chmod 600 {shown}"));
        }
    }
    if metadata.len() > 4096 {
        return Err(format!("the key file {shown} is too large to be a key"));
    }
    let text =
        fs::read_to_string(path).map_err(|error| format!("cannot read the key file {shown}: {error}"))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// The first line that a shell command prints.
fn from_command(command: &str) -> Result<String, String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run the key command: {error}"))?;
    if !output.status.success() {
        return Err(format!("the key command failed ({})", output.status));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| "the key command printed no text".to_owned())?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn resolve(settings: &EngineSettings) -> Result<Option<String>, String> {
        let variable = |name: &str| (name == "SOME_KEY").then(|| " from-variable ".to_owned());
        resolve_key("x", settings, &variable)
            .map(|key| key.map(|key| key.expose_secret().to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_a_command_and_a_file_give_keys() {
        let mut settings = EngineSettings { key_env: Some("SOME_KEY".into()), ..EngineSettings::default() };
        assert_eq!(resolve(&settings), Ok(Some("from-variable".into())));
        settings.key_command = Some("echo from-command; echo more".into());
        assert_eq!(resolve(&settings), Ok(Some("from-command".into())));
        assert_eq!(resolve(&EngineSettings::default()), Ok(None));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        fs::write(&path, "from-file\n").expect("written");
        let settings = EngineSettings { key_file: Some(path.clone()), ..EngineSettings::default() };
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(resolve(&settings).is_err_and(|message| message.contains("chmod 600")));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert_eq!(resolve(&settings), Ok(Some("from-file".into())));
    }

    #[test]
    fn a_failing_command_is_an_error_without_its_output() {
        let settings = EngineSettings {
            key_command: Some("echo half-a-key; exit 3".into()),
            ..EngineSettings::default()
        };
        assert!(resolve(&settings).is_err_and(|message| !message.contains("half-a-key")));
    }
}
