//! Engines: what translates.
//!
//! An [`Engine`] takes a [`Batch`](crate::model::Batch) within its [`Limits`] and gives back one
//! [`Translation`](crate::model::Translation) for each text, or an [`EngineError`] whose [`class`](EngineError::class) says
//! what to do about it. Engines know nothing of articles, memory or glossaries; wrappers work on any of them.
//!
//! [`build()`] makes an engine out of a [`Profile`]; it comes with [`Retrying`] around it, so that what
//! it returns never has the class [`ErrorClass::Retry`].

#[cfg(feature = "services")]
mod amazon;
#[cfg(feature = "services")]
mod authorize;
mod breaker;
mod build;
#[cfg(feature = "services")]
mod client;
#[cfg(feature = "local")]
mod command;
#[cfg(feature = "local")]
mod constraint;
#[cfg(feature = "services")]
mod credential;
#[cfg(feature = "services")]
mod deepl;
mod error;
mod fault;
mod fingerprint;
#[cfg(feature = "local")]
pub mod firefox;
mod gate;
#[cfg(feature = "local")]
pub mod gguf;
#[cfg(feature = "services")]
mod google;
#[cfg(feature = "services")]
mod http;
mod interface;
mod kind;
mod lanes;
#[cfg(feature = "services")]
mod lenient;
#[cfg(feature = "services")]
mod libretranslate;
#[cfg(feature = "services")]
mod llm;
#[cfg(feature = "services")]
mod markup;
#[cfg(feature = "services")]
mod microsoft;
mod money;
mod night;
mod pace;
#[cfg(feature = "services")]
mod patience;
mod profile;
mod pseudo;
mod purse;
#[cfg(feature = "local")]
mod repetition;
mod retry;
#[cfg(feature = "services")]
mod secrets;
#[cfg(feature = "services")]
mod server;
#[cfg(feature = "services")]
mod service;
mod shared;
#[cfg(feature = "services")]
mod status;
#[cfg(test)]
#[cfg(all(feature = "services", feature = "local"))]
mod tests;
mod upkeep;
#[cfg(feature = "services")]
mod waiting;

#[cfg(feature = "services")]
pub use build::server_of;
pub use build::{EngineSupplies, build, build_with, check_profile, readiness};
pub use error::{EngineError, ErrorClass};
pub use fault::{AnswerFault, Cause};
pub use fingerprint::{Fingerprint, ServerMark};
pub use gate::Gates;
pub use interface::{Abilities, Billing, Engine, EngineInfo, Foreseen, Limits, TranslateFuture};
pub use money::{Currency, Money, MoneyError, Price, PriceFactor, Prices};
pub use night::{
    FoundJob, JobAnswer, JobAnswers, JobLimits, JobOutcome, JobSearch, JobState, NightFuture, NightLane,
    NightReading, NightRequest, request_name, request_number,
};
pub use profile::{
    AmazonOptions, CommandOptions, DeepLGlossary, DeepLOptions, Effort, EngineKind, EngineOptions,
    GoogleOptions, KeyRenewal, LocalOptions, MicrosoftOptions, ModelFiles, ModelOptions, NetworkOptions,
    OllamaOptions, OpenAiApi, Profile, ProfileError, ServiceOptions, TargetLang, Tuning,
};
pub use purse::{Allowance, Purse, SetAside, Spent};
pub use retry::{OnWait, Policy, Retrying, Wait, WaitReason};
#[cfg(feature = "services")]
pub use server::{Server, ServerAddressError, readable_key};
pub use shared::{Amount, BudgetAnswer, SharedBudget, SharedPace};
pub use upkeep::{AccountUse, TermSets, Upkeep, UpkeepFuture};
