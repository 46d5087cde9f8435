//! Days as people count them, in UTC. Start at [`date`].

use types::UnixTime;

const DAY_MS: i64 = 86_400_000;

/// A day counted from 1970-01-01, as months since 0000-03-01 and a day of the month from 1, in the
/// Gregorian calendar.
///
/// Years are taken to begin in March, so that the leap day is the last of its year; 400 years have
/// 146,097 days.
fn month_and_day(days: i64) -> (i64, i64) {
    const DAYS_TO_1970: i64 = 719_468;
    const DAYS_OF_400_YEARS: i64 = 146_097;
    let day = days + DAYS_TO_1970;
    let (era, day) = (day.div_euclid(DAYS_OF_400_YEARS), day.rem_euclid(DAYS_OF_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // From March on, every five months have 153 days.
    let month_of_year = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_of_year + 2) / 5 + 1;
    ((era * 400 + year) * 12 + month_of_year, day_of_month)
}

/// The months since 0000-03-01 of a day counted from 1970-01-01.
pub(crate) fn month(days: i64) -> i64 {
    month_and_day(days).0
}

/// The day of a time, such as `2026-11-26`.
pub fn date(time: UnixTime) -> String {
    let (months, day) = month_and_day(time.0.div_euclid(DAY_MS));
    // Counted from January again.
    let months = months + 2;
    format!("{:04}-{:02}-{day:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_783, "2026-11-26"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(UnixTime(days * DAY_MS)), text);
        }
    }
}
