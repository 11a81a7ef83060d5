//! Any bytes: an article whose segments and gaps are its text, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wortlaut::model::{ArticleId, Piece};
use wortlaut::pipeline::segment;
use wortlaut::read::{Options, article};
use wortlaut::text::German;

fuzz_target!(|bytes: &[u8]| {
    for name in ["a.txt", "a.md"] {
        let Ok(article) = article(&ArticleId::new(name), bytes, &Options::default()) else { continue };
        let text = article.text.clone();
        let cut = segment(article, &German::default()).expect("segments are in their blocks");
        let joined: String = cut
            .pieces()
            .map(|piece| match piece {
                Piece::Gap(text) | Piece::Segment(_, text) => text,
            })
            .collect();
        assert_eq!(joined, text);
    }
});
