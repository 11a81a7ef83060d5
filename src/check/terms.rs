//! Whether the terms of a segment hold in its translation.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::overlap::overlap;
use super::pair::Pair;
use super::unwanted;
use crate::english::{
    Occurrence, Rendering, Sentence, Strictness, Word, first_word, is_german_adjective, is_german_pronoun,
    is_pronoun, is_spelt_out, last_word, precedes_german_plural, words,
};
use crate::model::{Entry, EntryKind, Finding, FindingKind, MatchKind, Severity, TermMatch, TermOutcome};
use crate::text::characters::is_hyphen;

/// Tells for each term where the target renders it.
///
/// A rendering holds where it stands as the entry spells it: names in their capitals and hyphens, common words also with
/// a capital; between word boundaries, in the plural, as a possessive, with its last words shared (`deep- and high-sea
/// fish`). It does not where it stands twice (`depot warehouse`), where it is a piece of a longer unwanted rendering or
/// is one itself but for its spelling, and where a name has the bare s of the German genitive.
///
/// Each occurrence takes a place of its own, longer renderings first. One that is left over may stand as a pronoun that
/// the German does not have, unless it was left in German or wrongly rendered. [`MatchKind::Part`] matches are never
/// required: they get a free place, or share one.
#[must_use]
pub fn outcomes(source: &Sentence, terms: &[TermMatch], target: &Sentence) -> Vec<TermOutcome> {
    // An entry that occurs many times is looked for once.
    let mut of_entry: HashMap<_, Vec<&TermMatch>> = HashMap::new();
    for term in terms {
        of_entry.entry(key(term)).or_default().push(term);
    }
    let places = of_entry.into_iter().map(|(entry, own)| (entry, EntryPlaces::of(source, &own, target)));
    let mut found: HashMap<_, EntryPlaces> = places.collect();
    let mut order: Vec<usize> = (0..terms.len()).collect();
    let length = |i: &usize| found[&key(&terms[*i])].places.first().map_or(0, Range::len);
    order.sort_by_key(|i| (terms[*i].kind == MatchKind::Part, std::cmp::Reverse(length(i)), *i));
    let mut seats = Seats { taken: BTreeMap::new(), held: vec![None; terms.len()] };
    let mut exchanges = EXCHANGES;
    for i in &order {
        let free = found.get_mut(&key(&terms[*i])).and_then(|found| found.next_free(&seats.taken));
        if let Some(free) = free {
            seats.seat(*i, free);
        } else if terms[*i].is_required() && exchanges > 0 {
            exchanges -= 1;
            seats.exchange(*i, terms, &found);
        }
    }
    let mut pronouns = spare_pronouns(source, target, &seats.taken).into_iter();
    for i in order {
        let places = &found[&key(&terms[i])];
        if seats.held[i].is_some() || places.places.is_empty() || places.is_wrong {
            continue;
        }
        // The engine may well say *he* the second time; a part shares what stands there.
        let shared = if terms[i].is_required() { pronouns.next() } else { places.places.first().cloned() };
        seats.held[i] = shared;
    }
    let outcome = |(term, held): (&TermMatch, _)| TermOutcome { term: term.clone(), held };
    terms.iter().zip(seats.held).map(outcome).collect()
}

/// Occurrences for which another one is asked to move. No sentence needs more; thousands of terms must not take as many
/// times as long.
const EXCHANGES: usize = 16;

/// The entry of a term.
fn key(term: &TermMatch) -> *const Entry {
    Arc::as_ptr(&term.entry)
}

/// Which occurrence has which place.
struct Seats {
    /// The places, which do not overlap, by their start: their end and whose they are.
    taken: BTreeMap<usize, (usize, usize)>,
    held: Vec<Option<Range<usize>>>,
}

impl Seats {
    fn seat(&mut self, term: usize, place: Range<usize>) {
        self.taken.insert(place.start, (place.end, term));
        self.held[term] = Some(place);
    }

