//! How fast a run is, and how long it will take. Pure: times are passed in.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back is looked: a pause or a burst is forgotten after that.
const WINDOW: Duration = Duration::from_mins(1);

/// Characters translated in each second of the last minute.
#[derive(Debug, Default)]
pub(super) struct Rate {
    seconds: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// Counts characters that were translated. `now` is the time since the run began.
    pub(super) fn add(&mut self, now: Duration, characters: u64) {
        match self.seconds.back_mut() {
            Some((second, count)) if second.as_secs() == now.as_secs() => *count += characters,
            _ => self.seconds.push_back((now, characters)),
        }
        while self.seconds.front().is_some_and(|(second, _)| *second + WINDOW < now) {
            self.seconds.pop_front();
        }
    }

    /// How long the characters that remain will take; `None` if nothing was translated in the last minute.
    pub(super) fn left(&self, now: Duration, remaining: u64) -> Option<Duration> {
        let recent = self.seconds.iter().filter(|(second, _)| *second + WINDOW >= now);
        let characters: u64 = recent.map(|(_, count)| count).sum();
        // A run of less than a minute has had no more time than it has lasted.
        let window = now.min(WINDOW).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "no corpus has so many characters")]
        let left = window * remaining as f64 / characters as f64;
        Duration::try_from_secs_f64(left).ok()
    }
}

/// A time for people: `40 s`, `12 min`, `2 h 5 min`.
pub(super) fn rounded(time: Duration) -> String {
    let begun = u64::from(time.subsec_nanos() > 0);
    match time.as_secs() + begun {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_time_left_comes_from_the_last_minute() {
        let mut rate = Rate::default();
        assert_eq!(rate.left(at(3), 100), None);
        rate.add(at(2), 100);
        rate.add(at(4), 100);
        assert_eq!(rate.left(at(10), 400), Some(at(20)), "200 characters in ten seconds");
        assert_eq!(rate.left(at(10), 0), Some(at(0)));
        for second in 60..120 {
            rate.add(at(second), 1);
        }
        assert_eq!(rate.left(at(119), 10), Some(at(10)), "what was faster before is forgotten");
        assert_eq!(rate.left(at(300), 10), None, "nothing comes any more");
    }

    #[test]
    fn no_more_is_kept_than_a_minute() {
        let mut rate = Rate::default();
        for millis in 0..300_000 {
            rate.add(Duration::from_millis(millis), 1);
        }
        assert!(rate.seconds.len() <= 62, "{}", rate.seconds.len());
        assert_eq!(rate.left(at(300), 60_000).map(|left| left.as_secs()), Some(60));
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!(rounded(at(59)), "59 s");
        assert_eq!(rounded(at(61)), "2 min");
        assert_eq!(rounded(at(7500)), "2 h 5 min");
    }
}
