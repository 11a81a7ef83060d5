//! What the elements of HTML are to a reader of the text.

use crate::model::BlockKind;

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Role {
    /// What stands in it is not text of the page.
    Skipped,
    /// It begins a block, and says what kind of.
    Block(Option<BlockKind>),
    Break,
    /// Part of a line, with an end tag.
    Inline,
    /// Part of a line, whose text stands as it is.
    Code,
    /// Part of a line, without text.
    Void,
}

/// The role of an element by its name in lower case.
pub(in crate::read) fn role(name: &[u8]) -> Role {
    match name {
        b"script" | b"style" | b"template" | b"noscript" | b"pre" | b"textarea" | b"select" | b"svg"
        | b"math" | b"iframe" | b"object" | b"audio" | b"video" | b"canvas" | b"title" | b"xmp"
        | b"listing" | b"plaintext" => Role::Skipped,
        b"h1" => Role::Block(Some(BlockKind::Title)),
        b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Role::Block(Some(BlockKind::Heading)),
        b"li" | b"dd" | b"dt" => Role::Block(Some(BlockKind::ListItem)),
        b"blockquote" => Role::Block(Some(BlockKind::Quotation)),
        b"html" | b"head" | b"body" | b"address" | b"article" | b"aside" | b"button" | b"dialog"
        | b"figcaption" | b"footer" | b"form" | b"menu" | b"nav" | b"caption" | b"center" | b"col"
        | b"colgroup" | b"details" | b"div" | b"dl" | b"fieldset" | b"figure" | b"header" | b"hgroup"
        | b"hr" | b"legend" | b"main" | b"ol" | b"optgroup" | b"option" | b"p" | b"search" | b"section"
        | b"summary" | b"table" | b"tbody" | b"td" | b"tfoot" | b"th" | b"thead" | b"tr" | b"ul" => {
            Role::Block(None)
        }
        b"br" => Role::Break,
        b"code" | b"kbd" | b"samp" | b"var" | b"tt" => Role::Code,
        b"img" | b"input" | b"embed" | b"source" | b"track" | b"wbr" | b"area" | b"base" | b"link"
        | b"meta" | b"param" => Role::Void,
        _ => Role::Inline,
    }
}

/// Elements that never have an end tag.
pub(super) fn is_void(name: &[u8]) -> bool {
    matches!(role(name), Role::Void | Role::Break) || matches!(name, b"hr" | b"col")
}

/// Whether an open element of the name `open` ends where one of the name `opening` begins: the standard lets authors
/// leave such end tags out.
pub(super) fn closes(opening: &[u8], open: &[u8]) -> bool {
    match open {
        b"p" => matches!(role(opening), Role::Block(_)),
        b"li" => opening == b"li",
        b"dt" | b"dd" => matches!(opening, b"dt" | b"dd"),
        b"td" | b"th" => matches!(opening, b"td" | b"th" | b"tr" | b"tbody"),
        b"tr" => matches!(opening, b"tr" | b"tbody"),
        b"option" => matches!(opening, b"option" | b"optgroup"),
        _ => false,
    }
}
