//! What is found of changes to a text, and what is not.

use proptest::prelude::*;

use super::carry::{CarriedText, SegmentFate, carried_over};

const SENTENCES: [&str; 6] = [
    "The ferry left late.",
    "Nobody knows why the harbour is empty.",
    "“We waited,” she said.",
    "It rained.",
    "The ferry left late.",
    "On 3 May the port closed; 40 % of the ships stayed.",
];

fn segments() -> Vec<String> {
    SENTENCES.map(str::to_owned).to_vec()
}

/// The segments in lines, two to a block, with a blank line between blocks.
fn lines(segments: &[String]) -> String {
    segments.chunks(2).map(|block| block.join("\n") + "\n").collect::<Vec<_>>().join("\n")
}

fn carried(changed: &str) -> CarriedText {
    carried_over(&segments(), &lines(&segments()), changed)
}

/// The changed segments with their English.
fn changes(carried: &CarriedText) -> Vec<(usize, &str)> {
    let changes = carried.fates.iter().enumerate().filter_map(|(at, fate)| match fate {
        SegmentFate::Changed { text, .. } => Some((at, text.as_str())),
        SegmentFate::Gone => Some((at, "")),
        SegmentFate::Same => None,
    });
    changes.collect()
}

#[test]
fn a_line_that_was_split_merged_or_moved_is_no_change() {
    let text = lines(&segments());
    for changed in [
        text.replace("Nobody knows why the", "Nobody knows\nwhy the"),
        text.replace("late.\nNobody", "late. Nobody"),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}\n\n"),
        text.replace("It rained.\n", "").replace("“We", "It rained.\n“We"),
    ] {
        let carried = carried(&changed);
        assert_eq!((changes(&carried), carried.strays), (vec![], 0), "{changed}");
    }
}

#[test]
fn a_change_falls_to_its_segment_wherever_the_lines_end() {
    let text = lines(&segments());
    let flowing =
        text.replace("late.\nNobody", "late. Nobody").replace("harbour is empty", "port\nlies deserted");
    for (changed, expected) in [
        (text.replace("It rained.", "Rain fell."), vec![(3, "Rain fell.")]),
        (text.replace("It rained.", "It rained. It poured."), vec![(3, "It rained. It poured.")]),
        (text.clone(), vec![]),
        (text.replace("40 %", "40%"), vec![(5, "On 3 May the port closed; 40% of the ships stayed.")]),
        (flowing, vec![(1, "Nobody knows why the port lies deserted.")]),
        (
            text.replace("late.\nNobody knows why", "early.\nEverybody knows that"),
            vec![(0, "The ferry left early."), (1, "Everybody knows that the harbour is empty.")],
        ),
        (
            text.replace(
                "The ferry left late.\nNobody knows why the harbour is empty.",
                "Ships sailed.\nNo one can say.",
            ),
            vec![(0, "Ships sailed."), (1, "No one can say.")],
        ),
    ] {
        let carried = carried(&changed);
        assert_eq!((changes(&carried), carried.strays), (expected, 0), "{changed}");
    }
}

#[test]
fn what_belongs_to_no_segment_is_counted() {
    let text = lines(&segments());
    let added = carried(&text.replace("It rained.\n", "It rained.\n\nMore on page 3.\n"));
    assert_eq!((changes(&added), added.strays), (vec![], 1));
    let removed = carried(&text.replace("It rained.\n", ""));
    assert_eq!(changes(&removed), [(3, "")]);
    assert_eq!(changes(&carried("")).len(), SENTENCES.len());
    assert_eq!(carried_over(&segments(), "", "What is that?").strays, 1);
}

/// A sentence that has nothing in common with the others.
fn sentence() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-z]{3,8}", 1..7).prop_map(|words| {
        let mut text = words.join(" ") + ".";
        text[..1].make_ascii_uppercase();
        text
    })
}

proptest! {
    /// Any edit of some lines is found as exactly those edits, and the way lines are ended and letters composed is none.
    #[test]
    fn edited_lines_are_found_exactly(
        lines_of in prop::collection::vec((sentence(), prop::option::weighted(0.2, sentence())), 1..30),
        crlf in any::<bool>(),
        bom in any::<bool>(),
        trailing in any::<bool>(),
    ) {
        let old: Vec<String> = lines_of.iter().map(|(old, _)| old.clone()).collect();
        let new: Vec<String> = lines_of.iter().map(|(old, new)| new.clone().unwrap_or_else(|| old.clone())).collect();
        let mut changed = lines(&new);
        if trailing {
            changed = changed.replace(".\n", ". \n");
        }
        if crlf {
            changed = changed.replace('\n', "\r\n");
        }
        if bom {
            changed.insert(0, '\u{feff}');
        }
        let carried = carried_over(&old, &lines(&old), &changed);
        let expected: Vec<(usize, &str)> =
            (0..old.len()).filter(|&at| old[at] != new[at]).map(|at| (at, new[at].as_str())).collect();
        prop_assert_eq!((changes(&carried), carried.strays), (expected, 0));
    }

    /// Words put in, taken out or exchanged inside of sentences fall to their sentence, in running text.
    #[test]
    fn edits_inside_of_sentences_fall_to_them(
        sentences in prop::collection::vec((prop::collection::vec("[a-z]{3,8}", 3..8), prop::option::weighted(0.3, (1..3usize, "[A-Z]{2,4}"))), 1..20),
    ) {
        let text = |words: &[String]| words.join(" ") + ".";
        let old: Vec<String> = sentences.iter().map(|(words, _)| text(words)).collect();
        let new: Vec<String> = sentences.iter().map(|(words, edit)| match edit {
            Some((at, word)) => text(&[&words[..*at], std::slice::from_ref(word), &words[*at + 1..]].concat()),
            None => text(words),
        }).collect();
        let carried = carried_over(&old, &old.join(" "), &new.join(" "));
        let expected: Vec<(usize, &str)> =
            (0..old.len()).filter(|&at| old[at] != new[at]).map(|at| (at, new[at].as_str())).collect();
        prop_assert_eq!((changes(&carried), carried.strays), (expected, 0));
    }
}
