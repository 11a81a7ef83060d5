//! The models of the engines inside the process: which one is used, and pulling it.

use std::path::Path;

use crate::engine::{EngineInfo, Kind, ModelFiles, Profile};
use crate::memory::Maker;
use crate::pipeline::{Peer, Peers};
use crate::report::Download;
use crate::store::{self, Installed, Model, Store, StoreError};

use super::failure::{Exit, Failure};
use super::setup::variable;

/// The name that stands for the best model there is.
pub(super) const AUTO: &str = "auto";

/// The store of this user.
pub(super) fn open() -> Result<Store, Failure> {
    let root = store::default_root(variable).ok_or_else(|| {
        Failure::new(Exit::Config, "there is no folder for models").hint("set WORTLAUT_MODELS to a folder")
    })?;
    Ok(Store::new(store::Options::new(root))?)
}

/// Pulls a model and shows how far it is.
pub(super) fn pull(store: &Store, name: &str) -> Result<Installed, StoreError> {
    let mut download = Download::new(name);
    let pulled = store.pull(name, &mut |event| download.event(&event));
    download.finish();
    pulled
}

/// The profile of the best model: an installed one, else the best of those that are pulled by themselves.
///
/// With `may_pull` false nothing is fetched; if no model is installed, an engine that translates nothing stands
/// in, for a count of what there is to do: no engine inside the process has limits or a price.
pub(super) fn auto(may_pull: bool) -> Result<Profile, Failure> {
    let store = open()?;
    let listed = store.list();
    let installed = listed.iter().find_map(|listed| match &listed.installed {
        Ok(Some(installed)) => Some((listed.model, installed.clone())),
        _ => None,
    });
    let (model, installed) = match installed {
        Some(found) => found,
        None if may_pull => {
            first_pulled(&store, listed.iter().map(|listed| listed.model).filter(|model| !model.on_request))?
        }
        None => return Ok(Profile::new(AUTO, Kind::Pseudo)),
    };
    let mut profile = of_model(&model.name, model, &installed);
    if let Some(files) = &mut profile.files
        && let Some(best) =
            listed.iter().map(|listed| listed.model).find(|best| !best.on_request && best.rank > model.rank)
    {
        files.caveat = files.caveat.take().map(|caveat| {
            format!(
                "{caveat}; better: `wortlaut model pull {}`, then `wortlaut translate --upgrade`",
                best.name
            )
        });
    }
    Ok(profile)
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
    // An engine that is no model stands in for the best one, which is still to be pulled.
    let best = models.iter().filter(|model| !model.on_request).map(|model| model.rank).max();
    let is_better = |model: &Model| rank.map_or(Some(model.rank) >= best, |rank| model.rank > rank);
    let mut peers = Peers::default();
    for model in models {
        let kind = kind(model);
        let made = |maker: &&Maker| {
            let Maker { profile, fingerprint } = maker;
            *profile == model.name && kind.has_made(profile, fingerprint) && fingerprint != own.1
        };
        let list = if is_better(model) { &mut peers.better } else { &mut peers.weaker };
        list.extend(makers.iter().rev().filter(made).map(|maker| Peer {
            profile: maker.profile.clone(),
            fingerprint: maker.fingerprint.clone(),
            terms: kind.takes_terms(),
            caveat: model.caveat.clone(),
        }));
    }
    peers
}

/// Pulls the best model that can be had.
fn first_pulled<'a>(
    store: &Store,
    models: impl Iterator<Item = &'a Model>,
) -> Result<(&'a Model, Installed), Failure> {
    let mut last = None;
    for model in models {
        match pull(store, &model.name) {
            Ok(installed) => return Ok((model, installed)),
            Err(error) => last = Some(error),
        }
    }
    let reason = last.map(|error| error.to_string()).unwrap_or_default();
    Err(Failure::new(Exit::Engine, format!("no model can be had: {reason}"))
        .hint("`wortlaut engines` lists engines that need none"))
}

/// Gives a profile of an engine inside the process its files: those of a model in the store, or a GGUF file.
pub(super) fn resolve(profile: &mut Profile) -> Result<(), Failure> {
    let default = match profile.kind {
        Kind::Firefox => "firefox",
        Kind::Gguf => "qwen2.5-coder-1.5b",
        _ => return Ok(()),
    };
    let name = profile.model.as_deref().unwrap_or(default);
    if profile.kind == Kind::Gguf && Path::new(name).is_file() {
        let model = Path::new(name).to_owned();
        profile.files = Some(ModelFiles { model, vocabulary: None, shortlist: None, caveat: None });
        return Ok(());
    }
    let store = open()?;
    profile.files = match store.path(name) {
        Ok(installed) => Some(files(store.model(name)?, &installed)),
        Err(StoreError::NotInstalled { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(())
}

/// The profile of a model.
fn of_model(name: &str, model: &Model, installed: &Installed) -> Profile {
    let mut profile = Profile::new(name, kind(model));
    profile.files = Some(files(model, installed));
    profile
}

/// The kind of engine that runs a model.
fn kind(model: &Model) -> Kind {
    match model.kind {
        store::Kind::Firefox => Kind::Firefox,
        store::Kind::Gguf => Kind::Gguf,
    }
}

/// The files of a model as its engine wants them.
fn files(model: &Model, installed: &Installed) -> ModelFiles {
    let weights = match model.kind {
        store::Kind::Firefox => "model.bin",
        store::Kind::Gguf => "model.gguf",
    };
    ModelFiles {
        model: installed.folder.join(weights),
        vocabulary: installed.file("vocab.spm"),
        shortlist: installed.file("lex.bin"),
        caveat: model.caveat.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
