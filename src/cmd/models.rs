//! The models of the engines inside the process: which one is used, and pulling it.

use std::path::Path;

use crate::engine::{Kind, ModelFiles, Profile};
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
/// With `pull` false nothing is fetched, and it is an error that no model is installed.
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
        None => {
            return Err(Failure::new(Exit::Engine, "no model is installed yet")
                .hint("`wortlaut model pull firefox` fetches one; or name an engine with --engine"));
        }
    };
    Ok(of_model(&model.name, model, &installed))
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
    let kind = match model.kind {
        store::Kind::Firefox => Kind::Firefox,
        store::Kind::Gguf => Kind::Gguf,
    };
    let mut profile = Profile::new(name, kind);
    profile.files = Some(files(model, installed));
    profile
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
