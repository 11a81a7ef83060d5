//! The settings in force, typed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::Value;

use super::{ConfigError, Layers, Origin, schema, trust};
use crate::engine::Kind;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// An article or a folder of articles.
    pub input: PathBuf,
    /// Whether the input is the default, which is there only in some projects.
    pub input_is_default: bool,
    /// The folder that the parallel files go to.
    pub output: PathBuf,
    /// The engine profile.
    pub engine: String,
    /// Output formats by name.
    pub formats: Vec<String>,
    /// What to do with furniture: `keep` or `translate`.
    pub furniture: String,
    /// Whether line breaks inside a paragraph are white space; `None` finds out.
    pub wrap: Option<bool>,
    /// A file of segmentation rules in SRX; `None` takes the program's own rules.
    pub rules: Option<PathBuf>,
    /// Abbreviations that never end a sentence, beyond those that are known.
    pub abbreviations: Vec<String>,
    /// Whether articles that are not German are translated too.
    pub force: bool,
    /// The field of a corpus with the German text; `None` if it is not set.
    pub text_field: Option<String>,
    /// The field of a corpus with the ids of its articles.
    pub id_field: Option<String>,
    /// The field of a corpus that the English goes to; `None` if it is not set.
    pub target_field: Option<String>,
    /// The glossary file or folder.
    pub glossary: PathBuf,
    /// Whether the glossary's path is the default, which need not exist.
    pub glossary_is_default: bool,
    /// Whether broken lines of the glossary are left out instead of refused.
    pub glossary_lenient: bool,
    /// Enforcement rungs by name.
    pub rungs: Vec<String>,
    /// Whether the house form replaces other accepted renderings.
    pub house_form: bool,
    /// The translation memory.
    pub memory: PathBuf,
    /// Engine profiles by name.
    pub engines: BTreeMap<String, EngineSettings>,
}

/// One engine profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineSettings {
    /// Kind of engine; the profile's name where none is given.
    pub kind: Option<String>,
    /// Address of the service.
    pub base_url: Option<String>,
    /// A name that stands for the server in the memory.
    pub identity: Option<String>,
    /// Whether the key may be sent unencrypted.
    pub allow_http: Option<bool>,
    /// Environment variable with the key.
    pub key_env: Option<String>,
    /// File with the key.
    pub key_file: Option<PathBuf>,
    /// Command that prints the key.
    pub key_command: Option<String>,
    /// Model name.
    pub model: Option<String>,
    /// Target language, such as `en-GB`.
    pub target: Option<String>,
    /// Whether neighbouring sentences go along.
    pub context: Option<bool>,
    /// Requests in flight at once.
    pub concurrency: Option<usize>,
    /// Threads of an engine inside the process.
    pub threads: Option<usize>,
    /// Texts a request.
    pub max_segments: Option<usize>,
    /// Bytes a request.
    pub max_bytes: Option<usize>,
    /// Requests a second.
    pub requests_per_second: Option<usize>,
    /// Seconds that one request may take in all.
    pub timeout: Option<usize>,
    /// Attempts before a batch is given up.
    pub attempts: Option<usize>,
}

