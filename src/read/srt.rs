//! Subtitles (`SubRip`): the text of the cues, without numbers and times.
//!
//! Cues that a sentence runs through are one block, so that it is translated as a whole; the English is shared out
//! between them. A cue in which each line is another speaker's has a block a line.

use std::ops::Range;
use std::path::Path;

use super::decode::decode;
use super::draft::{ArticleDraft, InlineStart};
use super::error::ReadError;
use super::reader::Reader;
use super::tag::InlineTag;
use crate::model::{Article, ArticleId, BlockKind, Markup};
use crate::text::one_line;

/// Subtitles.
#[derive(Debug)]
pub(super) struct Srt;

/// What stands between the times of a cue.
const ARROW: &str = "-->";

/// A block of more cues is ended where it is: subtitles without any full stop are not one sentence.
const MAX_CUES: usize = 12;

/// What a sentence may end with; quotation marks and brackets may follow.
const ENDS: [char; 7] = ['.', '!', '?', '…', ':', '♪', ';'];

/// What may stand behind the end of a sentence.
const CLOSERS: [char; 10] = ['"', '“', '”', '«', '»', '‘', '’', '\'', ')', ']'];

impl Reader for Srt {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decode(path, bytes)?;
        let mut draft = ArticleDraft::default();
        let mut open = 0;
        let mut end = 0;
        for cue in cues(&markup) {
            let lines: Vec<_> = lines(&markup, cue.clone()).collect();
            if lines.iter().any(|line| is_spoken(&markup[line.clone()])) && lines.len() > 1 {
                draft.close();
                for line in lines {
                    draft.block(BlockKind::Paragraph);
                    add(&mut draft, &markup, inner(&markup, line));
                }
                draft.close();
                open = 0;
                continue;
            }
            if open == 0 {
                draft.block(BlockKind::Paragraph);
            }
            let place = inner(&markup, cue.clone());
            if open > 0 {
                // Between two cues, words are on one side or the other.
                draft.fixed_atom(" ", end..place.start);
            }
            add(&mut draft, &markup, place.clone());
            end = place.end;
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

/// Adds a stretch of the markup. Without tags in it, it is one node, whose lines may be broken anew; between tags, lines
/// stay what they are.
fn add(draft: &mut ArticleDraft, markup: &str, place: Range<usize>) {
    if !has_tags(&markup[place.clone()]) {
        return draft.node(&one_line(&markup[place.clone()]), place);
    }
    let mut open: Vec<(String, InlineStart, Range<usize>)> = Vec::new();
    for piece in pieces(markup, place) {
        let text = &markup[piece.clone()];
        if tag(text) != Some(text.len()) {
            if text.starts_with(['\r', '\n']) {
                draft.fixed_atom("\n", piece);
            } else {
                draft.node(text, piece);
            }
            continue;
        }
        match InlineTag::of(text) {
            InlineTag::Open(name) if text.starts_with('<') => open.push((name, draft.here(), piece)),
            InlineTag::Close(name) => match open.iter().rposition(|(opened, ..)| *opened == name) {
                Some(at) => {
                    for (_, start, place) in open.drain(at + 1..) {
                        draft.tag(start, place);
                    }
                    if let Some((_, start, place)) = open.pop() {
                        draft.range(start, place.start..piece.end);
                    }
                }
                None => draft.fixed_atom("", piece),
            },
            _ => draft.fixed_atom("", piece),
        }
    }
    for (_, start, place) in open {
        draft.tag(start, place);
    }
}

/// The tags, line ends and texts of a stretch, in order.
fn pieces(markup: &str, place: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut at = place.start;
    let mut text = at;
    while at < place.end {
        let rest = &markup[at..place.end];
        let line_end = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let length = if line_end > 0 { line_end } else { tag(rest).unwrap_or(0) };
        if length > 0 {
            pieces.extend((text < at).then_some(text..at));
            pieces.push(at..at + length);
            text = at + length;
        }
        at += length.max(rest.chars().next().map_or(1, char::len_utf8)).max(1);
        if length > 0 {
            at = text;
        }
    }
    pieces.extend((text < place.end).then_some(text..place.end));
    pieces
}

fn has_tags(text: &str) -> bool {
    text.match_indices(['<', '{']).any(|(at, _)| tag(&text[at..]).is_some())
}

/// The stretch without white space, a speaker's mark and tags around its text.
fn inner(markup: &str, range: Range<usize>) -> Range<usize> {
    let mut place = range;
    loop {
        let text = &markup[place.clone()];
        let head =
            text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || "-–—".contains(c)).len();
        let rest = text[head..].trim_end();
        let around = around(rest);
        let start = place.start + head + around.start;
        let end = place.start + head + around.end;
        if start == place.start && end == place.end {
            return place;
        }
        place = start..end;
    }
}

/// What is left of a text without a tag that is around all of it, or one at its beginning that has no end.
fn around(text: &str) -> Range<usize> {
    let all = 0..text.len();
    let Some(head) = tag(text) else { return all };
    let InlineTag::Open(name) = InlineTag::of(&text[..head]) else { return head..text.len() };
    let close = format!("</{name}>");
    let ends = text.to_ascii_lowercase().match_indices(&close).count();
    match text.len().checked_sub(close.len()) {
        _ if text.starts_with('{') => head..text.len(),
        Some(end)
            if ends == 1
                && head <= end
                && text.is_char_boundary(end)
                && text[end..].eq_ignore_ascii_case(&close) =>
        {
            head..end
        }
        _ if ends == 0 => head..text.len(),
        _ => all,
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
        let expected = [
            "Der Hafen war",
            "am Abend\r\nganz leer.",
            "Wer kommt?",
            "Niemand.",
            "Doch, das ",
            "Schiff",
            "!",
        ];
        assert_eq!(places, expected);
        let inlines: Vec<_> = part.inlines().iter().map(|inline| &CUES[inline.place.clone()]).collect();
        let border = "</i>\r\n\r\n2\r\n00:00:02,600 --> 00:00:04,000\r\n";
        assert_eq!(inlines, [border, "<b>Schiff</b>"]);
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
