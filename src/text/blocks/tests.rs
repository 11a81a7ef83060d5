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

#[test]
fn narrow_columns_are_wrapped_and_verse_is_not() {
    let column = "Der Stadtrat hat am Abend in\nder Halle die neue Satzung\nbeschlossen. Sie gilt nach\nAngaben der Verwaltung von\n\
        Januar an und wird in den\nnächsten Wochen gedruckt.";
    assert_eq!(kinds(column, None), [(BlockKind::Paragraph, column)]);
    let verse = "Der Abend kommt mit Wind,\nDie Nacht ist ohne Sterne,\nEs schläft das kleine Kind,\nDer Morgen ist noch ferne,\n\
        Die Wolken ziehn geschwind.";
    assert_eq!(kinds(verse, None).len(), 5);
}

#[test]
fn a_first_paragraph_of_two_lines_is_no_title() {
    for text in [
        "Der Fluss ist nach Angaben der Feuerwehr in der Nacht an mehreren Stellen in\nRichtung Altstadt über die Ufer getreten.",
        "Der Fluss ist nach Angaben der Feuerwehr in der Nacht an den ältesten Dei-\nchen über die Ufer getreten, wie es heißt.",
        "Der Fluss ist nach Angaben der Feuerwehr in der Nacht an mehreren Stellen der\nAltstadt über die Ufer getreten, wie es am Morgen aus dem Rathaus hieß und im\n\
            Radio gemeldet wurde.",
    ] {
        assert_eq!(kinds(text, None), [(BlockKind::Paragraph, text)]);
    }
    let title = "Nach langem Streit über Kosten und Nutzen der neuen Brücke tritt der Rat jetzt zurück\nDer Rat ist am Abend zurückgetreten.";
    assert_eq!(kinds(title, None).len(), 2);
}

#[test]
fn heads_and_feet_of_pages_are_furniture() {
    let text = "Der Fluss ist in der Nacht nach Angaben der Feuerwehr an mehreren Stellen über die\n\n        - 3 -\n\u{c}\n\
        Der Fluss und die Stadt          Seite 4\n\nUfer getreten. Niemand wurde verletzt.\n\nDer letzte Satz steht hier.";
    let furniture: Vec<_> =
        blocks(text, None).into_iter().filter(|b| b.kind == BlockKind::Furniture).collect();
    assert_eq!(furniture.len(), 2);
    assert!(
        kinds(text, None).iter().all(|(kind, _)| *kind != BlockKind::Title && *kind != BlockKind::Heading)
    );
    let list = "Was fehlt\n- 3 Birnen\n- 4 Äpfel\nDas ist alles.";
    assert_eq!(kinds(list, None)[1].0, BlockKind::ListItem);
}

#[test]
fn running_heads_are_known_by_coming_back_and_numbers_by_the_sentence_they_cut() {
    let furniture = |text: &str| -> Vec<String> {
        let blocks = blocks(text, None).into_iter().filter(|b| b.kind == BlockKind::Furniture);
        blocks.map(|block| text[block.span].to_owned()).collect()
    };
    let first = "Der Fluss ist in der Nacht nach Angaben der Feuerwehr an mehreren Stellen über die";
    let rest = "Ufer getreten. Niemand wurde verletzt.";
    let pages = format!(
        "Bote aus Sonnental Nr. 3\n\n{first}\n\n\u{c}Bote aus Sonnental Nr. 4\n\n{rest}\n\nNeue Brücke\n\n{first}\n\n\
         \u{c}Bote aus Sonnental Nr. 5\n\n{rest}\n\n\u{c}Neuer Deich\n\nDer Deich hält seit gestern."
    );
    assert_eq!(furniture(&pages).len(), 2, "{:?}", furniture(&pages));
    let named = pages.replace(" Nr. 4", "").replace(" Nr. 5", "");
    assert_eq!(furniture(&named), ["Bote aus Sonnental"; 2]);
    for line in ["7", "[7]", "vii", "7 | Bote aus Sonnental", "7/9"] {
        assert_eq!(furniture(&format!("{first}\n\n{line}\n\n{rest}")), [line]);
        let whole = format!("{first} Ufer getreten.\n\n{line}\n\nNiemand wurde verletzt.");
        assert!(furniture(&whole).is_empty(), "{line}");
    }
    for line in ["- vii -", "Seite 7 von 9", "~ 7 ~", "- Seite 7 -"] {
        assert_eq!(furniture(&format!("Es war kalt.\n\n{line}\n\nEs war nass.\n\nEs war so.")), [line]);
    }
}

#[test]
fn the_lines_of_a_quotation_are_joined_over_their_markers() {
    let text = "> Der Fluss ist nach Angaben der Feuerwehr in der Nacht über die Ufer getreten, den\n> der alte Deich dort hielt. Niemand kam um.\n\n> Eins.";
    let found = kinds(text, None);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|(kind, _)| *kind == BlockKind::Quotation));
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
