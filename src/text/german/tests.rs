//! Sentences that show each rule at work, and the laws of segmentation.

use proptest::prelude::*;

use super::*;

/// Cuts `text` and joins the sentences with a bar, so that a test reads as the text does.
fn cut(text: &str) -> String {
    let spans = German::default().segment(text).expect("no rules of its own");
    spans.into_iter().map(|span| &text[span]).collect::<Vec<_>>().join(" | ")
}

/// Each case is written as it should be cut.
fn holds(cases: &[&str]) {
    for case in cases {
        assert_eq!(cut(&case.replace(" | ", " ")), *case);
    }
}

fn count(german: &German, text: &str) -> usize {
    german.segment(text).expect("no rules of its own").len()
}

#[test]
fn words_and_strong_marks() {
    holds(&[
        "Der Rat tagt. | Niemand kam! | Warum? | Das bleibt offen …",
        "Wirklich?! | Ja doch.",
        "Das ging schnell... | Dann war Ruhe.",
        "Er zögerte … und ging.",
        "Der Konzern Yahoo! Deutschland schließt.",
        "Sie arbeitet bei der Nordlicht GmbH. | Geschäftsführer ist ihr Bruder.",
        "Er fährt einen Lkw. | Fahrer sind knapp. | Das war's. | Nun ist Schluss.",
        "Gut gemacht! 😊 | Danke dafür. :-) | Bis bald.",
        "Neu ist das iPad. | iPhones folgen.",
    ]);
}

#[test]
fn quotes_of_all_styles() {
    holds(&[
        "„Komm!“, rief er. | „Wohin?“ | „Nach Hause.“ | Sie lachte.",
        "»Ich warte.« | »Ich auch.« | Dann schwiegen beide.",
        "«Gut so.» | «Nein!» | Er ging.",
        "\"Das reicht.\" | \"Mir nicht.\" | Stille.",
        "``Wir warten.'' | ``Worauf?'' | Niemand wusste es.",
        "Er nannte es „einen Erfolg“. | Die Gegner lachten.",
        "Er sagte: „Ich komme. | Wartet nicht.“ | Dann legte er auf.",
        "Er sagte: „Es ist fünf vor 12.“ | Ende der Debatte. | Die „12.“ Etappe war lang.",
        "“We wait.” | ‘Gut.’ | Sie nickte.",
        "Er kam. | ‚Endlich‘, dachte sie.",
    ]);
    assert_eq!(cut("Er stand auf.„Genug“, sagte er."), "Er stand auf. | „Genug“, sagte er.");
    assert_eq!(cut("Es war kalt. “ Er fror."), "Es war kalt. “ | Er fror.");
}

#[test]
fn double_names_units_and_lists_after_a_colon() {
    holds(&[
        "Es dirigiert Karl-F. Moser. | Am Flügel sitzt K.-H. Brandt.",
        "Der Tank fasst 40 l. | Benzin ist teuer. | Der Turm misst 80 m. | Besucher staunen.",
        "Siehe S. 5 f. Absatz drei hilft.",
        "Zwei Dinge fehlen: 1. Geld für den Umbau.",
        "Das Heft (RGBl. I S. 12) fehlt.",
    ]);
}

#[test]
fn brackets() {
    holds(&[
        "Er rief (endlich!) Hans an.",
        "Die Frist lief ab (am 3. Mai). | Niemand merkte es.",
        "Es regnete. | (Siehe S. 5.) | Danach schien die Sonne.",
        "Der Rat (...) Lang kam. | Er blieb. [...] | Niemand ging.",
        "Obst (Birnen, Äpfel usw.) Gemüse und Brot waren teuer.",
        "Das stimmt (nach allem, was man weiß!). | Prüfen kann es keiner.",
    ]);
}

#[test]
fn numbers() {
    holds(&[
        "Am 3. Mai fiel in der 25. Minute das 2. Tor.",
        "Das steht auf Seite 12. | Dort liest es keiner.",
        "Er wurde 1987 geboren. | 2004 zog er um.",
        "Das war 1999. | Minister wurde er später.",
        "Er kam auf Platz 4. | Trainer Busch war zufrieden.",
        "Die Serie endete mit 3:1. | Bremen feierte.",
        "Sie trafen sich am 24.12. | Danach fuhr er heim, und am 31.12. Silvester zu feiern fiel aus.",
        "Zwischen dem 8. und dem 10. Oktober blieb es ruhig.",
        "Der 100. Besucher bekam Blumen, und ihr 36. Treffen war kurz.",
        "1. Rühren Sie um. | 2. Lassen Sie es ruhen.",
        "Er fährt in der Formel 3. | 2015 begann er.",
        "Er kaufte das iPhone 15. | Apple freut sich, und es gilt § 218. | Frauen protestieren.",
        "Nach Art. 5 und Bd. IV gilt das. | Das ist eine neue Art. | Forscher staunen.",
    ]);
}

