//! Lines of JSON in a file.

/// What is wrong with a line, and in which column. A parser that is given single lines takes each for line 1, which would
/// stand beside the number that the line has in its file.
#[must_use]
pub fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (line, column) = (error.line(), error.column());
    match text.strip_suffix(&format!(" at line {line} column {column}")) {
        Some(fault) => format!("{fault} at column {column}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_column_is_named() {
        let fault = |text| json_fault(&serde_json::from_str::<Vec<String>>(text).expect_err("wrong"));
        assert_eq!(fault("[\"a\" 1]"), "expected `,` or `]` at column 6");
        assert_eq!(fault("[1]"), "invalid type: integer `1`, expected a string at column 2");
    }
}
