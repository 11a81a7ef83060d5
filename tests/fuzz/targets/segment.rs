//! Any text: nothing but white space stands between sentences, and none is empty.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wortlaut::text::{German, Segmenter};

fuzz_target!(|text: &str| {
    let mut end = 0;
    for span in German::default().segment(text).expect("no rules of its own") {
        assert!(span.start >= end && !text[span.clone()].trim().is_empty());
        assert!(text[end..span.start].trim().is_empty());
        end = span.end;
    }
    assert!(text[end..].trim().is_empty());
});
