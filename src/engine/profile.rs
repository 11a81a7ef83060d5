//! Which engine, with which options: from settings to an [`Engine`].

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::deepl::DeepL;
use super::embedded;
use super::firefox::Firefox;
use super::gguf::Gguf;
use super::http::Timeouts;
use super::libretranslate::LibreTranslate;
use super::openai::OpenAi;
use super::pseudo::Pseudo;
use super::{Abilities, Billing, Engine, EngineError, EngineInfo, Limits, OnWait, Policy, Retrying, Server};
use super::{deepl, libretranslate, openai};

/// Requests a second that `DeepL`'s makers advise not to exceed.
const DEEPL_RATE: f64 = 50.0;

/// Bytes that an ordinary sentence takes in a request, with its quotation marks, term and tags; some 25 words.
const SENTENCE: usize = 250;

/// What stands in a fingerprint before the address of the server.
const SERVER: &str = " server=";
/// What stands there before the name of the profile's `identity`.
const IDENTITY: &str = " identity=";

/// A kind of engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `DeepL`'s API.
    DeepL,
    /// A `LibreTranslate` server.
    LibreTranslate,
    /// A language model behind a server that is compatible with `OpenAI`'s.
    OpenAi,
    /// Firefox's own translator, inside the process.
    Firefox,
    /// A language model from a GGUF file, inside the process.
    Gguf,
    /// No translation at all.
    Pseudo,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Firefox, Self::Gguf, Self::DeepL, Self::LibreTranslate, Self::OpenAi, Self::Pseudo];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DeepL => "deepl",
            Self::LibreTranslate => "libretranslate",
            Self::OpenAi => "openai",
            Self::Firefox => "firefox",
            Self::Gguf => "gguf",
            Self::Pseudo => "pseudo",
        }
    }

    /// What it is, in one line.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::DeepL => "DeepL's API; needs a key",
            Self::LibreTranslate => "a LibreTranslate server, by default on this machine",
            Self::OpenAi => "a language model: OpenAI, Ollama, llama.cpp, vLLM and their like; needs a model",
            Self::Firefox => "Firefox's own translator, inside the process; needs no key and no network",
            Self::Gguf => {
                "a language model inside the process, from a GGUF file; needs no key and no network"
            }
            Self::Pseudo => "no translation: marks the German text, for trying things out",
        }
    }

    /// Whether the engine takes the terms of a text along by itself; the engines of services say so in their
    /// abilities, those inside the process must be known also when their model is gone.
    #[must_use]
    pub fn takes_terms(self) -> bool {
        matches!(self, Self::Gguf | Self::OpenAi)
    }

    /// Whether a fingerprint is that of a profile of this kind, for engines inside the process.
    #[must_use]
    pub fn has_made(self, profile: &str, fingerprint: &str) -> bool {
        let rest = fingerprint.strip_prefix(profile).and_then(|rest| rest.strip_prefix(' '));
        rest.and_then(|rest| rest.strip_prefix(self.name())).is_some_and(|rest| rest.starts_with(' '))
    }

    /// The environment variable in which the key is looked for where the profile names none.
    #[must_use]
    pub fn key_variable(self) -> Option<&'static str> {
        match self {
            Self::DeepL => Some("DEEPL_API_KEY"),
            Self::LibreTranslate => Some("LIBRETRANSLATE_API_KEY"),
            Self::OpenAi => Some("OPENAI_API_KEY"),
            Self::Firefox | Self::Gguf | Self::Pseudo => None,
        }
    }

    /// The domain of the vendor. Whatever stands at its hosts is the vendor's service.
    #[must_use]
    pub fn vendor(self) -> Option<&'static str> {
        match self {
            Self::DeepL => Some("deepl.com"),
            Self::LibreTranslate => Some("libretranslate.com"),
            Self::OpenAi => Some("openai.com"),
            Self::Firefox | Self::Gguf | Self::Pseudo => None,
        }
    }

    /// The address of the service where the profile gives none.
    pub(super) fn default_url(self) -> Option<&'static str> {
        match self {
            Self::DeepL => Some(deepl::HOST),
            Self::LibreTranslate => Some(libretranslate::HOST),
            Self::OpenAi => Some(openai::HOST),
            Self::Firefox | Self::Gguf | Self::Pseudo => None,
        }
    }

    /// The smallest `max_bytes` in which one sentence finds room beside what stands around it in a request; `None`
    /// for kinds that do not count bytes.
    #[must_use]
    pub fn least_bytes(self, context: bool) -> Option<usize> {
        let frame = match self {
            Self::DeepL => deepl::overhead(context),
            Self::LibreTranslate => libretranslate::FRAME,
            Self::OpenAi => openai::overhead(TargetLang::default()),
            Self::Firefox | Self::Gguf | Self::Pseudo => return None,
        };
        Some(frame + SENTENCE)
    }
}

