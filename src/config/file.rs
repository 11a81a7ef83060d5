//! One configuration file as a flat map.

use std::ops::Range;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::mask::{masked, sounds_secret};
use super::schema::{self, Bounds, Type};

/// One value of a file.
#[derive(Debug)]
pub(super) struct Entry {
    /// The dotted key.
    pub(super) key: String,
    pub(super) value: Value,
    /// Where the value stands, in bytes.
    pub(super) span: Range<usize>,
}

/// What is wrong in a file.
struct Fault {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// Reads the text of a file into dotted keys, checked against the schema.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    entries(text).map_err(|Fault { span, message, hint }| ConfigError::File {
        path: path.to_owned(),
        text: masked(text),
        span,
        message,
        hint,
    })
}

fn entries(text: &str) -> Result<Vec<Entry>, Fault> {
    let table = DeTable::parse(text).map_err(|error| Fault {
        span: error.span().unwrap_or(0..0),
        message: error.message().to_owned(),
        hint: None,
    })?;
    let mut entries = Vec::new();
    walk("", table.get_ref(), &mut entries)?;
    Ok(entries)
}

/// Collects the values of a table and of those inside it.
fn walk(prefix: &str, table: &DeTable<'_>, entries: &mut Vec<Entry>) -> Result<(), Fault> {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        let span = value.span();
        if let Some(setting) = schema::find(&key) {
            match convert(value.get_ref(), setting.kind) {
                Ok(value) => entries.push(Entry { key, value, span }),
                Err(Wrong { message, hint }) => {
                    return Err(Fault { span, message: format!("{key} {message}"), hint });
                }
            }
        } else if let DeValue::Table(inner) = value.get_ref()
            && is_section(&key)
        {
            walk(&key, inner, entries)?;
        } else {
            return Err(Fault {
                span: name.span(),
                message: format!("there is no setting {key}"),
                hint: hint(&key),
            });
        }
    }
    Ok(())
}

/// Whether a table may stand under this key.
fn is_section(key: &str) -> bool {
    match key.strip_prefix("engines.") {
        Some(name) => !name.contains('.'),
        None => key == "engines" || schema::fixed().any(|known| known.key.split('.').next() == Some(key)),
    }
}

/// What to do about an unknown key.
fn hint(key: &str) -> Option<String> {
    let last = key.rsplit('.').next().unwrap_or_default();
    let near = schema::nearest(key);
    // A slip of the pen in `key_env` and its like is no key.
    if sounds_secret(last) && !(last.starts_with("key_") && near.is_some()) {
        return Some("keys do not belong in this file: use key_env, key_file or key_command".to_owned());
    }
    near.map(|known| format!("did you mean `{known}`?"))
}

/// What is wrong about a value.
pub(super) struct Wrong {
    /// As the rest of a sentence that begins with the setting or the text.
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// The value if it has the type.
fn convert(value: &DeValue<'_>, kind: Type) -> Result<Value, Wrong> {
    let value = match (kind, value) {
        (Type::Text | Type::Path, DeValue::String(text)) => Some(Value::String(text.to_string())),
        (Type::Variable, DeValue::String(text)) if is_variable(text) => Some(Value::String(text.to_string())),
        (Type::List, DeValue::Array(items)) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(|text| Value::String(text.to_owned())))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        (Type::Number(bounds), DeValue::Integer(number)) => {
            // A number that is too large for this type is out of bounds anyway.
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
            number.filter(|number| bounds.hold(*number)).map(Value::Integer)
        }
        (Type::Switch, DeValue::Boolean(on)) => Some(Value::Boolean(*on)),
        _ => None,
    };
    value.ok_or_else(|| wrong(kind))
}

/// The value of a variable or flag, given as text.
pub(super) fn from_text(text: &str, kind: Type) -> Result<Value, Wrong> {
    let value = match kind {
        Type::Text | Type::Path => Some(Value::String(text.to_owned())),
        Type::Variable => is_variable(text).then(|| Value::String(text.to_owned())),
        Type::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Type::Number(bounds) => {
            text.trim().parse().ok().filter(|number| bounds.hold(*number)).map(Value::Integer)
        }
        Type::Switch => text.trim().parse().ok().map(Value::Boolean),
    };
    value.ok_or_else(|| wrong(kind))
}

/// Whether a text can be the name of an environment variable.
fn is_variable(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What a value must be, in words.
fn wrong(kind: Type) -> Wrong {
    let (message, hint) = match kind {
        Type::Text => ("must be a text in quotation marks".to_owned(), None),
        Type::Path => ("must be a path in quotation marks".to_owned(), None),
        Type::Variable => (
            "must be the name of an environment variable".to_owned(),
            Some("the key itself stands in that variable, not in a file".to_owned()),
        ),
        Type::List => ("must be a list of texts".to_owned(), None),
        Type::Number(Bounds { least, most, why }) => {
            (format!("must be a whole number from {least} to {most}"), Some(format!("{most} at most: {why}")))
        }
        Type::Switch => ("must be true or false".to_owned(), None),
    };
    Wrong { message, hint }
}
