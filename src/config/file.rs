//! One configuration file as a flat map.

use std::ops::Range;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::schema::{self, Type};

/// Reads the text of a file into dotted keys, checked against the schema.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<(String, Value)>, ConfigError> {
    let fail = |span: Range<usize>, message: String, hint: Option<String>| ConfigError::File {
        path: path.to_owned(),
        text: text.to_owned(),
        span,
        message,
        hint,
    };
    let table = DeTable::parse(text)
        .map_err(|error| fail(error.span().unwrap_or(0..0), error.message().to_owned(), None))?;
    let mut values = Vec::new();
    walk("", table.get_ref(), &mut values, &fail)?;
    Ok(values)
}

/// Collects the values of a table and of those inside it.
fn walk(
    prefix: &str,
    table: &DeTable<'_>,
    values: &mut Vec<(String, Value)>,
    fail: &dyn Fn(Range<usize>, String, Option<String>) -> ConfigError,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        if let Some(kind) = schema::type_of(&key) {
            let value = convert(value.get_ref(), kind)
                .ok_or_else(|| fail(value.span(), format!("{key} must be {}", describe(kind)), None))?;
            values.push((key, value));
        } else if let DeValue::Table(inner) = value.get_ref()
            && is_section(&key)
        {
            walk(&key, inner, values, fail)?;
        } else {
            return Err(fail(name.span(), format!("there is no setting {key}"), hint(&key)));
        }
    }
    Ok(())
}

/// Whether a table may stand under this key.
fn is_section(key: &str) -> bool {
    match key.strip_prefix("engines.") {
        Some(name) => !name.contains('.'),
        None => key == "engines" || schema::fixed().any(|known| known.split('.').next() == Some(key)),
    }
}

/// What to do about an unknown key.
fn hint(key: &str) -> Option<String> {
    if key.starts_with("engines.") && matches!(key.rsplit('.').next(), Some("key" | "api_key")) {
        return Some("keys do not belong into files: use key_env, key_file or key_command".to_owned());
    }
    schema::nearest(key).map(|known| format!("did you mean `{known}`?"))
}

/// The value if it has the type.
fn convert(value: &DeValue<'_>, kind: Type) -> Option<Value> {
    match (kind, value) {
        (Type::Text | Type::Path, DeValue::String(text)) => Some(Value::String(text.to_string())),
        (Type::List, DeValue::Array(items)) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(|text| Value::String(text.to_owned())))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        (Type::Number, DeValue::Integer(number)) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            (number >= 1).then_some(Value::Integer(number))
        }
        (Type::Switch, DeValue::Boolean(on)) => Some(Value::Boolean(*on)),
        _ => None,
    }
}

/// The value of a variable or flag, given as text.
pub(super) fn from_text(text: &str, kind: Type) -> Result<Value, String> {
    let value = match kind {
        Type::Text | Type::Path => Some(Value::String(text.to_owned())),
        Type::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Type::Number => text.trim().parse().ok().filter(|number| *number >= 1).map(Value::Integer),
        Type::Switch => text.trim().parse().ok().map(Value::Boolean),
    };
    value.ok_or_else(|| format!("{text:?} must be {}", describe(kind)))
}

/// A type in words.
fn describe(kind: Type) -> &'static str {
    match kind {
        Type::Text => "a text in quotation marks",
        Type::Path => "a path in quotation marks",
        Type::List => "a list of texts",
        Type::Number => "a whole number of at least 1",
        Type::Switch => "true or false",
    }
}