impl EngineInfo {
    /// Whether a fingerprint is that of this engine without its server, which version 0.1 did not note.
    #[must_use]
    pub fn succeeds(&self, earlier: &str) -> bool {
        let server = self.fingerprint.strip_prefix(earlier);
        server.is_some_and(|server| [SERVER, IDENTITY].iter().any(|mark| server.starts_with(mark)))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = EngineError;

    fn from_str(name: &str) -> Result<Self, EngineError> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            EngineError::Unusable(format!("there is no kind of engine {name:?}; there are {names}"))
        })
    }
}

/// Which English is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TargetLang {
    /// American English (the default).
    #[default]
    EnUs,
    /// British English.
    EnGb,
}

impl TargetLang {
    /// The language tag: `EN-US` or `EN-GB`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::EnUs => "EN-US",
            Self::EnGb => "EN-GB",
        }
    }
}

impl FromStr for TargetLang {
    type Err = EngineError;

    fn from_str(tag: &str) -> Result<Self, EngineError> {
        match tag.to_ascii_uppercase().as_str() {
            "EN" | "EN-US" => Ok(Self::EnUs),
            "EN-GB" => Ok(Self::EnGb),
            _ => Err(EngineError::Unusable(format!("the target {tag:?} is neither EN-US nor EN-GB"))),
        }
    }
}

/// The files of a model, and what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// The weights.
    pub model: PathBuf,
    /// The vocabulary, where it is a file of its own.
    pub vocabulary: Option<PathBuf>,
    /// The lexical shortlist of the firefox engine.
    pub shortlist: Option<PathBuf>,
    /// A warning to be shown with every output.
    pub caveat: Option<String>,
}

/// An engine with its options, as the configuration has them. What is `None` is up to the kind.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name in the configuration.
    pub name: String,
    /// The kind of engine.
    pub kind: Kind,
    /// The address of the service, without the endpoint's own path.
    pub base_url: Option<String>,
    /// A name that stands for the server in the memory, so that its answers count wherever it moves.
    pub identity: Option<String>,
    /// Whether the key may go over a connection that others on the way can read.
    pub allow_http: bool,
    /// The key.
    pub key: Option<SecretString>,
    /// The model: a name for `openai`, a `model_type` for `deepl`.
    pub model: Option<String>,
    /// The files of an engine inside the process; for other engines `None`.
    pub files: Option<ModelFiles>,
    /// Which English is wanted.
    pub target_lang: TargetLang,
    /// Requests in flight at once.
    pub concurrency: Option<usize>,
    /// Threads of an engine inside the process.
    pub threads: Option<usize>,
    /// Texts in a request.
    pub max_segments: Option<usize>,
    /// Bytes in the body of a request.
    pub max_bytes: Option<usize>,
    /// How long to wait for a connection.
    pub connect_timeout: Option<Duration>,
    /// How long to wait for an answer at first; grows when answers come later.
    pub timeout: Option<Duration>,
    /// Requests that may begin in a second.
    pub requests_per_second: Option<f64>,
    /// Attempts before a batch is given up; at least 1.
    pub attempts: Option<u32>,
    /// Whether the text before a batch is sent along, where the kind of engine takes it.
    pub context: bool,
}

impl Profile {
    /// A profile in which everything is left to the kind.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            base_url: None,
            identity: None,
            allow_http: false,
            key: None,
            model: None,
            files: None,
            target_lang: TargetLang::default(),
            concurrency: None,
            threads: None,
            max_segments: None,
            max_bytes: None,
            connect_timeout: None,
            timeout: None,
            requests_per_second: None,
            attempts: None,
            context: true,
        }
    }

    /// The server of the profile.
    pub(super) fn server(&self) -> Result<Server, EngineError> {
        Server::of(self.kind, self.base_url.as_deref())
    }

    /// The key without white space around it; `None` if nothing is left.
    pub(super) fn key(&self) -> Option<SecretString> {
        let key = self.key.as_ref()?.expose_secret().trim();
        (!key.is_empty()).then(|| SecretString::from(key))
    }

    /// The timeouts, with the kind's own for an answer, in seconds, where none is set.
    pub(super) fn timeouts(&self, answer: u64) -> Timeouts {
        Timeouts {
            connect: self.connect_timeout.unwrap_or(Duration::from_secs(10)),
            answer: self.timeout.unwrap_or(Duration::from_secs(answer)),
        }
    }

    /// What the fingerprint says of the server: nothing of the vendor's, as there is only one such.
    fn identity_of(&self, endpoint: Option<&Server>) -> String {
        match (&self.identity, endpoint) {
            (Some(name), Some(_)) => format!("{IDENTITY}{name:?}"),
            (None, Some(server)) if !server.is_vendors(self.kind) => {
                format!("{SERVER}{:?}", server.identity())
            }
            _ => String::new(),
        }
    }

    /// What the engine is, with the profile's own limits in the place of the kind's.
    pub(super) fn info(&self, kind: &KindInfo) -> EngineInfo {
        let body = self.max_bytes.unwrap_or(kind.body);
        let context = kind.abilities.context && self.context;
        EngineInfo {
            profile: self.name.clone(),
            kind: self.kind.name(),
            fingerprint: format!(
                "{:?} {} context={context} {}{}",
                self.name,
                self.kind,
                kind.options,
                self.identity_of(kind.endpoint.as_ref())
            ),
            limits: Limits {
                segments: self.max_segments.unwrap_or(kind.segments).max(1),
                characters: kind.characters,
                bytes: body.saturating_sub(kind.overhead).max(1),
            },
            concurrency: self.concurrency.unwrap_or(kind.concurrency).max(1),
            billing: kind.billing,
            abilities: Abilities { context, ..kind.abilities },
            caveat: kind.caveat.map(str::to_owned),
        }
    }
}

