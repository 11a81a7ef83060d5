//! Which engine, with which options: plain data, which knows no engine.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "services")]
use secrecy::ExposeSecret;
use secrecy::SecretString;
use strum::{EnumDiscriminants, EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;

use super::money::{PriceFactor, Prices};

/// An engine with its options, as the configuration has them. What is `None` is up to the engine.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name in the configuration.
    pub name: String,
    pub options: EngineOptions,
    /// Requests in flight at once.
    pub concurrency: Option<NonZeroUsize>,
    /// Texts in a request.
    pub max_segments: Option<NonZeroUsize>,
    pub requests_per_second: Option<f64>,
    /// Attempts before a batch is given up.
    pub attempts: Option<NonZeroU32>,
    /// Whether the text before a batch is sent along, where the engine takes it.
    pub context: bool,
    /// What its user pays for it; `None` if that is not stated.
    pub prices: Option<Arc<Prices>>,
    /// What a batch job costs as a part of these prices; `None` if that is not stated.
    pub batch_price: Option<PriceFactor>,
}

/// The options that only some kinds of engine have. Its variants are the kinds of engine, in the order in which they
/// are shown.
#[derive(Debug, Clone, EnumDiscriminants)]
#[strum_discriminants(
    name(EngineKind),
    derive(Hash, EnumString, IntoStaticStr, VariantArray),
    strum(serialize_all = "lowercase"),
    doc = "A kind of engine; its name is that in the configuration."
)]
pub enum EngineOptions {
    Firefox(LocalOptions),
    Gguf(LocalOptions),
    DeepL(ServiceOptions, DeepLOptions),
    Google(ServiceOptions, GoogleOptions),
    Microsoft(ServiceOptions, MicrosoftOptions),
    Amazon(ServiceOptions, AmazonOptions),
    LibreTranslate(ServiceOptions),
    Anthropic(ServiceOptions, ModelOptions),
    Gemini(ServiceOptions, ModelOptions),
    Mistral(ServiceOptions, ModelOptions),
    /// A language model behind a server that is compatible with `OpenAI`'s.
    OpenAi(ServiceOptions, ModelOptions, OpenAiApi),
    /// A language model behind a server of Ollama, by its own API.
    Ollama(ServiceOptions, ModelOptions, OllamaOptions),
    /// A program of the user's own.
    Command(CommandOptions),
    /// No translation: marks the German.
    Pseudo,
}

/// What a service needs.
#[derive(Debug, Clone, Default)]
pub struct ServiceOptions {
    /// The address of the service, without the endpoint's own path.
    pub base_url: Option<String>,
    /// A name that stands for the server in the memory, so that its answers count wherever it moves.
    pub identity: Option<String>,
    /// Whether the key may go over a connection that others on the way can read.
    pub allow_http: bool,
    pub key: Option<SecretString>,
    /// How a key that expires is had again.
    pub key_renewal: Option<KeyRenewal>,
    /// The model: a name for `openai` and `google`, a `model_type` for `deepl`.
    pub model: Option<String>,
    pub target_lang: TargetLang,
    /// Bytes in the body of a request.
    pub max_bytes: Option<NonZeroUsize>,
    /// How long to wait for a connection.
    pub connect_timeout: Option<Duration>,
    /// How long to wait for an answer at first; grows when answers come later.
    pub timeout: Option<Duration>,
    pub network: NetworkOptions,
}

/// Options of a language model behind a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelOptions {
    /// The template of the prompt, in place of wortlaut's own.
    pub prompt: Option<Arc<str>>,
    /// How much it thinks.
    pub effort: Option<Effort>,
    pub temperature: Option<f64>,
    /// Tokens of an answer at most, thinking included.
    pub max_tokens: Option<NonZeroU32>,
}

/// Which of its APIs `OpenAI` is asked by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum OpenAiApi {
    /// `/chat/completions`, which other servers speak, too.
    #[default]
    Chat,
    /// `/responses`.
    Responses,
}

/// What only Ollama has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OllamaOptions {
    /// Tokens of the model's context; without it, what the requests need.
    pub num_ctx: Option<NonZeroU32>,
}

/// How much a language model thinks before it answers. Not every model has each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    /// The name, in the configuration as in the APIs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What only Google's service is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoogleOptions {
    /// The project that pays; with it, version 3 of the API is spoken, and version 2 without.
    pub project: Option<String>,
    /// Where the model runs.
    pub location: Option<String>,
    /// A glossary that is there, by its name in the location or by its full one.
    pub glossary: Option<String>,
}

/// What only Microsoft's service is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MicrosoftOptions {
    /// The version of the API: `3.0`, the default, or `2026-06-06`.
    pub api_version: Option<String>,
    /// What translates: the category of a custom system, or with the newer version a language model's deployment.
    pub deployment: Option<String>,
    /// Where the resource is that the key is of.
    pub region: Option<String>,
}

/// What only Amazon's service is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AmazonOptions {
    /// Where the service is.
    pub region: Option<String>,
    /// A terminology that is there, by its name.
    pub terminology: Option<String>,
}

