//! What proves that a browser was given the address of the page.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Longest token that is taken, in bytes.
const LONGEST: usize = 128;

/// The token in the address of the page.
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken(String);

/// A text that cannot be a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a token has 1 to {LONGEST} characters: letters and digits of ASCII, - and _")]
pub struct InvalidPageToken;

impl PageToken {
    /// A token of random bytes of the system.
    ///
    /// # Errors
    /// The system has none.
    pub fn random() -> Result<Self, getrandom::Error> {
        // 128 bits cannot be guessed.
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    /// The token as it stands in the address.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text is the token. How long this takes tells nothing of how much of it is right: hashes are compared, in
    /// constant time.
    pub(super) fn is(&self, text: &str) -> bool {
        blake3::hash(self.0.as_bytes()) == blake3::hash(text.as_bytes())
    }
}

impl FromStr for PageToken {
    type Err = InvalidPageToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let is_token = is_plain && (1..=LONGEST).contains(&text.len());
        is_token.then(|| Self(text.to_owned())).ok_or(InvalidPageToken)
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_in_an_address_as_it_is() {
        let token = PageToken::random().expect("random bytes");
        assert_eq!(token.as_str().len(), 32);
        assert_ne!(token, PageToken::random().expect("random bytes"));
        assert!(token.is(token.as_str()) && !token.is("") && !token.is(&token.as_str()[1..]));
        assert_eq!(format!("{token:?}"), "PageToken(…)");
        assert!("my-token_1".parse::<PageToken>().is_ok());
        for wrong in ["", "a b", "a&b=1", "ä", "a#b", &"a".repeat(LONGEST + 1)] {
            assert_eq!(wrong.parse::<PageToken>(), Err(InvalidPageToken), "{wrong}");
        }
    }
}