    /// Seats an occurrence where one of another entry sits that finds a place elsewhere: of `launcher|rocket` and
    /// `launcher` the first may have taken the only place of the second.
    fn exchange(&mut self, term: usize, terms: &[TermMatch], found: &HashMap<*const Entry, EntryPlaces>) {
        for place in &found[&key(&terms[term])].places {
            let mut sitting = self.taken.range(..place.end).rev();
            let Some((start, (_, other))) = sitting.next().filter(|(_, (end, _))| *end > place.start) else {
                continue;
            };
            let is_only = sitting.next().is_none_or(|(_, (end, _))| *end <= place.start);
            let (start, other) = (*start, *other);
            if !is_only || key(&terms[other]) == key(&terms[term]) {
                continue;
            }
            let elsewhere = found[&key(&terms[other])]
                .places
                .iter()
                .find(|p| is_free(&self.taken, p) && !overlap(p, place));
            if let Some(elsewhere) = elsewhere.cloned() {
                self.taken.remove(&start);
                self.seat(other, elsewhere);
                self.seat(term, place.clone());
                return;
            }
        }
    }
}

/// Whether a place overlaps none of the taken ones.
fn is_free(taken: &BTreeMap<usize, (usize, usize)>, place: &Range<usize>) -> bool {
    taken.range(..place.end).next_back().is_none_or(|(_, (end, _))| *end <= place.start)
}

/// Where the renderings of an entry stand, and how many of these places are known to be taken: none becomes free again.
struct EntryPlaces {
    places: Vec<Range<usize>>,
    tried: usize,
    /// Whether an unwanted rendering, or the German itself, stands in the target.
    is_wrong: bool,
}

impl EntryPlaces {
    /// Where any accepted rendering of the entry of some terms holds: the house form first, then by place.
    fn of(source: &Sentence, own: &[&TermMatch], target: &Sentence) -> Self {
        let Some(term) = own.first() else { return Self { places: Vec::new(), tried: 0, is_wrong: false } };
        let wrong = unwanted::places(term, target, &[]);
        let surfaces: BTreeSet<_> = own.iter().map(|term| term.surface(source.text())).collect();
        let german: Vec<_> = surfaces.iter().flat_map(|surface| left_german(target, surface)).collect();
        let spoilt = |own: &Range<usize>| {
            let is_piece = |whole: &Range<usize>| whole.start <= own.start && own.end <= whole.end;
            wrong.iter().any(|w| is_piece(&w.span) && (w.is_respelt || w.span != *own))
                || german.iter().any(|german| is_piece(german) && german != own)
        };
        let strictness = strictness(&term.entry);
        let genitive = own.iter().any(|term| is_genitive(source, term));
        let mut places = Vec::new();
        for accepted in &term.entry.targets {
            let rendering = Rendering::spelt(accepted, strictness);
            let whole = rendering.find(target).into_iter().chain(rendering.find_elided(target));
            let holds = |place: &Occurrence| {
                place.deviation.is_none()
                    && !(genitive && place.plural && has_bare_s(accepted))
                    && !spoilt(&place.span)
            };
            places.extend(whole.filter(holds).map(|place| place.span));
        }
        let is_repeat =
            own.windows(2).any(|w| source.text().get(w[0].span.end..w[1].span.start).is_some_and(is_joint));
        if !is_repeat {
            let all: Vec<_> = places.iter().cloned().chain(wrong.iter().map(|w| w.span.clone())).collect();
            let twice = twice(&all, source, target);
            places.retain(|place| !twice.contains(place));
        }
        let is_open = |span: &Range<usize>| !places.iter().any(|place| overlap(place, span));
        let is_wrong = german.iter().chain(wrong.iter().map(|wrong| &wrong.span)).any(is_open);
        Self { places, tried: 0, is_wrong }
    }

