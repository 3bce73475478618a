//! Numbers in words.

use gusset_words::say;

/// A size, as people say it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let unit = UNITS.into_iter().find(|(_, unit)| bytes >= *unit);
    match unit {
        None => say!("size-bytes", bytes = bytes.to_string()),
        Some((name, unit)) if bytes >= 100 * unit => format!("{} {name}", bytes / unit),
        Some((name, unit)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

/// A number with its thousands set apart.
pub(crate) fn number(count: u64) -> String {
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
    }
}