#[test]
fn abbreviations() {
    holds(&[
        "Wir sahen Dr. med. Busch und Prof. Lang, z. B. in St. Pölten.",
        "Es kostet ca. 5 Mio. Euro. | Es kostet 5 Mio. | Das ist viel.",
        "Birnen, Äpfel usw. | Gemüse gab es nicht.",
        "Rom wuchs im 3. Jh. v. Chr. | Danach kam der Krieg.",
        "Er wohnt Wiener Str. 5, sie in der Anna-Blum-Str. | Das ist nicht weit.",
        "Viele, u. a. Lehrer, kamen, d. h. nicht alle.",
        "Der Abstand beträgt 4 km. | Wanderer brauchen eine Stunde.",
    ]);
}

#[test]
fn letters_and_roman_numerals() {
    holds(&[
        "George W. Bush und J. R. Busch sprachen.",
        "Angeklagt ist Thomas M. | Der Fahrer schweigt.",
        "Obst enthält Vitamin C. | Kinder brauchen es.",
        "Elisabeth II. besuchte den II. Zug. | Ihr folgte Ludwig XIV. | Der war kein Zwerg.",
    ]);
}

#[test]
fn the_end_of_an_address_is_no_abbreviation() {
    holds(&[
        "Mehr steht auf https://example.org/a. | Karten gibt es dort nicht.",
        "Mehr steht auf www.example.org/v2/dr. | Karten gibt es dort nicht.",
        "Mehr steht auf beispiel-seite.example/z. | Karten gibt es dort nicht.",
        "Schreiben Sie an post@example.co. | Karten gibt es dort nicht.",
        "Sie steht in /etc/conf. | Karten gibt es dort nicht.",
        "Nach Art. 3/Abs. 2 gilt das für Prof./Dr. Weber und Dipl.-Ing./Dr. Meier.",
    ]);
}

#[test]
fn further_abbreviations_never_end_a_sentence() {
    let text = "Die Abtlg. Müller tagt.";
    let plain = "Sie las Verwaltgsger. Urteile.";
    let german = German::with_abbreviations(["Verwaltgsger.".to_owned(), "Abtlg".to_owned()]);
    assert_eq!(count(&german, text), 1);
    assert_eq!(count(&German::default(), plain), 2);
    assert_eq!(count(&german, plain), 1);
}

#[test]
fn ranks_and_offices_are_abbreviations() {
    holds(&[
        "Der Befehl kam von GenLt. Roth und OStFw. Kern. | Danach sprach Oberstlt. Lang.",
        "RegDir. Busch schrieb an StS. Kern und MinDirig. Roth, VorsRi. Lang las mit.",
        "FKpt. Roth und KptLt. Busch, Hauptfw. Lang und Korvkpt. Kern kamen.",
        "Die Bäckerei Roth, Inh. Eva Kern, schließt. | Verantw. Redakteurin: E. Roth.",
        "Er arbeitet bei der NordBank GmbH. | Kunden kennen YouTube. | Forscher lesen StGB und BGB. | Nichts fehlt.",
    ]);
}

#[test]
fn ranks_and_offices_of_more_pieces_are_abbreviations() {
    holds(&[
        "HptGefr. Roth, StAin. Busch und LOStA. Kern stritten mit BMin. Lang.",
        "Es klagen RAin. Kern und VRiLG. Roth. | Das ist neu.",
        "Dipl.-Kfm. Busch ist Oberst d. Res. Kern bekannt. | Er wohnt in Homburg v. d. H. | Das liegt im Taunus.",
        "Verantwortl. Redakteurin ist Eva Roth, vgl. Kern, S. 3 m. w. N. | So ist es.",
    ]);
}

#[test]
fn footnote_marks_have_many_shapes() {
    holds(&[
        "Der Turm fiel.[^1] | Steine flogen.[note 2] | Bauern flohen.[3, S. 14] | Aus.[Beleg fehlt] | Ende.",
        "Der Turm fiel.¹⁾ | Steine flogen.¹,² | Bauern flohen.¹⁰⁻¹² | Aus.ᵃ | Mönche sangen.③ | Ende.",
        "Der Turm fiel.* | Steine flogen.** | Bauern flohen.† | Mönche sangen.(5) | Ende.",
        "Der Turm fiel.4, 5 | Steine flogen.6-8 | Fiel er?9 | Ja!10 | Bauern traten der LPG.11 | Mönche sangen (leise).12 | Ende.",
        "Das steht in Bd. II.3 Absatz 4 und in Abs.5 Satz 1.",
    ]);
}

