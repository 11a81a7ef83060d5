//! The profile of an engine, from its settings.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use crate::config::{EngineSettings, Environment, key_renewal, resolve_key};
use crate::engine::{
    AmazonOptions, CommandOptions, DeepLGlossary, DeepLOptions, Engine, EngineKind, EngineOptions,
    EngineSupplies, GoogleOptions, LocalOptions, MicrosoftOptions, ModelOptions, NetworkOptions,
    OllamaOptions, Prices, Profile, ProfileError, Server, ServiceOptions, TargetLang, check_profile,
};

use super::failure::{Exit, Failure};
use super::models::{self, Pulling};
use super::project::Project;

/// The profile of the engine that a run uses; with `pulling`, a model may be pulled for it.
pub(super) fn run_profile(project: &Project, pulling: Option<Pulling<'_>>) -> Result<Profile, Failure> {
    run_profile_of(project, &project.settings.translate.engine, pulling)
}

/// The profiles of the engines that are asked for what the first one does not translate.
pub(super) fn next_profiles(
    project: &Project,
    pulling: Option<Pulling<'_>>,
    is_only_looked_at: bool,
) -> Result<Vec<Profile>, Failure> {
    let names = project.settings.translate.engines.iter().skip(1);
    let profile = |name: &String| {
        if is_only_looked_at {
            looking_profile_of(project, name).map(|(profile, _)| profile)
        } else {
            run_profile_of(project, name, pulling)
        }
    };
    names.map(profile).collect()
}

/// The engines that follow the first one, to look at their answers.
pub(super) fn next_engines(project: &Project) -> Result<Vec<Arc<dyn Engine>>, Failure> {
    Project::engines(&next_profiles(project, None, true)?, &EngineSupplies::default())
}

/// Refuses engines that send something to another machine, if the project works on this one alone.
pub(super) fn require_offline(project: &Project) -> Result<(), Failure> {
    let translate = &project.settings.translate;
    if !translate.offline {
        return Ok(());
    }
    for name in &translate.engines {
        if let Some(host) = foreign_host(project, name)? {
            let message = format!("the engine {name} sends to {host}, and this run is offline");
            return Err(Failure::new(Exit::Config, message).hint(
                "local engines and servers on this machine work offline; without --offline, or with offline = false in \
                 [translate], it may send",
            ));
        }
    }
    Ok(())
}

/// The host that an engine sends to, if that is another machine. Needs no key.
pub(super) fn foreign_host(project: &Project, name: &str) -> Result<Option<String>, Failure> {
    if name == models::AUTO {
        return Ok(None);
    }
    let default = EngineSettings::default();
    let found = project.settings.engines.get(name).unwrap_or(&default);
    let kind: EngineKind =
        found.kind.map_or_else(|| name.parse().map_err(|_| unknown_engine(project, name)), Ok)?;
    if Profile::new(name, kind).options.service().is_none() {
        return Ok(None);
    }
    let server =
        Server::of(kind, found.base_url.as_deref()).map_err(|error| failure(project, name, error))?;
    Ok((!server.is_loopback()).then(|| server.host()))
}

pub(super) fn run_profile_of(
    project: &Project,
    name: &str,
    pulling: Option<Pulling<'_>>,
) -> Result<Profile, Failure> {
    let is_offline = project.settings.translate.offline;
    let profile = match name {
        models::AUTO => auto_profile(project, pulling.filter(|_| !is_offline))?,
        name => profile(project, name)?,
    };
    if is_offline && pulling.is_some() && !profile.translates() && name == models::AUTO {
        let message = "no model is installed, and an offline run pulls none";
        return Err(Failure::new(Exit::Config, message).hint("`wortlaut model pull` pulls one beforehand"));
    }
    check_profile(&profile).map_err(|error| failure(project, &profile.name, error))?;
    Ok(profile)
}

/// The profile of an engine that a user names, `auto` included.
pub(super) fn named_profile(project: &Project, name: &str) -> Result<Profile, Failure> {
    let profile = match name {
        models::AUTO => auto_profile(project, None)?,
        name => profile(project, name)?,
    };
    check_profile(&profile).map_err(|error| failure(project, &profile.name, error))?;
    Ok(profile)
}

