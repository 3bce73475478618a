//! Numbers in words.

use jiff::Timestamp;

/// A size, as people say it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let unit = UNITS.into_iter().find(|(_, unit)| bytes >= *unit);
    match unit {
        None => format!("{bytes} bytes"),
        Some((name, unit)) if bytes >= 100 * unit => format!("{} {name}", bytes / unit),
        Some((name, unit)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

/// A number with its thousands set apart.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut words = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// So many of something.
pub(super) fn many(count: u64, one: &str, more: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { more })
}

/// How far away a moment is that is still to come; none where it is past. Whole days and hours, which are the same in each
/// time zone.
pub(super) fn until(at: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = at.as_second() - now.as_second();
    let hours = u64::try_from(seconds).ok()? / 3600;
    Some(match hours {
        0 => "within the hour".to_owned(),
        1..48 => format!("in {}", many(hours, "hour", "hours")),
        _ => format!("in {} days", number(hours / 24)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_numbers_are_short() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (32_768, "32.7 kB"),
            (209_715_200, "209 MB"),
            (1_500_000_000, "1.5 GB"),
        ] {
            assert_eq!(size(bytes), words);
        }
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(100), "100");
        assert_eq!(many(1, "file", "files"), "1 file");
    }

    #[test]
    fn what_is_to_come_is_told_in_hours_and_then_in_days() {
        let at = |second| Timestamp::from_second(second).unwrap_or_default();
        for (second, words) in [
            (-1, None),
            (10, Some("within the hour")),
            (3_600, Some("in 1 hour")),
            (47 * 3_600, Some("in 47 hours")),
            (14 * 86_400, Some("in 14 days")),
        ] {
            assert_eq!(until(at(second), at(0)).as_deref(), words);
        }
    }
}
