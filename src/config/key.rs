//! Keys: from the environment, a file or a command, never from a file of the project.

use std::fs;
use std::path::Path;
use std::process::Command;

use secrecy::SecretString;
use serde_json::json;
use strum::VariantArray;

use super::environment::Environment;
use super::settings::{EngineSettings, MemorySettings};
use super::value::VariableName;
use crate::engine::{EngineKind, KeyRenewal, Profile, ProfileError, Server, readable_key};

/// The key of an engine profile; `None` if the profile names no source or the variable is not set.
///
/// A key file comes before a command, and a command before the environment variable, so that what was
/// set up on purpose wins over what happens to be exported. A profile that names none of them has, at the vendor's
/// own server, the key in the vendor's usual variable.
///
/// # Errors
/// If a file cannot be read or others may read it, if a command fails, or if the key must not go to the server of
/// the profile; then no command is run.
pub fn resolve_key(
    profile: &Profile,
    settings: &EngineSettings,
    environment: &Environment,
) -> Result<Option<SecretString>, ProfileError> {
    let Some(service) = profile.options.service() else { return Ok(None) };
    // Nothing is sent to an address that cannot be used.
    let Ok(server) = Server::of(profile.kind(), service.base_url.as_deref()) else { return Ok(None) };
    let Some(source) = KeySource::of(profile, settings, &server, environment) else { return Ok(None) };
    if server.is_open_to_readers() && !service.allow_http {
        return Err(readable_key(&server));
    }
    let key = match source {
        KeySource::File(path) => from_file(path)?,
        KeySource::Command(command) => from_command(command)?,
        KeySource::Variable(name, key) => {
            own_key(name, &server, &profile.name)?;
            whole_key(profile.kind(), name, key, environment)
        }
    };
    let key = key.trim();
    Ok((!key.is_empty()).then(|| SecretString::from(key)))
}

/// How the key of a profile is had again when it has expired: by the file or the command that it came from.
#[must_use]
pub fn key_renewal(settings: &EngineSettings) -> Option<KeyRenewal> {
    if let Some(path) = settings.key_file.clone() {
        return Some(KeyRenewal::new(move || from_file(&path).map(SecretString::from)));
    }
    let command = settings.key_command.clone()?;
    Some(KeyRenewal::new(move || from_command(&command).map(SecretString::from)))
}

/// The password of a memory that a project shares; `None` if the settings name no source or the variable is not set. A
/// file comes before a variable.
///
/// # Errors
/// If the file cannot be read or others may read it, or if the variable is that of a vendor's key.
pub fn memory_key(
    settings: &MemorySettings,
    environment: &Environment,
) -> Result<Option<SecretString>, ProfileError> {
    let key = match (&settings.key_file, &settings.key_env) {
        (Some(path), _) => from_file(path)?,
        (None, Some(name)) => {
            if let Some(owner) = owner_of(name.as_str()) {
                let vendor = owner.vendor().unwrap_or_default();
                return Err(ProfileError::at(
                    "key_env",
                    format!("{} is for {vendor} and is not sent to a database", name.as_str()),
                    "name another variable in memory.key_env, or a file in memory.key_file".to_owned(),
                ));
            }
            environment.get(name.as_str()).unwrap_or_default().to_owned()
        }
        (None, None) => return Ok(None),
    };
    let key = key.trim();
    Ok((!key.is_empty()).then(|| SecretString::from(key)))
}

/// The longest key file, in bytes: those of service accounts have two or three thousand, and a wrong path may lead to
/// a file of any size.
const LONGEST_FILE: u64 = 16 << 10;

/// Where a key comes from.
enum KeySource<'a> {
    File(&'a Path),
    Command(&'a str),
    /// A variable that is set, and its value.
    Variable(&'a str, &'a str),
}

impl<'a> KeySource<'a> {
    fn of(
        profile: &Profile,
        settings: &'a EngineSettings,
        server: &Server,
        environment: &'a Environment,
    ) -> Option<Self> {
        if let Some(path) = &settings.key_file {
            return Some(Self::File(path));
        }
        if let Some(command) = &settings.key_command {
            return Some(Self::Command(command));
        }
        let usual = profile.kind().key_variable().filter(|_| server.is_vendors(profile.kind()));
        let name = settings.key_env.as_ref().map(VariableName::as_str).or(usual)?;
        let key = environment.get(name).filter(|key| !key.trim().is_empty())?;
        Some(Self::Variable(name, key))
    }
}

/// The key that begins in a variable. AWS's has three parts, in as many variables; together they are what AWS's programs
/// print, and what a file or a command gives.
fn whole_key(kind: EngineKind, variable: &str, key: &str, environment: &Environment) -> String {
    if kind != EngineKind::Amazon || kind.key_variable() != Some(variable) {
        return key.to_owned();
    }
    let [secret, token] = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        .map(|name| environment.get(name).map(str::trim).filter(|part| !part.is_empty()));
    json!({ "AccessKeyId": key.trim(), "SecretAccessKey": secret, "SessionToken": token }).to_string()
}

/// Whose vendor's usual variable it is.
fn owner_of(variable: &str) -> Option<&'static EngineKind> {
    EngineKind::VARIANTS.iter().find(|kind| {
        kind.key_variable() == Some(variable) || kind.further_key_variables().contains(&variable)
    })
}

