//! Names and codes as XLIFF wants them.

use std::borrow::Cow;

/// Whether a text can be the id of something: letters, digits and a few signs.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
}

/// A text as an id.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    if is_name(text) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| if is_name(c.encode_utf8(&mut [0; 4])) { c } else { '_' };
    let name: String = text.chars().map(sign).collect();
    Cow::Owned(if name.is_empty() { "_".to_owned() } else { name })
}

/// What a code reads as by its equivalent text. Some tools put tags there, which nobody reads.
pub(super) fn reads_as(equivalent: Option<&str>, is_own: bool) -> String {
    equivalent.filter(|text| is_own || !text.contains('<')).unwrap_or_default().to_owned()
}