    /// The first place that overlaps none of the taken ones.
    fn next_free(&mut self, taken: &BTreeMap<usize, (usize, usize)>) -> Option<Range<usize>> {
        let at = self.tried + self.places[self.tried..].iter().position(|place| is_free(taken, place))?;
        self.tried = at + 1;
        Some(self.places[at].clone())
    }
}

/// How closely the renderings of an entry are to be spelt.
pub(crate) fn strictness(entry: &Entry) -> Strictness {
    if entry.kind == EntryKind::Term { Strictness::Term } else { Strictness::Name }
}

/// Whether a rendering ends with a name, which an s behind makes no plural where the German is a genitive.
pub(crate) fn has_bare_s(accepted: &str) -> bool {
    last_word(accepted).is_some_and(|last| {
        let last = &accepted[last.span];
        last.starts_with(char::is_uppercase) && !is_spelt_out(last)
    })
}

/// Whether the German of a term is the genitive of a name before what belongs to it (`Oslos Hafen`) and no plural
/// (`die Leopards`).
pub(crate) fn is_genitive(source: &Sentence, term: &TermMatch) -> bool {
    let text = source.text();
    let ending = term.surface(text).strip_prefix(term.entry.source.as_str());
    if !matches!(ending, Some("s" | "’s" | "'s")) {
        return false;
    }
    let (before, behind) = (&text[..term.span.start], &text[term.span.end..]);
    let plural = last_word(before).is_some_and(|word| {
        precedes_german_plural(&word.folded) || word.folded.starts_with(|c: char| c.is_ascii_digit())
    });
    let next = first_word(behind).filter(|word| behind[..word.span.start].trim().is_empty());
    !plural
        && next.is_some_and(|next| {
            let next = &behind[next.span];
            next.starts_with(char::is_uppercase) || is_german_adjective(next)
        })
}

/// The places directly beside another one, or beside a word that is their own once more: there the term stands twice.
fn twice(places: &[Range<usize>], source: &Sentence, target: &Sentence) -> Vec<Range<usize>> {
    let text = target.text();
    let mut order: Vec<_> = places.to_vec();
    order.sort_by_key(|place| (place.start, place.end));
    let starts: BTreeMap<usize, usize> = order.iter().map(|place| (place.start, place.end)).collect();
    let mut twice = Vec::new();
    for place in &order {
        let next = starts.range(place.end..).next().map(|(start, end)| *start..*end);
        if let Some(next) = next.filter(|next| is_joint(&text[place.end..next.start])) {
            twice.extend([place.clone(), next]);
        }
        let (before, behind) = (&text[..place.start], &text[place.end..]);
        let own = &text[place.clone()];
        let same = |word: Option<Word>, gap: &dyn Fn(&Word) -> bool, own: Option<Word>| {
            word.filter(gap).zip(own).is_some_and(|(word, own)| {
                is_said_again(&word.folded, &own.folded) && !is_doubled(source, &own.folded)
            })
        };
        let left = same(last_word(before), &|w| is_joint(&before[w.span.end..]), first_word(own));
        let right = same(first_word(behind), &|w| is_joint(&behind[..w.span.start]), last_word(own));
        if left || right {
            twice.push(place.clone());
        }
    }
    twice
}

/// Whether one folded word beside another says the same: it again, in the plural, or with a beginning: `ammunition munitions`.
fn is_said_again(one: &str, other: &str) -> bool {
    /// Shorter endings stand in words of their own: `aircraft craft`.
    const END: usize = 6;
    let bare = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let (one, other) = (bare(one), bare(other));
    let ends = |long: &str, short: &str| short.chars().count() >= END && long.ends_with(short);
    one.chars().all(char::is_alphabetic) && (one == other || ends(&one, &other) || ends(&other, &one))
}

/// Whether nothing but a blank or a hyphen stands between two words.
fn is_joint(gap: &str) -> bool {
    !gap.is_empty() && gap.chars().all(|c| c.is_whitespace() || is_hyphen(c))
}