/// Makes sure that the usual variable of a vendor goes to that vendor, or stays on this machine.
fn own_key(variable: &str, server: &Server, profile: &str) -> Result<(), ProfileError> {
    match owner_of(variable) {
        Some(kind) if !server.is_vendors(*kind) && !server.is_loopback() => {
            let vendor = kind.vendor().unwrap_or_default();
            Err(ProfileError::at(
                "key_env",
                format!("{variable} is for {vendor} and is not sent to {}", server.host()),
                format!("set key_env, key_file or key_command in [engines.{profile}]"),
            ))
        }
        _ => Ok(()),
    }
}

/// The key in a text: its first line, or all of it if it is JSON, as the keys of some services are.
fn key_in(text: &str) -> String {
    let text = text.trim_start();
    if text.starts_with('{') { text.trim_end() } else { text.lines().next().unwrap_or_default() }.to_owned()
}

/// The key in a file that only its owner can read.
fn from_file(path: &Path) -> Result<String, ProfileError> {
    let shown = path.display();
    let wrong = |message: String, hint: &str| ProfileError::at("key_file", message, hint);
    let unreadable =
        |error| wrong(format!("cannot read the key file {shown}: {error}"), "it is a text file with the key");
    let metadata = fs::metadata(path).map_err(unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            let message = format!("others can read the key file {shown}");
            return Err(wrong(message, &format!("run: chmod 600 {shown}")));
        }
    }
    if metadata.len() > LONGEST_FILE {
        let message = format!("the key file {shown} is too large to be a key");
        return Err(wrong(
            message,
            "its first line is the key, or it is a file of JSON that the vendor gave you",
        ));
    }
    fs::read_to_string(path).map(|text| key_in(&text)).map_err(unreadable)
}

