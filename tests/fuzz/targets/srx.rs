//! A file of rules and a text, with a NUL between them: rules or an error, sentences or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wortlaut::text::{Segmenter, Srx};

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let Ok(srx) = Srx::from_bytes(&bytes[..cut]) else { return };
    let text = String::from_utf8_lossy(bytes.get(cut + 1..).unwrap_or_default());
    let Ok(spans) = srx.segment(&text) else { return };
    let mut end = 0;
    for span in spans {
        assert!(span.start >= end && !text[span.clone()].trim().is_empty());
        assert!(text[end..span.start].trim().is_empty());
        end = span.end;
    }
    assert!(text[end..].trim().is_empty());
});