/// The profile of the engine whose answers are looked at, and why nothing can be sent with it: a service without its key
/// has answers in the memory, too.
pub(super) fn looking_profile(project: &Project) -> Result<(Profile, Option<String>), Failure> {
    let name = &project.settings.translate.engine;
    let (profile, cannot_send) = looking_profile_of(project, name)?;
    if project.settings.translate.offline
        && let Some(host) = foreign_host(project, name)?
    {
        return Ok((profile, Some(format!("{name} sends to {host}, and translate.offline is set"))));
    }
    Ok((profile, cannot_send))
}

pub(super) fn looking_profile_of(
    project: &Project,
    name: &str,
) -> Result<(Profile, Option<String>), Failure> {
    let mut profile = match name {
        models::AUTO => auto_profile(project, None)?,
        name => profile(project, name)?,
    };
    let error = match check_profile(&profile) {
        Ok(()) => return Ok((profile, None)),
        Err(error) => error,
    };
    let empty_key = profile.kind().empty_key();
    if let Some(service) = profile.options.service_mut()
        && service.key.is_none()
    {
        service.key = Some(SecretString::from(empty_key));
        if check_profile(&profile).is_ok() {
            return Ok((profile, Some(format!("{}; {}", error.message, error.hint))));
        }
    }
    Err(failure(project, &profile.name, error))
}

/// The profile of the best model. Options may stand in `[engines.auto]`, as no other name is known beforehand.
fn auto_profile(project: &Project, pulling: Option<Pulling<'_>>) -> Result<Profile, Failure> {
    let Some(found) = project.settings.engines.get(models::AUTO) else { return models::auto(pulling) };
    // A language model has all the settings that a local engine may have.
    refuse_foreign(models::AUTO, EngineKind::Gguf, "a local engine", found)
        .map_err(|error| failure(project, models::AUTO, error))?;
    let mut profile = with_common(models::auto(pulling)?, found);
    if let Some(options) = profile.options.local_mut() {
        options.threads = found.threads;
        options.rerank = found.rerank.unwrap_or_default();
    }
    Ok(profile)
}

/// The profile of an engine by its name or by the name of its kind.
pub(super) fn profile(project: &Project, name: &str) -> Result<Profile, Failure> {
    let default = EngineSettings::default();
    let found = project.settings.engines.get(name).unwrap_or(&default);
    let kind: EngineKind =
        found.kind.map_or_else(|| name.parse().map_err(|_| unknown_engine(project, name)), Ok)?;
    let fail = |error| failure(project, name, error);
    let options = options(name, kind, found).map_err(fail)?;
    let mut profile = with_common(Profile::with_options(name, options), found);
    profile.prices = prices(name, found).map_err(fail)?;
    let key = resolve_key(&profile, found, &Environment::of_process()).map_err(fail)?;
    if let Some(service) = profile.options.service_mut() {
        service.key = key;
        service.key_renewal = key_renewal(found);
    }
    if let EngineOptions::Firefox(local) | EngineOptions::Gguf(local) = &mut profile.options {
        local.files = models::installed(kind, found.model.as_deref(), fail)?;
    }
    Ok(profile)
}

/// What the user pays for an engine, if anything of it is stated.
fn prices(name: &str, found: &EngineSettings) -> Result<Option<Arc<Prices>>, ProfileError> {
    let all = [
        ("price_characters", found.price_characters),
        ("price_input", found.price_input),
        ("price_cached", found.price_cached),
        ("price_output", found.price_output),
        ("price_thinking", found.price_thinking),
    ];
    let stated = all.iter().find(|(_, price)| price.is_some());
    match (stated, &found.currency) {
        (None, _) => Ok(None),
        (Some((field, _)), None) => {
            let message = format!("{name} has prices without a currency");
            Err(ProfileError::at(field, message, "add currency = \"EUR\", or whatever you pay in"))
        }
        (Some(_), Some(currency)) => Ok(Some(Arc::new(Prices {
            currency: currency.clone(),
            characters: found.price_characters,
            input: found.price_input,
            cached: found.price_cached,
            output: found.price_output,
            thinking: found.price_thinking,
        }))),
    }
}

