//! What `wortlaut watch` watches, and how it hears of changes.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{Config, ErrorKind, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use same_file::Handle;
use tokio::sync::mpsc::UnboundedSender;

use crate::read::{ArticleFormat, is_corpus};
use crate::write::real_path;

use super::failure::{Exit, Failure};
use super::inputs::pattern_base;
use super::project::Project;

/// The files and folders whose changes matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchedPlaces {
    /// With everything below them.
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// What a run writes itself.
    output: PathBuf,
    memory: PathBuf,
    /// As the user named them.
    shown: Vec<String>,
    /// Whether there is something where the articles should be, an empty folder too.
    pub(super) have_input: bool,
}

impl WatchedPlaces {
    /// The articles at the paths or, if there are none, at those of the settings; the glossary; the settings.
    pub(super) fn of(project: &Project, paths: &[PathBuf]) -> Self {
        let settings = &project.settings;
        let default = [settings.translate.input.clone()];
        let inputs = if paths.is_empty() { &default } else { paths };
        let mut places = Self {
            folders: BTreeSet::new(),
            files: BTreeSet::new(),
            output: whole(&settings.translate.output),
            memory: whole(&settings.memory.path),
            shown: Vec::new(),
            have_input: true,
        };
        for input in inputs {
            places.have_input &= places.add(input);
        }
        let scoped = settings.glossary.r#for.iter().flat_map(|of| &of.path);
        for path in settings.glossary.path.iter().chain(scoped).chain(&settings.segment.rules) {
            places.add(path);
        }
        for file in project.layers.files() {
            places.add(file);
        }
        places
    }

    /// Adds a file, a folder, or what a pattern stands for; returns whether there is something.
    fn add(&mut self, path: &Path) -> bool {
        self.shown.push(path.display().to_string());
        let is_there = path.exists();
        let base = if is_there { path.to_owned() } else { pattern_base(path) };
        if base.is_dir() || base != path {
            self.folders.insert(whole(&base));
        } else {
            self.files.insert(whole(path));
        }
        is_there || base.is_dir()
    }

    /// What is watched, as the user named it.
    pub(super) fn describe(&self) -> String {
        self.shown.join(", ")
    }

    /// Whether what happens at a path can change a translation.
    fn concern(&self, path: &Path, kind: EventKind) -> bool {
        if self.is_written_by_a_run(path) {
            return false;
        }
        let below = |folder: &PathBuf| path.strip_prefix(folder).ok().is_some_and(can_be_read);
        let is_input = self.folders.iter().any(below) && !is_output_of_this_process(path);
        // With a folder, the places in it come and go.
        let can_take_along = matches!(
            kind,
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        let is_above = || self.folders.iter().chain(&self.files).any(|place| place.starts_with(path));
        is_input && (has_known_type(path) || path.is_dir() || !path.exists())
            || self.files.contains(path)
            || can_take_along && is_above()
    }

    fn is_written_by_a_run(&self, path: &Path) -> bool {
        // Files whose names continue that of the memory belong to it.
        let is_memory = || path.to_string_lossy().starts_with(&*self.memory.to_string_lossy());
        path.starts_with(&self.output) || is_memory()
    }

    /// The folders to register with the system, and whether everything below them is wanted too.
    fn roots(&self) -> BTreeSet<(PathBuf, bool)> {
        let there = |path: &Path| path.ancestors().find(|path| path.is_dir()).map(Path::to_owned);
        // The parent too: a folder that takes the place of another one is not registered itself.
        let beside = self.folders.iter().chain(&self.files).filter_map(|place| there(place.parent()?));
        let folders =
            self.folders.iter().filter(|folder| folder.is_dir()).map(|folder| (folder.clone(), true));
        beside.map(|folder| (folder, false)).chain(folders).collect()
    }
}

/// Whether something at a path below a folder can be an input: hidden files and those in hidden folders are not read.
fn can_be_read(below: &Path) -> bool {
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    below.components().next().is_some() && !below.components().any(is_hidden)
}

/// Whether a file is an article, a table or a corpus by its name: others, such as a log, change nothing.
fn has_known_type(path: &Path) -> bool {
    ArticleFormat::of(path).is_some() || is_corpus(path)
}

/// Whether what is printed goes to a file: one in a watched folder would never come to rest.
fn is_output_of_this_process(path: &Path) -> bool {
    let Ok(file) = Handle::from_path(path) else { return false };
    [Handle::stdout(), Handle::stderr()].into_iter().flatten().any(|stream| stream == file)
}

/// The whole path of a file or folder, whatever links lead there.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| real_path(path))
}

/// Hears of changes as long as it is there.
pub(super) struct Watching {
    places: WatchedPlaces,
    /// Ends with this.
    _watcher: Box<dyn Watcher + Send>,
}

impl Watching {
    /// Begins to send what happens; with an interval, what is seen at a look every so often.
    pub(super) fn begin(
        places: &WatchedPlaces,
        poll: Option<Duration>,
        events: UnboundedSender<notify::Result<Event>>,
    ) -> Result<Self, Failure> {
        let mut watcher: Box<dyn Watcher + Send> = match poll {
            Some(interval) => Box::new(looking(interval, events)?),
            None => Box::new(notified(events)?),
        };
        for (root, is_recursive) in places.roots() {
            let mode = if is_recursive { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            watcher.watch(&root, mode).map_err(|error| failure(&error))?;
        }
        Ok(Self { places: places.clone(), _watcher: watcher })
    }

    /// The files of an event that matter.
    pub(super) fn relevant(&self, event: notify::Result<Event>) -> Result<Vec<PathBuf>, Failure> {
        let event = match event {
            Ok(event) => event,
            // A file that is gone before it could be looked at.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound | ErrorKind::WatchNotFound) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(failure(&error)),
        };
        if event.need_rescan() {
            // The system had more to tell than it could keep.
            return Ok(self.places.folders.iter().cloned().collect());
        }
        // Runs read the files that are watched.
        let is_change = !event.kind.is_access();
        let concern = |path: &PathBuf| is_change && self.places.concern(path, event.kind);
        Ok(event.paths.into_iter().filter(concern).collect())
    }
}

/// Hears from the system.
fn notified(events: UnboundedSender<notify::Result<Event>>) -> Result<RecommendedWatcher, Failure> {
    let send = move |event| drop(events.send(event));
    RecommendedWatcher::new(send, Config::default()).map_err(|error| failure(&error))
}

/// Looks every so often.
fn looking(
    interval: Duration,
    events: UnboundedSender<notify::Result<Event>>,
) -> Result<PollWatcher, Failure> {
    let send = move |event| drop(events.send(event));
    let config = Config::default().with_poll_interval(interval);
    PollWatcher::new(send, config).map_err(|error| failure(&error))
}

fn failure(error: &notify::Error) -> Failure {
    let message = match error.paths.first() {
        Some(path) => format!("cannot watch {}: {error}", path.display()),
        None => format!("cannot watch: {error}"),
    };
    Failure::new(Exit::Usage, message).hint("--poll 5 looks for changes every five seconds instead")
}
