//! Whether an answer is a translation at all: one place judges, for every engine and every rung.
//!
//! A check says what is wrong with a translation; this says that there is none. So it speaks only
//! where it is sure: of 5,000 translations by services and people it refuses none.

use std::borrow::Borrow;
use std::ops::{AddAssign, Range};
use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

use super::overlap::overlap;
use super::repeats::most_repeats;
use crate::english::{FORMS, Sentence, Word, fold, words};
use crate::model::Request;
use crate::tables::{self, Kinds, TableError, must, values};
use crate::text::characters::inside;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A translation, be it a good one or a bad one.
    Usable,
    /// No translation.
    Unusable(Class),
}

/// Why an answer is no translation. The names stand in the memory and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Nothing but white space.
    Empty,
    /// The answer cannot be read, or none of its items is certain to belong to this text.
    Missing,
    /// What was asked.
    Echo,
    /// The beginning of a translation.
    CutOff,
    /// A word of the prompt before what may be a translation.
    PromptLabel,
    /// A model speaking about its task.
    Chatter,
    /// German, be it the text that was asked or another.
    German,
    /// Characters were lost on the way.
    Unreadable,
    /// Another language than English or German.
    OtherLanguage,
    /// The same words over and over.
    Loop,
    /// A web page in the place of a text.
    Page,
    /// The model or its service will not translate this text, or withholds the answer.
    Refusal,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::Missing,
        Self::Echo,
        Self::CutOff,
        Self::PromptLabel,
        Self::Chatter,
        Self::German,
        Self::Unreadable,
        Self::OtherLanguage,
        Self::Loop,
        Self::Page,
        Self::Refusal,
    ];

    /// The name used in the memory.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Missing => "missing",
            Self::Echo => "echo",
            Self::CutOff => "cut_off",
            Self::PromptLabel => "prompt_label",
            Self::Chatter => "chatter",
            Self::German => "german",
            Self::Unreadable => "unreadable",
            Self::OtherLanguage => "other_language",
            Self::Loop => "loop",
            Self::Page => "page",
            Self::Refusal => "refusal",
        }
    }

    /// What came back, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Empty => "the answer is empty",
            Self::Missing => "the answer holds no translation of this text",
            Self::Echo => "the German came back unchanged",
            Self::CutOff => "the answer breaks off",
            Self::PromptLabel => "the answer repeats a label of the prompt",
            Self::Chatter => "the model wrote about its task",
            Self::German => "the answer is German",
            Self::Unreadable => "the answer has unreadable characters",
            Self::OtherLanguage => "the answer is in another language",
            Self::Loop => "the answer repeats itself over and over",
            Self::Page => "the answer is a web page",
            Self::Refusal => "the translation was refused",
        }
    }
}

static GERMAN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| tables::words(include_str!("data/german_words.txt")).collect());

/// Whether a word, in small letters, is a frequent German one and no English one.
pub(super) fn is_german(folded: &str) -> bool {
    GERMAN.contains(folded)
}

/// Frequent words of languages that nobody asked for, each with the number of its languages.
static FOREIGN: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut languages: HashMap<&str, Vec<usize>> = HashMap::default();
    let lines = tables::lines(include_str!("data/foreign_words.tsv"));
    for (language, (_, line)) in lines.enumerate() {
        let words = line.split_once('\t').map_or("", |(_, words)| words);
        values(words).for_each(|word| languages.entry(word).or_default().push(language));
    }
    languages
});

/// The tables of `data/answers.tsv`.
struct JudgeTables {
    endings: Vec<&'static str>,
    both: HashSet<&'static str>,
    dangling: HashSet<&'static str>,
    labels: Vec<&'static str>,
    marks: HashSet<&'static str>,
    chatter: Vec<Chatter>,
}

/// What a model says of its task, and beginnings of German words that make it a translation.
struct Chatter {
    english: Vec<&'static str>,
    german: Vec<&'static str>,
}

static TABLES: LazyLock<JudgeTables> = LazyLock::new(|| must(JudgeTables::read()));

