//! The environment variables of the process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::schema::VARIABLES;

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

    /// The value of a variable; one that is no Unicode counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str()
    }

    /// Without the variables that are settings.
    #[must_use]
    pub fn without_settings(mut self) -> Self {
        self.0.retain(|name, _| !name.starts_with(VARIABLES) || name == super::trust::OVERRIDE);
        self
    }

    /// Names and values of the variables that begin as those of settings do; `None` for a value that is no Unicode.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self.0.iter().filter(|(name, _)| name.starts_with(VARIABLES));
        all.map(|(name, value)| (name.as_str(), value.to_str()))
    }

    /// The folder of the user's own settings.
    pub(super) fn user_folder(&self) -> Option<PathBuf> {
        let base = self
            .get("XDG_CONFIG_HOME")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
            .or_else(|| self.get("HOME").map(|home| Path::new(home).join(".config")))?;
        Some(base.join("wortlaut"))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}
