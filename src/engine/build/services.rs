//! Services, from what a profile says of them.

use std::sync::Arc;

use crate::engine::amazon::Amazon;
use crate::engine::deepl::{self, DeepL};
use crate::engine::error::EngineError;
use crate::engine::google::{self, Google};
use crate::engine::http::Account;
use crate::engine::interface::Engine;
use crate::engine::libretranslate::{self, LibreTranslate};
use crate::engine::llm::{self, LanguageModel};
use crate::engine::microsoft::{self, Microsoft};
use crate::engine::profile::{EngineKind, EngineOptions, Profile, ProfileError, ServiceOptions};
use crate::engine::server::readable_key;

/// Bytes that an ordinary sentence takes in a request, with its quotation marks, term and tags; some 25 words.
const SENTENCE: usize = 250;

impl EngineKind {
    /// The smallest `max_bytes` in which one sentence finds room beside what stands around it in a request; `None`
    /// for kinds that do not count bytes.
    #[must_use]
    pub fn least_bytes(self, context: bool) -> Option<usize> {
        let frame = match self {
            Self::DeepL => deepl::overhead(context),
            Self::Google => google::FRAME,
            Self::LibreTranslate => libretranslate::FRAME,
            Self::Anthropic | Self::Gemini | Self::Mistral | Self::OpenAi | Self::Ollama => {
                llm::least_overhead(self)
            }
            // What stands around a text does not count there.
            Self::Amazon => 0,
            Self::Microsoft => microsoft::overhead(),
            Self::Firefox | Self::Gguf | Self::Command | Self::Pseudo => return None,
        };
        Some(frame + SENTENCE)
    }
}

/// The engine of a service.
pub(super) fn service(
    profile: &Profile,
    service: &ServiceOptions,
    account: Account,
) -> Result<Arc<dyn Engine>, EngineError> {
    check_key(profile, service)?;
    match &profile.options {
        EngineOptions::DeepL(service, options) => {
            Ok(Arc::new(DeepL::new(profile, service, options, account)?))
        }
        EngineOptions::Google(service, own) => Ok(Arc::new(Google::new(profile, service, own, account)?)),
        EngineOptions::Microsoft(service, own) => {
            Ok(Arc::new(Microsoft::new(profile, service, own, account)?))
        }
        EngineOptions::Amazon(service, own) => Ok(Arc::new(Amazon::new(profile, service, own, account)?)),
        EngineOptions::LibreTranslate(service) => {
            Ok(Arc::new(LibreTranslate::new(profile, service, account)?))
        }
        EngineOptions::Anthropic(service, model)
        | EngineOptions::Gemini(service, model)
        | EngineOptions::Mistral(service, model)
        | EngineOptions::OpenAi(service, model, _)
        | EngineOptions::Ollama(service, model, _) => {
            Ok(Arc::new(LanguageModel::new(profile, service, model, account)?))
        }
        EngineOptions::Firefox(_)
        | EngineOptions::Gguf(_)
        | EngineOptions::Command(_)
        | EngineOptions::Pseudo => Err(EngineError::Unusable(format!("{} is no service", profile.kind()))),
    }
}

/// Makes sure that the key is sent only where nobody on the way can read it.
fn check_key(profile: &Profile, service: &ServiceOptions) -> Result<(), ProfileError> {
    if service.trimmed_key().is_none() || service.allow_http {
        return Ok(());
    }
    let server = profile.server(service)?;
    if server.is_open_to_readers() { Err(readable_key(&server)) } else { Ok(()) }
}
