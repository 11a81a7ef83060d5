//! The models of local engines: which one is used, and pulling it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::config::{Environment, ModelsSettings, Platform};
use crate::engine::{
    EngineInfo, EngineKind, EngineOptions, Fingerprint, LocalOptions, ModelFiles, Profile, ProfileError,
    Server,
};
use crate::memory::Maker;
use crate::pipeline::{Peer, Peers};
use crate::report::{Download, bytes, clean};
use crate::store::{self, Installed, Model, ModelKind, PullEvent, PullOptions, Store, StoreError};

use super::failure::{Exit, Failure};

/// The name that stands for the best model there is.
pub(super) const AUTO: &str = "auto";

/// The store of this user.
pub(super) fn open() -> Result<Store, Failure> {
    let root = Environment::of_process().models_folder(Platform::HERE).ok_or_else(|| {
        Failure::new(Exit::Config, "there is no folder for models").hint("set WORTLAUT_MODELS to a folder")
    })?;
    Ok(Store::new(store::StoreOptions::new(root))?)
}

/// How a model is pulled that is not installed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulling<'a> {
    /// How servers are reached.
    pub(super) settings: &'a ModelsSettings,
    /// Answers every question with yes.
    pub(super) yes: bool,
    /// Whether nothing is shown but what went wrong.
    pub(super) quiet: bool,
}

impl Pulling<'_> {
    /// Pulls a model, says its size before, and shows how far it is. A large one is asked for on a terminal.
    /// `instead` says whether it is taken since another one cannot be pulled.
    pub(super) fn pull(self, store: &Store, name: &str, instead: bool) -> Result<Installed, PullError> {
        let model = store.model(name)?;
        if let Ok(installed) = store.path(name) {
            return Ok(installed);
        }
        if !self.is_agreed(model, instead)? {
            return Err(PullError::Declined);
        }
        let mut download = Download::new(name, model.size, self.quiet);
        let mut failed = Vec::new();
        let pulled = store.pull(name, &self.options(), &mut |event| {
            if let PullEvent::Failed(source, error) = &event {
                failed.push(if error.is_unreachable() {
                    format!("{source} cannot be reached")
                } else {
                    format!("{source}: {error}")
                });
            }
            download.event(&event);
        });
        download.finish();
        let installed = pulled?;
        if !failed.is_empty() && !self.quiet {
            let line = format!("{name} comes from {}; {}", installed.source, failed.join("; "));
            // Nobody reads a closed standard error.
            let _ = writeln!(io::stderr(), "{}", clean(&line));
        }
        Ok(installed)
    }

    fn options(self) -> PullOptions {
        let ModelsSettings { mirror, proxy, ca_file } = self.settings;
        let address = |server: &Server| server.address().to_owned();
        PullOptions {
            mirror: mirror.as_ref().map(address),
            proxy: proxy.as_ref().map(address),
            ca_file: ca_file.clone(),
        }
    }

    /// Asks whoever sits before the terminal, if there is one.
    fn is_agreed(self, model: &Model, instead: bool) -> io::Result<bool> {
        let mut stdin = io::stdin().lock();
        let is_terminal = stdin.is_terminal() && io::stderr().is_terminal();
        self.may_pull(model, instead, is_terminal.then_some(&mut stdin), &mut io::stderr())
    }

    /// Says what will be pulled, or asks; `answers` are those of a terminal, if there is one.
    fn may_pull(
        self,
        model: &Model,
        instead: bool,
        answers: Option<&mut impl BufRead>,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        /// Bytes from which on a pull is asked for: it takes minutes, and some connections are paid by volume.
        const LARGE: u64 = 200_000_000;
        let stopgap = if model.caveat.is_some() { ", a stopgap" } else { "" };
        let instead = if instead { " instead" } else { "" };
        let what = format!("{} ({}{stopgap}){instead}", model.name, bytes(model.size));
        match answers.filter(|_| !self.yes && model.size > LARGE) {
            Some(answers) => {
                write!(out, "Pull {what}? [Y/n] ")?;
                out.flush()?;
                let mut answer = String::new();
                // Nothing at all, not even an empty line, is the end of the input.
                let is_answered = answers.read_line(&mut answer)? > 0;
                Ok(is_answered && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
            }
            None if self.quiet => Ok(true),
            None => writeln!(out, "pulling {what}").map(|()| true),
        }
    }
}

