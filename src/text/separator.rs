//! The line above a table that names its delimiter, `sep=;`.

/// The first line of a table for spreadsheets, which Excel takes in place of the delimiter of its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeparatorLine {
    pub delimiter: char,
    /// Bytes of the line with its end: what stands behind them is the table.
    pub length: usize,
}

impl SeparatorLine {
    /// The line, if a text begins with one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let end = text.find(['\r', '\n']).unwrap_or(text.len());
        let line = text[..end].trim_end_matches(' ');
        let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
        let (name, delimiter) = line.split_at_checked("sep=".len())?;
        let mut delimiter = delimiter.chars();
        let (Some(found), None) = (delimiter.next(), delimiter.next()) else { return None };
        let rest = &text[end..];
        let feed = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        let is_one = name.eq_ignore_ascii_case("sep=") && found != '"';
        is_one.then_some(Self { delimiter: found, length: end + feed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_known_however_it_is_written_and_nothing_else_is() {
        for (text, delimiter, length) in [
            ("sep=;\na;b", ';', 6),
            ("SEP=,\r\na,b", ',', 7),
            ("\"sep=|\"\ra|b", '|', 8),
            ("sep=\t\n", '\t', 6),
            ("sep=; \na;b", ';', 7),
            ("sep=;", ';', 5),
        ] {
            assert_eq!(SeparatorLine::of(text), Some(SeparatorLine { delimiter, length }), "{text:?}");
        }
        for text in ["", "sep", "sep=", "sep=\n;", "sep=1;text\n", "sep=\"\n", "a\nsep=;\n", "ßep=;"] {
            assert_eq!(SeparatorLine::of(text), None, "{text:?}");
        }
    }
}
