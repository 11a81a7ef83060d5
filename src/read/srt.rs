//! Subtitles (`SubRip`): the text of the cues, without numbers and times.
//!
//! Cues that a sentence runs through are one block, so that it is translated as a whole; the English is shared out
//! between them. What several speakers say in one cue is a block each.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

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

/// A sentence runs through no more cues. What has no full stop for longer is written without any, as lyrics and the
/// captions of machines are: there each cue is translated on its own.
const MAX_CUES: usize = 6;

/// A sentence does not go on after a longer silence.
const MAX_SILENCE: Duration = Duration::from_secs(3);

/// What a sentence may end with; quotation marks and brackets may follow.
const ENDS: [char; 7] = ['.', '!', '?', '…', ':', '♪', ';'];

/// What may stand behind the end of a sentence.
const CLOSERS: [char; 10] = ['"', '“', '”', '«', '»', '‘', '’', '\'', ')', ']'];

/// What stands around the words of a song.
const NOTES: [char; 4] = ['♪', '♫', '♩', '♬'];

/// When a cue is shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    from: Duration,
    to: Duration,
}

/// What one speaker says in one cue, as far as no blank line divides it.
#[derive(Debug)]
struct Utterance {
    place: Range<usize>,
    /// The cue, counted from 0.
    cue: usize,
    shown: Shown,
    /// Whether somebody else speaks before it in the same cue.
    answers: bool,
    ending: Ending,
}

impl Reader for Srt {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decode(path, bytes)?;
        let mut draft = ArticleDraft::default();
        let utterances = utterances(&markup);
        for block in blocks(&utterances) {
            draft.block(BlockKind::Paragraph);
            let mut end = None;
            for utterance in &utterances[block] {
                let place = utterance.place.clone();
                if let Some(end) = end {
                    // Between two cues, words are on one side or the other.
                    draft.fixed_atom(" ", end..place.start);
                }
                end = Some(place.end);
                add(&mut draft, &markup, place);
            }
            draft.close();
        }
        draft.part_in_work().markup = markup;
        Ok(draft.finish(id, encoding, Markup::Srt, None))
    }
}

/// What is said in all cues. A cue ends where the number and the times of the next one stand, so that blank lines in it
/// cut nothing off.
fn utterances(markup: &str) -> Vec<Utterance> {
    let lines: Vec<_> = lines(markup, 0..markup.len()).collect();
    let text = |line: usize| markup[lines[line].clone()].trim();
    let times: Vec<_> = (0..lines.len()).filter_map(|line| Some((line, shown(text(line))?))).collect();
    let mut utterances = Vec::new();
    for (cue, &(line, shown)) in times.iter().enumerate() {
        let next = times.get(cue + 1).map(|&(line, _)| line);
        let end = next.unwrap_or(lines.len());
        // The last line is the number of the next cue, which may have lost its times at the end of the file.
        let last = (line + 1..end).rev().find(|&line| !text(line).is_empty());
        let is_number = |&last: &usize| {
            let is_next = next == Some(last + 1) || text(last - 1).is_empty();
            is_next && text(last).bytes().all(|byte| byte.is_ascii_digit())
        };
        let end = last.filter(is_number).unwrap_or(end);
        let mut open: Option<Utterance> = None;
        let mut in_cue = 0;
        for place in &lines[line + 1..end] {
            let text = markup[place.clone()].trim();
            let is_spoken = is_spoken(text);
            let bare = bare(text);
            let bare = bare.trim();
            // Notes at the beginning of a line stay there, whether or not its words begin a sentence.
            if text.is_empty() || is_spoken || bare.starts_with(NOTES) {
                utterances.extend(open.take());
            }
            if text.is_empty() {
                continue;
            }
            let answers = is_spoken && in_cue > 0;
            in_cue += 1;
            if let Some(open) = &mut open {
                open.place.end = place.end;
            } else {
                let place = place.clone();
                open = Some(Utterance { place, cue, shown, answers, ending: Ending::Open });
            }
            if bare.ends_with(NOTES) {
                utterances.extend(open.take());
            }
        }
        utterances.extend(open);
    }
    for utterance in &mut utterances {
        utterance.ending = Ending::of(&markup[utterance.place.clone()]);
        utterance.place = inner(markup, utterance.place.clone());
    }
    utterances.retain(|utterance| !utterance.place.is_empty());
    utterances
}