/// Takes a model from folders and files that the user has brought along.
pub(super) fn take(store: &Store, name: &str, from: &[PathBuf], quiet: bool) -> Result<Installed, Failure> {
    let mut download = Download::new(name, store.model(name)?.size, quiet);
    let taken = store.take(name, from, &mut |event| download.event(&event));
    download.finish();
    taken.map_err(|error| {
        let is_other = matches!(
            error,
            StoreError::WrongHash { .. } | StoreError::WrongSize { .. } | StoreError::Packed { .. }
        );
        let failure = Failure::from(error);
        if is_other {
            failure.hint("it is another version or damaged; bring another copy of it")
        } else {
            failure
        }
    })
}

/// Why a model was not pulled.
#[derive(Debug)]
pub(super) enum PullError {
    Declined,
    Store(StoreError),
}

impl From<StoreError> for PullError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for PullError {
    /// A terminal that cannot be asked has not said yes.
    fn from(_: io::Error) -> Self {
        Self::Declined
    }
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Declined => Self::new(Exit::Engine, "no model was pulled").hint(OTHERWISE),
            PullError::Store(error) => error.into(),
        }
    }
}

/// What to do without the model that is pulled automatically.
const OTHERWISE: &str = "`wortlaut translate --engine NAME` takes a service or a server of yours (`wortlaut engines` lists them)\n\
    `wortlaut model pull NAME` pulls another model (`wortlaut model list`)";

/// The profile of the best model: an installed one, else the best of those that are pulled automatically.
///
/// Without `pulling` nothing is fetched; if no model is installed, the profile is a stand-in.
pub(super) fn auto(pulling: Option<Pulling<'_>>) -> Result<Profile, Failure> {
    let store = open()?;
    let listed = store.list();
    let installed = listed.iter().find_map(|listed| match &listed.installed {
        Ok(Some(installed)) => Some((listed.model, installed.clone())),
        _ => None,
    });
    let (model, installed) = match (installed, pulling) {
        (Some(found), _) => found,
        (None, Some(pulling)) => {
            let models = listed.iter().map(|listed| listed.model).filter(|model| !model.on_request);
            first_pulled(&store, models, pulling)?
        }
        (None, None) => return Ok(Profile::stand_in(AUTO)),
    };
    let mut files = files(model, &installed);
    if let Some(best) =
        listed.iter().map(|listed| listed.model).find(|best| !best.on_request && best.rank > model.rank)
    {
        files.caveat = files.caveat.take().map(|caveat| {
            format!(
                "{caveat}; better: `wortlaut model pull {}`, then `wortlaut translate --upgrade`",
                best.name
            )
        });
    }
    let local = LocalOptions { files: Some(files), ..LocalOptions::default() };
    let options = match model.kind {
        ModelKind::Firefox => EngineOptions::Firefox(local),
        ModelKind::Gguf => EngineOptions::Gguf(local),
    };
    Ok(Profile::with_options(&model.name, options))
}

/// The models beside that of the run's engine whose answers are taken in a run of [`AUTO`]. With `upgrade` those
/// of weaker ones are not.
pub(super) fn peers(engine: &EngineInfo, makers: &[Maker], upgrade: bool) -> Result<Peers, Failure> {
    let store = open()?;
    let models: Vec<&Model> = store.list().into_iter().map(|listed| listed.model).collect();
    let mut peers = ranked(&models, (&engine.profile, &engine.fingerprint), makers);
    if upgrade {
        peers.weaker.clear();
    }
    Ok(peers)
}

