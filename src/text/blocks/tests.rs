//! Articles that show each kind of block, and the laws of blocks.

use proptest::prelude::*;

use super::*;

fn kinds(text: &str, wrap: Option<bool>) -> Vec<(BlockKind, &str)> {
    blocks(text, wrap).into_iter().map(|block| (block.kind, &text[block.span])).collect()
}

#[test]
fn an_article_with_everything_around_it() {
    let text = "Der Rat vertagt sich\n\nVon Eva Muster\nLesezeit: 3 Minuten\n\nBERLIN (dpa) – Der Rat hat sich am Abend vertagt.\n\
        Was nun?\n- Warten.\r\n- Hoffen.\n> Nichts ist entschieden.\n>> Lesen Sie hier: Der Streit von gestern\n***\n\
        Das letzte Wort ist nicht gesprochen.\n\nabc-de-77\n\nSchreibe einen Kommentar";
    assert_eq!(
        kinds(text, None),
        [
            (BlockKind::Title, "Der Rat vertagt sich"),
            (BlockKind::Metadata, "Von Eva Muster"),
            (BlockKind::Metadata, "Lesezeit: 3 Minuten"),
            (BlockKind::Dateline, "BERLIN (dpa) –"),
            (BlockKind::Paragraph, "Der Rat hat sich am Abend vertagt."),
            (BlockKind::Heading, "Was nun?"),
            (BlockKind::ListItem, "Warten."),
            (BlockKind::ListItem, "Hoffen."),
            (BlockKind::Quotation, "Nichts ist entschieden."),
            (BlockKind::Furniture, ">> Lesen Sie hier: Der Streit von gestern"),
            (BlockKind::Verbatim, "***"),
            (BlockKind::Paragraph, "Das letzte Wort ist nicht gesprochen."),
            (BlockKind::Furniture, "abc-de-77"),
            (BlockKind::Furniture, "Schreibe einen Kommentar"),
        ]
    );
}

#[test]
fn metadata_before_running_text_is_a_block_of_its_own() {
    let text = " date 2021-04 Der Fluss tritt über die Ufer. Das kommt oft vor.";
    let expected = [
        (BlockKind::Metadata, "date 2021-04"),
        (BlockKind::Paragraph, "Der Fluss tritt über die Ufer. Das kommt oft vor."),
    ];
    assert_eq!(kinds(text, None), expected);
}

#[test]
fn numbers_are_markers_only_in_a_row() {
    assert_eq!(kinds("1. Rühren.\n2. Warten.", None)[1], (BlockKind::ListItem, "Warten."));
    assert_eq!(kinds("1. FC Nord gewinnt.\nDas war knapp.", None)[0].1, "1. FC Nord gewinnt.");
    assert_eq!(kinds("3. Mai: Abfahrt.\n4. Mai: Ankunft.", None)[1].1, "4. Mai: Ankunft.");
}

const WRAPPED: &str = "Der Fluss ist in der Nacht über die Ufer\ngetreten und hat mehrere Straßen in der\n\
    Altstadt überflutet, wie die Feuerwehr am\nMorgen berichtete. Verletzt wurde dabei\nniemand, doch der Schaden ist groß.\n\n\
    Die Stadt hat ihre Hilfe zugesagt, und am\nWochenende sollen die Keller leer sein.";

#[test]
fn wrapped_text_is_recognised() {
    let found = kinds(WRAPPED, None);
    assert_eq!(found.len(), 2);
    assert!(found[1].1.ends_with("die Keller leer sein."));
    assert_eq!(kinds(WRAPPED, Some(false)).len(), 7);
}

#[test]
fn lines_that_are_sentences_stay_apart() {
    let text = "Der Rat tagte am Abend in der Halle.\nNiemand kam zu spät in den großen Saal.\nDie Sitzung war schon nach Minuten aus.\n\
        Alle gingen danach gemeinsam nach Haus.\nDer Bericht liegt seit heute morgen vor.\nEr ist mit Absicht sehr kurz gehalten.";
    assert_eq!(kinds(text, None).len(), 6);
    assert_eq!(kinds("Eins,\nzwei", Some(true)).len(), 1);
}

#[test]
fn a_line_that_begins_small_goes_on() {
    let text = "Der Arzt empfiehlt allen in den nächsten\ndrei Wochen viel Ruhe.";
    assert_eq!(kinds(text, None).len(), 1);
}

proptest! {
    #[test]
    fn everything_but_markers_lies_in_a_block(
        text in "([-*•#>a1.() ]{0,4}[A-Zäß,.“ \u{a0}]{0,20}[\r\n]{0,2}){0,8}|.*",
        wrap in prop::option::of(any::<bool>()),
    ) {
        let mut end = 0;
        let gap_holds_markers = |gap: &str| {
            gap.chars().all(|c| c.is_whitespace() || c.is_ascii_digit() || c.is_ascii_lowercase() || "-*•·‣▪◦●■►–—#>.)".contains(c))
        };
        for block in blocks(&text, wrap) {
            prop_assert!(block.span.start >= end && block.span.end > block.span.start);
            let inside = &text[block.span.clone()];
            prop_assert_eq!(inside.trim(), inside);
            prop_assert!(gap_holds_markers(&text[end..block.span.start]));
            end = block.span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }
}
