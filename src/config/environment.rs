//! The environment variables of the process, and the folders that they name.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::names::{TRUST_ALL, VARIABLES};

/// The kinds of systems that keep a user's folders in different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Also macOS, where programs of the command line follow the same rules.
    Unix,
    Windows,
}

impl Platform {
    /// The one that this program was built for.
    pub const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Environment variables by name. Has no `Debug`: some of them are keys.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self(std::env::vars_os().filter_map(named).collect())
    }

    /// The value of a variable; one that is not Unicode counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str()
    }

    /// Without the variables that are settings.
    #[must_use]
    pub fn without_settings(mut self) -> Self {
        self.0.retain(|name, _| !name.starts_with(VARIABLES) || name == TRUST_ALL);
        self
    }

    /// Names and values of the variables that begin as those of settings do.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        let all = self.0.iter().filter(|(name, _)| name.starts_with(VARIABLES));
        all.map(|(name, value)| (name.as_str(), value.as_os_str()))
    }

    /// The folder of the user's own settings; `None` if not even a home folder is known.
    #[must_use]
    pub fn config_folder(&self, platform: Platform) -> Option<PathBuf> {
        let base = self
            .path("XDG_CONFIG_HOME")
            .or_else(|| self.on_windows(platform, "APPDATA"))
            .or_else(|| Some(self.home(platform)?.join(".config")))?;
        Some(base.join("wortlaut"))
    }

    /// The folder of the models of local engines; `None` if not even a home folder is known.
    #[must_use]
    pub fn models_folder(&self, platform: Platform) -> Option<PathBuf> {
        self.path("WORTLAUT_MODELS").or_else(|| {
            let base = self
                .path("XDG_DATA_HOME")
                // The XDG specification has relative paths ignored.
                .filter(|path| path.is_absolute())
                .or_else(|| self.on_windows(platform, "LOCALAPPDATA"))
                .or_else(|| Some(self.home(platform)?.join(".local/share")))?;
            Some(base.join("wortlaut").join("models"))
        })
    }

    /// Shells of Unix set `HOME` on Windows, too; Windows itself sets only `USERPROFILE`.
    fn home(&self, platform: Platform) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.on_windows(platform, "USERPROFILE"))
    }

    fn on_windows(&self, platform: Platform, name: &str) -> Option<PathBuf> {
        (platform == Platform::Windows).then(|| self.path(name))?
    }

    /// The path in a variable; an empty one counts as not set.
    fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Platform::{Unix, Windows};
    use super::*;

    #[test]
    fn settings_are_where_each_platform_keeps_them() {
        let folder = |platform, environment: Environment| environment.config_folder(platform);
        let home = ("HOME", "/home/me");
        let roaming = ("APPDATA", "/me/AppData/Roaming");
        let profile = ("USERPROFILE", "/me");
        assert_eq!(folder(Unix, [home].into()), Some("/home/me/.config/wortlaut".into()));
        assert_eq!(folder(Unix, [("XDG_CONFIG_HOME", "/c"), home].into()), Some("/c/wortlaut".into()));
        assert_eq!(
            folder(Unix, [("XDG_CONFIG_HOME", ""), home].into()),
            Some("/home/me/.config/wortlaut".into())
        );
        assert_eq!(
            folder(Windows, [roaming, home, profile].into()),
            Some("/me/AppData/Roaming/wortlaut".into())
        );
        assert_eq!(folder(Windows, [profile].into()), Some("/me/.config/wortlaut".into()));
        assert_eq!(folder(Windows, [("XDG_CONFIG_HOME", "/c"), roaming].into()), Some("/c/wortlaut".into()));
        assert_eq!(folder(Unix, [roaming, profile].into()), None, "variables of another system");
        assert_eq!(folder(Windows, Environment::default()), None);
    }

    #[test]
    fn models_are_where_each_platform_keeps_data() {
        let folder = |platform, environment: Environment| environment.models_folder(platform);
        let home = ("HOME", "/home/me");
        let local = ("LOCALAPPDATA", "/me/AppData/Local");
        let in_home = Some("/home/me/.local/share/wortlaut/models".into());
        assert_eq!(folder(Unix, [home].into()), in_home);
        assert_eq!(folder(Unix, [("XDG_DATA_HOME", "relative"), home].into()), in_home);
        assert_eq!(
            folder(Unix, [("XDG_DATA_HOME", "/data"), home].into()),
            Some("/data/wortlaut/models".into())
        );
        assert_eq!(folder(Unix, [("WORTLAUT_MODELS", "models"), home].into()), Some("models".into()));
        assert_eq!(folder(Windows, [local, home].into()), Some("/me/AppData/Local/wortlaut/models".into()));
        assert_eq!(folder(Windows, [("WORTLAUT_MODELS", "m"), local].into()), Some("m".into()));
        assert_eq!(
            folder(Windows, [("USERPROFILE", "/me")].into()),
            Some(Path::new("/me/.local/share/wortlaut/models").to_owned())
        );
        assert_eq!(folder(Unix, Environment::default()), None);
    }
}
