//! What the elements of a paragraph are to its sentences; named in ECMA-376, part 1, 17.3, 17.13 and 17.16.

/// What an element inside a paragraph is. All others, such as marks of the spelling checker, optional hyphens and page breaks of
/// the last print, are nothing to the sentence: the text on both sides is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementRole {
    /// Has runs in it, which are read.
    Container,
    /// Has no words of the paragraph in it: a picture, a formula, a text box.
    Object,
    /// Has words in it that are no longer, or not yet, those of the document.
    Hidden,
    /// Reads as this text.
    Reads(&'static str),
}

/// What an element inside a paragraph is, by its name without the prefix.
pub(super) fn role(name: &str) -> Option<ElementRole> {
    let role = match name {
        "hyperlink" | "ins" | "moveTo" | "smartTag" | "sdt" | "fldSimple" | "customXml" | "dir" | "bdo" => {
            ElementRole::Container
        }
        "drawing" | "pict" | "object" | "contentPart" => ElementRole::Object,
        "del" | "moveFrom" => ElementRole::Hidden,
        "tab" | "ptab" => ElementRole::Reads("\t"),
        "br" | "cr" => ElementRole::Reads("\n"),
        "noBreakHyphen" => ElementRole::Reads("\u{2011}"),
        // Marks of notes and comments, places that something refers to, dates and numbers that Word puts in.
        "footnoteReference" | "endnoteReference" | "footnoteRef" | "endnoteRef" | "annotationRef" | "sym"
        | "pgNum" | "subDoc" | "commentReference" | "commentRangeStart" | "commentRangeEnd"
        | "bookmarkStart" | "bookmarkEnd" | "permStart" | "permEnd" | "dayShort" | "dayLong"
        | "monthShort" | "monthLong" | "yearShort" | "yearLong" => ElementRole::Reads(""),
        _ => return None,
    };
    Some(role)
}

/// Whether an element stands for a note whose mark is text beside it.
pub(super) fn is_note(name: &str) -> bool {
    matches!(name, "footnoteReference" | "endnoteReference")
}

/// Whether an element holds what properties were before a change that is tracked.
pub(super) fn is_change(name: &str) -> bool {
    name.ends_with("PrChange")
}

/// Fields whose results are data and no language: numbers, names, files, and places for data of a mail merge. From ECMA-376,
/// part 1, 17.16.5. The results of all others (HYPERLINK, REF, TOC, QUOTE, IF, those of forms) are words of the document.
const DATA_FIELDS: [&str; 40] = [
    "=",
    "ADDRESSBLOCK",
    "ADVANCE",
    "AUTHOR",
    "AUTONUM",
    "AUTONUMLGL",
    "AUTONUMOUT",
    "BARCODE",
    "BIDIOUTLINE",
    "DATABASE",
    "DISPLAYBARCODE",
    "DOCPROPERTY",
    "DOCVARIABLE",
    "EDITTIME",
    "EQ",
    "FILENAME",
    "FILESIZE",
    "GREETINGLINE",
    "LASTSAVEDBY",
    "LISTNUM",
    "MERGEBARCODE",
    "MERGEFIELD",
    "MERGEREC",
    "MERGESEQ",
    "NOTEREF",
    "NUMCHARS",
    "NUMPAGES",
    "NUMWORDS",
    "PAGE",
    "PAGEREF",
    "REVNUM",
    "SECTION",
    "SECTIONPAGES",
    "SEQ",
    "SYMBOL",
    "TEMPLATE",
    "USERADDRESS",
    "USERINITIALS",
    "USERNAME",
    "XE",
];

/// Whether the result of a field is language, by the field's code.
pub(super) fn is_language(code: &str, result: &str) -> bool {
    let code = code.trim_start();
    let name = code.split_whitespace().next().unwrap_or_default();
    let is_data = code.starts_with('=') || DATA_FIELDS.iter().any(|data| data.eq_ignore_ascii_case(name));
    !is_data && result.contains(char::is_alphabetic) && !is_address(result)
}

/// Whether a text is an address of the web or of a mailbox and nothing else.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let is_page =
        ["http://", "https://", "ftp://", "mailto:", "www."].iter().any(|head| text.starts_with(head));
    let is_mailbox = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    (is_page || is_mailbox) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_fields_are_language_or_data() {
        for (code, result, expected) in [
            (" PAGE \\* ROMAN ", "iv", false),
            ("= 2 + 3", "fünf", false),
            ("=SUM(ABOVE)", "zwölf", false),
            (" mergefield Name", "«Name»", false),
            (" REF _Ref1 \\h ", "Abschnitt 3", true),
            (" REF _Ref1 \\r ", "3.2", false),
            ("HYPERLINK \"https://example.org\"", "https://example.org", false),
            ("HYPERLINK \"https://example.org\"", "auf der Seite", true),
        ] {
            assert_eq!(is_language(code, result), expected, "{code}");
        }
    }

    #[test]
    fn addresses_stand_alone() {
        assert!(is_address("www.example.org") && is_address("amt@example.org"));
        assert!(!is_address("Amt @ Ort.") && !is_address("siehe www.example.org") && !is_address("www"));
    }
}
