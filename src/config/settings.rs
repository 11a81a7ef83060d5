//! The settings: each is declared here, once.
//!
//! A declaration gives a setting its name, its type, what a stranger could do with it, and its bounds. From it follow
//! the typed field, the key in a file, the environment variable, the checks with their messages, whether `config show`
//! may print the value, and what needs trust. The value and the explanation for people stand in `defaults.toml`.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use super::setting::{Power, Setting, engine_field};
use super::value::{Furniture, SettingType, VariableName};
use super::{ConfigError, Layers, trust};
use crate::engine::{Kind, TargetLang};
use crate::model::Rung;
use crate::write::OutputFormat;

/// `NAME: TYPE, can POWER, from LEAST to MOST because REASON;` – the last two where they apply. A path can always do
/// something ([`Power::Path`]).
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty
                    $(, can $power:ident)?
                    $(, from $least:literal to $most:literal because $why:literal)?;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)] pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            const SETTINGS: &[Setting] = &[
                $(Setting::of::<$type>(stringify!($field))
                    $(.can(Power::$power))?
                    $(.within($least, $most, $why))?,)*
            ];

            /// The section or engine profile of this name, as the layers have it.
            fn read(layers: &Layers, section: &str) -> Result<Self, ConfigError> {
                Ok(Self { $($field: value(layers, &format!("{section}.{}", stringify!($field)))?,)* })
            }
        }
    };
}

settings! {
    /// What is translated, by what, and where it goes.
    TranslateSettings {
        input: PathBuf;
        output: PathBuf;
        engine: String;
        formats: Vec<OutputFormat>;
        furniture: Furniture;
        /// `None` finds out for each article.
        wrap: Option<bool>;
        force: bool;
        text_field: Option<String>;
        id_field: Option<String>;
        target_field: Option<String>;
    }
}

settings! {
    /// How German is cut into sentences.
    SegmentSettings {
        rules: Option<PathBuf>;
        abbreviations: Vec<String>;
    }
}

settings! {
    /// Which glossary, and how its terms are made to hold.
    GlossarySettings {
        path: PathBuf;
        rungs: Vec<Rung>;
        house_form: bool;
        lenient: bool;
    }
}

settings! {
    /// Where the translation memory is.
    MemorySettings {
        path: PathBuf;
    }
}

settings! {
    /// One engine profile.
    #[derive(Default)]
    EngineSettings {
        /// The profile's name stands for it where none is given.
        kind: Option<Kind>;
        base_url: Option<String>, can Host;
        identity: Option<String>;
        allow_http: Option<bool>, can Exposes;
        // What the variable holds goes to the server of the profile, and `base_url` answers for that one.
        key_env: Option<VariableName>;
        key_file: Option<PathBuf>;
        key_command: Option<String>, can Runs;
        /// The name of a model, or for gguf a file.
        model: Option<String>, can Path;
        target: Option<TargetLang>;
        context: Option<bool>;
        concurrency: Option<NonZeroUsize>, from 1.0 to 256.0
            because "each request in flight holds a connection, and a process may have about a thousand files";
        threads: Option<NonZeroUsize>, from 1.0 to 256.0
            because "more threads than cores only wait for each other";
        max_segments: Option<NonZeroUsize>, from 1.0 to 1_000.0
            because "one answer has to hold them all";
        // The smallest request with a sentence depends on the kind of engine; see `Kind::least_bytes`.
        max_bytes: Option<NonZeroUsize>, from 1.0 to 16_777_216.0
            because "no service takes larger requests";
        requests_per_second: Option<f64>, from 0.001 to 1_000.0
            because "no service takes more";
        timeout: Option<Duration>, from 1.0 to 86_400.0
            because "that is a day, in seconds";
        attempts: Option<NonZeroU32>, from 1.0 to 100.0
            because "the pauses between them add up to hours";
    }
}

/// The settings outside of engine profiles, by section.
pub(super) const SECTIONS: &[(&str, &[Setting])] = &[
    ("translate", TranslateSettings::SETTINGS),
    ("segment", SegmentSettings::SETTINGS),
    ("glossary", GlossarySettings::SETTINGS),
    ("memory", MemorySettings::SETTINGS),
];

/// The settings of an engine profile.
pub(super) const ENGINE: &[Setting] = EngineSettings::SETTINGS;

/// Everything that can be set, as it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub translate: TranslateSettings,
    pub segment: SegmentSettings,
    pub glossary: GlossarySettings,
    pub memory: MemorySettings,
    /// Engine profiles by name.
    pub engines: BTreeMap<String, EngineSettings>,
}

