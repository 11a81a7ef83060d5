//! TER (Snover et al. 2006): how many words to insert, delete or replace, and how many phrases to move.
//!
//! Which moves are tried and which is taken are heuristics of Tercom as sacreBLEU has them: the figures hang on each of them, so none is a
//! place for improvements.

use std::cmp::Reverse;
use std::ops::Range;

use super::ngrams::count;
use super::word_ids::WordIds;
use crate::text::characters::chunks;

/// The longest phrase that is moved, in words, and how far.
const LONGEST_PHRASE: usize = 10;
const FARTHEST: usize = 50;

/// How many moves are tried for a segment.
const MOST_MOVES: usize = 1000;

/// How far from the diagonal an alignment may go, in words.
const BEAM: usize = 25;

/// The costs of what no alignment in the beam reaches. Some more can be added.
const UNREACHED: u32 = u32::MAX / 2;

/// The edits, and the words of all references.
pub(super) type TerCounts = [u32; COUNTS];

pub(super) const COUNTS: usize = 2;

/// Counts what has to be changed in the translations of a segment, the first texts, to make the nearest of its references of them.
pub(super) fn counts(texts: [&[String]; 2]) -> Vec<TerCounts> {
    // Capitals do not count.
    let lower = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
    let [english, references] = texts.map(lower);
    let mut ids = WordIds::default();
    let mut words = |text| chunks(text).map(|word| ids.id(word)).collect::<Vec<u32>>();
    let references: Vec<_> = references.iter().map(|reference| words(reference)).collect();
    let length = count(references.iter().map(Vec::len).sum());
    let fewest = |english: &[u32]| references.iter().map(|reference| edits(english, reference)).min();
    english.iter().map(|english| [fewest(&words(english)).unwrap_or_default(), length]).collect()
}

/// The score of counts over some references: 0 is best, and more than 100 is possible.
#[expect(clippy::cast_precision_loss, reason = "no corpus has 2^53 words")]
pub(super) fn score(counts: &[u64], references: usize) -> f64 {
    match (counts[0], counts[1]) {
        (0, 0) => 0.0,
        (_, 0) => 100.0,
        (edits, words) => 100.0 * (edits as f64 / (words as f64 / references as f64)),
    }
}

/// How many edits make the reference of a translation.
fn edits(english: &[u32], reference: &[u32]) -> u32 {
    if reference.is_empty() {
        return count(english.len());
    }
    let mut alignment = EditTable::new(english.to_vec(), reference);
    let (mut moves, mut tried) = (0, 0);
    while let Some(words) = best_move(&alignment, &mut tried) {
        // What the last round found is not done: its moves were not all looked at.
        if tried >= MOST_MOVES {
            break;
        }
        moves += 1;
        alignment = EditTable::new(words, reference);
    }
    moves + alignment.cost()
}

/// What is done to come from the place above, to the left or across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EditStep {
    Keep,
    Replace,
    Insert,
    Delete,
}

/// A row of a table, for some number of English words: what it costs to make each number of words of the reference of them, and what is done
/// last. It begins at some column; what is left and right of it is not reached.
#[derive(Debug, Clone, Default)]
struct EditRow {
    start: usize,
    places: Vec<(u32, EditStep)>,
}

impl EditRow {
    /// The row without English words.
    fn first(reference: &[u32]) -> Self {
        Self { start: 0, places: (0..=count(reference.len())).map(|cost| (cost, EditStep::Insert)).collect() }
    }

    fn at(&self, column: usize) -> Option<&(u32, EditStep)> {
        self.places.get(column.checked_sub(self.start)?)
    }

    fn cost(&self, column: usize) -> u32 {
        self.at(column).map_or(UNREACHED, |(cost, _)| *cost)
    }

