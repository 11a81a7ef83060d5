//! The model store: the models of local engines on this machine.
//!
//! A model is pulled from the first of its sources that delivers it, or taken from files that a user has brought along;
//! checked by size and SHA-256, and moved into place as a whole. What is not whole lies in a folder of its own (`.part`) and is taken up again by the
//! next pull. All functions block; asynchronous code calls them on a thread of its own.

mod brought;
mod catalogue;
mod download;
mod error;
mod event;
mod file;
mod folder;
mod installed;
mod options;
mod packages;
mod registry;
mod remote_settings;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use catalogue::{Model, ModelFile, ModelKind, Piece, Source, catalogue};
pub use error::StoreError;
pub use event::PullEvent;
pub use installed::{Installed, InstalledFile};
pub use options::PullOptions;

use download::{Client, RemoteFile};
use folder::Folder;

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// The folder of the store; made when a model is pulled.
    pub root: PathBuf,
    /// Ways to call pip, tried in order; each is a program with its first arguments.
    pub pip: Vec<Vec<String>>,
}

impl StoreOptions {
    /// A store in the given folder with the usual sources.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        let way = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let pip = vec![way(&["pip"]), way(&["pip3"]), way(&["python3", "-m", "pip"])];
        Self { root, pip }
    }
}

/// A line of the list of models.
#[derive(Debug)]
pub struct Listed<'a> {
    /// The model.
    pub model: &'a Model,
    /// What is installed of it; [`StoreError::Damaged`] if that is no longer whole.
    pub installed: Result<Option<Installed>, StoreError>,
}

/// The models on this machine.
#[derive(Debug)]
pub struct Store {
    options: StoreOptions,
    models: Vec<Model>,
}

impl Store {
    /// A store of the models of the built-in catalogue.
    ///
    /// # Errors
    /// [`StoreError::Catalogue`] if the built-in catalogue is wrong, which a test excludes.
    pub fn new(options: StoreOptions) -> Result<Self, StoreError> {
        Ok(Self::with_models(options, catalogue()?))
    }

    /// A store of other models.
    #[must_use]
    pub fn with_models(options: StoreOptions, models: Vec<Model>) -> Self {
        Self { options, models }
    }

