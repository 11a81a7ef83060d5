//! The settings: each is declared here, once.
//!
//! A declaration gives a setting its name, its type, what a stranger could do with it, and its bounds. From it follow
//! the typed field, the key in a file, the environment variable, the checks with their messages, whether `config show`
//! may print the value, and what needs trust. The value and the explanation for people stand in `defaults.toml`.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use super::setting::{OfKinds, Power, Setting};
use super::value::{ArticlePaths, FailOn, LayerValue, SettingType, Treatment, VariableName, WrongValue};
use crate::check::{Checks, EnglishVariety};
use crate::engine::{Currency, Effort, EngineKind, OpenAiApi, Price, PriceFactor, Server, TargetLang};
use crate::memory::MemoryAddress;
use crate::model::{FindingKind, Rung, Severity};
use crate::pipeline::AskNext;
use crate::read::TextType;
use crate::write::OutputFormat;

/// `NAME: TYPE, can POWER, of KINDS, from LEAST to MOST because REASON;` – all but the type where they apply. A path can
/// always do something ([`Power::Path`]); `KINDS` says which engines have the setting, if not all do.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty
                    $(, can $power:ident)?
                    $(, of $kinds:ident)?
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
                    $(.of_kinds($kinds))?
                    $(.within($least, $most, $why))?,)*
            ];

            /// The settings with a value that a kind of engine does not have.
            pub fn foreign_to(&self, kind: EngineKind) -> impl Iterator<Item = &'static str> {
                let stated = [$(<$type>::unset().as_ref() != Some(&self.$field),)*];
                let stated = Self::SETTINGS.iter().zip(stated).filter(|(_, is_stated)| *is_stated);
                stated.filter(move |(setting, _)| !setting.is_of(kind)).map(|(setting, _)| setting.name)
            }

            /// Makes each field of its value, if there is one; the error names the field that is wrong.
            pub(super) fn read(value_of: &ValueOf<'_>) -> Result<Self, (&'static str, WrongValue)> {
                Ok(Self { $($field: {
                    let name = Setting::of::<$type>(stringify!($field)).name;
                    field(value_of(name)).map_err(|wrong| (name, wrong))?
                },)* })
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
        /// The engines in force, in order; [`Self::engine`] is the first of them.
        engines: Vec<String>;
        on: AskNext;
        offline: bool;
        budget: Option<String>;
        formats: Vec<OutputFormat>;
        furniture: Treatment;
        attributes: Treatment;
        /// `None` finds out for each article.
        wrap: Option<bool>;
        force: bool;
        text_field: Option<String>;
        text_type: TextType;
        id_field: Option<String>;
        target_field: Option<String>;
        keep_fields: Vec<String>;
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
        /// One or more; of entries with the same source, that of a later one counts.
        path: Vec<PathBuf>;
        /// Further ones for some articles, on top of those.
        r#for: Vec<ArticlePaths>;
        rungs: Vec<Rung>;
        house_form: bool;
        lenient: bool;
    }
}

settings! {
    /// What is looked for in translations, and what of it fails a command.
    CheckSettings {
        fail_on: FailOn;
        spelling: Option<EnglishVariety>;
        errors: Vec<FindingKind>;
        warnings: Vec<FindingKind>;
        remarks: Vec<FindingKind>;
        off: Vec<FindingKind>;
    }
}

settings! {
    /// Where the translation memory is, and who corrects.
    MemorySettings {
        path: PathBuf;
        /// A database in the place of the file.
        url: Option<MemoryAddress>, can Host;
        key_env: Option<VariableName>;
        key_file: Option<PathBuf>;
        author: Option<String>;
    }
}

settings! {
    /// How the models of local engines are pulled.
    ModelsSettings {
        mirror: Option<Server>, can Host;
        proxy: Option<Server>, can Host;
        ca_file: Option<PathBuf>;
    }
}

const SERVICES: OfKinds = EngineKind::is_service;
const LOCAL: OfKinds = EngineKind::is_local;
const GGUF: OfKinds = |kind| kind == EngineKind::Gguf;
const COMMAND: OfKinds = |kind| kind == EngineKind::Command;
/// What is no part of this process.
const BESIDE: OfKinds = |kind| kind.is_service() || kind == EngineKind::Command;
const LANGUAGE_MODELS: OfKinds = EngineKind::is_language_model;
const OLLAMA: OfKinds = |kind| kind == EngineKind::Ollama;
const OPENAI: OfKinds = |kind| kind == EngineKind::OpenAi;
const DEEPL: OfKinds = |kind| kind == EngineKind::DeepL;
const BRITISH: OfKinds = |kind| {
    matches!(kind, EngineKind::DeepL | EngineKind::Google | EngineKind::Command) || kind.is_language_model()
};
const GOOGLE: OfKinds = |kind| matches!(kind, EngineKind::Google);
const GLOSSARIES: OfKinds = |kind| matches!(kind, EngineKind::DeepL | EngineKind::Google);
const MICROSOFT: OfKinds = |kind| matches!(kind, EngineKind::Microsoft);
const AMAZON: OfKinds = |kind| matches!(kind, EngineKind::Amazon);
const REGIONAL: OfKinds = |kind| matches!(kind, EngineKind::Microsoft | EngineKind::Amazon);
const WITH_MODELS: OfKinds = |kind| {
    !matches!(
        kind,
        EngineKind::LibreTranslate | EngineKind::Microsoft | EngineKind::Amazon | EngineKind::Pseudo
    )
};

