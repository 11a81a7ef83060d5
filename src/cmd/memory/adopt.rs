//! `wortlaut memory adopt`: answers of an earlier version, which did not record the server that gave them.

use clap::Args;
use futures::executor::block_on;

use crate::engine::{self, EngineInfo};
use crate::memory::{Adoption, Maker, Memory, Succession};
use crate::pipeline::Peer;
use crate::report::{clean, counted};

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::profile;
use super::super::project::Project;
use super::super::project_memory::{existing_memory, lock_memory, memory_name, open_memory};
use super::super::threads::limit_threads;

/// Accept or decline the answers of an earlier version, which did not record the server that gave them.
///
/// As long as the memory has such answers for the profile of a run and nothing was decided about them, the run stops
/// before it sends anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wortlaut memory adopt ollama\n  wortlaut memory adopt ollama --decline")]
pub(in crate::cmd) struct AdoptArgs {
    /// Engine profile whose server gave the answers
    pub(in crate::cmd) profile: String,
    /// Decline the answers: another server gave them
    #[arg(long)]
    pub(in crate::cmd) decline: bool,
}

pub(super) fn adopt(args: &AdoptArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    limit_threads(&project, &args.profile)?;
    let profile = profile::profile(&project, &args.profile)?;
    let engine = engine::build(&profile)?;
    if existing_memory(&project.settings)?.is_none() {
        print(&clean(&format!("there is no translation memory {} yet", memory_name(&project.settings))))?;
        return Ok(Exit::Ok);
    }
    let _lock = lock_memory(&project.settings)?;
    let memory = open_memory(&project.settings)?;
    let decided = decide(memory.as_ref(), engine.info(), args);
    block_on(memory.close())?;
    print(&clean(&decided?))?;
    Ok(Exit::Ok)
}

/// Decides about the earlier answers of an engine, and says what was decided.
fn decide(memory: &dyn Memory, engine: &EngineInfo, args: &AdoptArgs) -> Result<String, Failure> {
    let AdoptArgs { profile, decline, .. } = args;
    let Some(succession) = succession(engine, &block_on(memory.makers())?) else {
        return Ok(format!("the memory has no answers of an earlier version for {profile}"));
    };
    block_on(memory.decide(succession, !decline))?;
    Ok(if *decline {
        format!("answers of an earlier version do not count for {profile}")
    } else {
        format!("answers of an earlier version count for {profile} from now on")
    })
}

/// The answers of an earlier version that an engine may take over.
///
/// Version 0.1 did not record which server an answer came from. What it made under the name of the profile may be the
/// answers of the server that the profile names now, or those of another one.
fn succession(engine: &EngineInfo, makers: &[Maker]) -> Option<Succession> {
    let is_earlier = |maker: &&Maker| maker.profile == engine.profile && engine.succeeds(&maker.fingerprint);
    let earlier = makers.iter().find(is_earlier)?.fingerprint.clone();
    Some(Succession { fingerprint: engine.fingerprint.clone(), earlier })
}

/// The earlier answers of an engine, as a run meets them.
pub(in crate::cmd) struct Earlier {
    /// Those that stand for the engine's own.
    pub(in crate::cmd) taken: Option<Peer>,
    /// How many there are that nothing was decided about.
    pub(in crate::cmd) undecided: u64,
}

impl Earlier {
    /// Looks into the memory.
    pub(in crate::cmd) fn of(
        engine: &EngineInfo,
        makers: &[Maker],
        memory: &dyn Memory,
    ) -> Result<Self, Failure> {
        let none = Self { taken: None, undecided: 0 };
        let Some(succession) = succession(engine, makers) else { return Ok(none) };
        let fingerprint = succession.earlier.clone();
        Ok(match block_on(memory.adoption(succession))? {
            Adoption::Taken => Self { taken: Some(Peer { fingerprint, ..Peer::of(engine) }), ..none },
            Adoption::Undecided { answers } => Self { undecided: answers, ..none },
            Adoption::Declined => none,
        })
    }

    /// What to say of answers that nothing was decided about.
    pub(in crate::cmd) fn offer(&self, profile: &str) -> Option<String> {
        (self.undecided > 0).then(|| {
            format!(
                "{} of an earlier version for the profile {profile}: `wortlaut memory adopt {profile}` takes \
                 them over, otherwise they are paid again",
                counted(self.undecided, "answer")
            )
        })
    }

    /// Stops a run that would pay for answers that may be there.
    pub(in crate::cmd) fn settled(self, profile: &str) -> Result<Option<Peer>, Failure> {
        match self.offer(profile) {
            None => Ok(self.taken),
            Some(offer) => Err(Failure::new(Exit::Engine, offer).hint(format!(
                "that version did not record the server; if they are not this one's, `wortlaut memory adopt {profile} \
                 --decline` leaves them alone. Nothing was sent"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Profile;

    fn info(name: &str, behind: &str) -> EngineInfo {
        let mut info = engine::build(&Profile::stand_in(name)).expect("an engine").info().clone();
        info.fingerprint.push_str(behind);
        info
    }

    #[test]
    fn only_answers_that_lack_nothing_but_the_server_may_be_taken_over() {
        let made = |info: EngineInfo| Maker { profile: info.profile, fingerprint: info.fingerprint };
        let engine = info("double", " server=\"https://mt.example/translate\"");
        let earlier = made(info("double", ""));
        let expected =
            Succession { fingerprint: engine.fingerprint.clone(), earlier: earlier.fingerprint.clone() };
        assert_eq!(succession(&engine, std::slice::from_ref(&earlier)), Some(expected));
        let named = info("double", " identity=\"ours\"");
        assert!(succession(&named, &[earlier]).is_some());
        for other in [
            info("single", ""),
            info("double", " model=x"),
            info("double", " server=\"https://other.example/translate\""),
            engine.clone(),
        ] {
            assert_eq!(succession(&engine, &[made(other)]), None);
        }
    }
}