/// The blocks: what is said up to the end of a sentence.
fn blocks(utterances: &[Utterance]) -> Vec<Range<usize>> {
    let with_stop = utterances.iter().filter(|utterance| utterance.ending != Ending::Open).count();
    let is_written_without = with_stop * MAX_CUES < utterances.len();
    let mut blocks = Vec::new();
    let mut start = 0;
    // Behind the last utterance in which a sentence ends.
    let mut stop = 0;
    for (index, utterance) in utterances.iter().enumerate() {
        let next = utterances.get(index + 1);
        let goes_on = |next: &Utterance| {
            let silence = next.shown.from.saturating_sub(utterance.shown.to);
            // What is shown at the same time, such as a sign in the picture, is another text.
            let follows = next.cue == utterance.cue || next.shown.from > utterance.shown.from;
            !next.answers && follows && silence <= MAX_SILENCE
        };
        let is_last = utterance.ending == Ending::Closed || !next.is_some_and(goes_on);
        if !is_last && utterance.ending == Ending::Open {
            continue;
        }
        if index + 1 - stop > MAX_CUES || is_written_without {
            blocks.extend((start < stop).then_some(start..stop));
            blocks.extend((stop..index).map(|alone| alone..alone + 1));
            start = index;
        }
        stop = index + 1;
        if is_last {
            blocks.push(start..stop);
            start = stop;
        }
    }
    blocks
}

/// How the sentences of an utterance end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// None ends in it.
    Open,
    /// One ends in it, and another goes on.
    Inside,
    /// The last one ends with it.
    Closed,
}

impl Ending {
    fn of(utterance: &str) -> Self {
        let text = bare(utterance);
        let text = text.trim();
        // A noise, which belongs to no sentence.
        let is_noise = |open, close| text.starts_with(open) && text.find(close) == Some(text.len() - 1);
        let ends = |text: &str| text.trim_end_matches(CLOSERS).ends_with(ENDS);
        // Behind a colon or semicolon the sentence goes on in the same line.
        let stops = |text: &str| text.trim_end_matches(CLOSERS).ends_with(['.', '!', '?', '…']);
        if ends(text) || is_noise('[', ']') || is_noise('(', ')') {
            Self::Closed
        } else if text.split_whitespace().any(stops) {
            Self::Inside
        } else {
            Self::Open
        }
    }
}

/// When the cue is shown whose times stand in a line; `None` if there are none.
fn shown(line: &str) -> Option<Shown> {
    let (from, to) = line.split_once(ARROW)?;
    // Coordinates may follow.
    let to = to.split_whitespace().next()?;
    Some(Shown { from: time(from.trim())?, to: time(to)? })
}

/// Hours, minutes, seconds and their fraction.
fn time(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let units = seconds.split(':').map(|unit| unit.trim().parse::<u64>());
    let seconds =
        units.into_iter().try_fold(0_u64, |sum, unit| sum.checked_mul(60)?.checked_add(unit.ok()?))?;
    Duration::try_from_secs_f64(fraction).ok()?.checked_add(Duration::from_secs(seconds))
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
    bare(line).trim_start().starts_with(['-', '–', '—'])
}

