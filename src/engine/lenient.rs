//! Reading answers that are nearly right: what can be read is used, so that it is not paid for again.
//!
//! An item that cannot be read becomes an empty text. Whoever sent it asks for that text again, and for
//! no other.

use serde_json::{Deserializer, Error, Value};

/// The largest integer up to which a JSON number with a fraction or an exponent is exact. What is beyond
/// is not a figure that anybody counted.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A body as text that a JSON parser accepts wherever the damage does not reach its structure.
///
/// Bytes that are no UTF-8 and halves of surrogate pairs (`\ud83d` without its second half, which services
/// send when they cut a text by UTF-16 units) become U+FFFD, escapes that JSON does not know stand for
/// the character escaped, and raw control characters become spaces.
pub(super) fn mended(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let mut rest = body.strip_prefix('\u{feff}').unwrap_or(&body);
    let mut mended = String::with_capacity(rest.len());
    while let Some(at) = rest.find(|c: char| c == '\\' || c < ' ') {
        let (fine, odd) = rest.split_at(at);
        let (replacement, length) = if odd.starts_with('\\') { escape(odd) } else { (" ", 1) };
        mended.push_str(fine);
        mended.push_str(replacement);
        rest = &odd[length..];
    }
    mended.push_str(rest);
    mended
}

/// The first JSON value of a text; whatever comes after it is ignored.
pub(super) fn value(text: &str) -> Result<Value, Error> {
    let end = || serde::de::Error::custom("it is empty");
    Deserializer::from_str(text).into_iter().next().unwrap_or_else(|| Err(end()))
}

/// The text in a field of an item; empty if the item has no such text.
pub(super) fn text(item: &Value, field: &str) -> String {
    item.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a service says it charged, in whole units; `None` if what it says is no such figure.
pub(super) fn figure(value: &Value) -> Option<u64> {
    let rounded = || value.as_f64().map(f64::ceil).filter(|units| (0.0..=LARGEST_EXACT).contains(units));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    value.as_u64().or_else(|| rounded().map(|units| units as u64))
}

/// What stands for the escape at the beginning of a text, and how long the escape is.
fn escape(text: &str) -> (&str, usize) {
    match code_unit(text) {
        Some(0xD800..=0xDBFF) if matches!(code_unit(&text[6..]), Some(0xDC00..=0xDFFF)) => (&text[..12], 12),
        Some(0xD800..=0xDFFF) => ("\u{fffd}", 6),
        Some(_) => (&text[..6], 6),
        None if text[1..].starts_with(['"', '\\', '/', 'b', 'f', 'n', 'r', 't']) => (&text[..2], 2),
        None => ("", 1),
    }
}

/// The UTF-16 code unit that a text begins with as `\uXXXX`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_digits.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(body: &[u8]) -> Value {
        value(&mended(body)).unwrap()
    }

    #[test]
    fn damage_inside_a_text_stays_inside_it() {
        assert_eq!(
            read(br#"["\ud83d\ude80", "a\ud83d", "\ude80b", "\ud83d\ud83d\ude80"]"#),
            json!(["🚀", "a\u{fffd}", "\u{fffd}b", "\u{fffd}🚀"])
        );
        assert_eq!(read(b"[\"a\xffb\", \"c\"]"), json!(["a\u{fffd}b", "c"]));
        assert_eq!(read(b"[\"a\nb\tc\x00\", \"\\'\\x\\u12\\\xc3\xa4\"]"), json!(["a b c ", "'xu12ä"]));
        assert_eq!(
            read(br#"["\\ud83d", "\"\\\/\b\f\n\r\t\u00e4"]"#),
            json!(["\\ud83d", "\"\\/\u{8}\u{c}\n\r\tä"])
        );
    }

    #[test]
    fn what_stands_around_the_json_is_ignored() {
        assert_eq!(read(b"\xef\xbb\xbf {\"a\": 1}\n\x00<!-- served by x -->"), json!({ "a": 1 }));
        assert!(value(&mended(b"")).is_err());
        assert!(value(&mended("[".repeat(1 << 20).as_bytes())).is_err(), "and no overflow of the stack");
    }

    #[test]
    fn figures_are_whole_and_rounded_up() {
        let figures =
            [(json!(7), 7), (json!(7.0), 7), (json!(1.5), 2), (json!(0), 0), (json!(u64::MAX), u64::MAX)];
        for (value, units) in figures {
            assert_eq!(figure(&value), Some(units), "{value}");
        }
        for value in
            [json!("7"), json!(-1), json!(-0.5e3), json!(null), json!(1e300), json!([7]), json!(true)]
        {
            assert_eq!(figure(&value), None, "{value}");
        }
    }

    #[test]
    fn an_item_without_text_is_empty() {
        for item in
            [json!({}), json!({ "text": null }), json!({ "text": ["a"] }), json!({ "text": 7 }), json!("a")]
        {
            assert_eq!(text(&item, "text"), "", "{item}");
        }
        assert_eq!(text(&json!({ "text": "a" }), "text"), "a");
    }

    proptest! {
        #[test]
        fn good_json_is_left_as_it_is(texts in proptest::collection::vec(any::<String>(), 0..4)) {
            prop_assert_eq!(read(serde_json::to_string(&texts).unwrap().as_bytes()), json!(texts));
        }

        #[test]
        fn any_escapes_inside_a_text_can_be_read(inside in r"(\\[^\x22]|[a-zäd8fu0-9]){0,20}") {
            // A backslash at the end would take the closing quotation mark along.
            let body = format!("[\"{inside} \"]");
            prop_assert!(value(&mended(body.as_bytes())).is_ok());
        }
    }
}
