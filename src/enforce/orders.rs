//! Accepted targets in other orders.

/// Choices of one target for each term other than the first ones: those that a glossary with the same targets in other
/// orders would have made.
///
/// As few choices as possible differ from the first ones: people change one entry at a time.
#[must_use]
pub fn other_orders<'a>(targets: &[&'a [String]]) -> Vec<Vec<&'a str>> {
    /// More are not looked for: a segment of many terms, each with many targets, must not cost thousands of looks.
    const MOST: usize = 16;
    let first: Vec<&str> = targets.iter().map(|of| of.first().map_or("", String::as_str)).collect();
    // Each with the place behind its last change, so that none comes twice.
    let mut chosen = vec![(first, 0)];
    let mut at = 0;
    while at < chosen.len() && chosen.len() <= MOST {
        let (of, from) = chosen[at].clone();
        for place in from..targets.len() {
            for other in targets[place].iter().skip(1) {
                let mut other_choice = of.clone();
                other_choice[place] = other;
                chosen.push((other_choice, place + 1));
            }
        }
        at += 1;
    }
    chosen.into_iter().skip(1).take(MOST).map(|(chosen, _)| chosen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(targets: &[&str]) -> Vec<Vec<String>> {
        targets.iter().map(|of| of.split('|').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn few_changes_come_before_many() {
        let targets = of(&["ferry|boat", "port", "sea|lake"]);
        let slices: Vec<&[String]> = targets.iter().map(Vec::as_slice).collect();
        let expected = [["boat", "port", "sea"], ["ferry", "port", "lake"], ["boat", "port", "lake"]];
        assert_eq!(other_orders(&slices), expected);
    }

    #[test]
    fn many_terms_make_a_few_choices() {
        let targets = of(&["a|b|c|d"; 200]);
        let slices: Vec<&[String]> = targets.iter().map(Vec::as_slice).collect();
        assert_eq!(other_orders(&slices).len(), 16);
    }
}
