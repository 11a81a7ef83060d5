//! `wortlaut review`: the corpus and its translation in a browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use clap::Args;
use futures::executor::block_on;

use crate::config::SettingFlag;
use crate::engine::{EngineSupplies, Profile};
use crate::memory::{Memory, SqliteMemory};
use crate::pipeline::{Options, Stop, Tools};
use crate::web::{
    GlossaryPlace, LoadGlossary, LoadSource, PageToken, ReviewMaterial, ReviewServer, ReviewSource,
};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::glossary::UNDO;
use super::inputs::{FieldArgs, FoundInputs, Look};
use super::memory::Earlier;
use super::output::print;
use super::own::Own;
use super::peers::peers;
use super::project::{Project, engine_flag};
use super::project_memory::memory_file;
use super::runtime::runtime;
use super::threads::limit_threads;
use super::{profile, signals, survey};

/// Read and correct the translation in a browser, beside the German.
///
/// The page is served on this machine alone, to those who have its address, which is printed on standard output. Nothing is
/// sent anywhere but the segment that you ask to be translated again. A correction is kept at once, and the files with the
/// sentence follow. It ends with Ctrl-C.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  wortlaut review                        the articles of the project
  wortlaut review articles/hafen.txt     one article
  wortlaut review --read-only            to look and change nothing
  wortlaut review --no-open --port 8080  at an address of your choice, in a browser that you open")]
pub(super) struct ReviewArgs {
    /// Articles, corpus files, folders or quoted patterns [default: articles]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) port: u16,
    /// Token in the address of the page [default: 128 random bits]
    #[arg(long, value_name = "T")]
    pub(super) token: Option<PageToken>,
    /// Do not open a browser
    #[arg(long)]
    pub(super) no_open: bool,
    /// Show everything and change nothing
    #[arg(long)]
    pub(super) read_only: bool,
    /// Engine profile or kind of engine whose answers are shown [default: auto]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    #[command(flatten)]
    pub(super) fields: FieldArgs,
}

impl ReviewArgs {
    /// The flags that are settings.
    fn flags(&self) -> Vec<SettingFlag> {
        let engine = engine_flag(self.engine.as_deref());
        [engine].into_iter().chain(self.fields.flags()).collect()
    }
}

pub(super) fn run(args: &ReviewArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, args.flags())?;
    let settings = &project.settings;
    limit_threads(&project, &settings.translate.engine)?;
    if args.paths.is_empty() {
        survey::require_input(&project, "wortlaut review")?;
    }
    let path = memory_file(settings, "the review page")?;
    let memory = memory(path, args.read_only)?;
    let source = source(args, &project, memory.as_ref(), global.quiet)?;
    let runtime = runtime()?;
    let server = ReviewServer::bind(args.port, args.token.clone())?;
    let material = ReviewMaterial {
        source,
        reload: reloading(args, global, &memory),
        memory: Arc::clone(&memory),
        output: settings.translate.output.clone(),
        by: project.author(),
        memory_path: path.to_owned(),
        glossary: glossary_place(&project, global),
        name: project_name(),
        is_read_only: args.read_only,
    };
    let address = server.address();
    print(&address)?;
    if !args.no_open && !open_in_browser(&address) && !global.quiet {
        let _ = writeln!(std::io::stderr(), "no browser could be opened; open the address above in one");
    }
    let stop = Stop::default();
    let end = stop.soon.clone();
    let serving = server.serve(material, async move { end.cancelled().await });
    let outcome = runtime.block_on(signals::heeded(serving, &stop));
    let closed = runtime.block_on(memory.close());
    runtime.shutdown_background();
    outcome?;
    closed?;
    Ok(Exit::Ok)
}

/// The memory of the project; one that is only looked at is not made.
fn memory(path: &Path, is_read_only: bool) -> Result<Arc<dyn Memory>, Failure> {
    let found =
        if is_read_only { SqliteMemory::open_existing(path)? } else { Some(SqliteMemory::open(path)?) };
    Ok(Arc::new(found.map_or_else(SqliteMemory::open_in_memory, Ok)?))
}

/// The articles, and what they are gathered with.
fn source(
    args: &ReviewArgs,
    project: &Project,
    memory: &dyn Memory,
    is_quiet: bool,
) -> Result<ReviewSource, Failure> {
    let own = Own::open(&project.settings)?;
    let look = Look { project, fields: &args.fields, own: &own, quiet: is_quiet };
    let FoundInputs { inputs, .. } = look.find(&args.paths)?;
    let (profile, cannot_send) = profile::looking_profile(project)?;
    let tools = tools(project, &profile)?;
    let options = options(project, &tools, memory)?;
    Ok(ReviewSource { inputs, tools, options, cannot_send })
}

/// Reads the settings, the glossary and the input folder anew.
fn reloading(args: &ReviewArgs, global: &GlobalArgs, memory: &Arc<dyn Memory>) -> LoadSource {
    let (args, global, memory) = (args.clone(), global.clone(), Arc::clone(memory));
    Arc::new(move || {
        let project = Project::open(&global, args.flags()).map_err(|failure| failure.to_string())?;
        source(&args, &project, memory.as_ref(), true).map_err(|failure| failure.to_string())
    })
}

/// What articles are gathered with.
fn tools(project: &Project, profile: &Profile) -> Result<Tools, Failure> {
    project.tools(profile, EngineSupplies::default())
}

/// How the articles are gathered: as a run of the same engine would make them.
fn options(project: &Project, tools: &Tools, memory: &dyn Memory) -> Result<Options, Failure> {
    let makers = block_on(memory.makers())?;
    let info = tools.engine.info();
    let mut options = project.options(false);
    options.next = profile::next_engines(project)?;
    options.peers = peers(&project.settings, tools, &options, &makers, false)?;
    options.peers.adopted = Earlier::of(info, &makers, memory)?.taken;
    Ok(options)
}

/// The glossary that the page edits: of several, the last one, which wins.
fn glossary_place(project: &Project, global: &GlobalArgs) -> GlossaryPlace {
    let settings = &project.settings;
    let path = settings.glossary.path.last().cloned().unwrap_or_default();
    let global = global.clone();
    let load: LoadGlossary = Arc::new(move |instead| {
        let mut project = Project::open(&global, []).map_err(|failure| failure.to_string())?;
        let paths = &mut project.settings.glossary.path;
        if let (Some(instead), Some(last)) = (instead, paths.last_mut()) {
            instead.clone_into(last);
        }
        project.glossary().map_err(|failure| failure.to_string())
    });
    GlossaryPlace { path, undo: settings.memory.path.with_file_name(UNDO), load }
}

/// What the project is called: its folder.
fn project_name() -> String {
    let folder = std::env::current_dir().unwrap_or_default();
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "wortlaut".to_owned())
}

/// Hands an address to the program of the system that opens such; whether there is one.
fn open_in_browser(address: &str) -> bool {
    let programs: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if cfg!(windows) {
        &[&["rundll32", "url.dll,FileProtocolHandler"]]
    } else {
        // Without a display there is no browser to be seen; a text browser would take the terminal.
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        if has_display { &[&["xdg-open"], &["gio", "open"]] } else { &[] }
    };
    programs.iter().any(|program| {
        let [name, arguments @ ..] = program else { return false };
        let mut command = Command::new(name);
        command.args(arguments.iter()).arg(address);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().is_ok()
    })
}