#[test]
fn letters_with_a_stop_count_only_before_a_word_that_opens_sentences() {
    holds(&[
        "Zwei Dinge fehlen. | a. Das Geld ist weg. | b. Die Zeit drängt.",
        "Er ist Major. a. D. Roth widersprach.",
    ]);
}

#[test]
fn names_with_small_letters_open_sentences() {
    holds(&[
        "Die Wahl ist vorbei. | n-tv zählte mit. | meinVZ ist tot. | gematik schweigt. | macOS-Nutzer warten.",
    ]);
}

#[test]
fn footnote_marks_belong_to_the_sentence_before_them() {
    holds(&[
        "Sie starb 1912.[3] | Danach begann der Streit.[4][5] | Niemand half.[6, 7] | Kaiser und König schwiegen.[Anm. 8] | Aus.",
        "Das Rad brach.¹ | Warum?² | Keiner wusste es (siehe dort).¹² | Besucher gingen.",
        "Sie wollten Steuern erheben.3 | Bauern weigerten sich. | Er rief: „Niemals!“4 | Ratsherren lachten.",
        "Das steht in Nr.3 Absatz 2 und in der Datei bericht.3 auf dem Rechner.",
    ]);
}

#[test]
fn what_opens_a_sentence_goes_with_it() {
    holds(&[
        "So schön war es. | … Danach kam der Winter. | ... Niemand fror.",
        "… und dann war Schluss. | Er zögerte … und ging.",
        "Zwei Dinge fehlen. | a) Das Geld ist weg. | b) Die Zeit drängt. | Er sagt es. | iii) Niemand hört zu.",
        "Die Wahl ist vorbei. | dpa-Reporter zählten mit. | taz und epd berichten. | al-Baschir reiste ab. | eBay schweigt.",
        "Die Sitzung ist zu Ende. dpa",
        "Sie rief bei der Landw. kammer an, bzw. dpa-Leute taten es.",
    ]);
}

#[test]
fn blanks_inside_numbers_and_dates_and_before_stops() {
    holds(&[
        "Am 3 . Mai zogen 250. 000 Menschen um 20. 15 Uhr los.",
        "Es kostete 1 000 000. | Minister Roth zahlte am 24. 12. 2020 alles.",
        "Das sagte Dr . Roth , der Arzt . | Patienten lachten .",
    ]);
}

#[test]
fn emoticons_end_the_sentence_before_them() {
    holds(&["Das war schön. xD | Dann kam er. :'-( | Niemand lachte! ^^ | Wirklich. <3 | Danke. :-]"]);
}

#[test]
fn each_decision_tells_its_rule() {
    let rules: Vec<_> = German::default()
        .decisions("Am 3. Mai kam Dr. Busch. Warum? „Nur so.“ Gut.")
        .into_iter()
        .map(|decision| (decision.at, decision.boundary, decision.rule))
        .collect();
    assert_eq!(
        rules,
        [
            (4, false, BoundaryRule::Month),
            (16, false, BoundaryRule::Abbreviation),
            (23, true, BoundaryRule::PlainWord),
            (30, true, BoundaryRule::StrongMark),
            (41, true, BoundaryRule::QuoteEnd),
        ]
    );
}

#[test]
fn a_long_text_without_line_breaks_is_cut_like_a_short_one() {
    // Ten megabytes: what grew with the square of the text would never end.
    let text = "Am 3. Mai kam Dr. Busch. „Warum?“ Das blieb offen. ".repeat(200_000);
    assert!(text.len() > 10_000_000);
    assert_eq!(count(&German::default(), &text), 3 * 200_000);
}

/// Text of the characters that matter at the border of sentences, and of any others.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("."),
        Just("…"),
        Just("?"),
        Just("!"),
        Just(" "),
        Just("\n"),
        Just("„"),
        Just("“"),
        Just("«"),
        Just("'"),
        Just("``"),
        Just(",,"),
        Just("("),
        Just(")"),
        Just("Der"),
        Just("und"),
        Just("z"),
        Just("B"),
        Just("12"),
        Just("Mai"),
        Just("IV"),
        Just("Dr"),
        Just("–"),
        Just(":)"),
        Just("😊"),
        Just("[3]"),
        Just("¹"),
        Just("7 "),
        Just("a) "),
        Just(" ."),
        Just("dpa-"),
        Just("GenLt"),
        Just("é"),
    ];
    prop_oneof![".*", prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())]
}

proptest! {
    #[test]
    fn nothing_is_lost(text in text()) {
        let mut end = 0;
        for span in German::default().segment(&text).expect("no rules of its own") {
            prop_assert!(span.start >= end && span.end > span.start);
            prop_assert!(text[end..span.start].trim().is_empty());
            prop_assert_eq!(text[span.clone()].trim(), &text[span.clone()]);
            end = span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }
}
