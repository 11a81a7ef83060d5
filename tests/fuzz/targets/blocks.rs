//! Any text: blocks are in order, and every character that is not white space is in a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wortlaut::text::{German, blocks, sentences};

fuzz_target!(|input: (Option<bool>, &str)| {
    let (wrap, text) = input;
    let mut end = 0;
    for block in blocks(text, wrap) {
        assert!(block.span.start >= end && !block.span.is_empty());
        assert!(text.get(block.span.clone()).is_some());
        end = block.span.end;
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let found = sentences(text, wrap, &German::default()).expect("no rules of its own");
    assert_eq!(squeezed(&found.concat()), squeezed(text));
});