    /// Makes the row of these columns, with one more word than the row above. The cheapest way is taken: across rather than from above, from
    /// above rather than from the left.
    fn fill(&mut self, columns: Range<usize>, above: &Self, word: u32, reference: &[u32]) {
        self.start = columns.start;
        self.places.clear();
        let mut across = columns.start.checked_sub(1).map_or(UNREACHED, |column| above.cost(column));
        let mut left = UNREACHED;
        for column in columns {
            let over = above.cost(column);
            let is_kept = column.checked_sub(1).is_some_and(|before| reference[before] == word);
            let mut best = if is_kept { (across, EditStep::Keep) } else { (across + 1, EditStep::Replace) };
            if over + 1 < best.0 {
                best = (over + 1, EditStep::Delete);
            }
            if left + 1 < best.0 {
                best = (left + 1, EditStep::Insert);
            }
            self.places.push(best);
            (across, left) = (over, best.0);
        }
    }
}

/// The words of a translation beside those of a reference.
struct EditTable<'a> {
    english: Vec<u32>,
    reference: &'a [u32],
    /// A row for each number of English words from 0 on.
    rows: Vec<EditRow>,
}

impl<'a> EditTable<'a> {
    fn new(english: Vec<u32>, reference: &'a [u32]) -> Self {
        let mut rows = vec![EditRow::first(reference)];
        for (word, number) in english.iter().zip(1..) {
            let mut row = EditRow::default();
            row.fill(beam(number, english.len(), reference.len()), &rows[number - 1], *word, reference);
            rows.push(row);
        }
        Self { english, reference, rows }
    }

    fn cost(&self) -> u32 {
        self.rows[self.english.len()].cost(self.reference.len())
    }

    /// Goes the way back that was cheapest.
    fn places(&self) -> AlignedWords {
        let (mut own, mut other) = (self.english.len(), self.reference.len());
        let mut places =
            AlignedWords { wrong: vec![false; own], missed: vec![false; other], ends: vec![0; other] };
        while own > 0 || other > 0 {
            // Beams meet from row to row, so no way leads out of them.
            let Some((_, step)) = self.rows[own].at(other) else { break };
            if *step != EditStep::Insert {
                own -= 1;
                places.wrong[own] = *step != EditStep::Keep;
            }
            if *step != EditStep::Delete {
                other -= 1;
                places.missed[other] = *step != EditStep::Keep;
                places.ends[other] = own + usize::from(*step != EditStep::Insert);
            }
        }
        places
    }

    /// What the reference costs with other words from some English word on; `None` if that is more than `most`.
    fn cost_with(&self, words: &[u32], from: usize, most: u32, rows: &mut [EditRow; 2]) -> Option<u32> {
        let (last, width) = (words.len(), self.reference.len());
        let [above, row] = rows;
        above.clone_from(&self.rows[from]);
        for number in from + 1..=last {
            row.fill(beam(number, last, width), above, words[number - 1], self.reference);
            // However the rest is aligned, as many words are inserted or deleted as one side has more.
            let ahead = |column: usize| count((last - number).abs_diff(width - column));
            let costs = row.places.iter().zip(row.start..).map(|((cost, _), column)| cost + ahead(column));
            if costs.min().is_none_or(|least| least > most) {
                return None;
            }
            std::mem::swap(above, row);
        }
        Some(above.cost(width)).filter(|cost| *cost <= most)
    }
}

/// Where words of an alignment are.
struct AlignedWords {
    /// Which English words are not those of the reference.
    wrong: Vec<bool>,
    /// Which words of the reference have no such English word.
    missed: Vec<bool>,
    /// Behind how many English words each word of the reference ends.
    ends: Vec<usize>,
}

impl AlignedWords {
    /// Where a phrase of the reference begins, and each of its words ends.
    fn targets(&self, start: usize, length: usize) -> impl Iterator<Item = usize> {
        let begin = start.checked_sub(1).map_or(0, |before| self.ends[before]);
        std::iter::once(begin).chain(self.ends[start..start + length].iter().copied())
    }
}

/// The columns of a row that are near the diagonal of a table.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of words in a segment, rounded as sacreBLEU does"
)]
fn beam(number: usize, last: usize, width: usize) -> Range<usize> {
    let ratio = width as f64 / last as f64;
    // Rows so far from each other that beams of the usual width would not meet.
    let reach = if (BEAM as f64) < ratio / 2.0 { (ratio / 2.0 + BEAM as f64).ceil() as usize } else { BEAM };
    let diagonal = (number as f64 * ratio).floor() as usize;
    let end = if number == last { width + 1 } else { (width + 1).min(diagonal + reach) };
    diagonal.saturating_sub(reach)..end
}