/// The makers in a memory that are models, beside the run's own profile and fingerprint. `models` has the best
/// first; of the makers of one model, that which came last into the memory is taken for the best.
fn ranked(models: &[&Model], own: (&str, &str), makers: &[Maker]) -> Peers {
    let rank = models.iter().find(|model| model.name == own.0).map(|model| model.rank);
    // The stand-in counts as the best model, which is still to be pulled.
    let best = models.iter().filter(|model| !model.on_request).map(|model| model.rank).max();
    let is_better = |model: &Model| rank.map_or(Some(model.rank) >= best, |rank| model.rank > rank);
    let mut peers = Peers::default();
    for model in models {
        let kind = kind(model);
        let parsed = |maker: &Maker| Fingerprint::parse(&maker.profile, &maker.fingerprint);
        let made = |maker: &&Maker| {
            maker.profile == model.name
                && parsed(maker).is_some_and(|made| made.kind == kind)
                && maker.fingerprint != own.1
        };
        let list = if is_better(model) { &mut peers.better } else { &mut peers.weaker };
        list.extend(makers.iter().rev().filter(made).map(|maker| Peer {
            profile: maker.profile.clone(),
            fingerprint: maker.fingerprint.clone(),
            terms: parsed(maker).is_some_and(|made| made.takes_terms()),
            constraints: parsed(maker).is_some_and(|made| made.has_constraints()),
            caveat: model.caveat.clone(),
        }));
    }
    peers
}

/// Pulls the best model that can be pulled. Failures of better ones take one line; if none works, all are shown in full.
fn first_pulled<'a>(
    store: &Store,
    models: impl Iterator<Item = &'a Model>,
    pulling: Pulling<'_>,
) -> Result<(&'a Model, Installed), Failure> {
    let mut reasons = Vec::new();
    for model in models {
        match pulling.pull(store, &model.name, !reasons.is_empty()) {
            Ok(installed) => return Ok((model, installed)),
            Err(PullError::Store(error)) => {
                if !pulling.quiet {
                    let name = &model.name;
                    let _ = if error.is_unreachable() {
                        writeln!(io::stderr(), "{name} cannot be pulled: its servers cannot be reached")
                    } else {
                        writeln!(
                            io::stderr(),
                            "{name} cannot be pulled; `wortlaut model pull {name}` says why"
                        )
                    };
                }
                reasons.push(format!("\n{}: {}", model.name, reason(&error)));
            }
            Err(declined @ PullError::Declined) => return Err(declined.into()),
        }
    }
    Err(Failure::new(Exit::Engine, format!("no model can be pulled{}", reasons.concat())).hint(OTHERWISE))
}