/// Adds a stretch of the markup. Without tags in it, it is one node, whose lines may be broken anew; between tags, lines
/// stay what they are.
fn add(draft: &mut ArticleDraft, markup: &str, place: Range<usize>) {
    if !has_tags(&markup[place.clone()]) {
        return draft.node(&one_line(&markup[place.clone()]), place);
    }
    let mut open: Vec<(String, InlineStart, Range<usize>)> = Vec::new();
    let mut is_first = true;
    // How many tags were open where a speaker's mark stands: they stay with it.
    let mut with_mark = 0;
    for piece in pieces(markup, place) {
        let text = &markup[piece.clone()];
        let is_break = text.starts_with(['\r', '\n']) || text.starts_with('\\') && tag(text).is_some();
        if is_break || tag(text) != Some(text.len()) {
            if is_break {
                draft.fixed_atom("\n", piece);
            } else {
                // A speaker's mark behind a tag.
                let head =
                    if is_first { text.len() - text.trim_start_matches(opens_utterance).len() } else { 0 };
                draft.node(&text[head..], piece.start + head..piece.end);
                is_first &= head == text.len();
                if head > 0 {
                    with_mark = open.len();
                }
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
                        if at < with_mark {
                            with_mark = at;
                            draft.fix_last();
                        }
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
    text.match_indices(['<', '{', '\\']).any(|(at, _)| tag(&text[at..]).is_some())
}

/// The stretch without white space, a speaker's mark, notes and tags around its text.
fn inner(markup: &str, range: Range<usize>) -> Range<usize> {
    /// More tags around a text than anybody writes: what is left of them stays among its words.
    const DEEPEST: usize = 8;
    let mut place = range;
    for _ in 0..DEEPEST {
        let text = &markup[place.clone()];
        let head = text.len() - text.trim_start_matches(opens_utterance).len();
        let rest = text[head..].trim_end_matches(is_around_song);
        let around = around(rest);
        let start = place.start + head + around.start;
        let end = place.start + head + around.end;
        if start == place.start && end == place.end {
            break;
        }
        place = start..end;
    }
    place
}

fn is_around_song(c: char) -> bool {
    c.is_whitespace() || NOTES.contains(&c)
}

fn opens_utterance(c: char) -> bool {
    is_around_song(c) || matches!(c, '-' | '–' | '—')
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

/// The length of the tag that a text begins with: one of HTML, one of `SubStation` Alpha (`{\an8}`, `\N` for a line break)
/// or of `MicroDVD` (`{y:i}`).
fn tag(text: &str) -> Option<usize> {
    // What is longer is text, not a tag.
    let end = |close: char| text.char_indices().take(80).find(|(_, c)| *c == close).map(|(at, _)| at + 1);
    match text.as_bytes() {
        [b'<', b'/' | b'a'..=b'z' | b'A'..=b'Z', ..] => end('>'),
        [b'{', b'\\', ..] | [b'{', _, b':', ..] => end('}'),
        [b'\\', b'N' | b'n' | b'h', ..] => {
            let is_break = |pair: &&[u8]| matches!(pair, [b'\\', b'N' | b'n' | b'h']);
            Some(2 * text.as_bytes().chunks_exact(2).take_while(is_break).count())
        }
        _ => None,
    }
}

/// The text without the tags in it.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let skip = tag(rest).unwrap_or(0);
        if skip == 0 {
            out.push_str(&rest[..1]);
        } else if rest.starts_with('\\') {
            out.push(' ');
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

    /// Cues of two seconds with these texts, as many milliseconds apart.
    fn written(texts: &[&str], apart: usize) -> String {
        let time = |ms: usize| {
            format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
        };
        let cue = |(n, text): (usize, &&str)| {
            let start = n * (2000 + apart);
            format!("{}\n{} {ARROW} {}\n{text}\n\n", n + 1, time(start), time(start + 2000))
        };
        texts.iter().enumerate().map(cue).collect()
    }

    #[test]
    fn a_blank_line_in_a_cue_ends_nothing() {
        let text = written(&["Wo liegt denn\n\nder Hafen?", "Am Meer.\n \n12", "Weit weg."], 100) + "4\n";
        let article = read(&text);
        assert_eq!(blocks(&article), ["Wo liegt denn der Hafen?", "Am Meer.", "12 Weit weg."]);
        let spaced = read(&text.replace('\n', "\n\n"));
        assert_eq!(blocks(&spaced), blocks(&article), "each line with a blank one behind it");
    }

    #[test]
    fn sentences_end_at_silence_and_where_nothing_is_punctuated() {
        let texts = ["Das Schiff lag", "im Hafen.", "Es war", "leer."];
        assert_eq!(blocks(&read(&written(&texts, 3000))), ["Das Schiff lag im Hafen.", "Es war leer."]);
        assert_eq!(blocks(&read(&written(&texts, 3001))), texts);
        let signs = written(&["Das Schiff lag", "Hafen", "im Hafen."], 0)
            .replace("00:00:02,000 --> ", "00:00:00,000 --> ");
        assert_eq!(blocks(&read(&signs)), ["Das Schiff lag", "Hafen im Hafen."]);
        let bare = ["das schiff lag", "im hafen", "es war leer"];
        assert_eq!(blocks(&read(&written(&bare, 0))), bare);
        let mixed = [
            &["Erst war alles. Dann", "war nichts"][..],
            &["und wieder"; 9],
            &["lange Zeit.", "Wer", "kam?"],
        ];
        let found = read(&written(&mixed.concat(), 0));
        let found = blocks(&found);
        assert_eq!(found[0], "Erst war alles. Dann");
        assert_eq!(found[1..12].iter().filter(|text| **text == "und wieder").count(), 9);
        assert_eq!(found[12..], ["Wer kam?"]);
    }

    #[test]
    fn what_players_understand_in_a_cue_is_no_text() {
        let text = written(
            &[
                "{\\an8}<font color=\"#fff\">♪ Am Meer ♪</font>",
                "<i>- Kommst du heute</i>\n<i>noch?</i>\n<i>- Nein,</i>",
                "nie.",
                "[Donner]",
                "Er lief\\h\\Nweg.",
                "3 < 4 {sagt er}",
            ],
            0,
        );
        let article = read(&text);
        let expected = [
            "Am Meer",
            "Kommst du heute\nnoch?",
            "Nein, nie.",
            "[Donner]",
            "Er lief\nweg.",
            "3 < 4 {sagt er}",
        ];
        assert_eq!(blocks(&article), expected);
    }

    #[test]
    fn notes_and_marks_of_speakers_stay_in_their_lines() {
        let text =
            written(&["Er singt:\n♪ Am Meer\n♪ liegt das Schiff ♪\nSchön.", "<i>- Wer</i>\nkommt?"], 0);
        let article = read(&text);
        assert_eq!(blocks(&article), ["Er singt:", "Am Meer liegt das Schiff", "Schön.", "Wer\nkommt?"]);
        let part = &article.layout.as_ref().expect("a layout").parts[0];
        let movable: Vec<_> = part.inlines().iter().filter(|inline| inline.is_movable).collect();
        assert!(movable.is_empty(), "{movable:?}");
    }

    #[test]
    fn times_are_read_as_players_read_them() {
        let time = |text| time(text).map(|time| time.as_millis());
        assert_eq!(time("01:02:03,450"), Some(3_723_450));
        assert_eq!((time("00:03.5"), time("3")), (Some(3500), Some(3000)));
        assert_eq!((time("a:b"), time(""), time("99999999999999999:00:00")), (None, None, None));
    }
}
