//! Subtitles (`SubRip`): the text of the cues, without numbers and times.
//!
//! Cues that a sentence runs through are one block, so that it is translated as a whole; the English is shared out
//! between them. A cue in which each line is another speaker's has a block a line.

use std::ops::Range;
use std::path::Path;

use super::decode::decode;
use super::draft::{ArticleDraft, MarkupText};
use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId, BlockKind, Markup};
use crate::text::one_line;

/// Subtitles.
#[derive(Debug)]
pub(super) struct Srt;

/// What stands between the times of a cue.
const ARROW: &str = "-->";

/// A block of more cues is ended where it is: subtitles without any full stop are not one sentence.
const MAX_CUES: u32 = 12;

/// What a sentence may end with; quotation marks and brackets may follow.
const ENDS: [char; 7] = ['.', '!', '?', '…', ':', '♪', ';'];

/// What may stand behind the end of a sentence.
const CLOSERS: [char; 10] = ['"', '“', '”', '«', '»', '‘', '’', '\'', ')', ']'];

impl Reader for Srt {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decode(path, bytes)?;
        let mut draft = ArticleDraft::default();
        let mut open = 0;
        for cue in cues(&markup) {
            let lines: Vec<_> = lines(&markup, cue.clone()).collect();
            if lines.iter().any(|line| is_spoken(&markup[line.clone()])) && lines.len() > 1 {
                draft.close();
                for line in lines {
                    draft.block(BlockKind::Paragraph);
                    add(&mut draft, &markup, line, 0);
                }
                draft.close();
                open = 0;
                continue;
            }
            if open == 0 {
                draft.block(BlockKind::Paragraph);
            }
            draft.space(" ");
            add(&mut draft, &markup, cue.clone(), open);
            open += 1;
            if ends(&markup[cue]) || open == MAX_CUES {
                draft.close();
                open = 0;
            }
        }
        draft.part_in_work().markup = markup;
        Ok(draft.finish(id, encoding, Markup::Srt, None))
    }
}

/// The text of each cue, from its first line to its last.
fn cues(markup: &str) -> Vec<Range<usize>> {
    let mut cues: Vec<Range<usize>> = Vec::new();
    let mut in_cue = false;
    for line in lines(markup, 0..markup.len()) {
        let text = markup[line.clone()].trim();
        if text.contains(ARROW) {
            in_cue = true;
            cues.push(line.end..line.end);
        } else if text.is_empty() {
            in_cue = false;
        } else if let Some(cue) = cues.last_mut().filter(|_| in_cue) {
            if cue.start == cue.end {
                cue.start = line.start;
            }
            cue.end = line.end;
        }
    }
    cues.retain(|cue| cue.start < cue.end);
    cues
}

/// The lines of a stretch, without their line ends.
fn lines(markup: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = range.start;
    markup[range].split_inclusive('\n').map(move |line| {
        let place = start..start + line.trim_end_matches(['\n', '\r']).len();
        start += line.len();
        place
    })
}

/// Whether a line is marked as that of a speaker.
fn is_spoken(line: &str) -> bool {
    line.trim_start().starts_with(['-', '–', '—'])
}

fn ends(cue: &str) -> bool {
    bare(cue).trim_end().trim_end_matches(CLOSERS).ends_with(ENDS)
}

/// Adds a stretch of the markup as one node, without the marks and tags around it.
fn add(draft: &mut ArticleDraft, markup: &str, range: Range<usize>, style: u32) {
    let place = inner(markup, range);
    let text = one_line(&bare(&markup[place.clone()]));
    draft.node(&text, MarkupText { place, style, is_fixed: false });
}

/// The stretch without white space, a speaker's mark and tags around its text.
fn inner(markup: &str, range: Range<usize>) -> Range<usize> {
    let mut place = range;
    loop {
        let text = &markup[place.clone()];
        let head =
            text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || "-–—".contains(c)).len();
        let head = head + tag(&text[head..]).unwrap_or_default();
        let rest = text[head..].trim_end();
        let tail = rest.rfind(['<', '{']).filter(|at| tag(&rest[*at..]) == Some(rest.len() - at));
        let end = place.start + head + tail.unwrap_or(rest.len());
        if head == 0 && end == place.end {
            return place;
        }
        place = place.start + head..end;
    }
}

/// The length of the tag that a text begins with.
fn tag(text: &str) -> Option<usize> {
    let close = match text.chars().next()? {
        '<' => '>',
        '{' => '}',
        _ => return None,
    };
    // What is longer is text, not a tag.
    text.char_indices().take(80).find(|(_, c)| *c == close).map(|(at, _)| at + 1)
}

/// The text without the tags in it.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let skip = tag(rest).unwrap_or(0);
        if skip == 0 {
            out.push_str(&rest[..1]);
        }
        rest = &rest[skip.max(1)..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUES: &str = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Der Hafen war</i>\r\n\r\n\
        2\r\n00:00:02,600 --> 00:00:04,000\r\nam Abend\r\nganz leer.\r\n\r\n\
        3\r\n00:00:05,000 --> 00:00:06,000\r\n{\\an8}Wer kommt?\r\n\r\n\
        4\r\n00:00:07,000 --> 00:00:08,000\r\n- Niemand.\r\n- Doch, das <b>Schiff</b>!\r\n\r\n5\r\n";

    fn read(text: &str) -> Article {
        Srt.article(ArticleId::new("a.srt"), Path::new("a.srt"), text.as_bytes()).expect("read")
    }

    fn blocks(article: &Article) -> Vec<&str> {
        article.blocks.iter().map(|block| &article.text[block.span.clone()]).collect()
    }

    #[test]
    fn a_sentence_over_several_cues_is_one_block() {
        let article = read(CUES);
        let expected = ["Der Hafen war am Abend ganz leer.", "Wer kommt?", "Niemand.", "Doch, das Schiff!"];
        assert_eq!(blocks(&article), expected);
        let part = &article.layout.as_ref().expect("a layout").parts[0];
        assert_eq!(part.markup, CUES);
        let places: Vec<_> = part.nodes.iter().map(|node| &CUES[node.place.clone()]).collect();
        let expected =
            ["Der Hafen war", "am Abend\r\nganz leer.", "Wer kommt?", "Niemand.", "Doch, das <b>Schiff</b>!"];
        assert_eq!(places, expected);
        assert_ne!(part.nodes[0].style, part.nodes[1].style);
    }

    #[test]
    fn what_has_no_cues_has_no_text() {
        for text in ["", "Nur Text.\n", "1\n00:00 --> 00:01\n\n", "-->", "1\n--> \n<i></i>\n"] {
            assert!(read(text).blocks.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn cues_without_a_full_stop_are_not_all_one_block() {
        let cue = |n: usize| format!("{n}\n00:00:01,000 --> 00:00:02,000\nla < la {{ {n}\n\n");
        let text: String = (0..50).map(cue).collect::<Vec<_>>().concat();
        assert_eq!(read(&text).blocks.len(), 5);
    }
}
