use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Slots from a source in which `[`…`]` is an element, `{`…`}` a fixed one; places without text stand
/// around elements that have no text beside them.
fn slots(marked: &str) -> (String, Vec<MarkupSlot>) {
    let mut source = String::new();
    let mut slots: Vec<MarkupSlot> = Vec::new();
    let mut elements = 0;
    for part in marked.split_inclusive(['[', ']', '{', '}']) {
        let text = part.trim_end_matches(['[', ']', '{', '}']);
        let start = source.len();
        source.push_str(text);
        let inside = part.ends_with([']', '}']);
        elements += usize::from(inside);
        let element = inside.then_some(elements);
        slots.push(MarkupSlot { source: start..source.len(), is_fixed: part.ends_with('}'), element });
    }
    (source, slots)
}

/// The target with brackets around what went into elements, which are named by their text in the source.
fn projected(marked: &str, target: &str, pairs: &[(&str, &str)]) -> String {
    let (source, slots) = slots(marked);
    let place = |text: &str, part: &str| {
        let start = text.find(part).expect("there");
        start..start + part.len()
    };
    let pairs: Vec<_> = pairs.iter().map(|(from, to)| (place(&source, from), place(target, to))).collect();
    let mut out = String::new();
    for (slot, span) in project(&source, &slots, target, Hints { pairs: &pairs, may_move: true }) {
        match slots[slot].element {
            Some(number) => drop(write!(out, "[{number}:{}]", &target[span])),
            None => out += &target[span],
        }
    }
    out
}

#[test]
fn words_that_are_the_same_find_their_element() {
    assert_eq!(
        projected("Am Montag flog [Sojus MS-24] ins All.", "On Monday Soyuz flew Sojus MS-24 to space.", &[]),
        "On Monday Soyuz flew [1:Sojus MS-24] to space."
    );
    assert_eq!(
        projected(
            "Er zahlte [3,5 Mrd. Euro], sagt [Reimers].",
            "He paid 3.5 billion euros, says Reimers.",
            &[]
        ),
        "He paid [1:3.5 billion euros], says [2:Reimers]."
    );
}

#[test]
fn pairs_decide_where_words_differ() {
    let (source, target) =
        ("Den Vertrag hat [die Regierung] gekündigt.", "The government has ended the treaty.");
    assert_eq!(
        projected(
            source,
            target,
            &[("Regierung", "government"), ("Vertrag", "treaty"), ("gekündigt", "ended")]
        ),
        "The [1:government] has ended the treaty."
    );
}

#[test]
fn elements_change_places_when_the_words_do() {
    let pairs = [("Minister", "minister"), ("Kanzler", "chancellor")];
    assert_eq!(
        projected("Den [Minister] lobt der [Kanzler].", "The chancellor praises the minister.", &pairs),
        "The [2:chancellor] praises the [1:minister]."
    );
}

#[test]
fn fixed_text_is_found_or_left_empty() {
    assert_eq!(
        projected("Mit {cargo run} startet es.", "It starts with cargo run.", &[]),
        "It starts with [1:cargo run]."
    );
    let without = projected("Mit {cargo run} startet es.", "It starts with it.", &[]);
    assert_eq!(without.replace("[1:]", ""), "It starts with it.");
}

#[test]
fn a_long_target_is_shared_out_all_the_same() {
    let marked = "[ab] cd ".repeat(600);
    let target = "word ".repeat(3000);
    let (source, slots) = slots(&marked);
    let shared = project(&source, &slots, &target, Hints { pairs: &[], may_move: true });
    let joined: String = shared.iter().map(|(_, span)| &target[span.clone()]).collect();
    assert_eq!(joined, target);
}

proptest! {
    #[test]
    fn nothing_of_the_target_is_lost_and_no_word_is_split(
        marked in "([a-c]{1,3}[ .]|[\\[{][a-c ]{0,5}[\\]}]){0,9}",
        target in "([a-c]{1,3}|[ ,.äΩ]){0,12}",
        pairs in prop::collection::vec((0..20_usize, 0..9_usize, 0..20_usize, 0..9_usize), 0..4),
    ) {
        let (source, slots) = slots(&marked);
        let pairs: Vec<_> = pairs.into_iter().map(|(a, n, b, m)| (a..a + n, b..b + m)).collect();
        let shared = project(&source, &slots, &target, Hints { pairs: &pairs, may_move: true });
        prop_assume!(!slots.is_empty());
        prop_assert_eq!(shared.len(), slots.len());
        let joined: String = shared.iter().map(|(_, span)| &target[span.clone()]).collect();
        prop_assert_eq!(&joined, &target);
        for (_, span) in &shared {
            let inside_word = |at: usize| {
                target[..at].ends_with(char::is_alphanumeric) && target[at..].starts_with(char::is_alphanumeric)
            };
            prop_assert!(!inside_word(span.start) && !inside_word(span.end));
        }
    }
}
