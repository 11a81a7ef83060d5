//! `wortlaut translate --prune`: outputs of articles that are no more.

use std::collections::HashSet;
use std::io::{self, Write};

use super::ask::confirm;
use super::failure::{Exit, Failure};
use super::inputs::FoundInputs;
use super::sink::Sink;
use crate::model::ArticleId;
use crate::pipeline::Input;
use crate::report::{clean, counted};
use crate::write::{GoneOutput, Outputs};

/// At most so many are named.
const SHOWN: usize = 20;

/// What is to be pruned.
pub(super) struct Prune<'a> {
    outputs: &'a Outputs,
    gone: Vec<GoneOutput>,
}

impl<'a> Prune<'a> {
    /// Looks for outputs of articles that are not in the project's input, which was read as a whole.
    pub(super) fn look(sink: &'a Sink, found: &FoundInputs) -> Result<Self, Failure> {
        let Sink::Folder(outputs, _) = sink else {
            return Err(
                Failure::new(Exit::Usage, "--prune is for an output folder").hint("name one: --output DIR/")
            );
        };
        if found.lost > 0 {
            return Err(Failure::new(
                Exit::Usage,
                "some inputs could not be looked at, so nothing is pruned",
            )
            .hint("leave out --prune, or make them readable"));
        }
        let articles = found.inputs.articles.iter().map(Input::id);
        let articles: HashSet<&ArticleId> =
            articles.chain(found.inputs.corpora.iter().map(|corpus| &corpus.id)).collect();
        Ok(Self { outputs, gone: outputs.gone(&articles)? })
    }

    /// Says what would be removed, and what is kept.
    pub(super) fn tell(&self, verb: &str) {
        let ours: Vec<_> = self.removable().collect();
        for file in ours.iter().take(SHOWN) {
            say(&format!("{verb} {}", file.path.display()));
        }
        if ours.len() > SHOWN {
            say(&format!("… and {} more outputs of articles that are gone", ours.len() - SHOWN));
        }
        self.tell_kept();
    }

    fn tell_kept(&self) {
        for file in &self.gone {
            if let Some(ownership) = file.ownership {
                say(&format!(
                    "keep {}: its article is gone, but {}",
                    file.path.display(),
                    ownership.describe()
                ));
            }
        }
    }

    fn removable(&self) -> impl Iterator<Item = &GoneOutput> {
        self.gone.iter().filter(|file| file.ownership.is_none() && !file.is_forgotten)
    }

    /// Asks whether to remove what was found; without a terminal only `yes` says so.
    pub(super) fn confirm(&self, yes: bool) -> Result<bool, Failure> {
        let count = self.removable().count() as u64;
        if count == 0 || yes {
            return Ok(true);
        }
        self.tell("would remove");
        let outputs = counted(count, "output");
        let would = format!("{outputs} of articles that are gone would be removed");
        confirm(&format!("Remove {outputs} of articles that are gone?"), &would)
    }

    /// Removes it.
    pub(super) fn prune(&self) -> Result<(), Failure> {
        if self.gone.is_empty() {
            return Ok(());
        }
        let gone: Vec<_> = self.gone.iter().filter(|file| file.ownership.is_none()).cloned().collect();
        let pruned = self.outputs.prune(&gone)?;
        for path in pruned.removed.iter().take(SHOWN) {
            say(&format!("removed {}", path.display()));
        }
        if pruned.removed.len() > SHOWN {
            say(&format!("… and {} more outputs of articles that are gone", pruned.removed.len() - SHOWN));
        }
        self.tell_kept();
        for left in &pruned.kept {
            say(&format!(
                "keep {}: its article is gone, but {}",
                left.path.display(),
                left.ownership.describe()
            ));
        }
        Ok(())
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(line));
}