/// Why a model that is named already cannot be pulled.
fn reason(error: &StoreError) -> String {
    match error {
        StoreError::Sources { reasons, .. } => {
            reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// The files of a local engine: those of a model in the store, or a GGUF file; `None` if the model is not installed.
/// `fail` makes a failure of a mistake in the profile.
pub(super) fn installed(
    kind: EngineKind,
    model: Option<&str>,
    fail: impl FnOnce(ProfileError) -> Failure,
) -> Result<Option<ModelFiles>, Failure> {
    let default = if kind == EngineKind::Gguf { "qwen2.5-coder-1.5b" } else { "firefox" };
    let name = model.unwrap_or(default);
    if kind == EngineKind::Gguf && Path::new(name).is_file() {
        let weights = Path::new(name).to_owned();
        return Ok(Some(ModelFiles { weights, vocabulary: None, shortlist: None, caveat: None }));
    }
    let store = open()?;
    match store.path(name) {
        Ok(installed) => Ok(Some(files(store.model(name)?, &installed))),
        Err(StoreError::NotInstalled { .. }) => Ok(None),
        Err(error @ StoreError::Unknown { .. }) => {
            let hint = "`wortlaut model list` shows the models there are";
            Err(fail(ProfileError::at("model", error.to_string(), hint)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The kind of engine that runs a model.
fn kind(model: &Model) -> EngineKind {
    match model.kind {
        ModelKind::Firefox => EngineKind::Firefox,
        ModelKind::Gguf => EngineKind::Gguf,
    }
}

/// The files of a model as its engine wants them.
fn files(model: &Model, installed: &Installed) -> ModelFiles {
    let weights = match model.kind {
        ModelKind::Firefox => "model.bin",
        ModelKind::Gguf => "model.gguf",
    };
    ModelFiles {
        weights: installed.folder.join(weights),
        vocabulary: installed.file("vocab.spm"),
        shortlist: installed.file("lex.bin"),
        caveat: model.caveat.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_model_is_asked_for_on_a_terminal_and_stated_elsewhere() {
        let models = store::catalogue().expect("a catalogue");
        let model = |name: &str| models.iter().find(|model| model.name == name).expect("known");
        let (small, large) = (model("firefox"), model("qwen2.5-coder-1.5b"));
        let asked = |model: &Model, yes: bool, answer: Option<&str>| {
            let mut answer = answer.map(str::as_bytes);
            let mut out = Vec::new();
            let settings = &ModelsSettings { mirror: None, proxy: None, ca_file: None };
            let pulling = Pulling { settings, yes, quiet: false };
            let may = pulling.may_pull(model, false, answer.as_mut(), &mut out).expect("written");
            (may, String::from_utf8(out).expect("text"))
        };
        let question = || "Pull qwen2.5-coder-1.5b (1.1 GB, a stopgap)? [Y/n] ".to_owned();
        let stated = || "pulling qwen2.5-coder-1.5b (1.1 GB, a stopgap)\n".to_owned();
        for (answer, may) in [("\n", true), ("Y\n", true), ("n\n", false), ("no\n", false), ("", false)] {
            assert_eq!(asked(large, false, Some(answer)), (may, question()), "{answer:?}");
        }
        assert_eq!(asked(large, true, Some("n\n")), (true, stated()));
        assert_eq!(asked(large, false, None), (true, stated()));
        assert_eq!(asked(small, false, Some("n\n")), (true, "pulling firefox (30 MB)\n".to_owned()));
    }

    fn maker(profile: &str, fingerprint: &str) -> Maker {
        Maker { profile: profile.into(), fingerprint: fingerprint.into() }
    }

    fn prints(peers: &[Peer]) -> Vec<&str> {
        peers.iter().map(|peer| peer.fingerprint.as_str()).collect()
    }

    #[test]
    fn only_models_are_peers_and_the_best_comes_first() {
        let models = store::catalogue().expect("a catalogue");
        let mut models: Vec<&Model> = models.iter().collect();
        models.sort_by_key(|model| std::cmp::Reverse(model.rank));
        let makers = [
            maker("gemma-3-270m", "gemma-3-270m gguf 1"),
            maker("firefox", "firefox firefox r1 old"),
            maker("firefox", "\"firefox\" libretranslate somewhere"),
            maker("deepl", "\"deepl\" deepl"),
            maker("firefox", "firefox firefox r1 new"),
            maker("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b gguf 2"),
        ];
        let peers = ranked(&models, ("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b gguf 2"), &makers);
        assert_eq!(prints(&peers.better), ["firefox firefox r1 new", "firefox firefox r1 old"]);
        assert_eq!(prints(&peers.weaker), ["gemma-3-270m gguf 1"]);
        assert!(peers.weaker[0].terms && !peers.better[0].terms);
        let peers = ranked(&models, ("firefox", "firefox firefox r1 new"), &makers);
        assert!(peers.better.is_empty());
        let unpulled = ranked(&models, ("auto", ""), &makers);
        assert_eq!((unpulled.better.len(), unpulled.weaker.len()), (2, 2));
        assert_eq!(
            prints(&peers.weaker),
            ["firefox firefox r1 old", "qwen2.5-coder-1.5b gguf 2", "gemma-3-270m gguf 1"]
        );
    }
}
