//! `wortlaut engines test`: one sentence, sent and translated.

use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::cmd::failure::{Exit, Failure};
use crate::cmd::global::GlobalArgs;
use crate::cmd::output::print;
use crate::cmd::profile::named_profile;
use crate::cmd::project::Project;
use crate::cmd::runtime::runtime;
use crate::engine::{Billing, build};
use crate::model::{Batch, Request};
use crate::report::{clean, counted};

/// What is sent if nothing else is given: short, with an umlaut, and with nothing in it that a filter could mind.
const SENTENCE: &str = "Die Fähre legt um acht Uhr am Kai an.";

/// Send one sentence to an engine and show what comes back.
///
/// Nothing is kept in the memory. A service charges for the sentence.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut engines test                     the engine of the project
  wortlaut engines test deepl
  wortlaut engines test deepl 'Guten Tag.'")]
pub(super) struct TestArgs {
    /// Engine profile or kind of engine [default: the engine of the project]
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The German to be sent
    #[arg(value_name = "GERMAN", default_value = SENTENCE, hide_default_value = true)]
    text: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &TestArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let name = args.name.as_deref().unwrap_or(&project.settings.translate.engine);
    let profile = named_profile(&project, name)?;
    let engine = build(&profile)?;
    let text = args.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let request = Request { text, terms: Vec::new(), inlines: Vec::new() };
    let batch = Batch { requests: vec![request], ..Batch::default() };
    let started = Instant::now();
    let answers = runtime()?.block_on(engine.translate(&batch))?;
    let seconds = started.elapsed().as_secs_f64();
    let english = answers.into_iter().next().map(|answer| answer.text).unwrap_or_default();
    let (info, usage) = (engine.info(), engine.spent().usage);
    if args.json {
        let billed = (info.billing != Billing::None).then_some(usage);
        let object = json!({
            "engine": info.profile, "kind": info.kind, "english": english, "seconds": seconds, "usage": billed
        });
        print(&object.to_string())?;
        return Ok(Exit::Ok);
    }
    let used = match info.billing {
        Billing::Characters => format!(", {}", counted(usage.characters, "character")),
        Billing::Tokens => format!(", {}", counted(usage.tokens(), "token")),
        Billing::None => String::new(),
    };
    print(&clean(&english))?;
    print(&clean(&format!("{} works ({seconds:.1} s{used})", info.profile)))?;
    Ok(Exit::Ok)
}
