//! One configuration file as a flat map.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
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

/// What is wrong in a file.
struct FileFault {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// Reads the text of a file into dotted keys, each checked against its setting.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<FileValue>, ConfigError> {
    values(text).map_err(|FileFault { span, message, hint }| ConfigError::File {
        path: path.to_owned(),
        text: masked(text),
        span,
        message,
        hint,
    })
}

fn values(text: &str) -> Result<Vec<FileValue>, FileFault> {
    let table = DeTable::parse(text).map_err(|error| FileFault {
        span: error.span().unwrap_or(0..0),
        message: error.message().to_owned(),
        hint: None,
    })?;
    let mut values = Vec::new();
    walk("", table.get_ref(), &mut values)?;
    Ok(values)
}

/// Collects the values of a table and of those inside it.
fn walk(prefix: &str, table: &DeTable<'_>, values: &mut Vec<FileValue>) -> Result<(), FileFault> {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        let span = value.span();
        if let Some(setting) = names::find(&key) {
            match setting.of_file(value.get_ref()) {
                Ok(value) => values.push(FileValue { key, value, span }),
                Err(WrongValue { message, hint }) => {
                    return Err(FileFault { span, message: format!("{key} {message}"), hint });
                }
            }
        } else if let DeValue::Table(inner) = value.get_ref()
            && names::is_section(&key)
        {
            walk(&key, inner, values)?;
        } else {
            return Err(FileFault {
                span: name.span(),
                message: format!("there is no setting {key}"),
                hint: hint(&key),
            });
        }
    }
    Ok(())
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
