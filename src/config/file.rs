//! One configuration file as a flat map.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, FileMistake};
use super::mask::{masked, sounds_secret};
use super::names;
use super::value::{LayerValue, WrongValue};

/// The defaults as a commented file; also what `wortlaut init` starts from.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The name of a project's configuration file.
pub const FILE_NAME: &str = "wortlaut.toml";

/// One value of a file.
#[derive(Debug)]
pub(super) struct FileValue {
    /// The dotted key.
    pub(super) key: String,
    pub(super) value: LayerValue,
    /// Where the value stands, in bytes.
    pub(super) span: Range<usize>,
}

/// Reads the text of a file into dotted keys, each checked against its setting. Every setting that is wrong is reported,
/// so that nobody has to mend a file one run at a time.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<FileValue>, ConfigError> {
    let mut reading = FileReading::default();
    match DeTable::parse(text) {
        Ok(table) => reading.walk("", table.get_ref()),
        Err(error) => reading.mistakes.push(FileMistake {
            span: error.span().unwrap_or(0..0),
            message: error.message().to_owned(),
            hint: None,
        }),
    }
    let FileReading { values, mut mistakes } = reading;
    if mistakes.is_empty() {
        return Ok(values);
    }
    // The parser gives the keys in alphabetical order.
    mistakes.sort_by_key(|mistake| mistake.span.start);
    Err(ConfigError::File { path: path.to_owned(), text: masked(text), mistakes })
}

/// What was found in a file so far.
#[derive(Default)]
struct FileReading {
    values: Vec<FileValue>,
    mistakes: Vec<FileMistake>,
}

impl FileReading {
    /// Collects the values of a table and of those inside it.
    fn walk(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{prefix}.{}", name.get_ref())
            };
            let span = value.span();
            if let Some(setting) = names::find(&key) {
                match setting.of_file(value.get_ref()) {
                    Ok(value) => self.values.push(FileValue { key, value, span }),
                    Err(WrongValue { message, hint }) => {
                        self.mistakes.push(FileMistake { span, message: format!("{key} {message}"), hint });
                    }
                }
            } else if let DeValue::Table(inner) = value.get_ref()
                && names::is_section(&key)
            {
                self.walk(&key, inner);
            } else {
                self.mistakes.push(FileMistake {
                    span: name.span(),
                    message: format!("there is no setting {key}"),
                    hint: hint(&key),
                });
            }
        }
    }
}

/// What to do about an unknown key.
fn hint(key: &str) -> Option<String> {
    let last = key.rsplit('.').next().unwrap_or_default();
    let near = names::nearest(key);
    // A slip of the pen in `key_env` and its like is not a key.
    if sounds_secret(last) && !(last.starts_with("key_") && near.is_some()) {
        return Some("keys do not belong in this file: use key_env, key_file or key_command".to_owned());
    }
    near.map(|known| format!("did you mean `{known}`?"))
}
