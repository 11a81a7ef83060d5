//! What a command works with: the settings in force, where each came from, and what follows from them.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tracing::info;

use crate::config::{Environment, LayerValue, Layers, MemorySettings, SettingFlag, Settings, Treatment};
use crate::engine::{self, Engine, EngineSupplies, Profile};
use crate::glossary::{Glossary, GlossaryError, LineFault, Matcher};
use crate::pipeline::{Again, Options, Peers, Tools};
use crate::read::{Fields, ReadOptions};
use crate::report::clean;
use crate::text::{German, Segmenter, Srx};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;

/// Characters that stand for a project: enough to tell those of one account apart.
const OWNER: usize = 8;

/// The flag of commands that can go on with a broken glossary.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct LenientArgs {
    /// Leave out broken lines of the glossary with a warning, instead of refusing it
    #[arg(long)]
    pub(super) lenient: bool,
}

impl LenientArgs {
    pub(super) fn flag(self) -> SettingFlag {
        SettingFlag::switch("lenient", "glossary.lenient", self.lenient)
    }
}

/// The flag that names the engine, or several, separated by commas.
pub(super) fn engine_flag(engine: Option<&str>) -> SettingFlag {
    let names = |engines: &str| engines.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
    match engine {
        Some(engines) if engines.contains(',') => {
            SettingFlag::new("engine", "translate.engines", Some(names(engines)))
        }
        engine => SettingFlag::new("engine", "translate.engine", engine.map(str::to_owned)),
    }
}

/// Settings, and the layers they come from.
pub(super) struct Project {
    pub(super) layers: Layers,
    pub(super) settings: Settings,
}

impl Project {
    /// The settings of the folder that the command is run in, with its flags on top.
    pub(super) fn open(
        global: &GlobalArgs,
        flags: impl IntoIterator<Item = SettingFlag>,
    ) -> Result<Self, Failure> {
        let layers = layers(global, flags)?;
        Ok(Self { settings: Settings::new(&layers)?, layers })
    }

    /// The same with a flag that is a setting of the engine profile in use, which only the settings name.
    pub(super) fn with_engine_flag(mut self, name: &'static str, value: LayerValue) -> Result<Self, Failure> {
        let key = format!("engines.{}.{name}", self.settings.translate.engine);
        self.layers.add_flag(name, &key, value)?;
        Ok(Self { settings: Settings::new(&self.layers)?, layers: self.layers })
    }

    /// What stands for the project at services that keep something for it: the same as long as its memory stays where it is.
    pub(super) fn owner(&self) -> String {
        let MemorySettings { path, url, .. } = &self.settings.memory;
        let memory = match url {
            Some(address) => OsString::from(address.to_string()),
            None => std::path::absolute(path).unwrap_or_else(|_| path.clone()).into_os_string(),
        };
        blake3::hash(memory.as_encoded_bytes()).to_hex()[..OWNER].to_owned()
    }

    /// Whether no layer says what to translate.
    pub(super) fn input_is_default(&self) -> bool {
        self.layers.is_default("translate.input")
    }

    /// The glossary in force; the one that the defaults name need not exist.
    pub(super) fn glossary(&self) -> Result<Glossary, Failure> {
        let is_there = self.settings.glossary.path.iter().any(|path| path.exists());
        let glossary = if self.layers.is_default("glossary.path") && !is_there {
            Glossary::default()
        } else {
            self.required_glossary()?
        };
        self.with_scopes(glossary)
    }

