//! The layers and their merging.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use blake3::Hash;
use tracing::{debug, info};

use super::environment::{Environment, Platform};
use super::error::{ConfigError, FileMistake};
use super::file::{self, DEFAULTS, FILE_NAME};
use super::mask::{masked, printable};
use super::names;
use super::ownership::{guard, located};
use super::trusted::{TrustState, TrustStore};
use super::value::{LayerValue, WrongValue};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOrigin {
    /// The program's own defaults.
    Default,
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag, without its dashes.
    Flag(&'static str),
}

impl ValueOrigin {
    /// Whether two values are of the same layer.
    pub(super) fn is_layer_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Variable(_), Self::Variable(_)) | (Self::Flag(_), Self::Flag(_)) => true,
            _ => self == other,
        }
    }
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// The engine, and the list of engines that may stand for it.
pub(super) const ENGINE: &str = "translate.engine";
pub(super) const ENGINES: &str = "translate.engines";

/// The merged layers: every value in force, with its origin.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    values: BTreeMap<String, Layered>,
    /// The texts of the files, without what might be a key.
    texts: BTreeMap<PathBuf, String>,
    /// The file of the project, if it was found and not named.
    found: Option<ProjectFile>,
}

/// A value in force.
#[derive(Debug, Clone)]
struct Layered {
    value: LayerValue,
    origin: ValueOrigin,
    /// Where it stands in the file that it came from.
    span: Option<Range<usize>>,
}

/// A flag that is a setting, and its value if it was given.
#[derive(Debug, Clone)]
pub struct SettingFlag {
    /// The flag, without its dashes.
    pub name: &'static str,
    /// The key of the setting.
    pub key: &'static str,
    pub value: Option<LayerValue>,
}

impl SettingFlag {
    /// A flag with the value that the command line gives it, if any.
    pub fn new(name: &'static str, key: &'static str, value: Option<impl Into<LayerValue>>) -> Self {
        Self { name, key, value: value.map(Into::into) }
    }

    /// A flag that turns something on, and cannot turn it off.
    #[must_use]
    pub fn switch(name: &'static str, key: &'static str, given: bool) -> Self {
        Self::new(name, key, given.then_some(true))
    }
}

/// A file of the project that was found and not named.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// As it is shown.
    pub(super) shown: PathBuf,
    /// Where it stands, whatever links lead there.
    pub(super) file: PathBuf,
    /// The folder that relative paths are taken from when they are used.
    pub(super) current: PathBuf,
    hash: Hash,
    store: Option<TrustStore>,
}

impl ProjectFile {
    /// The file, by the real path of its folder.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether it is trusted as it was read.
    ///
    /// # Errors
    /// The list of trusted files cannot be read.
    pub fn state(&self) -> Result<TrustState, ConfigError> {
        self.store.as_ref().map_or(Ok(TrustState::Unknown), |store| store.state(&self.file, self.hash))
    }

    /// Trusts it as it was read, and not as it may be by now.
    ///
    /// # Errors
    /// The list of trusted files cannot be read or written.
    pub fn trust(&self, environment: &Environment) -> Result<(), ConfigError> {
        TrustStore::of(environment)?.add(&self.file, self.hash)
    }
}

impl Layers {
    /// Reads all layers but the flags.
    ///
    /// `file` is the file given with `--config`; without one, `wortlaut.toml` is looked for in `folder`, the current
    /// one, and the folders above it.
    ///
    /// # Errors
    /// Says which file, variable or key is wrong.
    pub fn load(file: Option<&Path>, folder: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let mut layers = Self::default();
        for default in file::parse(Path::new("defaults.toml"), DEFAULTS)? {
            layers.set(default.key, default.value, ValueOrigin::Default, None);
        }
        let users = environment.config_folder(Platform::HERE).map(|folder| folder.join("config.toml"));
        if let Some(users) = users.filter(|path| path.is_file()) {
            guard(&users, environment)?;
            layers.add_file(&users)?;
        }
        if let Some(named) = file {
            layers.add_file(named)?;
        } else if let Some(shown) = nearest_file(folder) {
            guard(&shown, environment)?;
            let hash = layers.add_file(&shown)?;
            let file = located(&shown).map_err(|source| read_error(&shown, source))?;
            let store = TrustStore::of(environment).ok();
            layers.found = Some(ProjectFile { shown, file, current: folder.to_owned(), hash, store });
        }
        layers.add_variables(environment)?;
        Ok(layers)
    }