settings! {
    /// One engine profile.
    #[derive(Default)]
    EngineSettings {
        /// The profile's name stands for it where none is given.
        kind: Option<EngineKind>;
        base_url: Option<String>, can Host, of SERVICES;
        identity: Option<String>, of BESIDE;
        command: Option<String>, can Runs, of COMMAND;
        terms: Option<bool>, of COMMAND;
        allow_http: Option<bool>, can Exposes, of SERVICES;
        proxy: Option<String>, can Host, of SERVICES;
        ca_file: Option<PathBuf>, of SERVICES;
        // What the variable holds goes to the server of the profile, and `base_url` answers for that one.
        key_env: Option<VariableName>, of SERVICES;
        key_file: Option<PathBuf>, of SERVICES;
        key_command: Option<String>, can Runs, of SERVICES;
        /// The name of a model, or for gguf a file.
        model: Option<String>, can Path, of WITH_MODELS;
        target: Option<TargetLang>, of BRITISH;
        prompt: Option<PathBuf>, of LANGUAGE_MODELS;
        effort: Option<Effort>, of LANGUAGE_MODELS;
        temperature: Option<f64>, of LANGUAGE_MODELS, from 0.0 to 2.0
            because "no model takes more";
        max_tokens: Option<NonZeroU32>, of LANGUAGE_MODELS, from 16.0 to 1_000_000.0
            because "no model writes more";
        num_ctx: Option<NonZeroU32>, of OLLAMA, from 2_048.0 to 1_048_576.0
            because "no model reads more";
        api: Option<OpenAiApi>, of OPENAI;
        project: Option<String>, of GOOGLE;
        location: Option<String>, of GOOGLE;
        api_version: Option<String>, of MICROSOFT;
        deployment: Option<String>, of MICROSOFT;
        region: Option<String>, of REGIONAL;
        terminology: Option<String>, of AMAZON;
        context: Option<bool>;
        /// For deepl `project`, or the id of a glossary there; for google the id of one.
        glossary: Option<String>, of GLOSSARIES;
        style: Option<String>, of DEEPL;
        instructions: Option<Vec<String>>, of DEEPL;
        translation_memory: Option<String>, of DEEPL;
        translation_memory_threshold: Option<NonZeroU32>, of DEEPL, from 1.0 to 100.0
            because "it is in per cent";
        concurrency: Option<NonZeroUsize>, from 1.0 to 256.0
            because "each request in flight holds a connection, and a process may have about a thousand files";
        threads: Option<NonZeroUsize>, of LOCAL, from 1.0 to 256.0
            because "more threads than cores only wait for each other";
        rerank: Option<bool>, of GGUF;
        max_segments: Option<NonZeroUsize>, from 1.0 to 1_000.0
            because "one answer has to hold them all";
        // The smallest request with a sentence depends on the kind of engine; see `EngineKind::least_bytes`.
        max_bytes: Option<NonZeroUsize>, of SERVICES, from 1.0 to 16_777_216.0
            because "no service takes larger requests";
        requests_per_second: Option<f64>, from 0.001 to 1_000.0
            because "no service takes more";
        timeout: Option<Duration>, of BESIDE, from 1.0 to 86_400.0
            because "that is a day, in seconds";
        attempts: Option<NonZeroU32>, from 1.0 to 100.0
            because "the pauses between them add up to hours";
        currency: Option<Currency>, of SERVICES;
        /// Prices are for a million.
        price_characters: Option<Price>, of SERVICES;
        price_input: Option<Price>, of SERVICES;
        price_cached: Option<Price>, of SERVICES;
        price_output: Option<Price>, of SERVICES;
        price_thinking: Option<Price>, of SERVICES;
        batch_price: Option<PriceFactor>, of LANGUAGE_MODELS;
    }
}

/// The value that a field has in force, by the field's name.
pub(super) type ValueOf<'a> = dyn Fn(&'static str) -> Option<&'a LayerValue> + 'a;

/// What a value says, or what a setting is without one.
fn field<T: SettingType>(value: Option<&LayerValue>) -> Result<T, WrongValue> {
    let missing = || WrongValue { message: "has no value".to_owned(), hint: None };
    value.map_or_else(|| T::unset().ok_or_else(missing), T::read)
}

/// The settings outside of engine profiles, by section.
pub(super) const SECTIONS: &[(&str, &[Setting])] = &[
    ("translate", TranslateSettings::SETTINGS),
    ("segment", SegmentSettings::SETTINGS),
    ("glossary", GlossarySettings::SETTINGS),
    ("check", CheckSettings::SETTINGS),
    ("memory", MemorySettings::SETTINGS),
    ("models", ModelsSettings::SETTINGS),
];

/// The settings of an engine profile.
pub(super) const ENGINE: &[Setting] = EngineSettings::SETTINGS;

/// Everything that can be set, as it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub translate: TranslateSettings,
    pub segment: SegmentSettings,
    pub glossary: GlossarySettings,
    pub check: CheckSettings,
    pub memory: MemorySettings,
    pub models: ModelsSettings,
    /// Engine profiles by name.
    pub engines: BTreeMap<String, EngineSettings>,
}

impl CheckSettings {
    /// What is looked for, and how bad it is.
    #[must_use]
    pub fn checks(&self) -> Checks {
        let graded = [
            (&self.remarks, Some(Severity::Info)),
            (&self.warnings, Some(Severity::Warning)),
            (&self.errors, Some(Severity::Error)),
            (&self.off, None),
        ];
        let of = |(kinds, severity): (&Vec<FindingKind>, Option<Severity>)| {
            kinds.iter().map(move |kind| (*kind, severity)).collect::<Vec<_>>()
        };
        Checks { severities: graded.into_iter().flat_map(of).collect(), spelling: self.spelling }
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