impl Settings {
    /// Makes the settings from merged layers.
    ///
    /// Whatever acts on settings has them from here, and so on none of a file that is not trusted.
    ///
    /// # Errors
    /// Something in a file takes trust that the file does not have, or a value does not go with another one.
    pub fn new(layers: &Layers) -> Result<Self, ConfigError> {
        trust::check(layers)?;
        let names: std::collections::BTreeSet<&str> =
            layers.iter().filter_map(|(key, ..)| Some(engine_field(key)?.0)).collect();
        let profile = |name: &str| {
            let profile = EngineSettings::read(layers, &format!("engines.{name}"))?;
            profile.check(name, layers)?;
            Ok((name.to_owned(), profile))
        };
        Ok(Self {
            translate: TranslateSettings::read(layers, "translate")?,
            segment: SegmentSettings::read(layers, "segment")?,
            glossary: GlossarySettings::read(layers, "glossary")?,
            memory: MemorySettings::read(layers, "memory")?,
            engines: names.into_iter().map(profile).collect::<Result<_, ConfigError>>()?,
        })
    }
}

/// The value in force of a key, as its setting has it.
fn value<T: SettingType>(layers: &Layers, key: &str) -> Result<T, ConfigError> {
    match layers.get(key) {
        // Each layer has checked its values already.
        Some((value, _)) => T::read(value)
            .map_err(|wrong| layers.error_at(key, format!("{key} {}", wrong.message), wrong.hint)),
        None => T::unset().ok_or_else(|| layers.error_at(key, format!("{key} has no value"), None)),
    }
}

impl TranslateSettings {
    /// The field of a corpus with the German; as with the other fields, an empty name, which a variable may have,
    /// takes back what an earlier layer named.
    #[must_use]
    pub fn text_field(&self) -> Option<&str> {
        self.text_field.as_deref().filter(|name| !name.is_empty())
    }

    /// The field of a corpus with the ids of its articles.
    #[must_use]
    pub fn id_field(&self) -> Option<&str> {
        self.id_field.as_deref().filter(|name| !name.is_empty())
    }

    /// The field of a corpus that the English goes to.
    #[must_use]
    pub fn target_field(&self) -> Option<&str> {
        self.target_field.as_deref().filter(|name| !name.is_empty())
    }
}

impl EngineSettings {
    /// Refuses values that do not go with each other.
    fn check(&self, name: &str, layers: &Layers) -> Result<(), ConfigError> {
        let refuse = |field: &str, fault: &str, hint: &str| {
            let key = format!("engines.{name}.{field}");
            Err(layers.error_at(&key, format!("{key} {fault}"), Some(hint.to_owned())))
        };
        if self.identity.as_deref().is_some_and(|identity| identity.trim().is_empty()) {
            return refuse(
                "identity",
                "must not be empty",
                "any name that you give to no other server will do",
            );
        }
        let Some(kind) = self.kind.or_else(|| name.parse().ok()) else { return Ok(()) };
        let least = kind.least_bytes(self.context.unwrap_or(true));
        if let (Some(bytes), Some(least)) = (self.max_bytes, least)
            && bytes.get() < least
        {
            return refuse(
                "max_bytes",
                &format!("must be at least {least} for {kind}"),
                "a smaller request has no room for a sentence and its context",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{DEFAULTS, Environment};
    use super::*;

    #[test]
    fn the_file_of_defaults_explains_every_setting_and_gives_a_value_to_those_that_need_one() {
        let layers = Layers::load(None, Path::new("/"), &Environment::default()).expect("valid defaults");
        Settings::new(&layers).expect("every setting that is not optional has a default");
        let is_named = |name: &str| {
            DEFAULTS.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == name)
        };
        for (_, settings) in SECTIONS.iter().chain([&("engines", ENGINE)]) {
            for setting in *settings {
                assert!(is_named(setting.name), "defaults.toml says nothing of {}", setting.name);
            }
        }
    }

    #[test]
    fn numbers_have_the_types_of_what_they_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            "[engines.deepl]\nrequests_per_second = 0.5\ntimeout = 90\ntarget = 'en-gb'\nattempts = 3\n";
        std::fs::write(folder.path().join(super::super::FILE_NAME), text).expect("written");
        let layers = Layers::load(None, folder.path(), &Environment::default()).expect("valid");
        let settings = Settings::new(&layers).expect("valid");
        let deepl = &settings.engines["deepl"];
        assert_eq!(deepl.requests_per_second, Some(0.5));
        assert_eq!(deepl.timeout, Some(Duration::from_secs(90)));
        assert_eq!(deepl.target, Some(TargetLang::EnGb));
        assert_eq!(deepl.attempts, NonZeroU32::new(3));
    }
}