/// Asks once more for a key, such as a command that prints tokens. May take its time.
#[derive(Clone)]
pub struct KeyRenewal(Arc<dyn Fn() -> Result<SecretString, ProfileError> + Send + Sync>);

impl KeyRenewal {
    /// From what gives the key.
    pub fn new(renew: impl Fn() -> Result<SecretString, ProfileError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(renew))
    }

    /// The key as it is now.
    ///
    /// # Errors
    /// Why there is none.
    pub fn renew(&self) -> Result<SecretString, ProfileError> {
        (self.0)()
    }
}

impl fmt::Debug for KeyRenewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRenewal")
    }
}

/// What only `DeepL` has; the names are those of its API description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeepLOptions {
    pub glossary: DeepLGlossary,
    /// `style_id`: a list of style rules.
    pub style: Option<String>,
    /// `custom_instructions`: at most ten of at most 300 characters each.
    pub instructions: Vec<String>,
    /// `translation_memory_id`.
    pub translation_memory: Option<String>,
    /// `translation_memory_threshold`: how like a segment of that memory must be, in per cent.
    pub translation_memory_threshold: Option<NonZeroU32>,
}

/// Which glossary `DeepL` uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DeepLGlossary {
    /// None: terms are made to hold in its answers.
    #[default]
    None,
    /// One made from the project's glossary, and kept in step with it. What does not hold all the same is made to.
    Project,
    /// One that somebody made there, by its id.
    Id(String),
}

/// How a service is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkOptions {
    /// The proxy to go through, instead of that of the environment (`HTTPS_PROXY` and its kin).
    pub proxy: Option<String>,
    /// Certificates to be trusted beside those of the system, in a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// What a local engine needs.
#[derive(Debug, Clone, Default)]
pub struct LocalOptions {
    /// `None` if the model is not installed.
    pub files: Option<ModelFiles>,
    pub threads: Option<NonZeroUsize>,
    /// Whether a language model compares its answer with what it might have said instead.
    pub rerank: bool,
}

/// What a program of the user's own needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOptions {
    /// What a shell runs.
    pub command: Option<String>,
    /// A name that stands for the command in the memory, so that its answers count wherever it is.
    pub identity: Option<String>,
    /// A name that tells its answers from those of another model; nothing else is done with it.
    pub model: Option<String>,
    pub target_lang: TargetLang,
    /// Whether requests carry the glossary terms of their texts.
    pub terms: bool,
    /// How long a batch may take.
    pub timeout: Option<Duration>,
}

/// How a local engine works; its answers stay the same. What is `None` is up to the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Threads that compute.
    pub threads: Option<NonZeroUsize>,
    /// Texts in a batch.
    pub segments: Option<NonZeroUsize>,
    /// Batches in flight at once.
    pub concurrency: Option<NonZeroUsize>,
}

/// The files of a model, and what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    pub weights: PathBuf,
    /// The vocabulary, where it is a file of its own.
    pub vocabulary: Option<PathBuf>,
    /// The lexical shortlist of the firefox engine.
    pub shortlist: Option<PathBuf>,
    /// A warning to be shown with every output.
    pub caveat: Option<String>,
}

/// A mistake in a profile, which is known before anything is sent. Never holds a key.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("{message}: {hint}")]
pub struct ProfileError {
    /// The field of the profile that is wrong; `None` if something is missing.
    pub field: Option<&'static str>,
    /// As a sentence fragment.
    pub message: String,
    pub hint: String,
}

impl ProfileError {
    /// A field whose value is wrong.
    pub fn at(field: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field: Some(field), message: message.into(), hint: hint.into() }
    }

    /// Something that no field gives.
    #[cfg(any(feature = "services", feature = "local"))]
    pub(super) fn missing(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field: None, message: message.into(), hint: hint.into() }
    }
}

impl Profile {
    /// A profile in which everything is left to the engine.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: EngineKind) -> Self {
        Self::with_options(name, EngineOptions::of(kind))
    }

    /// A profile with the options of its kind.
    #[must_use]
    pub fn with_options(name: impl Into<String>, options: EngineOptions) -> Self {
        // Small language models translate worse behind other sentences, and in twice the time (docs/src/engines.md).
        let context = EngineKind::from(&options) != EngineKind::Gguf;
        Self {
            name: name.into(),
            options,
            concurrency: None,
            max_segments: None,
            requests_per_second: None,
            attempts: None,
            context,
            prices: None,
            batch_price: None,
        }
    }

    /// A profile that stands in where there is no engine yet, for a count of what there is to do. It translates
    /// nothing, has no limits and no price, as is the case with local engines.
    #[must_use]
    pub fn stand_in(name: impl Into<String>) -> Self {
        Self::with_options(name, EngineOptions::Pseudo)
    }

    /// Whether a service bills its requests by tokens: a language model runs there.
    #[must_use]
    pub fn is_paid_by_tokens(&self) -> bool {
        match &self.options {
            // The older version of Azure Translator knows no language models.
            EngineOptions::Microsoft(_, own) => {
                own.deployment.is_some() && own.api_version.as_deref().is_some_and(|version| version != "3.0")
            }
            _ => self.kind().is_language_model(),
        }
    }

    /// The kind of its engine.
    #[must_use]
    pub fn kind(&self) -> EngineKind {
        EngineKind::from(&self.options)
    }

    /// Whether its engine gives English.
    #[must_use]
    pub fn translates(&self) -> bool {
        !matches!(self.options, EngineOptions::Pseudo)
    }
}

