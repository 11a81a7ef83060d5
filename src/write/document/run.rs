//! Runs of a Word document.

/// A run with text that looks like the one whose text begins at `like`; only the text, if it stands in a run. It is escaped
/// already.
pub(super) fn run_like(markup: &str, like: usize, in_run: bool, text: &str) -> String {
    let (prefix, properties) = around(markup, like).unwrap_or(("w:", ""));
    if in_run {
        return format!("<{prefix}t xml:space=\"preserve\">{text}</{prefix}t>");
    }
    format!("<{prefix}r>{properties}<{prefix}t xml:space=\"preserve\">{text}</{prefix}t></{prefix}r>")
}

/// The prefix of the names and the properties of the run around a place in its text.
fn around(markup: &str, at: usize) -> Option<(&str, &str)> {
    let mut start = markup[..at].rfind('<')?;
    let prefix = name(&markup[start + 1..]).strip_suffix('t')?;
    while name(&markup[start + 1..]).strip_prefix(prefix) != Some("r") {
        start = markup[..start].rfind('<')?;
    }
    let content = &markup[start..];
    let content = &content[content.find('>')? + 1..];
    let end = format!("</{prefix}rPr>");
    let properties = match content.find(&end) {
        Some(length) if name(content.get(1..)?) == format!("{prefix}rPr") => &content[..length + end.len()],
        _ => "",
    };
    // Those of an earlier version lie in them, with an end of their own.
    Some((prefix, if properties.contains("rPrChange") { "" } else { properties }))
}

/// The name that a tag begins with.
fn name(tag: &str) -> &str {
    &tag[..tag.find([' ', '>', '/', '\n', '\t', '\r']).unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_made_like_another_one() {
        let markup = "<x:p><x:r a=\"1\"><x:rPr><x:b/></x:rPr><x:tab/><x:t>Wort</x:t></x:r><x:r><x:t>ohne</x:t></x:r></x:p>";
        let run = |word: &str| run_like(markup, markup.find(word).expect("there"), false, "new ");
        assert_eq!(run("Wort"), "<x:r><x:rPr><x:b/></x:rPr><x:t xml:space=\"preserve\">new </x:t></x:r>");
        assert_eq!(run("ohne"), "<x:r><x:t xml:space=\"preserve\">new </x:t></x:r>");
        let in_run = run_like(markup, markup.find("Wort").expect("there"), true, "new ");
        assert_eq!(in_run, "<x:t xml:space=\"preserve\">new </x:t>");
        let changed = "<w:r><w:rPr><w:rPrChange><w:rPr></w:rPr></w:rPrChange></w:rPr><w:t>Wort</w:t></w:r>";
        assert!(!run_like(changed, changed.find("Wort").expect("there"), false, "new").contains("Change"));
    }
}