impl JudgeTables {
    fn read() -> Result<Self, TableError> {
        let kinds = ["ending", "both", "dangling", "label", "mark", "chatter"];
        let table = Kinds::read("check/data/answers.tsv", include_str!("data/answers.tsv"), &kinds)?;
        let chatter = table.rows::<2>("chatter")?.into_iter().map(|row| Chatter {
            english: values(row.cells[0]).collect(),
            german: values(row.cells[1]).collect(),
        });
        Ok(Self {
            endings: table.values("ending")?,
            both: table.values("both")?,
            dangling: table.values("dangling")?,
            labels: table.values("label")?,
            marks: table.values("mark")?,
            chatter: chatter.collect(),
        })
    }
}

/// One side of the question, taken apart once.
struct Side<'a> {
    text: &'a str,
    words: Vec<Word>,
}

impl<'a> Side<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, words: words(text) }
    }
}

/// Judges the answer to a question as it was sent: on the rungs inline and placeholder with English words or tokens in it.
#[must_use]
pub fn judge(question: &Request, answer: &str) -> Verdict {
    let (asked, got) = (Side::of(question.text.trim()), Side::of(answer.trim()));
    if got.text.is_empty() {
        // Nothing was asked of white space.
        return if asked.text.is_empty() { Verdict::Usable } else { Verdict::Unusable(Class::Empty) };
    }
    if is_marked(&asked.words, &got.words) {
        return Verdict::Usable;
    }
    let class = if got.text.contains(char::REPLACEMENT_CHARACTER)
        && !asked.text.contains(char::REPLACEMENT_CHARACTER)
    {
        Class::Unreadable
    } else if is_page(got.text) && !is_page(asked.text) {
        Class::Page
    } else if let Some(class) = is_german_text(&asked.words, got.text, &got.words) {
        class
    } else if let Some(class) = opening(&asked, got.text) {
        class
    } else if is_foreign(&asked, &got) {
        Class::OtherLanguage
    } else if is_loop(&asked.words, &got.words) {
        Class::Loop
    } else if is_cut_off(&asked, &got) {
        Class::CutOff
    } else {
        return Verdict::Usable;
    };
    Verdict::Unusable(class)
}

/// How much of an answer's words speak for German or for English.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    german: usize,
    /// Of those, words of the list: an ending may deceive.
    frequent: usize,
    english: usize,
}

impl Evidence {
    /// What a word speaks for. Names and nouns say nothing: only small words and words of a known ending do.
    fn of(text: &str, word: &Word) -> Self {
        let folded = word.folded.as_str();
        if GERMAN.contains(folded) {
            return Self { german: 1, frequent: 1, ..Self::default() };
        }
        let is_small = || text[word.span.clone()].chars().all(|c| !c.is_uppercase());
        if has_german_form(folded) && is_small() {
            return Self { german: 1, ..Self::default() };
        }
        let is_english =
            (FORMS.function.contains(folded) || FORMS.edge.contains(folded)) && !TABLES.both.contains(folded);
        Self { english: usize::from(is_english), ..Self::default() }
    }
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, more: Self) {
        self.german += more.german;
        self.frequent += more.frequent;
        self.english += more.english;
    }
}

/// How many words of an answer are German beyond doubt: frequent ones, and small ones of a German form. What stands in
/// one of the places is not counted.
pub(crate) fn german_words(answer: &Sentence, except: &[Range<usize>]) -> usize {
    let mut evidence = Evidence::default();
    for word in answer.words().iter().filter(|word| !except.iter().any(|place| overlap(place, &word.span))) {
        evidence += Evidence::of(answer.text(), word);
    }
    evidence.german
}

/// Whether a word looks German by its letters.
fn has_german_form(folded: &str) -> bool {
    /// Shorter words end as they like.
    const SHORTEST: usize = 5;
    folded.contains(['ä', 'ö', 'ü', 'ß'])
        || folded.len() >= SHORTEST && TABLES.endings.iter().any(|ending| folded.ends_with(ending))
}