/// The key that a shell command prints.
fn from_command(command: &str) -> Result<String, ProfileError> {
    let wrong = |message: String| {
        ProfileError::at("key_command", message, "it is run by sh and prints the key on its first line")
    };
    let output = Command::new("sh")
        .args(["-c", command])
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| wrong(format!("cannot run the key command: {error}")))?;
    if !output.status.success() {
        return Err(wrong(format!("the key command failed ({})", output.status)));
    }
    let text =
        String::from_utf8(output.stdout).map_err(|_| wrong("the key command printed no text".to_owned()))?;
    Ok(key_in(&text))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// The key of a profile of a kind, at an address, with the variable `SOME_KEY` and those of all kinds set.
    fn key_at(
        kind: EngineKind,
        base: Option<&str>,
        settings: &EngineSettings,
    ) -> Result<Option<String>, String> {
        let mut profile = Profile::new("x", kind);
        let service = profile.options.service_mut().expect("a service");
        service.base_url = base.map(str::to_owned);
        service.allow_http = settings.allow_http.unwrap_or_default();
        let environment = [
            ("SOME_KEY", " from-variable "),
            ("DEEPL_API_KEY", "deepls"),
            ("OPENAI_API_KEY", "openais"),
            ("LIBRETRANSLATE_API_KEY", "libres"),
            ("AWS_ACCESS_KEY_ID", "AKID "),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        resolve_key(&profile, settings, &environment.into())
            .map(|key| key.map(|key| key.expose_secret().to_owned()))
            .map_err(|error| error.to_string())
    }

    fn resolve(settings: &EngineSettings) -> Result<Option<String>, String> {
        key_at(EngineKind::LibreTranslate, None, settings)
    }

    fn variable(name: &str) -> EngineSettings {
        EngineSettings { key_env: Some(name.parse().expect("a name")), ..EngineSettings::default() }
    }

    #[test]
    fn the_environment_a_command_and_a_file_give_keys() {
        let mut settings = variable("SOME_KEY");
        assert_eq!(resolve(&settings), Ok(Some("from-variable".into())));
        settings.key_command = Some("echo from-command; echo more".into());
        assert_eq!(resolve(&settings), Ok(Some("from-command".into())));
        assert_eq!(resolve(&EngineSettings::default()), Ok(None));
    }

    #[test]
    fn the_usual_variable_goes_to_its_vendor_and_to_this_machine() {
        let deepl = |base| key_at(EngineKind::DeepL, Some(base), &variable("DEEPL_API_KEY"));
        for base in
            ["https://api.deepl.com", "https://api-free.deepl.com/v2", "http://127.0.0.1:9", "http://[::1]:9"]
        {
            assert_eq!(deepl(base), Ok(Some("deepls".into())), "{base}");
        }
        for base in ["https://deepl.com.evil.example", "https://evildeepl.com", "https://api.openai.com"] {
            let error = deepl(base).expect_err("refused");
            assert!(
                error.contains("DEEPL_API_KEY is for deepl.com") && error.contains("[engines.x]"),
                "{error}"
            );
        }
        let elsewhere = Some("https://mt.example");
        for kind in [EngineKind::DeepL, EngineKind::LibreTranslate, EngineKind::OpenAi] {
            for name in ["DEEPL_API_KEY", "OPENAI_API_KEY", "LIBRETRANSLATE_API_KEY"] {
                assert!(key_at(kind, elsewhere, &variable(name)).is_err(), "{kind} {name}");
            }
            assert_eq!(key_at(kind, elsewhere, &variable("SOME_KEY")), Ok(Some("from-variable".into())));
            assert_eq!(key_at(kind, elsewhere, &variable("NOT_SET")), Ok(None));
        }
    }

    #[test]
    fn a_profile_without_a_source_has_the_usual_variable_at_the_vendor_only() {
        let none = EngineSettings::default();
        assert_eq!(key_at(EngineKind::OpenAi, None, &none), Ok(Some("openais".into())));
        for base in ["http://127.0.0.1:11434/v1", "https://mt.example/v1"] {
            assert_eq!(key_at(EngineKind::OpenAi, Some(base), &none), Ok(None), "{base}");
        }
    }

    #[test]
    fn a_key_crosses_the_network_unencrypted_only_if_that_is_allowed() {
        let folder = tempfile::tempdir().expect("a folder");
        let ran = folder.path().join("ran");
        let command = EngineSettings {
            key_command: Some(format!("touch '{}'; echo from-command", ran.display())),
            ..EngineSettings::default()
        };
        for settings in [variable("SOME_KEY"), command] {
            let error =
                key_at(EngineKind::OpenAi, Some("http://mt.example"), &settings).expect_err("refused");
            assert!(error.contains("allow_http") && error.contains("mt.example"), "{error}");
            assert!(!ran.exists(), "the key is not even asked for");
            let allowed = EngineSettings { allow_http: Some(true), ..settings };
            assert!(
                key_at(EngineKind::OpenAi, Some("http://mt.example"), &allowed)
                    .is_ok_and(|key| key.is_some())
            );
        }
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
    fn the_variables_of_aws_make_one_key_and_go_to_aws_alone() {
        let none = EngineSettings::default();
        let whole = r#"{"AccessKeyId":"AKID","SecretAccessKey":"secret","SessionToken":null}"#;
        assert_eq!(key_at(EngineKind::Amazon, None, &none), Ok(Some(whole.into())));
        assert_eq!(key_at(EngineKind::Amazon, Some("https://ec2.compute.amazonaws.com"), &none), Ok(None));
        for name in EngineKind::Amazon.further_key_variables() {
            let error = key_at(EngineKind::DeepL, Some("https://mt.example"), &variable(name));
            assert_eq!(error.is_err(), *name == "AWS_SECRET_ACCESS_KEY", "the other is not set: {name}");
        }
    }

    #[test]
    fn a_key_of_json_is_taken_whole_and_had_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = folder.path().join("count");
        let settings = EngineSettings {
            key_command: Some(format!(
                "echo x >> '{0}'; printf '\\n{{\\n\"n\": %d\\n}}\\n' $(wc -l < '{0}')",
                count.display()
            )),
            ..EngineSettings::default()
        };
        assert_eq!(resolve(&settings), Ok(Some("{\n\"n\": 1\n}".into())));
        let again = key_renewal(&settings).expect("a command can be asked again").renew();
        assert_eq!(again.expect("a key").expose_secret(), "{\n\"n\": 2\n}");
        assert!(key_renewal(&variable("SOME_KEY")).is_none());
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