    /// The files that values were read from.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.texts.keys().map(PathBuf::as_path)
    }

    /// Puts a file on top, and gives back the hash of its bytes.
    fn add_file(&mut self, path: &Path) -> Result<Hash, ConfigError> {
        let bytes = fs::read(path).map_err(|source| read_error(path, source))?;
        let hash = blake3::hash(&bytes);
        let text = String::from_utf8(bytes).map_err(|_| {
            let source = std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8");
            read_error(path, source)
        })?;
        // A byte order mark may begin it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let folder = path.parent().unwrap_or(Path::new(""));
        for file::FileValue { key, value, span } in file::parse(path, text)? {
            let value = match value {
                LayerValue::Path(relative) => LayerValue::Path(folder.join(relative)),
                LayerValue::Paths(all) => {
                    LayerValue::Paths(all.iter().map(|path| folder.join(path)).collect())
                }
                LayerValue::OfArticles(mut all) => {
                    all.iter_mut().flat_map(|of| &mut of.path).for_each(|path| *path = folder.join(&path));
                    LayerValue::OfArticles(all)
                }
                other => other,
            };
            self.set(key, value, ValueOrigin::File(path.to_owned()), Some(span));
        }
        info!(file = %path.display(), "read settings");
        self.texts.insert(path.to_owned(), masked(text));
        Ok(hash)
    }

    /// Puts the environment on top: `WORTLAUT_TRANSLATE_ENGINE` is `translate.engine`.
    fn add_variables(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for (name, value) in environment.settings() {
            let fail =
                |message: String, hint| ConfigError::Value { origin: format!("${name}"), message, hint };
            names::known_variable(name).map_err(|near| {
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                fail(
                    "there is no such variable; those of settings are WORTLAUT_SECTION_NAME".to_owned(),
                    hint,
                )
            })?;
            let Some((key, setting)) = names::fixed().find(|(key, _)| names::variable(key) == name) else {
                continue;
            };
            let value = setting.of_variable(value).map_err(|WrongValue { message, hint }| {
                let message = value
                    .to_str()
                    .map_or("the value is not UTF-8".to_owned(), |text| format!("{text:?} {message}"));
                fail(message, hint)
            })?;
            debug!(variable = name, "set by the environment");
            self.set(key, value, ValueOrigin::Variable(name.to_owned()), None);
        }
        Ok(())
    }

    /// Puts the flags on top.
    ///
    /// # Errors
    /// A value is not one that the setting takes.
    pub fn add_flags(&mut self, flags: impl IntoIterator<Item = SettingFlag>) -> Result<(), ConfigError> {
        for SettingFlag { name, key, value } in flags {
            if let Some(value) = value {
                self.add_flag(name, key, value)?;
            }
        }
        Ok(())
    }

    /// Puts one flag on top.
    ///
    /// # Errors
    /// There is no such setting, or the value is not one that it takes.
    pub fn add_flag(&mut self, name: &'static str, key: &str, value: LayerValue) -> Result<(), ConfigError> {
        let origin = ValueOrigin::Flag(name);
        let fail = |message, hint| ConfigError::Value { origin: origin.to_string(), message, hint };
        let Some(setting) = names::find(key) else {
            let hint = names::nearest(key).map(|known| format!("did you mean `{known}`?"));
            return Err(fail(format!("there is no setting {key}"), hint));
        };
        setting.check(&value).map_err(|wrong| fail(format!("{value} {}", wrong.message), wrong.hint))?;
        self.set(key.to_owned(), value, origin, None);
        Ok(())
    }

    fn set(&mut self, key: String, value: LayerValue, origin: ValueOrigin, span: Option<Range<usize>>) {
        // One engine takes the place of the list of a lower layer.
        if key == ENGINE && self.get(ENGINES).is_some_and(|(_, known)| !known.is_layer_of(&origin)) {
            let (value, origin) = (LayerValue::List(Vec::new()), ValueOrigin::Default);
            self.values.insert(ENGINES.to_owned(), Layered { value, origin, span: None });
        }
        self.values.insert(key, Layered { value, origin, span });
    }

    /// Every value in force with its origin, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &LayerValue, &ValueOrigin)> {
        self.values.iter().map(|(key, layered)| (key.as_str(), &layered.value, &layered.origin))
    }

    /// Every value in force as it may be shown: with anything hidden that might be a key.
    pub fn shown(&self) -> impl Iterator<Item = (&str, String, &ValueOrigin)> {
        self.iter().map(|(key, value, origin)| (key, printable(key, value), origin))
    }

    /// The file of the project, if it was found and not named.
    #[must_use]
    pub fn found(&self) -> Option<&ProjectFile> {
        self.found.as_ref()
    }

    /// The value of a key and its origin.
    pub(super) fn get(&self, key: &str) -> Option<(&LayerValue, &ValueOrigin)> {
        self.values.get(key).map(|layered| (&layered.value, &layered.origin))
    }

    /// The value of a key that is a text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(|(value, _)| value.as_text())
    }

    /// Whether no file, variable or flag has a value for a key.
    #[must_use]
    pub fn is_default(&self, key: &str) -> bool {
        self.get(key).is_none_or(|(_, origin)| *origin == ValueOrigin::Default)
    }

    /// An error about a whole section, with its header marked if a file has one.
    #[must_use]
    pub fn error_at_section(&self, section: &str, message: String, hint: Option<String>) -> ConfigError {
        let header = format!("[{section}]");
        for (path, text) in &self.texts {
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                if line.trim() == header {
                    let at = start + (line.len() - line.trim_start().len());
                    let mistakes = vec![FileMistake { span: at..at + header.len(), message, hint }];
                    return ConfigError::File { path: path.clone(), text: text.clone(), mistakes };
                }
                start += line.len();
            }
        }
        ConfigError::Value { origin: section.to_owned(), message, hint }
    }

    /// An error about the value in force of a key, with its line if it came from a file.
    #[must_use]
    pub fn error_at(&self, key: &str, message: String, hint: Option<String>) -> ConfigError {
        let layered = self.values.get(key);
        if let Some(Layered { origin: ValueOrigin::File(path), span: Some(span), .. }) = layered
            && let Some(text) = self.texts.get(path)
        {
            let mistakes = vec![FileMistake { span: span.clone(), message, hint }];
            return ConfigError::File { path: path.clone(), text: text.clone(), mistakes };
        }
        let origin = layered.map_or_else(|| key.to_owned(), |layered| layered.origin.to_string());
        ConfigError::Value { origin, message, hint }
    }
}

