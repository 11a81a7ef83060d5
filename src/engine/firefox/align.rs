//! From the attention between tokens to links between words.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::english::is_function_word;

/// A target word is linked to a source word that gets at least this share of what its best one gets.
const SHARE_OF_BEST: f32 = 0.5;
/// A target word whose best source word gets less of its attention than this stays without a link.
const LEAST: f32 = 0.15;

/// A link: bytes of a source word, bytes of the target word that renders it.
pub(super) type Link = (Range<usize>, Range<usize>);

/// One side of a translation: its text and where each token stands in it.
pub(super) struct AlignedSide<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Range<usize>],
}

/// Links the words of both sides; `attention` has a row for each target token, a column for each source token.
///
/// Columns beyond the source tokens (the end mark) are the network's way to look at nothing.
pub(super) fn links(
    source: &AlignedSide<'_>,
    target: &AlignedSide<'_>,
    attention: &[impl AsRef<[f32]>],
) -> Vec<Link> {
    let (source_words, owners) = words(source);
    let (target_words, places) = words(target);
    let mut looks = vec![vec![0.0_f32; source_words.len()]; target_words.len()];
    let mut sizes = vec![0.0_f32; target_words.len()];
    for (place, row) in places.iter().zip(attention) {
        let Some(word) = *place else { continue };
        sizes[word] += 1.0;
        for (owner, weight) in owners.iter().zip(row.as_ref()) {
            if let Some(owner) = *owner {
                looks[word][owner] += weight;
            }
        }
    }
    let mut links = Vec::new();
    for (word, (looks, size)) in looks.iter().zip(sizes).enumerate() {
        let most = looks.iter().copied().fold(0.0, f32::max);
        if size == 0.0 || most < LEAST * size {
            continue;
        }
        let linked = looks.iter().enumerate().filter(|(_, look)| **look >= SHARE_OF_BEST * most);
        links.extend(linked.map(|(owner, _)| (source_words[owner].clone(), target_words[word].clone())));
    }
    links
}

/// The tokens with which a target may begin to render some bytes of its source: those of the first word of each run of words that
/// are linked to them, and of what stands behind articles and prepositions there.
pub(super) fn rendering(target: &AlignedSide<'_>, links: &[Link], span: &Range<usize>) -> Vec<usize> {
    let is_linked = |word: &Range<usize>| {
        links.iter().any(|(from, to)| to == word && from.start < span.end && span.start < from.end)
    };
    let mut tokens = Vec::new();
    let mut may_begin = true;
    for (at, word) in target.text.unicode_word_indices() {
        let is_linked = is_linked(&(at..at + word.len()));
        if is_linked && may_begin {
            tokens.extend(target.tokens.iter().position(|token| token.end > at));
        }
        may_begin = !is_linked || may_begin && is_function_word(&word.to_lowercase());
    }
    tokens
}

/// The words of a side, and for each token the word that most of it belongs to (none for punctuation).
fn words(side: &AlignedSide<'_>) -> (Vec<Range<usize>>, Vec<Option<usize>>) {
    let words: Vec<Range<usize>> =
        side.text.unicode_word_indices().map(|(at, word)| at..at + word.len()).collect();
    let mut from = 0;
    let owner = |token: &Range<usize>| {
        // Tokens and words both run forward, so the search never goes back.
        while from < words.len() && words[from].end <= token.start {
            from += 1;
        }
        let overlap =
            |word: &Range<usize>| word.end.min(token.end).saturating_sub(word.start.max(token.start));
        let near = words[from..].iter().take_while(|word| word.start < token.end);
        near.enumerate().max_by_key(|(_, word)| overlap(word)).map(|(n, _)| from + n)
    };
    let owners = side.tokens.iter().map(owner).collect();
    (words, owners)
}

/// Finds the bytes of a text that each range of its normalised form comes from.
///
/// `normalise` is the vocabulary's own normalisation, which writes [`SPACE`] for white space. A word it leaves
/// alone maps byte by byte, a word it changes character by character or, where characters act on each
/// other (a letter and its accent), as a whole.
pub(super) fn original_ranges(
    text: &str,
    normal: &str,
    ranges: impl Iterator<Item = Range<usize>>,
    normalise: &impl Fn(&str) -> String,
) -> Vec<Range<usize>> {
    let origins = origins(text, normal, normalise);
    let range = |range: Range<usize>| {
        let covered = origins.get(range).unwrap_or_default();
        let mut full = covered.iter().filter(|origin| !origin.is_empty());
        match (full.clone().next(), full.next_back()) {
            (Some(first), Some(last)) => first.start..last.end.max(first.start),
            _ => covered.first().cloned().unwrap_or(text.len()..text.len()),
        }
    };
    ranges.map(range).collect()
}

/// What `SentencePiece` writes for white space.
pub(super) const SPACE: char = '\u{2581}';

