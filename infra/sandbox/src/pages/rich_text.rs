//! Rich text that comes from anywhere, shown harmlessly; and plain text from a form, made rich.

use maud::{Markup, PreEscaped, html};

/// What a company's user or another system wrote, without scripts, styles, forms or pictures from elsewhere.
pub(super) fn show(body: &str) -> Markup {
    let clean = ammonia::Builder::default().rm_tags(["img"]).clean(body).to_string();
    html! { div.rich { (PreEscaped(clean)) } }
}

/// Typed text as paragraphs, unless it already is HTML.
pub(super) fn from_form(text: &str) -> String {
    if text.contains('<') {
        return text.to_owned();
    }
    let lines = |paragraph: &str| ammonia::clean_text(paragraph.trim()).replace("&#10;", "<br>");
    let normalised = text.replace("\r\n", "\n");
    let paragraphs = normalised
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs
        .map(|paragraph| format!("<p>{}</p>", lines(paragraph)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_handlers_do_not_survive() {
        let shown =
            show("<p onclick='x()'>Hi</p><script>x()</script><a href='javascript:x()'>a</a><img src=x onerror=x()>");
        let text = shown.into_string();
        assert!(text.contains("<p>Hi</p>"), "{text}");
        assert!(
            !text.contains("script") && !text.contains("onclick") && !text.contains("img"),
            "{text}"
        );
    }

    #[test]
    fn typed_text_becomes_paragraphs() {
        assert!(from_form("One\n\nTwo").starts_with("<p>One</p><p>Two"));
    }
}