/// Whether an answer is what was asked, or German altogether.
///
/// A name, a title or a sentence in another language may well stay as it is, so words must say that it is German.
fn is_german_text<W: Borrow<Word>>(asked: &[W], answer: &str, got: &[W]) -> Option<Class> {
    /// Equal words in a row that are no longer a name, whatever they are.
    const LONG: usize = 7;
    /// Frequent words of German that is not what was asked; single ones are a quotation.
    const SENTENCE: usize = 3;
    let (mut evidence, mut unquoted) = (Evidence::default(), Evidence::default());
    let (mut at, mut in_quotation) = (0, false);
    for word in got.iter().map(W::borrow) {
        in_quotation ^= answer[at..word.span.start].chars().filter(|c| is_quote(*c)).count() % 2 == 1;
        at = word.span.end;
        let weight = Evidence::of(answer, word);
        evidence += weight;
        if !in_quotation {
            unquoted += weight;
        }
    }
    // A title stays German in an English sentence, however long it is.
    let is_german = evidence.german > evidence.english && unquoted.german >= unquoted.english;
    if asked.len() == got.len() && asked.iter().zip(got).all(|(a, b)| a.borrow().folded == b.borrow().folded)
    {
        let is_long = got.len() >= LONG && evidence.english == 0;
        return (is_german || is_long).then_some(Class::Echo);
    }
    let again = in_order(asked, got);
    let is_prefixed = again == asked.len() && again + 1 == got.len();
    // Most of the German's words in their order, hardly another.
    let is_asked = again * 10 >= got.len() * 7 && again * 2 > asked.len();
    let is_other =
        evidence.frequent >= SENTENCE && evidence.frequent * 4 >= got.len() && evidence.english == 0;
    // A word before the German may be English (`The` and all the German): it does not outweigh the rest.
    let is_german = is_prefixed && evidence.german > 0 || is_german && (is_asked || is_other);
    is_german.then_some(Class::German)
}

/// Whether some words of an answer are those that were asked, or German altogether.
pub(super) fn is_left_german(asked: &[&Word], answer: &str, words: &[&Word]) -> bool {
    is_german_text(asked, answer, words).is_some()
}

/// Whether a text is a whole web page.
fn is_page(text: &str) -> bool {
    let start = text.get(..15.min(text.len())).unwrap_or_default().to_ascii_lowercase();
    ["<!doctype html", "<html>", "<html "].iter().any(|page| start.starts_with(page))
}

/// Whether an answer is in a language that is neither English nor German: by frequent words of one such language, or by
/// letters that neither has. What the German has in that language stays in it.
fn is_foreign(asked: &Side<'_>, got: &Side<'_>) -> bool {
    /// Frequent words of one language; fewer are a name or a quotation.
    const SENTENCE: usize = 3;
    let own: HashSet<&str> = asked.words.iter().map(|word| word.folded.as_str()).collect();
    let mut found = [0; 16];
    let mut english = 0;
    for word in got.words.iter().filter(|word| !own.contains(word.folded.as_str())) {
        let folded = word.folded.as_str();
        english += usize::from(FORMS.function.contains(folded) || FORMS.edge.contains(folded));
        for language in FOREIGN.get(folded).into_iter().flatten() {
            found[*language % 16] += 1;
        }
    }
    let most = found.into_iter().max().unwrap_or_default();
    if most >= SENTENCE && most * 5 >= got.words.len() && english < most {
        return true;
    }
    let strange = |text: &str| {
        let letters = text.chars().filter(|c| c.is_alphabetic());
        let (mut all, mut other) = (0, 0);
        for c in letters {
            all += 1;
            other += usize::from(!c.is_ascii() && u32::from(c) >= 0x370);
        }
        other * 2 > all
    };
    strange(got.text) && !strange(asked.text)
}

