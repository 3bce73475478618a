//! Text that crosses from one company to another: rich text stays rich, and harmless.

use std::collections::HashMap;

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

/// Somebody else's HTML without what could act on a reader: scripts, styles, forms, handlers, images that report back.
///
/// HTML that nests deeper than anybody writes becomes plain text: see [`nests_too_deep`].
#[must_use]
pub fn harmless(html: &str) -> String {
    if nests_too_deep(html) {
        return plain_to_html(&unescaped(&without_tags(html)));
    }
    ammonia::Builder::default()
        .rm_tags(["img", "map", "area"])
        .clean(html)
        .to_string()
}

/// HTML as plain text, for looking into it.
#[must_use]
pub fn html_to_plain(html: &str) -> String {
    if nests_too_deep(html) {
        return unescaped(&without_tags(html));
    }
    let bare = ammonia::Builder::default()
        .tags(Default::default())
        .clean(html)
        .to_string();
    unescaped(&bare)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// The deepest nesting that is still taken for somebody's text.
const DEEPEST: usize = 256;

/// Elements that hold nothing, or end by themselves where the next of their kind begins: left open, they do not nest.
const SELF_ENDING: &[&str] = &[
    "area", "br", "col", "colgroup", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "rp", "rt",
    "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];

/// Whether tags are left open to such a depth that parsing them would take minutes: a parser looks through all open
/// elements at each tag, so its time grows with the square of the depth.
fn nests_too_deep(html: &str) -> bool {
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut depth = 0_usize;
    for after in html.split('<').skip(1) {
        let (closes, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
        let name = after
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let name = name.get(..name.len().min(20)).unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() || SELF_ENDING.contains(&name.as_str()) {
            continue;
        }
        let of_this = open.entry(name).or_default();
        if !closes {
            *of_this += 1;
            depth += 1;
        } else if *of_this > 0 {
            *of_this -= 1;
            depth -= 1;
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// Text without anything that looks like a tag, in one pass.
fn without_tags(html: &str) -> String {
    let mut parts = html.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_tag = part.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        match part.split_once('>') {
            Some((_, after)) if is_tag => text.push_str(after),
            None if is_tag => {}
            _ => {
                text.push('<');
                text.push_str(part);
            }
        }
    }
    text
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
        fn nothing_that_acts_is_left(text: String) {
            let html = harmless(&format!("<p onclick=x()>{text}</p><script>{text}</script><img src=http://evil.example>"));
            prop_assert!(!html.contains("<script") && !html.contains("onclick=") && !html.contains("<img"));
        }

        #[test]
        fn a_line_is_a_line(text: String, longest in 1_usize..100) {
            let line = one_line(&text, longest);
            prop_assert!(line.chars().count() <= longest);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }

    #[test]
    fn what_nests_without_end_becomes_plain_text_in_no_time() {
        let began = std::time::Instant::now();
        for tag in [
            "<div>",
            "<b>",
            "<a href=x>",
            "<table><tr><td>",
            "<b><p></i>",
            "<div></span>",
            "<font size=1></b><p>",
        ] {
            let html = format!("{}Which beam &amp; why?", tag.repeat(1_000_000 / tag.len()));
            assert_eq!(harmless(&html), "Which beam &amp; why?", "{tag}");
            assert_eq!(html_to_plain(&html), "Which beam & why?", "{tag}");
        }
        assert!(
            began.elapsed() < std::time::Duration::from_secs(20),
            "{:?}",
            began.elapsed()
        );
    }

    #[test]
    fn long_texts_with_ordinary_tags_stay_rich() {
        for html in [
            "<p>A <b>beam</b><br>",
            "<li>Beam",
            "<ul><li>B4<ul><li>B5</li></ul></li></ul>",
        ] {
            let html = html.repeat(2_000);
            assert!(!nests_too_deep(&html), "{html:.40}");
        }
    }

    #[test]
    fn rich_text_stays_rich() {
        assert_eq!(harmless("<p>Which <b>beam</b>?</p>"), "<p>Which <b>beam</b>?</p>");
    }
}
