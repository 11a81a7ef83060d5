//! Terms in the answers of a model that only knows what follows what.

use std::ops::Range;

use super::hypothesis::OpeningPlace;
use super::*;
use crate::check::testing::term;
use crate::engine::error::EngineError;
use crate::model::{Cut, TermMatch, Translation};

const PIECES: [&str; 11] =
    ["", " The", " ship", " ferry", " came", " late", ".", " last", " night", " evening", " again"];
const END: u32 = 0;
/// What is said behind what, at the beginning behind the end, and how sure that is.
const PAIRS: [(u32, u32, f32); 15] = [
    (END, 1, 9.0),
    (1, 2, 9.0),
    (1, 3, 4.0),
    (2, 4, 9.0),
    (3, 4, 9.0),
    (4, 5, 9.0),
    (4, 3, 6.0),
    (5, 7, 9.0),
    (7, 8, 9.0),
    (7, 9, 5.0),
    (8, 6, 9.0),
    (8, 10, 5.0),
    (9, 6, 9.0),
    (10, 6, 9.0),
    (6, END, 9.0),
];

const GERMAN: &str = "Das Schiff kam gestern Nacht zu spät.";
const FREE: &str = "The ship came late last night.";
const SHIP: usize = 4;
const NIGHT: usize = 23;
const LATE: usize = 29;

struct Pieces;

impl ModelVocabulary for Pieces {
    fn word(&self, word: &str, is_spaced: bool) -> Option<Vec<u32>> {
        let text = format!("{}{word}", if is_spaced { " " } else { "" });
        let place = PIECES.iter().position(|piece| *piece == text)?;
        Some(vec![u32::try_from(place).unwrap()])
    }

    fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
        Ok(tokens.iter().map(|token| PIECES[*token as usize]).collect())
    }

    fn ends(&self, token: u32) -> bool {
        token == END
    }
}

struct Said(Vec<u32>);

impl Said {
    fn scores(&self) -> Vec<f32> {
        let last = self.0.last().copied().unwrap_or(END);
        let mut scores = vec![0.0; PIECES.len()];
        if self.0.windows(2).any(|pair| pair == [4, 3]) {
            // A ferry in that place is the end of it.
            return scores;
        }
        for (_, next, sure) in PAIRS.into_iter().filter(|(before, ..)| *before == last) {
            scores[next as usize] = sure;
        }
        scores
    }
}

impl Past for Said {
    const DEFERS: bool = true;

    fn fork(&mut self, said: usize) -> Self {
        Self(self.0[..said].to_vec())
    }

    fn say(&mut self, token: u32) {
        self.0.push(token);
    }
}

struct BigramRules {
    openings: Vec<u32>,
    rendering: Vec<usize>,
}

impl AnswerWriting for BigramRules {
    type Tokens = Pieces;
    type Past = Said;

    fn tokens(&self) -> &Pieces {
        &Pieces
    }

    fn has_rivals(&self) -> bool {
        true
    }

    fn openings(&self) -> &[u32] {
        &self.openings
    }

    fn end(&self, said: &[u32]) -> Option<EarlyEnd> {
        (said.len() >= 12).then_some(EarlyEnd { length: said.len(), cut: Some(Cut::Runaway) })
    }

    fn answer(&self, said: &[u32], cut: Option<Cut>) -> Result<Translation, EngineError> {
        let mut translation = Translation::plain(Pieces.text(said)?.trim_start());
        translation.cuts.extend(cut);
        Ok(translation)
    }

    fn rendering(&self, past: &Said, said: &[u32], span: &Range<usize>) -> Vec<usize> {
        assert_eq!(past.0, said);
        if span.start == SHIP { self.rendering.clone() } else { Vec::new() }
    }
}

/// The answer, and how many tokens were computed for it.
fn answer(terms: &[TermMatch], rendering: &[usize]) -> (String, usize) {
    let wanted = WantedTerms::new(GERMAN, terms, &Pieces);
    let openings = wanted.as_ref().map_or(&[][..], WantedTerms::openings).to_vec();
    let rules = BigramRules { openings, rendering: rendering.to_vec() };
    let mut draft = AnswerDraft::Free(Hypothesis::new(Said(Vec::new())));
    let mut steps = 0;
    loop {
        for text in draft.open() {
            let scores = text.past().scores();
            text.go_on(Scores::of_all(&scores), &rules);
            steps += 1;
        }
        if let Some(complete) = draft.go_on(wanted.as_ref(), &rules) {
            return (complete.unwrap().answer.text, steps);
        }
    }
}