/// What a kind of engine is by itself.
pub(super) struct KindInfo {
    /// Where requests go; `None` if nothing is sent.
    pub(super) endpoint: Option<Server>,
    /// Options that change its output, in the order and form they have in the fingerprint.
    pub(super) options: String,
    /// Texts in a request.
    pub(super) segments: usize,
    /// Characters in a request.
    pub(super) characters: usize,
    /// Bytes in the body of a request.
    pub(super) body: usize,
    /// Bytes of the body that are not texts.
    pub(super) overhead: usize,
    /// Requests in flight at once.
    pub(super) concurrency: usize,
    /// What it is charged by.
    pub(super) billing: Billing,
    /// What it does by itself.
    pub(super) abilities: Abilities,
    /// A warning to be shown with its output.
    pub(super) caveat: Option<&'static str>,
}

/// Makes the engine of a profile, with [`Retrying`] around it. Nothing is sent.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build(profile: &Profile) -> Result<Arc<dyn Engine>, EngineError> {
    build_reporting(profile, Arc::new(|_| {}))
}

/// Like [`build`], and tells whenever the engine has to wait.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build_reporting(profile: &Profile, on_wait: OnWait) -> Result<Arc<dyn Engine>, EngineError> {
    let engine = bare(profile)?;
    let defaults = Policy::default();
    let own_rate = match (profile.kind, &profile.base_url) {
        // The advice is about DeepL's own hosts; another address is a stand-in with limits of its own.
        (Kind::DeepL, None) => Some(DEEPL_RATE),
        _ => defaults.requests_per_second,
    };
    let policy = Policy {
        attempts: profile.attempts.unwrap_or(defaults.attempts).max(1),
        requests_per_second: profile.requests_per_second.or(own_rate),
        ..defaults
    };
    Ok(Arc::new(Retrying::new(engine, policy, on_wait)))
}

/// Whether an engine can be made of a profile, and if not, what is missing. Nothing is sent.
///
/// # Errors
/// What is missing, as a sentence fragment.
pub fn readiness(profile: &Profile) -> Result<(), String> {
    let ready = match profile.kind {
        // Loading takes seconds; that the files are there is what can be said at once.
        Kind::Firefox | Kind::Gguf => embedded::check(profile),
        _ => bare(profile).map(drop),
    };
    ready.map_err(|error| error.to_string())
}

/// The engine of a profile without retries.
pub(super) fn bare(profile: &Profile) -> Result<Arc<dyn Engine>, EngineError> {
    embedded::check_options(profile)?;
    check_key(profile)?;
    Ok(match profile.kind {
        Kind::DeepL => Arc::new(DeepL::new(profile)?),
        Kind::LibreTranslate => Arc::new(LibreTranslate::new(profile)?),
        Kind::OpenAi => Arc::new(OpenAi::new(profile)?),
        Kind::Firefox => Arc::new(Firefox::open(&embedded::firefox(profile)?)?),
        Kind::Gguf => Arc::new(Gguf::load(embedded::gguf(profile)?)?),
        Kind::Pseudo => Arc::new(Pseudo::new(profile)),
    })
}

/// Makes sure that the key is sent only where nobody on the way can read it.
fn check_key(profile: &Profile) -> Result<(), EngineError> {
    if profile.key().is_none() || profile.allow_http || profile.kind.vendor().is_none() {
        return Ok(());
    }
    let server = profile.server()?;
    if server.is_open_to_readers() { Err(EngineError::Unusable(readable_key(&server))) } else { Ok(()) }
}

/// Why a key is not sent to a server that is not encrypted.
#[must_use]
pub fn readable_key(server: &Server) -> String {
    format!(
        "the key would cross the network unencrypted to {}: use https, or set allow_http = true",
        server.host()
    )
}

/// The error of an engine that cannot work without a key.
pub(super) fn no_key(profile: &Profile) -> EngineError {
    let name = &profile.name;
    let is_vendors = profile.server().is_ok_and(|server| server.is_vendors(profile.kind));
    let variable = match profile.kind.key_variable().filter(|_| is_vendors) {
        Some(variable) => format!("put it into the environment variable {variable}, or "),
        None => String::new(),
    };
    EngineError::Unusable(format!(
        "{name} has no key: {variable}set key_env, key_file or key_command in [engines.{name}]"
    ))
}