/// Whether a word stands twice in a row in a text.
fn is_doubled(text: &Sentence, folded: &str) -> bool {
    text.words().windows(2).any(|pair| pair.iter().all(|word| word.folded == folded))
}

/// Where the German of a term, words with a capital, stands in the target.
fn left_german(target: &Sentence, surface: &str) -> Vec<Range<usize>> {
    /// Shorter words may be English by chance.
    const SHORTEST: usize = 4;
    let length = words(surface).len();
    if length == 0 || surface.chars().count() < SHORTEST || !surface.contains(char::is_uppercase) {
        return Vec::new();
    }
    let spans = target.words().windows(length).map(|w| w[0].span.start..w[length - 1].span.end);
    spans.filter(|span| target.text()[span.clone()] == *surface).collect()
}

/// The pronouns of the target that the German has none for, in order, outside the taken places.
fn spare_pronouns(
    source: &Sentence,
    target: &Sentence,
    taken: &BTreeMap<usize, (usize, usize)>,
) -> Vec<Range<usize>> {
    let own = source.words().iter().filter(|word| is_german_pronoun(&word.folded)).count();
    let pronouns = target.words().iter().filter(|word| is_pronoun(&word.folded));
    let free = pronouns.map(|word| word.span.clone()).filter(|span| is_free(taken, span));
    free.skip(own).collect()
}

/// Reports terms that do not hold.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let lost = pair.outcomes.iter().filter(|outcome| outcome.is_lost());
    lost.map(|outcome| not_held(pair, &outcome.term, None)).collect()
}

/// The finding of a term that does not hold; `place` are the bytes of the English that stand for it, where they are known.
pub(crate) fn not_held(pair: Pair<'_>, term: &TermMatch, place: Option<Range<usize>>) -> Finding {
    let reads = place.clone().map(|place| format!(" but reads “{}”", &pair.target.text()[place]));
    Finding {
        kind: FindingKind::TermNotHeld,
        severity: Severity::Error,
        message: format!(
            "“{}”{} should read “{}”{}",
            term.surface(pair.source.text()),
            which(pair, term).unwrap_or_default(),
            term.entry.targets.join("” or “"),
            reads.unwrap_or_default()
        ),
        source: Some(term.span.clone()),
        target: place,
        should: Some(term.entry.target().to_owned()),
    }
}