/// Which of two moves is better, the greater one: it saves more, its phrase is longer, stands nearer to the beginning, goes nearer to the
/// beginning.
type MoveRank = (u32, usize, Reverse<usize>, Reverse<usize>);

/// Tries to move phrases to where the reference has them, and gives back the words after the best move; `None` if none saves anything.
fn best_move(alignment: &EditTable<'_>, tried: &mut usize) -> Option<Vec<u32>> {
    let EditTable { english, reference, .. } = alignment;
    let (places, cost) = (alignment.places(), alignment.cost());
    let mut best: Option<(MoveRank, Vec<u32>)> = None;
    let (mut rows, mut moved) = ([EditRow::default(), EditRow::default()], Vec::new());
    for (start, other, length) in common_phrases(english, reference) {
        let is_right = |wrong: &[bool]| !wrong.contains(&true);
        if is_right(&places.wrong[start..start + length]) || is_right(&places.missed[other..other + length]) {
            continue;
        }
        // It is aligned with itself.
        if (start + 1..=start + length).contains(&places.ends[other]) {
            continue;
        }
        let mut previous = None;
        for target in places.targets(other, length) {
            if previous.replace(target) == Some(target) {
                continue;
            }
            *tried += 1;
            let least = best.as_ref().map_or(1, |((saved, ..), _)| *saved);
            let Some(most) = cost.checked_sub(least) else { continue };
            move_phrase(english, start, length, target, &mut moved);
            if let Some(left) = alignment.cost_with(&moved, start.min(target), most, &mut rows) {
                let rank = (cost - left, length, Reverse(start), Reverse(target));
                if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                    best = Some((rank, moved.clone()));
                }
            }
        }
        if *tried >= MOST_MOVES {
            break;
        }
    }
    best.map(|(_, words)| words)
}

/// The phrases that two texts have in common, each with all its beginnings: where they start, and their length.
fn common_phrases<'a>(
    english: &'a [u32],
    reference: &'a [u32],
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    (0..english.len()).flat_map(move |start| {
        let near = start.saturating_sub(FARTHEST)..reference.len().min(start + FARTHEST + 1);
        near.flat_map(move |other| {
            let pairs = english[start..].iter().zip(&reference[other..]).take(LONGEST_PHRASE);
            let lengths = pairs.take_while(|(own, other)| own == other).zip(1..);
            lengths.map(move |(_, length)| (start, other, length))
        })
    })
}

/// Moves a phrase behind some number of words; where that is inside the phrase, behind as many words more.
fn move_phrase(words: &[u32], start: usize, length: usize, target: usize, out: &mut Vec<u32>) {
    let end = start + length;
    let phrase = &words[start..end];
    out.clear();
    if target < start {
        out.extend_from_slice(&words[..target]);
        out.extend_from_slice(phrase);
        out.extend_from_slice(&words[target..start]);
        out.extend_from_slice(&words[end..]);
    } else {
        let target = if target > end { target } else { (target + length).min(words.len()) };
        out.extend_from_slice(&words[..start]);
        out.extend_from_slice(&words[end..target]);
        out.extend_from_slice(phrase);
        out.extend_from_slice(&words[target..]);
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact, or the same operations")]
mod tests {
    use super::*;

    fn edits_of(english: &str, reference: &str) -> u32 {
        counts([&[english.into()], &[reference.into()]])[0][0]
    }

    #[test]
    fn a_moved_phrase_is_one_edit() {
        assert_eq!(edits_of("a b c d e f", "d e f a b c"), 1);
        assert_eq!(edits_of("on Monday the ship sailed", "The ship sailed on Monday"), 1);
        assert_eq!(edits_of("a b x c", "a b c"), 1);
        assert_eq!(edits_of("", "a b c"), 3);
        assert_eq!(edits_of("a b", ""), 2);
    }

    #[test]
    fn scores_of_nothing() {
        assert_eq!(score(&[0, 0], 1), 0.0);
        assert_eq!(score(&[3, 0], 1), 100.0);
        assert_eq!(score(&[3, 12], 2), 50.0);
    }
}
