//! The table of cases: what each rule does, and what it leaves alone.

use std::ops::Range;
use std::sync::Arc;

use strum::VariantArray as _;

use super::super::repair::repair;
use super::super::repaired::Repaired;
use super::house_form::house_form;
use crate::check::testing::{surface, term};
use crate::english::Sentence;
use crate::model::{RepairRule, SpanPairs, TermMatch};
use crate::tables::{must, rows};

/// A line of the table.
struct RuleCase {
    rule: RepairRule,
    term: TermMatch,
    german: String,
    english: String,
    alignment: Option<SpanPairs>,
    /// The English as it is to become; `None` if it is to stay.
    after: Option<&'static str>,
}

/// A text without its brackets, and what stands in them.
fn unbracketed(text: &str) -> (String, Option<Range<usize>>) {
    let (Some(start), Some(end)) = (text.find('['), text.find(']')) else { return (text.to_owned(), None) };
    (text.replace(['[', ']'], ""), Some(start..end - 1))
}

fn cases() -> Vec<RuleCase> {
    let table = must(rows::<7>("enforce/rules/cases.tsv", include_str!("cases.tsv")));
    let case = |[rule, entry, renderings, avoid, german, english, after]: [&'static str; 7]| {
        let (german, place) = unbracketed(german);
        let place = place.unwrap_or_else(|| panic!("no term in {german}"));
        let mut term = surface(entry, renderings, place.clone());
        if !avoid.is_empty() {
            Arc::make_mut(&mut term.entry).avoid = avoid.split('|').map(str::to_owned).collect();
        }
        let (english, aligned) = unbracketed(english);
        RuleCase {
            rule: rule.parse().unwrap_or_else(|_| panic!("there is no rule {rule}")),
            term,
            german,
            english,
            alignment: aligned.map(|words| SpanPairs(vec![(place, words)])),
            after: (after != "-").then_some(after),
        }
    };
    table.into_iter().map(|row| case(row.cells)).collect()
}

impl RuleCase {
    fn repaired(&self) -> Option<Repaired> {
        let (german, english) = (Sentence::new(self.german.as_str()), Sentence::new(self.english.as_str()));
        let terms = std::slice::from_ref(&self.term);
        repair(&german, &english, terms, self.alignment.as_ref())
            .or_else(|| house_form(&german, terms, &english, true))
    }
}

#[test]
fn each_rule_does_what_its_cases_say() {
    for case in cases() {
        let repaired = case.repaired();
        let english = repaired.as_ref().map(|repaired| repaired.english.text());
        assert_eq!(english, case.after, "{}", case.english);
        let rules = repaired.map(|repaired| repaired.rules);
        assert_eq!(rules, case.after.map(|_| vec![Some(case.rule)]), "{}", case.english);
    }
}

#[test]
fn each_rule_has_a_case_in_which_it_acts_and_one_in_which_it_does_not() {
    let cases = cases();
    for rule in RepairRule::VARIANTS {
        let of_rule = || cases.iter().filter(|case| case.rule == *rule);
        assert!(of_rule().any(|case| case.after.is_some()), "{}", rule.as_str());
        assert!(of_rule().any(|case| case.after.is_none()), "{}", rule.as_str());
        assert!(!rule.describe().is_empty(), "{}", rule.as_str());
    }
}

#[test]
fn words_that_another_term_accounts_for_stay() {
    let terms = [term("Bundesland", "federal state", 0), term("Staat", "state", 15)];
    let (german, english) = (Sentence::new("Bundesland und Staat"), Sentence::new("the state"));
    assert!(repair(&german, &english, &terms, None).is_none());
}

#[test]
fn a_rendering_without_words_has_no_place() {
    let terms = [term("Strich", "—", 4)];
    assert!(repair(&Sentence::new("Ein Strich."), &Sentence::new("A dash."), &terms, None).is_none());
}
