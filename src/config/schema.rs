//! Which keys exist and what type each has.

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Any text.
    Text,
    /// A path: relative ones are taken from the folder of the file they stand in.
    Path,
    /// A list of texts; comma-separated in a variable or flag.
    List,
    /// A whole number of at least 1.
    Number,
    /// `true` or `false`.
    Switch,
}

/// Sections with fixed keys.
const FIXED: &[(&str, Type)] = &[
    ("translate.input", Type::Path),
    ("translate.output", Type::Path),
    ("translate.engine", Type::Text),
    ("translate.formats", Type::List),
    ("translate.furniture", Type::Text),
    ("translate.wrap", Type::Switch),
    ("segment.rules", Type::Path),
    ("segment.abbreviations", Type::List),
    ("translate.force", Type::Switch),
    ("translate.text_field", Type::Text),
    ("translate.id_field", Type::Text),
    ("translate.target_field", Type::Text),
    ("glossary.path", Type::Path),
    ("glossary.rungs", Type::List),
    ("glossary.house_form", Type::Switch),
    ("glossary.lenient", Type::Switch),
    ("memory.path", Type::Path),
];

/// Keys of an engine profile.
const ENGINE: &[(&str, Type)] = &[
    ("kind", Type::Text),
    ("base_url", Type::Text),
    ("key_env", Type::Text),
    ("key_file", Type::Path),
    ("key_command", Type::Text),
    ("model", Type::Text),
    ("target", Type::Text),
    ("context", Type::Switch),
    ("concurrency", Type::Number),
    ("threads", Type::Number),
    ("max_segments", Type::Number),
    ("max_bytes", Type::Number),
    ("requests_per_second", Type::Number),
    ("timeout", Type::Number),
    ("attempts", Type::Number),
];

/// The type of a dotted key; `None` if there is no such key.
pub(super) fn type_of(key: &str) -> Option<Type> {
    if let Some((name, field)) = key.strip_prefix("engines.").and_then(|rest| rest.rsplit_once('.')) {
        return ENGINE.iter().find(|(known, _)| *known == field && !name.is_empty()).map(|(_, kind)| *kind);
    }
    FIXED.iter().find(|(known, _)| *known == key).map(|(_, kind)| *kind)
}

/// The keys with fixed names.
pub(super) fn fixed() -> impl Iterator<Item = &'static str> {
    FIXED.iter().map(|(key, _)| *key)
}

/// The key that was probably meant, if one is near.
pub(super) fn nearest(key: &str) -> Option<String> {
    let (prefix, last) = key.rsplit_once('.').map_or(("", key), |(prefix, last)| (prefix, last));
    let engine = prefix.starts_with("engines.");
    let candidates: Vec<&str> = match () {
        () if engine => ENGINE.iter().map(|(known, _)| *known).collect(),
        () if prefix.is_empty() => vec!["translate", "segment", "glossary", "memory", "engines"],
        () => FIXED.iter().map(|(known, _)| *known).collect(),
    };
    let wanted = if engine || prefix.is_empty() { last } else { key };
    let near = |known: &&str| strsim::damerau_levenshtein(known, wanted);
    let found =
        candidates.into_iter().min_by_key(near).filter(|known| near(known) <= 1 + wanted.len() / 3)?;
    Some(found.rsplit('.').next().unwrap_or(found).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_in_the_schema() {
        let defaults: toml::Table = super::super::DEFAULTS.parse().expect("the defaults are TOML");
        for (section, table) in &defaults {
            for (key, value) in table.as_table().expect("a section") {
                match value.as_table() {
                    Some(profile) => {
                        for field in profile.keys() {
                            assert!(type_of(&format!("{section}.{key}.{field}")).is_some(), "{field}");
                        }
                    }
                    None => assert!(type_of(&format!("{section}.{key}")).is_some(), "{key}"),
                }
            }
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_key() {
        assert_eq!(nearest("translate.fromats").as_deref(), Some("formats"));
        assert_eq!(nearest("engines.x.base_ulr").as_deref(), Some("base_url"));
        assert_eq!(nearest("translte").as_deref(), Some("translate"));
        assert_eq!(nearest("memory.qqqqqqqqqqqq"), None);
    }
}