/// Options that every kind of engine has.
fn with_common(profile: Profile, found: &EngineSettings) -> Profile {
    Profile {
        concurrency: found.concurrency,
        max_segments: found.max_segments,
        requests_per_second: found.requests_per_second,
        attempts: found.attempts,
        context: found.context.unwrap_or(profile.context),
        batch_price: found.batch_price,
        ..profile
    }
}

/// The options of a kind of engine. Settings that it does not have are refused, since they would be ignored silently.
fn options(name: &str, kind: EngineKind, found: &EngineSettings) -> Result<EngineOptions, ProfileError> {
    refuse_foreign(name, kind, kind.name(), found)?;
    Ok(match kind {
        EngineKind::Firefox => EngineOptions::Firefox(local_options(found)),
        EngineKind::Gguf => EngineOptions::Gguf(local_options(found)),
        EngineKind::DeepL => EngineOptions::DeepL(service_options(name, kind, found)?, deepl_options(found)),
        EngineKind::Google => {
            let own = GoogleOptions {
                project: found.project.clone(),
                location: found.location.clone(),
                glossary: found.glossary.clone(),
            };
            EngineOptions::Google(service_options(name, kind, found)?, own)
        }
        EngineKind::Microsoft => {
            let own = MicrosoftOptions {
                api_version: found.api_version.clone(),
                deployment: found.deployment.clone(),
                region: found.region.clone(),
            };
            EngineOptions::Microsoft(service_options(name, kind, found)?, own)
        }
        EngineKind::Amazon => {
            let own = AmazonOptions { region: found.region.clone(), terminology: found.terminology.clone() };
            EngineOptions::Amazon(service_options(name, kind, found)?, own)
        }
        EngineKind::LibreTranslate => EngineOptions::LibreTranslate(service_options(name, kind, found)?),
        EngineKind::Anthropic => {
            EngineOptions::Anthropic(service_options(name, kind, found)?, model_options(found)?)
        }
        EngineKind::Gemini => {
            EngineOptions::Gemini(service_options(name, kind, found)?, model_options(found)?)
        }
        EngineKind::Mistral => {
            EngineOptions::Mistral(service_options(name, kind, found)?, model_options(found)?)
        }
        EngineKind::OpenAi => {
            let api = found.api.unwrap_or_default();
            EngineOptions::OpenAi(service_options(name, kind, found)?, model_options(found)?, api)
        }
        EngineKind::Ollama => {
            let own = OllamaOptions { num_ctx: found.num_ctx };
            EngineOptions::Ollama(service_options(name, kind, found)?, model_options(found)?, own)
        }
        EngineKind::Command => EngineOptions::Command(CommandOptions {
            command: found.command.clone(),
            identity: found.identity.clone(),
            model: found.model.clone(),
            target_lang: found.target.unwrap_or_default(),
            terms: found.terms.unwrap_or_default(),
            timeout: found.timeout,
        }),
        EngineKind::Pseudo => EngineOptions::Pseudo,
    })
}

/// Bytes of a prompt of the user's: more than any model should read before every batch.
const LONGEST_PROMPT: u64 = 64 << 10;

fn model_options(found: &EngineSettings) -> Result<ModelOptions, ProfileError> {
    let prompt = found.prompt.as_deref().map(prompt).transpose()?;
    Ok(ModelOptions {
        prompt,
        effort: found.effort,
        temperature: found.temperature,
        max_tokens: found.max_tokens,
    })
}

/// A prompt from its file.
fn prompt(path: &Path) -> Result<Arc<str>, ProfileError> {
    let shown = path.display();
    let wrong = |message: String| {
        ProfileError::at("prompt", message, "it is a text file in UTF-8, a template of the prompt")
    };
    let unreadable = |error| wrong(format!("cannot read the prompt {shown}: {error}"));
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LONGEST_PROMPT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LONGEST_PROMPT {
        return Err(wrong(format!("the prompt {shown} is longer than {} KiB", LONGEST_PROMPT >> 10)));
    }
    Ok(text.into())
}

