//! What a run remembers of the articles it wrote, for the next one: a file beside the memory.

use std::fmt::{self, Debug, Write as _};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blake3::{Hash, Hasher};

use crate::disk::{PartFile, open_plain};
use crate::glossary::Glossary;
use crate::memory::MemoryState;
use crate::pipeline::{Memos, Options, Tools};
use crate::write::{Outputs, path_from, real_path};

use super::project::Project;

/// Digits that stand for an output folder in the name of its file.
const FOLDER: usize = 8;

/// The memos of an output folder, as long as all stays the same that decides what its articles become.
pub(super) struct RememberedArticles {
    path: PathBuf,
    /// Stands for the program, the settings, the glossary and the engines.
    made_with: Hash,
    outputs: Arc<Outputs>,
}

impl RememberedArticles {
    /// Those of a run.
    pub(super) fn of(
        project: &Project,
        tools: &Tools,
        options: &Options,
        glossary: &Glossary,
        outputs: &Arc<Outputs>,
    ) -> Self {
        let settings = &project.settings;
        let mut made_with = Made(Hasher::new());
        made_with.add(&(env!("CARGO_PKG_VERSION"), program()));
        // Writing into a hash does not fail.
        let _ = glossary.write_all(&mut made_with);
        made_with.add(&(&settings.translate, &settings.segment, &settings.glossary, &settings.check));
        made_with.add(&settings.segment.rules.as_ref().map(|rules| fs::read(rules).unwrap_or_default()));
        made_with.add(&(&options.peers, options.on, options.offline, &options.rungs, options.unaided));
        made_with.add(tools.engine.info());
        options.next.iter().for_each(|next| made_with.add(next.info()));
        let memory = &settings.memory.path;
        // As seen from the memory, so that a project may be moved. The folder may not be there yet.
        let (place, folder) = (real_path(memory), real_path(outputs.path()));
        let seen = place.parent().and_then(|place| path_from(place, &folder));
        let folder = blake3::hash(seen.unwrap_or_default().as_bytes()).to_hex();
        let mut name = memory.file_name().unwrap_or_default().to_owned();
        name.push(format!(".articles-{}", &folder[..FOLDER]));
        Self {
            path: memory.with_file_name(name),
            made_with: made_with.0.finalize(),
            outputs: Arc::clone(outputs),
        }
    }

    /// What is remembered, as far as it holds while the memory is in this state. What cannot be read is not remembered.
    pub(super) fn load(&self, state: &MemoryState) -> Arc<Memos> {
        self.outputs.keep_marks();
        let text = read(&self.path).unwrap_or_default();
        let mut lines = text.lines();
        let holds = lines.next() == Some(self.head(state).as_str());
        Arc::new(Memos::new(Arc::clone(&self.outputs), lines.filter(|_| holds)))
    }

    /// Remembers articles for the next run, if the memory was changed by nobody else: what others brought into it may change
    /// what articles become. Nothing is lost if that fails: the next run reads them again.
    pub(super) fn save(&self, memos: &Memos, before: &MemoryState, now: &MemoryState) {
        if now.is_shared {
            return;
        }
        let Some(lines) = memos.take_lines(now.token != before.token) else { return };
        let mut text = self.head(now) + "\n";
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        let _ = write(&self.path, &text);
    }

    /// The first line: stands for all that the articles were made with.
    fn head(&self, state: &MemoryState) -> String {
        let mut hasher = Hasher::new();
        hasher.update(self.made_with.as_bytes());
        hasher.update(&state.token);
        hasher.finalize().to_hex().to_string()
    }
}

/// Takes values in by how they are shown to programmers, which says all of them.
struct Made(Hasher);

impl Made {
    fn add(&mut self, value: &dyn Debug) {
        // Writing into a hash does not fail.
        let _ = writeln!(self, "{value:?}");
    }
}

impl fmt::Write for Made {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// Tells one build of the program from another; versions between releases have the same number.
fn program() -> Option<impl Debug> {
    let found = fs::metadata(std::env::current_exe().ok()?).ok()?;
    Some((found.len(), found.modified().ok()?))
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    open_plain(path).ok()??.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Texts of the articles stand in it: like the memory, it is for its owner alone.
fn write(path: &Path, text: &str) -> Option<()> {
    let file = PartFile::write(path, text.as_bytes()).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o600)).ok()?;
    }
    file.rename().ok()
}
