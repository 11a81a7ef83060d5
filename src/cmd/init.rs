//! `wortlaut init`: the start of a project.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use toml::Value;

use crate::config::{Environment, FILE_NAME, trust_file};
use crate::report::clean;

use super::failure::{Exit, Failure};
use super::output::tell;
use super::survey::{Survey, quoted};

/// Start a project: write a commented wortlaut.toml for the articles and the glossary of a folder.
///
/// Looks for articles in the folder and one level below it, and for a glossary (.tsv, .csv). Creates articles/ and
/// glossary/ if there are none. Reports what it created and what to do next; overwrites nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut init                a project with the articles of this folder
  wortlaut init my-corpus      a project in a folder of its own
  cd texts && wortlaut init && wortlaut translate --dry-run")]
pub(super) struct InitArgs {
    /// The folder of the project
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
}

/// The project file: what most people set, with the rest as comments.
const PROJECT: &str = include_str!("data/wortlaut.toml");

/// The glossary to start from.
const GLOSSARY: &str = include_str!("data/glossary.tsv");

/// What git should not keep: the memory, and what a run writes.
const IGNORE: &str = "/.wortlaut\n/output\n";

pub(super) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let survey = Survey::of(&args.folder, Path::new("output"));
    let proposal = Proposal::of(&survey);
    make_folder(&args.folder)?;
    // Files here are named without a folder.
    let folder = if args.folder == Path::new(".") { Path::new("") } else { &args.folder };
    let config = folder.join(FILE_NAME);
    if config.symlink_metadata().is_ok() {
        tell(&format!("kept {}: this is a project already", config.display()))?;
        tell(
            "\nIts settings, and what a run would send:\n  wortlaut config show\n  wortlaut translate --dry-run",
        )?;
        return Ok(Exit::Ok);
    }
    for found in proposal.found(&survey) {
        tell(&found)?;
    }
    create(&config, &proposal.project())?;
    // Without a folder for the list of trusted files, the project works all the same.
    if let Err(error) = trust_file(&config, &Environment::of_process()) {
        let _ = writeln!(io::stderr(), "{}", clean(&error.to_string()));
    }
    if proposal.is_empty {
        make_folder(&folder.join(&proposal.input))?;
    }
    if proposal.starts_glossary {
        make_folder(&folder.join(&proposal.glossary))?;
        create(&folder.join(&proposal.glossary).join("glossary.tsv"), GLOSSARY)?;
    }
    create(&folder.join(".gitignore"), IGNORE)?;
    tell(&next(folder, &proposal, &survey))?;
    Ok(Exit::Ok)
}

/// What the project is to be.
struct Proposal {
    input: PathBuf,
    /// Whether there are no articles yet.
    is_empty: bool,
    glossary: PathBuf,
    /// Whether there is no glossary yet.
    starts_glossary: bool,
}

impl Proposal {
    fn of(survey: &Survey) -> Self {
        let input = survey.input();
        let glossary = survey.glossaries.first();
        Self {
            is_empty: input.is_none(),
            input: input.unwrap_or(Path::new("articles")).to_owned(),
            starts_glossary: glossary.is_none(),
            glossary: glossary.cloned().unwrap_or_else(|| "glossary".into()),
        }
    }

    /// What there is, a line each.
    fn found(&self, survey: &Survey) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.is_empty {
            lines.push(format!("found {}", survey.describe()));
        }
        if !self.starts_glossary {
            lines.push(format!("found the glossary {}", self.glossary.display()));
        }
        lines
    }

    /// The project file.
    fn project(&self) -> String {
        let text = |path: &Path| Value::String(path.to_string_lossy().into_owned()).to_string();
        PROJECT.replace("{input}", &text(&self.input)).replace("{glossary}", &text(&self.glossary))
    }
}

/// What to do next.
fn next(folder: &Path, proposal: &Proposal, survey: &Survey) -> String {
    let mut steps = vec!["\nNext:".to_owned()];
    if folder != Path::new("") {
        steps.push(format!("cd {}", quoted(folder)));
    }
    if proposal.is_empty {
        let place = proposal.input.display();
        steps.push(format!("# put German articles into {place}/ (.txt, .md, .html, .docx, .srt)"));
    }
    let taken = usize::from(!proposal.starts_glossary);
    for table in survey.foreign_glossaries.iter().chain(survey.glossaries.iter().skip(taken)) {
        steps.push(format!("wortlaut glossary import {}", quoted(table)));
    }
    if proposal.starts_glossary && survey.foreign_glossaries.is_empty() {
        steps.push("wortlaut glossary add SOURCE TARGET   # names and terms".to_owned());
    }
    if proposal.is_empty
        && let Some(corpus) = survey.corpora.first()
    {
        steps.push(format!("wortlaut translate {} --text-field NAME", quoted(corpus)));
    }
    steps.push("wortlaut translate --dry-run          # a preview".to_owned());
    steps.push("wortlaut translate".to_owned());
    steps.join("\n  ")
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(|error| cannot(path, &error))?;
    tell(&format!("made {}/", path.display()))
}

/// Makes a file, and leaves alone one that is there.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| cannot(path, &error))?;
            tell(&clean(&format!("made {}", path.display())))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            tell(&clean(&format!("kept {}", path.display())))
        }
        Err(error) => Err(cannot(path, &error)),
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("cannot make {}: {error}", path.display()))
}