/// The bytes of the text that each byte of its normalised form comes from.
fn origins(text: &str, normal: &str, normalise: &impl Fn(&str) -> String) -> Vec<Range<usize>> {
    let mut origins = Vec::with_capacity(normal.len());
    for word in text.split_whitespace() {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let form = normalise(word);
        if !normal[origins.len()..].starts_with(&form) {
            break;
        }
        word_origins(start, word, &form, normalise, &mut origins);
    }
    // Text that normalises differently as a whole than word by word: the rest is known only as a whole.
    let known = origins.last().map_or(0, |origin: &Range<usize>| origin.end);
    origins.resize(normal.len(), known..text.len());
    origins
}

fn word_origins(
    start: usize,
    word: &str,
    form: &str,
    normalise: &impl Fn(&str) -> String,
    origins: &mut Vec<Range<usize>>,
) {
    let body = form.trim_start_matches(SPACE);
    let push = |origins: &mut Vec<Range<usize>>, bytes: usize, origin: Range<usize>| {
        origins.extend(std::iter::repeat_n(origin, bytes));
    };
    push(origins, form.len() - body.len(), start..start);
    if body == word {
        for (at, c) in word.char_indices() {
            push(origins, c.len_utf8(), start + at..start + at + c.len_utf8());
        }
        return;
    }
    let forms: Vec<String> = word
        .chars()
        .map(|c| normalise(c.encode_utf8(&mut [0; 4])).trim_start_matches(SPACE).to_owned())
        .collect();
    if forms.concat() == body {
        for ((at, c), form) in word.char_indices().zip(&forms) {
            push(origins, form.len(), start + at..start + at + c.len_utf8());
        }
    } else {
        push(origins, body.len(), start..start + word.len());
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn normalise(text: &str) -> String {
        let words: Vec<String> =
            text.nfkc().collect::<String>().split_whitespace().map(str::to_owned).collect();
        words.iter().flat_map(|word| std::iter::once(SPACE).chain(word.chars())).collect()
    }

    fn pieces(text: &str, wanted: &[&str]) -> Vec<Range<usize>> {
        let normal = normalise(text);
        let ranges = wanted.iter().map(|piece| {
            let at = normal.find(piece).unwrap();
            at..at + piece.len()
        });
        original_ranges(text, &normal, ranges, &normalise)
    }

    #[test]
    fn unchanged_words_map_byte_by_byte() {
        let text = "Die  Küste bebt";
        let found = pieces(text, &["\u{2581}Die", "\u{2581}Kü", "ste", "\u{2581}bebt"]);
        assert_eq!(found.iter().map(|r| &text[r.clone()]).collect::<Vec<_>>(), ["Die", "Kü", "ste", "bebt"]);
    }

    #[test]
    fn ligatures_map_by_character_and_accents_by_word() {
        let text = "Schi\u{fb00}e fu\u{308}r Oslo";
        let found = pieces(text, &["\u{2581}Schi", "ff", "\u{2581}für", "\u{2581}Oslo"]);
        let found: Vec<_> = found.iter().map(|r| &text[r.clone()]).collect();
        assert_eq!(found, ["Schi", "\u{fb00}", "fu\u{308}r", "Oslo"]);
    }

    #[test]
    fn text_that_cannot_be_mapped_is_known_as_a_whole() {
        let odd = |_: &str| "x".to_owned();
        let found = original_ranges("ab cd", "yyyy", std::iter::once(0..2), &odd);
        assert_eq!(found, vec![0..5; 1]);
    }

    #[test]
    fn a_compound_is_linked_to_both_of_its_english_words() {
        let source = AlignedSide { text: "Die Raumsonde.", tokens: &[0..3, 4..13, 13..14] };
        let target = AlignedSide { text: "The space probe.", tokens: &[0..3, 3..9, 9..15, 15..16] };
        let attention = [
            vec![0.8, 0.1, 0.0, 0.1],
            vec![0.1, 0.8, 0.1, 0.0],
            vec![0.0, 0.9, 0.1, 0.0],
            vec![0.0, 0.0, 0.9, 0.1],
        ];
        assert_eq!(links(&source, &target, &attention), [(0..3, 0..3), (4..13, 4..9), (4..13, 10..15)]);
    }

    #[test]
    fn what_renders_a_word_begins_with_the_first_token_of_each_run() {
        let target = AlignedSide {
            text: "The space probe and its probe",
            tokens: &[0..3, 3..9, 9..15, 15..19, 19..23, 23..26, 26..29],
        };
        let links = [(0..3, 0..3), (4..13, 4..9), (4..13, 10..15), (14..17, 16..19), (4..13, 24..29)];
        assert_eq!(rendering(&target, &links, &(4..13)), [1, 5]);
        assert_eq!(rendering(&target, &links, &(0..13)), [0, 1, 5]);
        assert!(rendering(&target, &links, &(18..22)).is_empty());
    }

    #[test]
    fn a_word_that_looks_at_the_end_mark_has_no_link() {
        let source = AlignedSide { text: "Start", tokens: &vec![0..5; 1] };
        let target = AlignedSide { text: "Launch of", tokens: &[0..6, 6..9] };
        assert_eq!(links(&source, &target, &[vec![0.9, 0.1], vec![0.1, 0.9]]), [(0..5, 0..6)]);
    }
}