    /// The folder of the store.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.options.root
    }

    /// All known models, the best first, and what is installed of each.
    #[must_use]
    pub fn list(&self) -> Vec<Listed<'_>> {
        let mut models: Vec<&Model> = self.models.iter().collect();
        models.sort_by_key(|model| std::cmp::Reverse(model.rank));
        let listed = |model| Listed { model, installed: self.folder(model).installed() };
        models.into_iter().map(listed).collect()
    }

    /// The model of a name.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub fn model(&self, name: &str) -> Result<&Model, StoreError> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| StoreError::Unknown {
            name: name.to_owned(),
            known: self.models.iter().map(|model| model.name.clone()).collect(),
        })
    }

    /// The installed model of a name; its files are where it says, but have not been read.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::NotInstalled`] or [`StoreError::Damaged`].
    pub fn path(&self, name: &str) -> Result<Installed, StoreError> {
        let installed = self.folder(self.model(name)?).installed()?;
        installed.ok_or_else(|| StoreError::NotInstalled { name: name.to_owned() })
    }

    /// Pulls a model, unless it is installed. What an earlier pull left is taken up; a damaged model is replaced.
    ///
    /// # Errors
    /// Why its sources failed: [`StoreError::Sources`] lists all of them if there are several. The store is
    /// as before, save for what can be taken up.
    pub fn pull(
        &self,
        name: &str,
        options: &PullOptions,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<Installed, StoreError> {
        let model = self.model(name)?;
        let folder = self.folder(model);
        let _lock = folder.lock(&mut || events(PullEvent::Waiting))?;
        if let Ok(Some(installed)) = folder.installed() {
            return Ok(installed);
        }
        let mirror = options.mirror.as_ref().map(|address| Source::mirror(address, model));
        let mut reasons: Vec<StoreError> = Vec::new();
        for source in mirror.iter().chain(&model.sources) {
            let label = source.label();
            events(PullEvent::Trying(&label));
            match self.deliver(model, source, options, &folder, events) {
                Ok(files) => return folder.install(&label, files),
                Err(error) if error.is_final() => return Err(error),
                Err(error) => {
                    events(PullEvent::Failed(&label, &error));
                    reasons.push(error);
                }
            }
        }
        match reasons.pop() {
            Some(only) if reasons.is_empty() => Err(only),
            last => Err(StoreError::Sources {
                name: name.to_owned(),
                reasons: reasons.into_iter().chain(last).collect(),
            }),
        }
    }

    fn deliver(
        &self,
        model: &Model,
        source: &Source,
        options: &PullOptions,
        folder: &Folder,
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<Vec<InstalledFile>, StoreError> {
        match source {
            Source::RemoteSettings { base, collection } => {
                remote_settings::deliver(model, base, collection, options, folder, events)
            }
            Source::Registry { address, files } => {
                registry::deliver(model, address, files, options, folder, events)
            }
            Source::Url { files } => {
                let load = |wanted: &ModelFile| {
                    let url = files
                        .get(&wanted.name)
                        .ok_or_else(|| StoreError::NoAddress { file: wanted.name.clone() })?;
                    let remote = RemoteFile { url, size: Some(wanted.size), sha256: Some(&wanted.sha256) };
                    Client::new(options, url)?.file(&remote, wanted, folder, events)
                };
                model.files.iter().map(load).collect()
            }
            Source::Packages { file, pieces } => {
                let wanted = model.files.iter().find(|wanted| wanted.name == *file);
                let wanted = wanted.ok_or_else(|| StoreError::NoAddress { file: file.clone() })?;
                Ok(vec![packages::join(&self.options.pip, pieces, wanted, folder, events)?])
            }
        }
    }

    /// Takes a model from folders and files that a user has brought along, unless it is installed; a damaged one is
    /// replaced. Its files are known by what they hold, whatever they are called, and may be packed with gzip or zstd.
    /// Symbolic links below a folder are not followed.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::WrongHash`] or [`StoreError::WrongSize`] of a file that is called as
    /// one of the model's. The store is then as before.
    pub fn take(
        &self,
        name: &str,
        from: &[PathBuf],
        events: &mut dyn FnMut(PullEvent<'_>),
    ) -> Result<Installed, StoreError> {
        let model = self.model(name)?;
        // Before anything of the store is made: a path may be wrong.
        let found = brought::find(model, from)?;
        let folder = self.folder(model);
        let _lock = folder.lock(&mut || events(PullEvent::Waiting))?;
        if let Ok(Some(installed)) = folder.installed() {
            return Ok(installed);
        }
        let files = found.iter().map(|(file, path)| brought::copy(file, path, &folder, events));
        folder.install("files that were brought along", files.collect::<Result<_, _>>()?)
    }

    /// Reads all files of an installed model and compares them with what was pulled.
    ///
    /// # Errors
    /// [`StoreError::WrongSize`] or [`StoreError::WrongHash`] names the first file that differs.
    pub fn verify(&self, name: &str) -> Result<Installed, StoreError> {
        let installed = self.path(name)?;
        for file in &installed.files {
            let found = file::describe(&installed.folder, &file.name, &mut |_, _| ())?;
            file::compare(&found, file.size, &file.sha256)?;
        }
        Ok(installed)
    }

    /// Removes a model and what an unfinished pull left of it. Tells whether there was anything.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], or [`StoreError::Io`] if a file cannot be removed.
    pub fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let folder = self.folder(self.model(name)?);
        if !folder.exists() {
            return Ok(false);
        }
        let _lock = folder.lock(&mut || ())?;
        folder.remove()?;
        Ok(true)
    }

    fn folder(&self, model: &Model) -> Folder {
        Folder::new(&self.options.root, &model.name)
    }
}
