//! The layers and their merging.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Value;

use super::schema::{self, Type};
use super::{ConfigError, DEFAULTS, FILE_NAME, file};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program's own defaults.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag of the command.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// The merged layers: every value in force, with its origin.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    /// Reads all layers but the flags.
    ///
    /// `file` is the file given with `--config`; without one, `wortlaut.toml` is looked for in `folder` and
    /// the folders above it. `variable` looks up an environment variable.
    ///
    /// # Errors
    /// Says which file, variable or key is wrong.
    pub fn load(
        file: Option<&Path>,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self::default();
        for (key, value) in file::parse(Path::new("defaults.toml"), DEFAULTS)? {
            layers.values.insert(key, (value, Origin::Default));
        }
        let user = user_file(variable).filter(|path| path.is_file());
        let project = file.map(Path::to_owned).or_else(|| find_upwards(folder));
        for path in user.into_iter().chain(project) {
            layers.add_file(&path)?;
        }
        layers.add_variables(variable)?;
        Ok(layers)
    }

    /// Puts a file on top.
    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = read_text(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for (key, value) in file::parse(path, &text)? {
            let value = match value {
                Value::String(relative) if schema::type_of(&key) == Some(Type::Path) => {
                    Value::String(folder.join(relative).to_string_lossy().into_owned())
                }
                other => other,
            };
            self.values.insert(key, (value, Origin::File(path.to_owned())));
        }
        Ok(())
    }

    /// Puts the environment on top: `WORTLAUT_TRANSLATE_ENGINE` is `translate.engine`.
    fn add_variables(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        for key in schema::fixed() {
            let name = format!("WORTLAUT_{}", key.replace('.', "_").to_uppercase());
            if let Some(text) = variable(&name) {
                self.set_text(key, &text, Origin::Variable(name))?;
            }
        }
        Ok(())
    }

    /// Puts one value on top, given as text.
    ///
    /// # Errors
    /// If there is no such key or the text is not of its type.
    pub fn set_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let fail = |message, hint| ConfigError::Value { origin: origin.to_string(), message, hint };
        let Some(kind) = schema::type_of(key) else {
            let hint = schema::nearest(key).map(|known| format!("did you mean `{known}`?"));
            return Err(fail(format!("there is no setting {key}"), hint));
        };
        let value = file::from_text(text, kind).map_err(|message| fail(message, None))?;
        self.values.insert(key.to_owned(), (value, origin));
        Ok(())
    }

    /// Every value in force with its origin, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value, &Origin)> {
        self.values.iter().map(|(key, (value, origin))| (key.as_str(), value, origin))
    }

    /// The value of a key and its origin.
    pub(super) fn get(&self, key: &str) -> Option<(&Value, &Origin)> {
        self.values.get(key).map(|(value, origin)| (value, origin))
    }
}

/// The text of a file that may begin with a byte order mark.
fn read_text(path: &Path) -> io::Result<String> {
    let text = fs::read_to_string(path)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The user's own file.
fn user_file(variable: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let base = variable("XDG_CONFIG_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".config")))?;
    Some(base.join("wortlaut").join("config.toml"))
}

/// The nearest project file in a folder or above it; by its mere name if it is in the current folder, as people call it.
fn find_upwards(folder: &Path) -> Option<PathBuf> {
    let found = folder.ancestors().map(|above| above.join(FILE_NAME)).find(|path| path.is_file())?;
    let is_here = std::env::current_dir().is_ok_and(|current| found.parent() == Some(&current));
    Some(if is_here { PathBuf::from(FILE_NAME) } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(folder: &Path, variables: &[(&str, &str)]) -> Result<Layers, ConfigError> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Layers::load(None, folder, &lookup)
    }

    #[test]
    fn later_layers_win_and_name_themselves() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[translate]\nengine = 'deepl'\ninput = 'in'\n")
            .expect("written");
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).expect("created");
        let layers = load(&below, &[("WORTLAUT_TRANSLATE_ENGINE", "pseudo")]).expect("valid");
        let (engine, origin) = layers.get("translate.engine").expect("set");
        assert_eq!(engine.as_str(), Some("pseudo"));
        assert_eq!(origin.to_string(), "$WORTLAUT_TRANSLATE_ENGINE");
        let (input, origin) = layers.get("translate.input").expect("set");
        assert_eq!(Path::new(input.as_str().expect("a path")), folder.path().join("in"));
        assert!(matches!(origin, Origin::File(_)));
        assert_eq!(layers.get("memory.path").map(|(_, origin)| origin), Some(&Origin::Default));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_the_nearest_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[translate]\nfromats = ['text']\n";
        fs::write(folder.path().join(FILE_NAME), text).expect("written");
        let Err(ConfigError::File { span, hint, .. }) = load(folder.path(), &[]) else { panic!("accepted") };
        assert_eq!(&text[span], "fromats");
        assert_eq!(hint.as_deref(), Some("did you mean `formats`?"));
    }

    #[test]
    fn a_key_in_a_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[engines.x]\nkey = 'secret'\n").expect("written");
        let Err(ConfigError::File { hint, .. }) = load(folder.path(), &[]) else { panic!("accepted") };
        assert!(hint.is_some_and(|hint| hint.contains("key_env")));
    }

    #[test]
    fn a_wrong_type_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE_NAME), "[engines.x]\nconcurrency = 0\n").expect("written");
        assert!(matches!(load(folder.path(), &[]), Err(ConfigError::File { .. })));
        assert!(load(Path::new("/"), &[("WORTLAUT_TRANSLATE_WRAP", "perhaps")]).is_err());
    }
}