fn deepl_options(found: &EngineSettings) -> DeepLOptions {
    DeepLOptions {
        glossary: match found.glossary.as_deref() {
            None => DeepLGlossary::None,
            Some("project") => DeepLGlossary::Project,
            Some(id) => DeepLGlossary::Id(id.to_owned()),
        },
        style: found.style.clone(),
        instructions: found.instructions.clone().unwrap_or_default(),
        translation_memory: found.translation_memory.clone(),
        translation_memory_threshold: found.translation_memory_threshold,
    }
}

fn local_options(found: &EngineSettings) -> LocalOptions {
    LocalOptions { files: None, threads: found.threads, rerank: found.rerank.unwrap_or_default() }
}

fn service_options(
    name: &str,
    kind: EngineKind,
    found: &EngineSettings,
) -> Result<ServiceOptions, ProfileError> {
    if let Some(model) = found.model.as_deref().filter(|model| Path::new(model).is_file()) {
        let message = format!("{name} has the file {model} for a model, but {kind} is a service");
        return Err(ProfileError::at("model", message, "kind = \"gguf\" runs a model from a file"));
    }
    Ok(ServiceOptions {
        base_url: found.base_url.clone(),
        identity: found.identity.clone(),
        allow_http: found.allow_http.unwrap_or_default(),
        key: None,
        key_renewal: None,
        model: found.model.clone(),
        target_lang: found.target.unwrap_or_default(),
        max_bytes: found.max_bytes,
        connect_timeout: None,
        timeout: found.timeout,
        network: NetworkOptions { proxy: found.proxy.clone(), ca_file: found.ca_file.clone() },
    })
}

/// Refuses the first setting that a kind of engine does not have; `what` is how that kind is called.
fn refuse_foreign(
    name: &str,
    kind: EngineKind,
    what: &str,
    found: &EngineSettings,
) -> Result<(), ProfileError> {
    let makes_a_difference = |field: &&str| match *field {
        // American English is the default, so it may be asked of every engine.
        "target" => found.target != Some(TargetLang::EnUs),
        "allow_http" => found.allow_http == Some(true),
        _ => true,
    };
    let Some(field) = found.foreign_to(kind).find(makes_a_difference) else { return Ok(()) };
    let message = match field {
        "target" => format!("{name} has the target en-GB, but {what} only has American English"),
        field => format!("{name} has the option {field}, which {what} does not have"),
    };
    Err(ProfileError::at(field, message, "delete the line"))
}

/// A mistake in a profile, with its line marked if a file has it.
fn failure(project: &Project, name: &str, error: ProfileError) -> Failure {
    let ProfileError { field, message, hint } = error;
    let section = format!("engines.{name}");
    let error = match field {
        Some(field) => project.layers.error_at(&format!("{section}.{field}"), message, Some(hint)),
        None => project.layers.error_at_section(&section, message, Some(hint)),
    };
    error.into()
}

/// A name that is neither a profile nor a kind.
fn unknown_engine(project: &Project, name: &str) -> Failure {
    let known: Vec<&str> = project.settings.engines.keys().map(String::as_str).collect();
    let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
    let hint = match nearest {
        Some(near) if strsim::damerau_levenshtein(near, name) <= 2 => format!("did you mean {near}?"),
        _ => format!("choose from {}", known.join(", ")),
    };
    let message = format!("there is no engine {name:?}");
    let translate = &project.settings.translate;
    if translate.engines.len() > 1 && translate.engines.iter().any(|engine| engine == name) {
        return project.layers.error_at("translate.engines", message, Some(hint)).into();
    }
    if translate.engine == name {
        return project.layers.error_at("translate.engine", message, Some(hint)).into();
    }
    Failure::new(Exit::Config, message).hint(hint)
}
