//! Readability by itself, to be measured beside this program: a page on standard input, the text of its article out.

use std::error::Error;
use std::io::{Read, Write};

use dom_smoothie::Readability;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let page = String::from_utf8_lossy(&bytes).into_owned();
    let article = Readability::new(page, None, None)?.parse()?;
    // Tags become blanks, so that words of neighbouring blocks do not run into each other.
    let spaced = article.content.replace('<', " <");
    let text = Readability::new(spaced, None, None)?.doc.text();
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
