//! How likely each token comes next.

/// What a model gives for the tokens that may come next: a number for each, the larger the likelier.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Scores<'a> {
    values: &'a [f32],
    /// What the values are of; `None` for all tokens in order.
    tokens: Option<&'a [u32]>,
    /// How many of them the model may say by itself.
    free: usize,
}

impl<'a> Scores<'a> {
    /// A value for every token.
    pub(in crate::engine) fn of_all(values: &'a [f32]) -> Self {
        Self { values, tokens: None, free: values.len() }
    }

    /// A value for each of some tokens. Only the first `free`, in rising order, may be said by the model itself; the others only
    /// where a term asks for them.
    pub(in crate::engine) fn of(tokens: &'a [u32], free: usize, values: &'a [f32]) -> Self {
        Self { values: &values[..tokens.len()], tokens: Some(tokens), free }
    }

    /// The likeliest token of those that the model may say by itself.
    pub(in crate::engine) fn likeliest(self) -> u32 {
        self.token(largest(&self.values[..self.free]))
    }

    /// The likeliest token of the one that a term asks for and of those that the model may say by itself and that may follow; if
    /// there is none, of all. Most of them should: each that may not is a look at all scores.
    pub(super) fn likeliest_of(self, asked: Option<u32>, may_follow: impl Fn(u32) -> bool) -> u32 {
        let mut left = self.values.to_vec();
        for _ in 0..left.len() {
            let place = largest(&left);
            let token = self.token(place);
            if Some(token) == asked || place < self.free && may_follow(token) {
                return token;
            }
            left[place] = f32::NEG_INFINITY;
        }
        self.likeliest()
    }

    /// The likeliest token of those that the model may say by itself, but for one, and its value.
    pub(super) fn runner_up(self, said: u32) -> Option<(u32, f32)> {
        let mut best = None;
        for (place, value) in self.values[..self.free].iter().enumerate() {
            if best.is_none_or(|(_, most)| *value > most) && self.token(place) != said {
                best = Some((place, *value));
            }
        }
        best.map(|(place, value)| (self.token(place), value))
    }

    /// The value of a token.
    pub(super) fn of_token(self, token: u32) -> f32 {
        let place = match self.tokens {
            None => Some(token as usize),
            Some(tokens) => {
                let (free, others) = tokens.split_at(self.free);
                let other = || others.iter().position(|other| *other == token);
                free.binary_search(&token).ok().or_else(|| other().map(|place| self.free + place))
            }
        };
        place.and_then(|place| self.values.get(place)).copied().unwrap_or(f32::NEG_INFINITY)
    }

    /// The logarithm of how likely a token is.
    pub(in crate::engine) fn likelihood(self, token: u32) -> f32 {
        self.of_token(token) - self.log_sum()
    }

    /// The logarithm of the sum of the exponentials of what the model may say by itself: a value less this is the logarithm of a
    /// probability.
    pub(super) fn log_sum(self) -> f32 {
        /// What is further behind adds nothing, and a vocabulary has a hundred thousand tokens of which most are.
        const FAR: f32 = 20.0;
        let values = &self.values[..self.free];
        let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let near = values.iter().filter(|value| **value > most - FAR);
        most + near.map(|value| (value - most).exp()).sum::<f32>().ln()
    }

    fn token(self, place: usize) -> u32 {
        match self.tokens {
            None => u32::try_from(place).unwrap_or_default(),
            Some(tokens) => tokens.get(place).copied().unwrap_or_default(),
        }
    }
}

/// The index of the largest number; the first of equals. Numbers that are none lose.
fn largest(values: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (place, value) in values.iter().enumerate() {
        if *value > best.1 {
            best = (place, *value);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_found_among_numbers_that_are_none() {
        assert_eq!(largest(&[f32::NAN, 1.0, 3.0, 3.0, f32::NAN]), 2);
    }

    #[test]
    fn a_token_that_only_a_term_may_ask_for_is_not_said_otherwise() {
        let values = [1.0, 2.0, 5.0, 4.0, 9.0];
        let scores = Scores::of(&[3, 8, 2, 11], 2, &values);
        assert_eq!(scores.likeliest(), 8);
        assert_eq!((scores.runner_up(8), scores.runner_up(3)), (Some((3, 1.0)), Some((8, 2.0))));
        assert_eq!(scores.likeliest_of(Some(11), |_| true), 11);
        assert_eq!(scores.likeliest_of(None, |token| token != 8), 3);
        assert_eq!(scores.likeliest_of(None, |_| false), 8);
        let expected = [1.0, 2.0, 5.0, 4.0, f32::NEG_INFINITY].map(f32::to_bits);
        assert_eq!([3, 8, 2, 11, 4].map(|token| scores.of_token(token).to_bits()), expected);
        let alone = Scores::of(&[3, 8], 2, &values);
        assert!((scores.log_sum() - alone.log_sum()).abs() < f32::EPSILON);
    }

    #[test]
    fn probabilities_sum_to_one_even_for_huge_scores() {
        let values = [1000.0, 999.0, -1000.0];
        let scores = Scores::of_all(&values);
        let whole = scores.log_sum();
        let sum: f32 = (0..3).map(|token| (scores.of_token(token) - whole).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4 && (whole - 1000.3133).abs() < 1e-3, "{whole}");
    }
}
