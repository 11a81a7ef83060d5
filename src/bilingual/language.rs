//! The codes of German and English.

/// Whether a code such as `de`, `de-AT`, `DE_DE` or `deu` is German.
#[must_use]
pub fn is_german(code: &str) -> bool {
    is_one_of(code, &["de", "deu", "ger"])
}

/// Whether a code such as `en`, `EN-US` or `eng` is English.
#[must_use]
pub fn is_english(code: &str) -> bool {
    is_one_of(code, &["en", "eng"])
}

fn is_one_of(code: &str, names: &[&str]) -> bool {
    let language = code.trim().split(['-', '_']).next().unwrap_or_default();
    names.iter().any(|name| language.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_capitals_do_not_count() {
        assert!(["de", "de-DE", "DE_AT", "deu", " De"].into_iter().all(is_german));
        assert!(["en", "EN-us", "eng"].into_iter().all(is_english));
        assert!(
            ["", "den", "fr", "*all*", "nds-DE"]
                .into_iter()
                .all(|code| !is_german(code) && !is_english(code))
        );
    }
}