/// Writes a text to its end.
fn write(text: &mut Hypothesis<Said>, rules: &BigramRules) {
    while !text.has_ended() {
        let scores = text.past().scores();
        text.go_on(Scores::of_all(&scores), rules);
    }
}

fn places(targets: &str, rendering: &[usize]) -> Vec<OpeningPlace> {
    let wanted = WantedTerms::new(GERMAN, &[term("Schiff", targets, SHIP)], &Pieces).unwrap();
    let rules = BigramRules { openings: wanted.openings().to_vec(), rendering: rendering.to_vec() };
    let mut text = Hypothesis::new(Said(Vec::new()));
    write(&mut text, &rules);
    wanted.places(0, &text, &rules).unwrap()
}

#[test]
fn where_the_model_was_least_sure_it_would_have_said_the_next_best() {
    let rules = BigramRules { openings: Vec::new(), rendering: Vec::new() };
    let mut free = Hypothesis::new(Said(Vec::new()));
    write(&mut free, &rules);
    let doubts = free.doubts();
    assert_eq!(doubts[..4], [3, 5, 6, 1]);
    let rivals: Vec<String> = doubts[1..4]
        .iter()
        .map(|at| {
            let mut rival = free.rival(*at).unwrap();
            write(&mut rival, &rules);
            assert!(rival.lead(&free) < 0.0 && rival.mean_likelihood() < free.mean_likelihood());
            rival.answer(&rules).unwrap().text
        })
        .collect();
    assert_eq!(
        rivals,
        [
            "The ship came late last evening.",
            "The ship came late last night again.",
            FREE.replace("ship", "ferry").as_str()
        ]
    );
    assert!(free.lead(&free).abs() < f32::EPSILON);
    assert!(!doubts.contains(&free.said().len()), "the end of an answer is none of its tokens");
}

#[test]
fn a_term_that_holds_already_costs_nothing() {
    let free = answer(&[], &[]);
    assert_eq!(free, (FREE.to_owned(), 8));
    for targets in ["ship", "ferry|ship", "ship|ferry"] {
        assert_eq!(answer(&[term("Schiff", targets, SHIP)], &[1]), free, "{targets}");
    }
}

#[test]
fn a_term_that_is_missing_is_put_in_the_place_of_what_stands_for_it() {
    for (targets, rendering, expected) in [
        ("ferry", &[1][..], "The ferry came late last night."),
        ("boat|ferry", &[1], "The ferry came late last night."),
        // Where it is likeliest no good English comes of it.
        ("ferry", &[], "The ferry came late last night."),
        ("ferry", &[2], "The ship ferry came late last night."),
    ] {
        let (text, steps) = answer(&[term("Schiff", targets, SHIP)], rendering);
        assert_eq!(text, expected, "{targets} {rendering:?}");
        assert!(steps > 8);
    }
}

/// Behind the term the answer says the same as before. Three tokens show that, and the last two with the end are not computed:
/// with them there would be 16.
#[test]
fn what_has_come_back_to_the_answer_without_the_term_is_not_computed_to_its_end() {
    let (text, steps) = answer(&[term("Schiff", "ferry", SHIP)], &[1]);
    assert_eq!((text.as_str(), steps), ("The ferry came late last night.", 13));
}

#[test]
fn a_term_behind_what_was_not_computed_holds_too() {
    for (german, english, at, expected) in [
        ("Nacht", "evening", NIGHT, "The ferry came late last evening."),
        ("zu spät", "again", LATE, "The ferry came late last night again."),
    ] {
        let (text, _) = answer(&[term("Schiff", "ferry", SHIP), term(german, english, at)], &[1]);
        assert_eq!(text, expected);
    }
}

#[test]
fn what_the_model_cannot_write_leaves_what_it_says_by_itself() {
    assert_eq!(answer(&[term("Schiff", "boat", SHIP)], &[1]), answer(&[], &[]));
}

#[test]
fn a_place_that_renders_the_german_comes_before_the_likeliest() {
    let tokens = |rendering: &[usize]| -> Vec<usize> {
        places("ferry", rendering).into_iter().map(|place| place.tokens).collect()
    };
    let likeliest = tokens(&[]);
    assert_eq!(likeliest[..2], [3, 1], "where it would say it next to what it says");
    assert_eq!(tokens(&[1])[..2], [1, 3]);
    assert_eq!(tokens(&[2, 1])[..3], [1, 2, 3], "of two, the likelier");
    assert_eq!(tokens(&[17]), likeliest, "a place where none can begin is none");
}