    /// A glossary with those for some articles on top.
    pub(super) fn with_scopes(&self, mut glossary: Glossary) -> Result<Glossary, Failure> {
        let settings = &self.settings.glossary;
        for of in &settings.r#for {
            let patterns = of.articles.iter().map(|pattern| pattern.parse());
            let patterns =
                patterns.collect::<Result<_, _>>().map_err(|error| Failure::new(Exit::Config, error))?;
            let own = load_glossary(&of.path, settings.lenient)?;
            let said = glossary.remarks().len() + own.remarks().len();
            glossary.add_for(patterns, own);
            remark(&glossary.remarks()[said..]);
        }
        Ok(glossary)
    }

    /// The glossary in force, which must exist.
    pub(super) fn required_glossary(&self) -> Result<Glossary, Failure> {
        load_glossary(&self.settings.glossary.path, self.settings.glossary.lenient)
    }

    /// What cuts German into sentences.
    pub(super) fn segmenter(&self) -> Result<Arc<dyn Segmenter>, Failure> {
        let settings = &self.settings.segment;
        let Some(path) = &settings.rules else {
            return Ok(Arc::new(German::with_abbreviations(settings.abbreviations.iter().cloned())));
        };
        let srx = Srx::load(path).map_err(|error| {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            Failure::new(Exit::Config, format!("{}: {error}{cause}", path.display()))
        })?;
        if !settings.abbreviations.is_empty() {
            let message = "segment.abbreviations extends wortlaut's own rules, which segment.rules replaces";
            return Err(self
                .layers
                .error_at(
                    "segment.abbreviations",
                    message.to_owned(),
                    Some("write the abbreviations into the SRX file".to_owned()),
                )
                .into());
        }
        Ok(Arc::new(srx))
    }

    /// The engines of profiles, in order, with one purse.
    pub(super) fn engines(
        profiles: &[Profile],
        supplies: &EngineSupplies,
    ) -> Result<Vec<Arc<dyn Engine>>, Failure> {
        let engine = |profile: &Profile| {
            info!(engine = profile.name, "use the engine for what those before do not translate");
            Ok(engine::build_with(profile, supplies.clone())?)
        };
        profiles.iter().map(engine).collect()
    }

    /// What a run works with.
    pub(super) fn tools(&self, profile: &Profile, supplies: EngineSupplies) -> Result<Tools, Failure> {
        Ok(self.tools_and_glossary(profile, supplies)?.0)
    }

    /// The same with the glossary in it.
    pub(super) fn tools_and_glossary(
        &self,
        profile: &Profile,
        supplies: EngineSupplies,
    ) -> Result<(Tools, Glossary), Failure> {
        let engine: Arc<dyn Engine> = engine::build_with(profile, supplies)?;
        info!(engine = profile.name, "use the engine");
        let (segmenter, glossary) = (self.segmenter()?, self.glossary()?);
        Ok((Tools { segmenter, matcher: Arc::new(Matcher::new(&glossary)), engine }, glossary))
    }

    /// How articles are read.
    pub(super) fn read_options(&self) -> ReadOptions {
        ReadOptions { wrap: self.settings.translate.wrap, ..ReadOptions::default() }
    }

    /// How articles are read and what is done to their segments.
    pub(super) fn options(&self, forecast: bool) -> Options {
        let Settings { translate, glossary, .. } = &self.settings;
        Options {
            read: self.read_options(),
            furniture: translate.furniture == Treatment::Translate,
            attributes: translate.attributes == Treatment::Translate,
            house_form: glossary.house_form,
            checks: self.settings.check.checks(),
            any_language: translate.force,
            rungs: glossary.rungs.clone(),
            forecast,
            peers: Peers::default(),
            next: Vec::new(),
            on: translate.on,
            again: Again::default(),
            only_again: false,
            offline: false,
            unaided: false,
        }
    }

    /// Who makes corrections: the setting, or the login name.
    pub(super) fn author(&self) -> String {
        let setting = self.settings.memory.author.clone();
        let login = ["USER", "LOGNAME", "USERNAME"].iter().filter_map(|name| std::env::var(name).ok());
        let mut names = setting.into_iter().chain(login).filter(|name| !name.trim().is_empty());
        names.next().unwrap_or_else(|| "unknown".to_owned())
    }

    /// Which fields of a corpus are what.
    pub(super) fn fields(&self) -> Fields {
        let translate = &self.settings.translate;
        let text = translate.text_field().unwrap_or("text");
        Fields {
            text: text.to_owned(),
            id: translate.id_field().map(str::to_owned),
            text_type: translate.text_type,
            kept: translate.keep_fields.clone(),
            added: &[],
            target: translate.target_field().map_or_else(|| format!("{text}_en"), str::to_owned),
        }
    }
}

/// The layers of the current folder, with flags on top.
pub(super) fn layers(
    global: &GlobalArgs,
    flags: impl IntoIterator<Item = SettingFlag>,
) -> Result<Layers, Failure> {
    let folder = std::env::current_dir()
        .map_err(|error| Failure::new(Exit::Config, format!("cannot find the current folder: {error}")))?;
    let mut layers = Layers::load(global.config.as_deref(), &folder, &Environment::of_process())?;
    let glossary: Option<LayerValue> = match &global.glossary[..] {
        [] => None,
        [one] => Some(one.clone().into()),
        several => Some(several.to_vec().into()),
    };
    layers.add_flags([SettingFlag::new("glossary", "glossary.path", glossary)])?;
    layers.add_flags(flags)?;
    Ok(layers)
}

/// What to do about a line that cannot be read.
pub(super) const LENIENT: &str = "--lenient leaves out broken lines and goes on";

/// Loads glossaries as one; they must exist. A lenient load says on standard error what it leaves out.
pub(super) fn load_glossary(paths: &[PathBuf], lenient: bool) -> Result<Glossary, Failure> {
    let shown = || paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    if !lenient {
        let loaded = Glossary::load_all(paths);
        let loaded =
            loaded.and_then(|(glossary, faults)| faults.into_iter().next().map_or(Ok(glossary), Err));
        let glossary = loaded.map_err(|error| {
            let hint = match &error {
                GlossaryError::Line(line) if matches!(line.fault, LineFault::Conflict { .. }) => Some(
                    "keep one of the two lines, or accept both targets in one, separated by |; --lenient takes \
                     the first line and goes on",
                ),
                GlossaryError::Line(_) => Some(LENIENT),
                _ => None,
            };
            let failure = Failure::from(error);
            match hint {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        })?;
        remark(glossary.remarks());
        info!(path = shown(), entries = glossary.entries().len(), "read the glossary");
        return Ok(glossary);
    }
    let (glossary, faults) = Glossary::load_all(paths)?;
    remark(glossary.remarks());
    for fault in &faults {
        let _ = writeln!(io::stderr(), "left out: {}", clean(&fault.to_string()));
    }
    info!(path = shown(), entries = glossary.entries().len(), left_out = faults.len(), "read the glossary");
    Ok(glossary)
}

/// Says how the files of a glossary were understood.
fn remark(remarks: &[String]) {
    for remark in remarks {
        let _ = writeln!(io::stderr(), "{}", clean(remark));
    }
}