/// Which occurrence of its entry a term is, if there are several.
fn which(pair: Pair<'_>, term: &TermMatch) -> Option<String> {
    let same = || pair.outcomes.iter().map(|o| &o.term).filter(|o| o.is_required() && o.entry == term.entry);
    let (at, of) = (same().position(|other| other.span == term.span)? + 1, same().count());
    (of > 1).then(|| format!(" (occurrence {at} of {of})"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{surface, term};
    use super::*;
    use crate::english::steps;

    fn outcomes(terms: &[TermMatch], target: &str) -> Vec<TermOutcome> {
        super::outcomes(&Sentence::default(), terms, &Sentence::new(target))
    }

    /// Whether the term holds, which is in brackets in the German.
    fn holds(german: &str, renderings: &str, avoid: &str, english: &str) -> bool {
        let start = german.find('[').expect("a bracket");
        let end = german.find(']').expect("a bracket") - 1;
        let source = Sentence::new(german.replace(['[', ']'], ""));
        let dictionary = source.text()[start..end].trim_end_matches('s').to_owned();
        let mut term = surface(&dictionary, renderings, start..end);
        if !avoid.is_empty() {
            Arc::make_mut(&mut term.entry).avoid.push(avoid.to_owned());
        }
        super::outcomes(&source, &[term], &Sentence::new(english))[0].held.is_some()
    }

    fn held(terms: &[TermMatch], target: &str) -> Vec<bool> {
        outcomes(terms, target).iter().map(|o| o.held.is_some()).collect()
    }

    #[test]
    fn renderings_that_share_their_last_words_hold_each() {
        let terms = [term("Tief-", "deep-sea fish", 0), term("Hochseefische", "high-sea fish", 10)];
        let held = |target| outcomes(&terms, target).iter().filter(|o| o.held.is_some()).count();
        assert_eq!(held("Deep- and high-sea fish"), 2);
        assert_eq!(held("Deep and high-sea fish"), 1);
        let terms = [term("Ostfriesland", "East Frisia", 0), term("Nordfriesland", "North Frisia", 20)];
        assert!(outcomes(&terms, "East and North Frisia").iter().all(|o| o.held.is_some()));
    }

    #[test]
    fn twice_as_many_occurrences_take_twice_as_many_looks() {
        let looks = |count: usize| {
            let entry = term("Elbe", "Elbe|River Elbe", 0);
            let terms = vec![entry; count];
            let target = "the Elbe and ".repeat(count);
            steps::of(|| assert!(outcomes(&terms, &target).iter().all(|o| o.held.is_some())))
        };
        let [one, two, four] = [100, 200, 400].map(looks);
        assert!(one > 0 && two <= one * 21 / 10 && four <= two * 21 / 10, "{one}, {two}, {four}");
    }

    #[test]
    fn each_occurrence_takes_a_place_of_its_own() {
        let terms = [term("Elbe", "Elbe", 0), term("Elbe", "Elbe", 10)];
        let spans: Vec<_> = outcomes(&terms, "The Elbe and the Elbe").into_iter().map(|o| o.held).collect();
        assert_eq!(spans, [Some(4..8), Some(17..21)]);
    }

    /// How many occurrences of `Nizza` hold, each in a segment of its own making.
    fn held_in(german: &str, english: &str, avoid: &[&str]) -> Vec<bool> {
        let source = Sentence::new(german);
        let mut terms: Vec<_> =
            german.match_indices("Nizza").map(|(at, _)| term("Nizza", "Nice", at)).collect();
        let mut entry = (*terms[0].entry).clone();
        entry.avoid = avoid.iter().map(|text| (*text).to_owned()).collect();
        let entry = Arc::new(entry);
        for term in &mut terms {
            term.entry = Arc::clone(&entry);
        }
        super::outcomes(&source, &terms, &Sentence::new(english)).iter().map(|o| o.held.is_some()).collect()
    }

    #[test]
    fn every_occurrence_holds_or_none_is_said_to() {
        let german = "Nizza liegt am Meer, und Nizzas Hafen ist klein.";
        for (english, second) in [
            ("Nice lies by the sea, and Nice’s port is small.", true),
            ("Nice lies by the sea, and its port is small.", true),
            ("Nice lies by the sea, and the port is small.", false),
            ("Nice lies by the sea, and Nizzas port is small.", false),
            ("Nice lies by the sea, and its port, Nizza, is small.", false),
        ] {
            assert_eq!(held_in(german, english, &["Nizza"]), [true, second], "{english}");
        }
        assert_eq!(held_in(german, "It lies by the sea, and its port is small.", &[]), [false, false]);
        assert_eq!(held_in("Der Hafen Nizza ist klein.", "The port of Nice, Nizza, is small.", &[]), [true]);
        let own = "Nizza liegt am Meer, und sein Hafen in Nizza ist klein.";
        assert_eq!(held_in(own, "Nice lies by the sea, and its port is small.", &[]), [true, false]);
    }

    #[test]
    fn a_rendering_holds_in_the_spelling_of_its_entry_only() {
        for (renderings, avoid, english, expected) in [
            ("Coral Sea", "", "The coral sea is calm.", false),
            ("Coral Sea", "", "CALM ON THE CORAL SEA", true),
            ("Ito Ren Jun", "Ito Ren-jun", "Ito Ren-jun came.", false),
            ("Ito Ren Jun", "", "Ito Ren-jun came.", false),
            ("air-sea rescue", "", "the air sea rescue", true),
            ("air-sea rescue", "air sea rescue", "the air sea rescue", false),
            ("air-sea rescue", "", "the Air-Sea Rescue", true),
            ("supplies|stores", "", "stores supplies", false),
            ("supplies|stores", "", "supplies, stores", true),
            ("North Sea fleet", "", "the North Sea fleet fleet", false),
            ("munitions", "", "more ammunition munitions", false),
            ("Sergei Orlow|Orlow", "Sergej", "Sergej Orlow came.", false),
            ("Sergei Orlow|Orlow", "Sergej", "So Minister Sergej Orlow came.", false),
        ] {
            assert_eq!(holds("Das [Wort] ist da.", renderings, avoid, english), expected, "{english}");
        }
    }

    proptest! {
        #[test]
        fn a_name_holds_in_its_own_spelling_and_in_no_other(
            name in "[A-Z][a-z]{2,6}([ -][A-Z][a-z]{2,6}){1,2}",
            at in 0_usize..40,
        ) {
            let (plain, shouted) = (format!("So the {name}’s end came."), format!("THE {} CAME", name.to_uppercase()));
            prop_assert!(holds("Das [Wort] ist da.", &name, "", &plain), "{}", plain);
            prop_assert!(holds("Das [Wort] ist da.", &name, "", &shouted), "{}", shouted);
            // One letter in the other case, or one blank or hyphen for the other.
            let place = at % name.len();
            let changed: String = name.char_indices().map(|(i, c)| match c {
                c if i != place => c,
                ' ' => '-',
                '-' => ' ',
                c if c.is_uppercase() => c.to_ascii_lowercase(),
                c => c.to_ascii_uppercase(),
            }).collect();
            let english = format!("So the {changed} end came.");
            prop_assert!(!holds("Das [Wort] ist da.", &name, "", &english), "{}", english);
            prop_assert!(!holds("Das [Wort] ist da.", &name, &changed, &english), "{}", english);
        }

        #[test]
        fn as_many_occurrences_hold_as_have_a_place(occurrences in 1_usize..6, places in 0_usize..6) {
            let german = "die Stadt Nizza, ".repeat(occurrences);
            let english = "the city of Nice, ".repeat(places) + &"the city, ".repeat(3);
            let held = held_in(&german, &english, &[]).into_iter().filter(|held| *held).count();
            prop_assert_eq!(held, occurrences.min(places));
        }
    }

    #[test]
    fn the_genitive_of_a_name_is_no_plural() {
        for (german, english, expected) in [
            ("Nach [Orlows] Plänen", "According to Orlows plans", false),
            ("Nach [Orlows] neuen Plänen", "According to Orlow’s new plans", true),
            ("Nach [Orlows] Plänen", "According to Orlow plans", true),
            ("Zwei [Orlows] kamen.", "Two Orlows came.", true),
            ("Die [Orlows] kamen.", "The Orlows came.", true),
        ] {
            assert_eq!(holds(german, "Orlow", "", english), expected, "{english}");
        }
    }

    #[test]
    fn a_piece_of_the_german_is_no_rendering() {
        assert!(!holds("Der [Hafen Jade] ist da.", "Port of Jade|Jade", "", "The Hafen Jade is here."));
        assert!(holds("Der [Hafen Jade] ist da.", "Port of Jade|Jade", "", "The Jade is here."));
        assert!(holds("Der [Hafen Jade] ist da.", "Hafen Jade|Jade", "", "The Hafen Jade is here."));
    }

    #[test]
    fn an_occurrence_moves_for_one_that_has_no_other_place() {
        let terms = [term("Rakete", "launcher|rocket", 0), term("Werfer", "launcher", 10)];
        assert_eq!(held(&terms, "The launcher and the rocket"), [true, true]);
        assert_eq!(held(&terms, "The launcher and the vessel"), [true, false]);
    }
}
