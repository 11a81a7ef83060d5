//! Addresses inside the page.

use std::fmt::Write as _;

use crate::model::ArticleId;

/// A text as it stands in the query of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The address of an article.
pub(super) fn to_article(id: &ArticleId) -> String {
    format!("/article?id={}", encoded(id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_name_of_an_article_ends_its_address() {
        let link = to_article(&ArticleId::of_record("a b/ö&x=1#2\"<%2f>"));
        assert_eq!(link, "/article?id=a%20b/%C3%B6%26x%3D1%232%22%3C%252f%3E");
    }
}
