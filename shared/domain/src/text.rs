//! Text that crosses from one company to another, and is shown to people. Rich text is in [`rich_text`].

use crate::rich_text;

/// Escapes text for use in HTML, between tags and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Plain text as HTML, its line breaks kept.
#[must_use]
pub fn plain_to_html(text: &str) -> String {
    escape(text.trim()).replace("\r\n", "\n").replace('\n', "<br>")
}

/// Rich text as plain text, for looking into it.
#[must_use]
pub fn html_to_plain(html: &str) -> String {
    rich_text::plain(html)
}

pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// One line, without control characters and of at most `longest` characters, for names and subjects in lists and mails.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.retain(|character| !character.is_control());
    match line.char_indices().nth(longest) {
        None => line,
        Some(_) => line.chars().take(longest.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A text of at most `longest` letters. Of a longer one the middle is left out: its ends say most.
#[must_use]
pub fn shortened(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    let end = longest.saturating_sub(1) / 2;
    let begin = longest.saturating_sub(1) - end;
    let beginning: String = text.chars().take(begin).collect();
    let mut ending: Vec<char> = text.chars().rev().take(end).collect();
    ending.reverse();
    format!("{beginning}…{}", ending.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escaped_text_reads_as_it_was_written(text: String) {
            let shown = html_to_plain(&escape(&text));
            // A browser never shows a NUL; everything else comes back.
            prop_assert_eq!(shown.replace(['\0', '\u{fffd}', '\r', '\n'], ""), text.replace(['\0', '\u{fffd}', '\r', '\n'], ""));
        }

        #[test]
        fn a_line_is_a_line(text: String, longest in 1_usize..100) {
            let line = one_line(&text, longest);
            prop_assert!(line.chars().count() <= longest);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_long_text_loses_its_middle() {
        assert_eq!(shortened("as it is", 8), "as it is");
        assert_eq!(shortened("abcdefghij", 5), "ab … ij".replace(' ', ""));
        assert_eq!(shortened("ääääääää", 3), "ä…ä");
        assert_eq!(shortened("abc", 0), "…");
    }
}