fn read_error(path: &Path, source: std::io::Error) -> ConfigError {
    ConfigError::Read { path: path.to_owned(), source }
}

/// The nearest project file in a folder or above it; relative if it stands in the current folder itself.
#[must_use]
pub fn nearest_file(folder: &Path) -> Option<PathBuf> {
    let found = folder.ancestors().map(|above| above.join(FILE_NAME)).find(|path| path.is_file())?;
    let is_here = std::env::current_dir().is_ok_and(|current| current.join(FILE_NAME) == found);
    Some(if is_here { PathBuf::from(FILE_NAME) } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load<const N: usize>(folder: &Path, variables: [(&str, &str); N]) -> Result<Layers, ConfigError> {
        Layers::load(None, folder, &variables.into())
    }

    #[test]
    fn later_layers_win_and_name_themselves() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[translate]\nengine = 'deepl'\ninput = 'in'\n")
            .expect("written");
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).expect("created");
        let layers = load(&below, [("WORTLAUT_TRANSLATE_ENGINE", "pseudo")]).expect("valid");
        let (engine, origin) = layers.get("translate.engine").expect("set");
        assert_eq!(engine.as_text(), Some("pseudo"));
        assert_eq!(origin.to_string(), "$WORTLAUT_TRANSLATE_ENGINE");
        let (input, origin) = layers.get("translate.input").expect("set");
        assert_eq!(input.as_path().expect("a path"), folder.path().join("in"));
        assert!(matches!(origin, ValueOrigin::File(_)));
        assert_eq!(layers.get("memory.path").map(|(_, origin)| origin), Some(&ValueOrigin::Default));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_the_nearest_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[translate]\nfromats = ['text']\n";
        fs::write(folder.path().join(FILE_NAME), text).expect("written");
        let Err(ConfigError::File { mistakes, .. }) = load(folder.path(), []) else { panic!("accepted") };
        let [FileMistake { span, hint, .. }] = mistakes.as_slice() else { panic!("{mistakes:?}") };
        assert_eq!(&text[span.clone()], "fromats");
        assert_eq!(hint.as_deref(), Some("did you mean `formats`?"));
    }

    #[test]
    fn all_mistakes_of_a_file_are_reported_in_its_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[translate]\nwrap = 'perhaps'\nfromats = ['text']\n[segmnt]\nx = 1\n\
                    [engines.x]\nkind = 'deepl'\nconcurency = 2\n";
        fs::write(folder.path().join(FILE_NAME), text).expect("written");
        let Err(ConfigError::File { mistakes, .. }) = load(folder.path(), []) else { panic!("accepted") };
        let marked: Vec<&str> = mistakes.iter().map(|mistake| &text[mistake.span.clone()]).collect();
        assert_eq!(marked, ["'perhaps'", "fromats", "segmnt", "concurency"]);
        let hints: Vec<Option<&str>> = mistakes.iter().map(|mistake| mistake.hint.as_deref()).collect();
        let meant =
            ["did you mean `formats`?", "did you mean `segment`?", "did you mean `concurrency`?"].map(Some);
        assert_eq!(hints[1..], meant);
    }

    #[test]
    fn a_key_in_a_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[engines.x]\nkey = 'secret'\n").expect("written");
        let Err(ConfigError::File { mistakes, .. }) = load(folder.path(), []) else { panic!("accepted") };
        assert!(mistakes[0].hint.as_ref().is_some_and(|hint| hint.contains("key_env")));
    }

    #[test]
    fn a_wrong_type_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[engines.x]\nconcurrency = 0\n").expect("written");
        assert!(matches!(load(folder.path(), []), Err(ConfigError::File { .. })));
        assert!(load(Path::new("/"), [("WORTLAUT_TRANSLATE_WRAP", "perhaps")]).is_err());
    }
}
