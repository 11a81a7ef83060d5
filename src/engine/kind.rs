//! What is known of each kind of engine without making one.

use std::fmt;

use super::profile::EngineKind;

/// What a kind of engine is.
struct KindTraits {
    /// In one line.
    description: &'static str,
    takes_terms: bool,
    /// What is known of the service; `None` for what runs in this process.
    service: Option<ServiceKind>,
}

/// What a kind of service is.
struct ServiceKind {
    /// Whether a language model translates there.
    is_language_model: bool,
    /// The environment variable in which the key is looked for where the profile names none.
    key_variable: Option<&'static str>,
    /// The domain of the vendor.
    vendor: Option<&'static str>,
    /// Where the service is if the profile does not say.
    default_url: Option<&'static str>,
}

impl EngineKind {
    fn traits(self) -> KindTraits {
        match self {
            Self::Firefox => KindTraits {
                description: "Firefox's own translator, run locally; needs no key and no network",
                takes_terms: true,
                service: None,
            },
            Self::Gguf => KindTraits {
                description: "a language model from a GGUF file, run locally; needs no key and no network",
                takes_terms: true,
                service: None,
            },
            Self::DeepL => KindTraits {
                description: "DeepL's API; needs a key",
                takes_terms: false,
                service: Some(ServiceKind {
                    is_language_model: false,
                    key_variable: Some("DEEPL_API_KEY"),
                    vendor: Some("deepl.com"),
                    // Keys of the free plan have a host of their own.
                    default_url: Some("https://api.deepl.com"),
                }),
            },
            Self::Google => KindTraits {
                description: "Google Cloud Translation; needs a key, or a project and a token",
                takes_terms: false,
                service: Some(ServiceKind {
                    is_language_model: false,
                    key_variable: Some("GOOGLE_API_KEY"),
                    vendor: Some("googleapis.com"),
                    default_url: Some("https://translation.googleapis.com"),
                }),
            },
            Self::Microsoft => KindTraits {
                description: "Microsoft's Azure Translator; needs a key",
                takes_terms: false,
                service: Some(ServiceKind {
                    is_language_model: false,
                    key_variable: Some("AZURE_TRANSLATOR_KEY"),
                    vendor: Some("microsofttranslator.com"),
                    default_url: Some("https://api.cognitive.microsofttranslator.com"),
                }),
            },
            Self::Amazon => KindTraits {
                description: "Amazon Translate; needs a region and the keys of an AWS account",
                takes_terms: false,
                service: Some(ServiceKind {
                    is_language_model: false,
                    key_variable: Some("AWS_ACCESS_KEY_ID"),
                    vendor: Some("amazonaws.com"),
                    // Each region has a host of its own.
                    default_url: Some("https://translate.us-east-1.amazonaws.com"),
                }),
            },
            Self::LibreTranslate => KindTraits {
                description: "a LibreTranslate server, by default on this machine",
                takes_terms: false,
                service: Some(ServiceKind {
                    is_language_model: false,
                    key_variable: Some("LIBRETRANSLATE_API_KEY"),
                    vendor: Some("libretranslate.com"),
                    // Where a server listens that was started without options.
                    default_url: Some("http://127.0.0.1:5000"),
                }),
            },
            Self::OpenAi => KindTraits {
                description: "a language model: OpenAI, llama.cpp, vLLM and the like; needs a model",
                takes_terms: true,
                service: Some(ServiceKind {
                    is_language_model: true,
                    key_variable: Some("OPENAI_API_KEY"),
                    vendor: Some("openai.com"),
                    default_url: Some("https://api.openai.com"),
                }),
            },
            Self::Anthropic => KindTraits {
                description: "a language model of Anthropic; needs a key and a model",
                takes_terms: true,
                service: Some(ServiceKind {
                    is_language_model: true,
                    key_variable: Some("ANTHROPIC_API_KEY"),
                    vendor: Some("anthropic.com"),
                    default_url: Some("https://api.anthropic.com"),
                }),
            },
            Self::Gemini => KindTraits {
                description: "a language model of Google, by the Gemini API; needs a key and a model",
                takes_terms: true,
                service: Some(ServiceKind {
                    is_language_model: true,
                    key_variable: Some("GEMINI_API_KEY"),
                    // Other hosts of that domain are other services, with keys of their own.
                    vendor: Some("generativelanguage.googleapis.com"),
                    default_url: Some("https://generativelanguage.googleapis.com"),
                }),
            },
            Self::Mistral => KindTraits {
                description: "a language model of Mistral; needs a key and a model",
                takes_terms: true,
                service: Some(ServiceKind {
                    is_language_model: true,
                    key_variable: Some("MISTRAL_API_KEY"),
                    vendor: Some("mistral.ai"),
                    default_url: Some("https://api.mistral.ai"),
                }),
            },
            Self::Ollama => KindTraits {
                description: "a language model in Ollama, by default on this machine; needs a model",
                takes_terms: true,
                service: Some(ServiceKind {
                    is_language_model: true,
                    key_variable: Some("OLLAMA_API_KEY"),
                    vendor: Some("ollama.com"),
                    default_url: Some("http://127.0.0.1:11434"),
                }),
            },
            Self::Command => KindTraits {
                description: "a program of your own, which is sent JSON lines; needs a command",
                takes_terms: true,
                service: None,
            },
            Self::Pseudo => KindTraits {
                description: "no translation: marks the German text, for trying things out",
                takes_terms: false,
                service: None,
            },
        }
    }

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What it is, in one line.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.traits().description
    }

    /// Whether the engine uses the terms of a text; services say so in their abilities, but this must be known of
    /// local engines even when their model is gone.
    #[must_use]
    pub fn takes_terms(self) -> bool {
        self.traits().takes_terms
    }

    /// Whether the engine is a service.
    #[must_use]
    pub fn is_service(self) -> bool {
        self.traits().service.is_some()
    }

    /// Whether the engine is a language model behind a service.
    #[must_use]
    pub fn is_language_model(self) -> bool {
        self.traits().service.is_some_and(|service| service.is_language_model)
    }

    /// A model that the vendor has or had, to show how one is named.
    #[cfg(feature = "services")]
    pub(super) fn example_model(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("claude-sonnet-5"),
            Self::Gemini => Some("gemini-flash-latest"),
            Self::Mistral => Some("mistral-small-latest"),
            Self::OpenAi => Some("gpt-5.4-mini"),
            Self::Ollama => Some("gemma4"),
            _ => None,
        }
    }

    /// Whether the engine runs a model on this machine.
    #[must_use]
    pub fn is_local(self) -> bool {
        matches!(self, Self::Firefox | Self::Gguf)
    }

    /// The environment variable in which the key is looked for where the profile names none.
    #[must_use]
    pub fn key_variable(self) -> Option<&'static str> {
        self.traits().service?.key_variable
    }

    /// The variables with the rest of the key, where it has several parts.
    #[must_use]
    pub fn further_key_variables(self) -> &'static [&'static str] {
        match self {
            Self::Amazon => &["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
            _ => &[],
        }
    }

    /// A key that opens nothing, in the form that the kind has it: for engines that are only looked at.
    #[must_use]
    pub fn empty_key(self) -> &'static str {
        match self {
            Self::Amazon => r#"{"AccessKeyId":"none","SecretAccessKey":"none"}"#,
            _ => "none",
        }
    }

    /// Whether a host is the vendor's own service.
    #[must_use]
    pub fn has_host(self, host: &str) -> bool {
        let is_below = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        match self {
            // Customers have hosts in the same domain, such as those of their buckets and machines.
            Self::Amazon => {
                let labels: Vec<&str> = host.split('.').collect();
                matches!(labels[..], ["translate" | "translate-fips", _, "amazonaws", "com"])
            }
            // Each customer has a host in the second domain, at which Microsoft answers.
            Self::Microsoft => is_below("microsofttranslator.com") || is_below("cognitiveservices.azure.com"),
            _ => self.vendor().is_some_and(is_below),
        }
    }

    /// The domain of the vendor.
    #[must_use]
    pub fn vendor(self) -> Option<&'static str> {
        self.traits().service?.vendor
    }

    /// The address of the service where the profile gives none.
    #[must_use]
    pub fn default_url(self) -> Option<&'static str> {
        self.traits().service?.default_url
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