impl Settings {
    /// Makes the settings from merged layers, whose values have the right types already.
    ///
    /// Whatever acts on settings has them from here, and so on none of a file that is not trusted.
    ///
    /// # Errors
    /// Something in a file takes trust that the file does not have, or a value does not go with another one.
    pub fn new(layers: &Layers) -> Result<Self, ConfigError> {
        trust::check(layers)?;
        let text =
            |key: &str| layers.get(key).and_then(|(value, _)| value.as_str()).unwrap_or_default().to_owned();
        let optional = |key: &str| Some(text(key)).filter(|text| !text.is_empty());
        let list = |key: &str| layers.get(key).map(|(value, _)| texts(value)).unwrap_or_default();
        let mut engines: BTreeMap<String, EngineSettings> = BTreeMap::new();
        for (key, value, _) in layers.iter() {
            if let Some((name, field)) = schema::engine_field(key) {
                engines.entry(name.to_owned()).or_default().set(field, value);
            }
        }
        let is_default = |key: &str| layers.get(key).is_none_or(|(_, origin)| *origin == Origin::Default);
        check_profiles(layers, &engines)?;
        Ok(Self {
            input: text("translate.input").into(),
            input_is_default: is_default("translate.input"),
            output: text("translate.output").into(),
            engine: text("translate.engine"),
            formats: list("translate.formats"),
            furniture: text("translate.furniture"),
            force: layers.get("translate.force").and_then(|(value, _)| value.as_bool()).unwrap_or_default(),
            text_field: optional("translate.text_field"),
            id_field: optional("translate.id_field"),
            target_field: optional("translate.target_field"),
            wrap: layers.get("translate.wrap").and_then(|(value, _)| value.as_bool()),
            rules: layers.get("segment.rules").and_then(|(value, _)| value.as_str()).map(PathBuf::from),
            abbreviations: list("segment.abbreviations"),
            glossary: text("glossary.path").into(),
            glossary_is_default: is_default("glossary.path"),
            glossary_lenient: layers
                .get("glossary.lenient")
                .and_then(|(value, _)| value.as_bool())
                .unwrap_or_default(),
            rungs: list("glossary.rungs"),
            house_form: layers
                .get("glossary.house_form")
                .and_then(|(value, _)| value.as_bool())
                .unwrap_or(true),
            memory: text("memory.path").into(),
            engines,
        })
    }
}

impl EngineSettings {
    /// Sets one field by its name in the file.
    fn set(&mut self, field: &str, value: &Value) {
        let text = || value.as_str().map(str::to_owned);
        let number = || value.as_integer().and_then(|number| usize::try_from(number).ok());
        match field {
            "kind" => self.kind = text(),
            "base_url" => self.base_url = text(),
            "identity" => self.identity = text(),
            "allow_http" => self.allow_http = value.as_bool(),
            "key_env" => self.key_env = text(),
            "key_file" => self.key_file = text().map(PathBuf::from),
            "key_command" => self.key_command = text(),
            "model" => self.model = text(),
            "target" => self.target = text(),
            "context" => self.context = value.as_bool(),
            "concurrency" => self.concurrency = number(),
            "threads" => self.threads = number(),
            "max_segments" => self.max_segments = number(),
            "max_bytes" => self.max_bytes = number(),
            "requests_per_second" => self.requests_per_second = number(),
            "timeout" => self.timeout = number(),
            "attempts" => self.attempts = number(),
            _ => {}
        }
    }
}

/// Refuses values of an engine profile that do not go with each other.
fn check_profiles(layers: &Layers, engines: &BTreeMap<String, EngineSettings>) -> Result<(), ConfigError> {
    for (name, profile) in engines {
        let refuse = |field: &str, message: String, hint: String| {
            Err(layers.error_at(&format!("engines.{name}.{field}"), message, Some(hint)))
        };
        if profile.identity.as_deref().is_some_and(|identity| identity.trim().is_empty()) {
            let message = format!("engines.{name}.identity must not be empty");
            return refuse(
                "identity",
                message,
                "any name that you give to no other server will do".to_owned(),
            );
        }
        let Ok(kind) = profile.kind.as_deref().unwrap_or(name).parse::<Kind>() else { continue };
        let least = kind.least_bytes(profile.context.unwrap_or(true));
        if let (Some(bytes), Some(least)) = (profile.max_bytes, least)
            && bytes < least
        {
            let message = format!("engines.{name}.max_bytes must be at least {least} for {kind}");
            let hint = "a smaller request has no room for a sentence beside what stands around it";
            return refuse("max_bytes", message, hint.to_owned());
        }
    }
    Ok(())
}

/// The texts of a list.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