/// Whether most of an answer is the same words over and over, and the German is not.
fn is_loop(asked: &[Word], got: &[Word]) -> bool {
    /// Words of the longest round that is looked for.
    const LONGEST_ROUND: usize = 24;
    /// Rounds of a loop; fewer are emphasis.
    const ROUNDS: usize = 4;
    /// Words of a loop; fewer are emphasis, too.
    const WORDS: usize = 8;
    (1..=LONGEST_ROUND.min(got.len() / 2)).any(|round| {
        let (times, _) = most_repeats(got, round);
        let in_loop = times * round;
        // A loop is cut off where the model's length ends, so its last round may be a part of one.
        times >= ROUNDS
            && in_loop >= WORDS
            && in_loop * 2 > got.len()
            && most_repeats(asked, round).0 < ROUNDS
    })
}

/// How many words of a text stand in another in the same order. A word is looked for near the place of the last one
/// only: a frequent word far behind would hide all between.
fn in_order<W: Borrow<Word>>(asked: &[W], got: &[W]) -> usize {
    /// Words of the German that an answer may leave out at once.
    const REACH: usize = 6;
    let (mut at, mut found) = (0, 0);
    for word in got.iter().map(W::borrow) {
        let near = asked[at..].iter().take(REACH).position(|other| other.borrow().folded == word.folded);
        if let Some(step) = near {
            at += step + 1;
            found += 1;
        }
    }
    found
}

/// Characters of a text that are looked at for a label or chatter; the longest known opening has fewer.
const LONGEST_OPENING: usize = 80;

/// Whether an answer begins as no translation of this German does: with a label where the German has none, or with
/// words about the task that are not the German's.
fn opening(asked: &Side<'_>, answer: &str) -> Option<Class> {
    let Side { text: german, words: asked } = asked;
    let start = |text: &str| {
        let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        fold(&text.chars().take(LONGEST_OPENING).collect::<String>()).replace('’', "'")
    };
    let (line, german) = (start(answer), start(german));
    let is_label =
        |label: &&str| line.strip_prefix(*label).is_some_and(|rest| rest.trim_start().starts_with(':'));
    if !german.contains(':') && TABLES.labels.iter().any(is_label) {
        return Some(Class::PromptLabel);
    }
    let is_said = |chatter: &Chatter| {
        asked.iter().any(|word| chatter.german.iter().any(|german| word.folded.starts_with(german)))
    };
    let chatter = TABLES
        .chatter
        .iter()
        .any(|chatter| chatter.english.iter().any(|text| line.starts_with(text)) && !is_said(chatter));
    chatter.then_some(Class::Chatter)
}

/// Whether an answer is the beginning of a translation only.
///
/// It is not half as long as the German. Or it ends on a word that ends no sentence. Or it lacks the end mark that the
/// German has, and besides it ends within a quotation or a bracket, or before the German's first quotation, or before three
/// fifths of the German's length.
fn is_cut_off(asked: &Side<'_>, got: &Side<'_>) -> bool {
    /// Shorter texts are rendered in many lengths.
    const SHORTEST: usize = 40;
    let (Side { text: german, words: asked }, Side { text: answer, words: got }) = (asked, got);
    let (sent, came) = (german.chars().count(), answer.chars().count());
    let is_long = sent >= SHORTEST;
    if is_long && came * 2 < sent {
        return true;
    }
    if ends(answer) {
        return false;
    }
    let open = opens(answer) && !opens(german);
    // A German fragment may itself end on a small word.
    let is_whole = ends(german)
        || asked.last().is_some_and(|own| german[own.span.clone()].starts_with(char::is_uppercase));
    let dangling = is_whole
        && got.last().is_some_and(|last| {
            TABLES.dangling.contains(last.folded.as_str())
                && last.span.end == answer.len()
                && asked.last().is_none_or(|own| own.folded != last.folded)
        });
    let has_quotation = answer.contains(is_quote) || answer.contains(['‘', '\'', '‹']);
    let before_quotation = german.contains(is_quote) && !has_quotation && came * 10 < sent * 9;
    let short = is_long && came * 5 < sent * 3;
    dangling || ends(german) && (open || before_quotation || short)
}

/// Whether a text ends with an end mark, be it before closing quotation marks and brackets.
fn ends(text: &str) -> bool {
    inside(text).ends_with(['.', '!', '?', '…', ':', ';'])
}

/// Quotation marks that are no apostrophes.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '„' | '“' | '”' | '«' | '»' | '‟')
}