impl EngineOptions {
    /// Options in which everything is left to the engine.
    #[must_use]
    pub fn of(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Firefox => Self::Firefox(LocalOptions::default()),
            EngineKind::Gguf => Self::Gguf(LocalOptions::default()),
            EngineKind::DeepL => Self::DeepL(ServiceOptions::default(), DeepLOptions::default()),
            EngineKind::Google => Self::Google(ServiceOptions::default(), GoogleOptions::default()),
            EngineKind::Microsoft => Self::Microsoft(ServiceOptions::default(), MicrosoftOptions::default()),
            EngineKind::Amazon => Self::Amazon(ServiceOptions::default(), AmazonOptions::default()),
            EngineKind::LibreTranslate => Self::LibreTranslate(ServiceOptions::default()),
            EngineKind::Anthropic => Self::Anthropic(ServiceOptions::default(), ModelOptions::default()),
            EngineKind::Gemini => Self::Gemini(ServiceOptions::default(), ModelOptions::default()),
            EngineKind::Mistral => Self::Mistral(ServiceOptions::default(), ModelOptions::default()),
            EngineKind::OpenAi => {
                Self::OpenAi(ServiceOptions::default(), ModelOptions::default(), OpenAiApi::default())
            }
            EngineKind::Ollama => {
                Self::Ollama(ServiceOptions::default(), ModelOptions::default(), OllamaOptions::default())
            }
            EngineKind::Command => Self::Command(CommandOptions::default()),
            EngineKind::Pseudo => Self::Pseudo,
        }
    }

    /// The options of a service.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceOptions> {
        match self {
            Self::DeepL(service, _)
            | Self::Google(service, _)
            | Self::Microsoft(service, _)
            | Self::Amazon(service, _)
            | Self::LibreTranslate(service)
            | Self::Anthropic(service, _)
            | Self::Gemini(service, _)
            | Self::Mistral(service, _)
            | Self::OpenAi(service, ..)
            | Self::Ollama(service, ..) => Some(service),
            Self::Firefox(_) | Self::Gguf(_) | Self::Command(_) | Self::Pseudo => None,
        }
    }

    /// The same, to be changed.
    pub fn service_mut(&mut self) -> Option<&mut ServiceOptions> {
        match self {
            Self::DeepL(service, _)
            | Self::Google(service, _)
            | Self::Microsoft(service, _)
            | Self::Amazon(service, _)
            | Self::LibreTranslate(service)
            | Self::Anthropic(service, _)
            | Self::Gemini(service, _)
            | Self::Mistral(service, _)
            | Self::OpenAi(service, ..)
            | Self::Ollama(service, ..) => Some(service),
            Self::Firefox(_) | Self::Gguf(_) | Self::Command(_) | Self::Pseudo => None,
        }
    }

    /// The options of a language model behind a service.
    #[must_use]
    pub fn model(&self) -> Option<&ModelOptions> {
        match self {
            Self::Anthropic(_, model)
            | Self::Gemini(_, model)
            | Self::Mistral(_, model)
            | Self::OpenAi(_, model, _)
            | Self::Ollama(_, model, _) => Some(model),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn model_mut(&mut self) -> Option<&mut ModelOptions> {
        match self {
            Self::Anthropic(_, model)
            | Self::Gemini(_, model)
            | Self::Mistral(_, model)
            | Self::OpenAi(_, model, _)
            | Self::Ollama(_, model, _) => Some(model),
            _ => None,
        }
    }

    /// The options of a local engine.
    #[must_use]
    pub fn local(&self) -> Option<&LocalOptions> {
        match self {
            Self::Firefox(local) | Self::Gguf(local) => Some(local),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn local_mut(&mut self) -> Option<&mut LocalOptions> {
        match self {
            Self::Firefox(local) | Self::Gguf(local) => Some(local),
            _ => None,
        }
    }
}

impl ServiceOptions {
    /// The key without white space around it; `None` if nothing is left.
    #[cfg(feature = "services")]
    pub(super) fn trimmed_key(&self) -> Option<SecretString> {
        let key = self.key.as_ref()?.expose_secret().trim();
        (!key.is_empty()).then(|| SecretString::from(key))
    }
}

/// Which English is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(ascii_case_insensitive)]
pub enum TargetLang {
    #[default]
    #[strum(to_string = "EN-US", serialize = "EN")]
    EnUs,
    #[strum(to_string = "EN-GB")]
    EnGb,
}

impl TargetLang {
    /// The language tag: `EN-US` or `EN-GB`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.into()
    }
}
