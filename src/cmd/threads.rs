//! How many threads a language model computes with.

use std::num::NonZeroUsize;

use crate::engine::EngineKind;

use super::failure::{Exit, Failure};
use super::models;
use super::project::Project;

/// The variable that the arithmetic of language models reads its number of threads from, once for the process.
const VARIABLE: &str = "CANDLE_NUM_THREADS";

/// Makes sure that a language model computes with as many threads as the profile of a name wants.
///
/// Its arithmetic knows no other way than a variable of the environment, and no safe function sets one in a process
/// that may have other threads. So the program is started again with the variable set; this must come before anything
/// is read from standard input, or opened.
pub(super) fn limit_threads(project: &Project, name: &str) -> Result<(), Failure> {
    let Some(threads) = wanted(project, name).map(|threads| threads.to_string()) else { return Ok(()) };
    if std::env::var(VARIABLE).is_ok_and(|there| there == threads) {
        return Ok(());
    }
    let why = start_again(&threads);
    Err(Failure::new(Exit::Config, format!("cannot compute with threads = {threads}: {why}"))
        .hint(format!("set the environment variable {VARIABLE} to {threads}")))
}

/// The number of threads in the settings of a profile whose engine may be a language model.
fn wanted(project: &Project, name: &str) -> Option<NonZeroUsize> {
    let found = project.settings.engines.get(name)?;
    let is_model = name == models::AUTO
        || found.kind.or_else(|| name.parse().ok()).is_some_and(|kind| kind == EngineKind::Gguf);
    found.threads.filter(|_| is_model)
}

/// Puts the same program with the variable set in the place of this process; comes back only with the reason why not.
#[cfg(unix)]
fn start_again(threads: &str) -> String {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    let error = match std::env::current_exe() {
        Ok(program) => Command::new(program).arg0(name).args(arguments).env(VARIABLE, threads).exec(),
        Err(error) => error,
    };
    format!("the program cannot be started again: {error}")
}

/// Elsewhere a process has no successor, and a child would not get its signals.
#[cfg(not(unix))]
fn start_again(_: &str) -> String {
    "this system does not allow it".to_owned()
}