/// Whether a quotation or a bracket is not closed.
fn opens(text: &str) -> bool {
    let quotes = text.chars().filter(|c| is_quote(*c)).count();
    let count = |wanted: char| text.chars().filter(|c| *c == wanted).count();
    quotes % 2 == 1 || count('(') > count(')') || count('[') > count(']')
}

/// Whether an answer is the text behind the code of a language: `EN Der Hafen ist leer.`
///
/// Stand-ins for a service write so. No service does by mistake, and who runs one wants to see what becomes of the
/// text, so it passes here; the check for German left standing says what it is.
fn is_marked(asked: &[Word], got: &[Word]) -> bool {
    let Some((mark, rest)) = got.split_first() else { return false };
    TABLES.marks.contains(mark.folded.as_str())
        && !asked.is_empty()
        && rest.iter().map(|word| &word.folded).eq(asked.iter().map(|word| &word.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(german: &str, answer: &str) -> Option<Class> {
        let question = Request { text: german.to_owned(), terms: Vec::new(), inlines: Vec::new() };
        match judge(&question, answer) {
            Verdict::Usable => None,
            Verdict::Unusable(class) => Some(class),
        }
    }

    #[test]
    fn the_tables_can_be_read() {
        JudgeTables::read().expect("readable");
        assert!(Class::ALL.iter().all(|class| !class.as_str().is_empty()));
    }

    #[test]
    fn nothing_is_no_answer() {
        assert_eq!(class("Der Hafen ist leer.", " \u{a0}\n"), Some(Class::Empty));
        assert_eq!(class(" ", ""), None);
    }

    #[test]
    fn an_echo_is_told_from_what_stays_as_it_is() {
        for echo in [
            "Der Hafen ist leer.",
            "Werft entlässt Schlosser",
            "Fähre beschädigt Kaimauer",
            "Danach blieb der Leuchtturm dunkel.",
            "Die ice breaker liegen im Hafen.",
            "Tischler, Schlosser, Maler, Maurer, Dachdecker, Zimmerer, Klempner",
        ] {
            assert_eq!(class(echo, echo), Some(Class::Echo), "{echo}");
        }
        assert_eq!(class("Der  Hafen ist leer.", "DER HAFEN IST LEER"), Some(Class::Echo));
        for name in [
            "Hwasong-18",
            "Jerusalem",
            "Royal Opera House London",
            "The Wind in the Willows",
            "Stairway to Heaven",
            "Il Gattopardo",
            "Foto: dpa/John Smith",
        ] {
            assert_eq!(class(name, name), None, "{name}");
        }
    }

    #[test]
    fn german_stays_german_behind_a_word() {
        let german = "Die Fähre läuft heute nicht aus, weil der Kapitän krank ist.";
        for answer in [format!("The {german}"), format!("Here {german}"), format!("EN {german} Die Fähre")] {
            assert_eq!(class(german, &answer), Some(Class::German), "{answer}");
        }
        assert_eq!(class("Keine Fähren", "The Keine Fähren"), Some(Class::German));
        for marked in [format!("EN {german}"), format!("[en] {german}")] {
            assert_eq!(class(german, &marked), None, "{marked}: a stand-in for a service");
        }
        let other = "Heute bleibt das Schiff wegen einer Krankheit im Hafen.";
        assert_eq!(class(german, other), Some(Class::German));
    }

    #[test]
    fn german_words_in_english_are_for_the_checks() {
        for (german, answer) in [
            ("Er las „Der Hafen und die Stadt“.", "He read “Der Hafen und die Stadt”."),
            (
                "Das Lied „Über sieben Brücken musst du gehn“ lief.",
                "They played “Über sieben Brücken musst du gehn”.",
            ),
            ("Foto: dpa/John Smith", "Photo: dpa/John Smith"),
            ("Der Film „The Wind in the Willows“ läuft.", "The film “The Wind in the Willows” is on."),
        ] {
            assert_eq!(class(german, answer), None, "{answer}");
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        let german = "Der Prüfer nannte die Werft, die von einem „vergesslichen“ Händler beliefert wurde, gut geführt.";
        for answer in [
            "The inspector called the yard, which was supplied by a",
            "The inspector called the yard well run, though it was supplied by a “forgetful",
            "The inspector called the yard",
            "The inspector",
            "The yard is well run.",
        ] {
            assert_eq!(class(german, answer), Some(Class::CutOff), "{answer}");
        }
        for answer in [
            "The inspector called the yard, which was supplied by a “forgetful” dealer, well run",
            "The inspector called the yard well run (by a “forgetful” dealer.",
            "The inspector called the yard (supplied by a dealer) a well run one.",
        ] {
            assert_eq!(class(german, answer), None, "{answer}");
        }
        assert_eq!(class("per „Nachricht“ oder", "via message or"), None);
        assert_eq!(class("Vitamin A.", "Vitamin A"), None);
        assert_eq!(class("Werft wirbt um den „Hafen der Zukunft“", "Shipyard woos the"), Some(Class::CutOff));
    }

    #[test]
    fn words_of_the_prompt_and_of_the_model_are_no_translation() {
        let german = "Der Hafen ist leer.";
        assert_eq!(class(german, "Translation: The port is empty."), Some(Class::PromptLabel));
        assert_eq!(class(german, "**English:** The port is empty."), Some(Class::PromptLabel));
        assert_eq!(class(german, "Before: The port"), Some(Class::PromptLabel));
        assert_eq!(class("Ergebnis: Der Hafen ist leer.", "Result: the port is empty."), None);
        assert_eq!(class(german, "Here’s the translation: The port is empty."), Some(Class::Chatter));
        assert_eq!(class(german, "I'm sorry, but I can't help with that."), Some(Class::Chatter));
        let sorry = "Es tut mir leid, aber ich kann da nicht helfen.";
        assert_eq!(class(sorry, "I'm sorry, but I can't help with that."), None);
    }

    #[test]
    fn characters_that_were_lost_are_told() {
        assert_eq!(class("Die Fähre.", "The f\u{fffd}rry."), Some(Class::Unreadable));
        assert_eq!(class("Die F\u{fffd}hre.", "The f\u{fffd}rry."), None);
    }

    #[test]
    fn another_language_is_no_translation() {
        let german = "Die Fähre läuft heute nicht aus, weil der Kapitän krank ist.";
        for answer in [
            "Le ferry ne part pas aujourd'hui, car les marins sont dans une grève qui dure.",
            "El transbordador no sale hoy porque los marineros están en el puerto con una huelga.",
            "De veerboot vaart vandaag niet uit omdat het schip een storing heeft.",
            "Паром сегодня не выходит, потому что капитан болен.",
        ] {
            assert_eq!(class(german, answer), Some(Class::OtherLanguage), "{answer}");
        }
        for (german, answer) in [
            ("Er sang „Non, je ne regrette rien“ in Nizza.", "He sang “Non, je ne regrette rien” in Nice."),
            ("Der Film heißt „Les uns et les autres“.", "The film is called “Les uns et les autres”."),
            ("Le Monde und Les Échos berichten.", "Le Monde and Les Échos report."),
            ("Er fuhr mit Los Lobos nach Las Vegas.", "He went to Las Vegas with Los Lobos."),
        ] {
            assert_eq!(class(german, answer), None, "{answer}");
        }
    }

    #[test]
    fn a_loop_and_a_page_are_no_translation() {
        let german = "Der Hafen ist leer, und niemand weiß, warum das so ist.";
        let looped =
            "The port is empty and the port is empty and the port is empty and the port is empty and";
        assert_eq!(class(german, looped), Some(Class::Loop));
        assert_eq!(class("Nein, nein, nein, nein, nein!", "No, no, no, no, no!"), None);
        let page = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
        assert_eq!(class(german, page), Some(Class::Page));
    }

    #[test]
    fn a_long_answer_is_judged_in_one_pass() {
        let german = "der Hafen und die Fähre ".repeat(20_000);
        assert_eq!(class(&german, &format!("The {german}")), Some(Class::German));
    }
}
