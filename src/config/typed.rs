//! From merged layers to typed settings.

use std::collections::BTreeSet;

use super::error::ConfigError;
use super::layers::{ENGINE, ENGINES, Layers, ValueOrigin};
use super::names::engine_field;
use super::settings::{
    CheckSettings, EngineSettings, GlossarySettings, MemorySettings, ModelsSettings, SegmentSettings,
    Settings, TranslateSettings, ValueOf,
};
use super::trust;
use super::value::WrongValue;

impl Settings {
    /// Makes the settings from merged layers.
    ///
    /// Whatever acts on settings has them from here, and so on none of a file that is not trusted.
    ///
    /// # Errors
    /// Something in a file needs trust that the file does not have, or a value does not go with another one.
    pub fn new(layers: &Layers) -> Result<Self, ConfigError> {
        trust::check(layers)?;
        let names: BTreeSet<&str> =
            layers.iter().filter_map(|(key, ..)| Some(engine_field(key)?.0)).collect();
        let profile = |name: &str| {
            let profile = section(layers, &format!("engines.{name}"), EngineSettings::read)?;
            profile.check(name, layers)?;
            Ok((name.to_owned(), profile))
        };
        Ok(Self {
            translate: section(layers, "translate", TranslateSettings::read)?.with_engines(layers)?,
            segment: section(layers, "segment", SegmentSettings::read)?,
            glossary: section(layers, "glossary", GlossarySettings::read)?,
            check: section(layers, "check", CheckSettings::read)?,
            memory: section(layers, "memory", MemorySettings::read)?,
            models: section(layers, "models", ModelsSettings::read)?,
            engines: names.into_iter().map(profile).collect::<Result<_, ConfigError>>()?,
        })
    }
}

/// The section or engine profile of a name, as the layers have it.
fn section<T>(
    layers: &Layers,
    name: &str,
    read: impl FnOnce(&ValueOf<'_>) -> Result<T, (&'static str, WrongValue)>,
) -> Result<T, ConfigError> {
    let key = |field: &str| format!("{name}.{field}");
    read(&|field| layers.get(&key(field)).map(|(value, _)| value)).map_err(
        |(field, WrongValue { message, hint })| {
            layers.error_at(&key(field), format!("{} {message}", key(field)), hint)
        },
    )
}

impl TranslateSettings {
    /// The same with the engines in force, be it one or a list.
    fn with_engines(self, layers: &Layers) -> Result<Self, ConfigError> {
        let refuse =
            |message: String, hint: &str| Err(layers.error_at(ENGINES, message, Some(hint.to_owned())));
        let Some(first) = self.engines.first().cloned() else {
            let engines = vec![self.engine.clone()];
            return Ok(Self { engines, ..self });
        };
        let origin = |key| layers.get(key).map(|(_, origin)| origin);
        if let (Some(one), Some(several)) = (origin(ENGINE), origin(ENGINES))
            && *one != ValueOrigin::Default
            && one.is_layer_of(several)
        {
            let message = format!("{ENGINE} and {ENGINES} are both set");
            return refuse(message, "keep engines, and put the engine into it as the first");
        }
        let is_twice = |(at, name): (usize, &String)| self.engines[..at].contains(name);
        if self.engines.iter().enumerate().any(is_twice) {
            return refuse(format!("{ENGINES} names an engine twice"), "each engine is asked once");
        }
        Ok(Self { engine: first, ..self })
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
    use std::num::NonZeroU32;
    use std::path::Path;
    use std::time::Duration;

    use super::super::environment::Environment;
    use super::super::file::{DEFAULTS, FILE_NAME};
    use super::super::settings::{ENGINE, SECTIONS};
    use super::*;
    use crate::engine::TargetLang;

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
        std::fs::write(folder.path().join(FILE_NAME), text).expect("written");
        let layers = Layers::load(None, folder.path(), &Environment::default()).expect("valid");
        let settings = Settings::new(&layers).expect("valid");
        let deepl = &settings.engines["deepl"];
        assert_eq!(deepl.requests_per_second, Some(0.5));
        assert_eq!(deepl.timeout, Some(Duration::from_secs(90)));
        assert_eq!(deepl.target, Some(TargetLang::EnGb));
        assert_eq!(deepl.attempts, NonZeroU32::new(3));
    }
}
