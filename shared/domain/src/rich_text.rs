//! Rich text that crosses from one company to another: it stays rich, becomes harmless, and takes time in proportion to
//! its length, whatever is in it.
//!
//! A browser's parser takes the square of a text's length for some texts: it looks through all open elements at each tag,
//! through all former children where a table holds text, through all attributes of a tag at each of them. So there are two
//! passes. The first ([`write_anew`]) reads the tags by itself and writes them anew: known elements only, with few attributes,
//! each closed in the order in which it was opened, cells in rows in tables, and never deeper than [`MAX_DEPTH`]. The second is
//! `ammonia`, on whose judgement of what is harmless all security rests; what the first pass hands it takes it linear time.

use ammonia::UrlRelative;
use url::Url;

use crate::text::{escape, plain_to_html, unescaped};

/// The deepest nesting that is still taken for somebody's text.
const MAX_DEPTH: usize = 128;

/// The most tags of a text that stays rich.
const MAX_TAGS: usize = 50_000;

/// The longest text that stays rich, in bytes.
const MAX_BYTES: usize = 2_000_000;

/// The most pictures of a text that are looked at.
pub const MAX_PICTURES: usize = 100;

/// The attributes that may mean something. The rest never reaches the second pass.
const ATTRIBUTES: &[&str] = &[
    "href", "title", "lang", "dir", "colspan", "rowspan", "start", "align", "cite", "datetime", "type", "src", "alt",
];

/// Elements without content.
const VOID: &[&str] = &["br", "hr", "wbr"];

/// Elements that begin a paragraph of their own, and so end an open one.
const BLOCKS: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "nav",
    "ol",
    "p",
    "pre",
    "summary",
    "table",
    "tr",
    "ul",
];

/// Elements within a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd",
    "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tbody", "td",
    "th", "thead", "time", "tt", "u", "var", "wbr",
];

/// Elements whose content is no text of anybody's.
const WITHOUT_TEXT: &[&str] = &["script", "style"];

/// Somebody's rich text, made harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harmless {
    /// The text as HTML.
    pub html: String,
    /// Whether it lost its formatting because it is too long, or nests too deep, to be anybody's formatting.
    pub is_flattened: bool,
}

/// A picture that a text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its address as it stands in the text.
    pub address: String,
    /// What its author calls it.
    pub called: String,
}

/// Makes rich text harmless: no scripts, styles, forms, handlers, no pictures that report back. A link is absolute, with the
/// page of its source as `base`, or plain text where its source is not known. `pictures` are the names that stand in place
/// of the text's pictures, in their order.
#[must_use]
pub fn harmless(html: &str, base: Option<&str>, pictures: &[String]) -> Harmless {
    let Some(bounded) = write_anew(html, pictures) else {
        return Harmless {
            html: plain_to_html(&plain(html)),
            is_flattened: true,
        };
    };
    let base = base.and_then(|base| Url::parse(base).ok());
    let base = base.filter(|base| matches!(base.scheme(), "http" | "https"));
    let html = ammonia::Builder::default()
        .rm_tags(["img", "map", "area"])
        .url_relative(base.map_or(UrlRelative::Deny, UrlRelative::RewriteWithBase))
        .clean(&bounded)
        .to_string();
    Harmless {
        html,
        is_flattened: false,
    }
}

/// Whether a text is too long, or nests too deep, to keep its formatting.
#[must_use]
pub fn is_too_much(html: &str) -> bool {
    write_anew(html, &[]).is_none()
}

/// Reads rich text as plain text, with a line for each of its lines.
#[must_use]
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for token in Tokens::of(html) {
        match token {
            Token::Text(part) => push_text(&mut text, part),
            Token::Open(tag) if tag.name == "br" => text.push('\n'),
            Token::Close(name) if BLOCKS.contains(&name.as_str()) => text.push('\n'),
            Token::Open(_) | Token::Close(_) => {}
        }
    }
    // Only text is left: the second pass puts characters in place of `&eacute;` and the like.
    let decoded = ammonia::Builder::empty().clean(text.trim_end_matches('\n')).to_string();
    unescaped(&decoded)
}

/// Lists the pictures that a text shows; the first [`MAX_PICTURES`].
#[must_use]
pub fn pictures(html: &str) -> Vec<Shown> {
    let shown = Tokens::of(html).filter_map(|token| match token {
        Token::Open(mut tag) if tag.name == "img" => Some(Shown {
            address: unescaped(tag.take("src").trim()),
            called: unescaped(tag.take("alt").trim()),
        }),
        _ => None,
    });
    shown.take(MAX_PICTURES).collect()
}

/// A piece of HTML.
enum Token<'a> {
    Text(&'a str),
    Open(Tag<'a>),
    Close(String),
}

struct Tag<'a> {
    name: String,
    /// Those of [`ATTRIBUTES`], each once, as they stand in the text.
    attributes: Vec<(&'static str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn take(&mut self, name: &str) -> &'a str {
        let found = self.attributes.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).unwrap_or_default()
    }
}

/// Reads HTML piece by piece. Each byte is looked at a bounded number of times: what does not end in what it began as ends
/// the reading as text.
struct Tokens<'a> {
    rest: &'a str,
    /// Between `<script>` and its end.
    within: Option<String>,
}

impl<'a> Tokens<'a> {
    fn of(html: &'a str) -> Self {
        Self {
            rest: html,
            within: None,
        }
    }

    fn text(&mut self, length: usize) -> Token<'a> {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Token::Text(text)
    }

    /// Skips what is no text of anybody's. False where it does not end.
    fn skip_content(&mut self, name: &str) -> bool {
        let mut from = 0;
        while let Some(found) = self.rest[from..].find("</") {
            let end = from + found;
            let after = self.rest.as_bytes().get(end + 2..end + 2 + name.len());
            if after.is_some_and(|after| after.eq_ignore_ascii_case(name.as_bytes())) {
                self.rest = &self.rest[end..];
                return true;
            }
            from = end + 2;
        }
        false
    }

    /// The tag that begins here, and what is left after it. None where it does not end.
    fn tag(text: &'a str) -> Option<(Tag<'a>, &'a str)> {
        let bytes = text.as_bytes();
        let name_end = bytes.iter().position(|byte| !is_of_name(*byte))?;
        let mut tag = Tag {
            // No known element has a longer name.
            name: text[..text.floor_char_boundary(name_end.min(32))].to_ascii_lowercase(),
            attributes: Vec::new(),
        };
        let mut at = name_end;
        loop {
            at += bytes[at..].iter().position(|byte| !is_between(*byte))?;
            if bytes[at] == b'>' {
                return Some((tag, &text[at + 1..]));
            }
            let begin = at;
            // A `=` at the very beginning is of the name.
            at += 1;
            at += bytes[at..]
                .iter()
                .position(|byte| *byte == b'=' || *byte == b'>' || is_between(*byte))?;
            let name = &text[begin..at];
            let after = at + bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
            let mut value = "";
            if bytes[after] == b'=' {
                at = after + 1;
                at += bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
                let (from, length) = match bytes[at] {
                    quote @ (b'"' | b'\'') => (at + 1, bytes[at + 1..].iter().position(|byte| *byte == quote)?),
                    _ => {
                        let ends = |byte: &u8| *byte == b'>' || byte.is_ascii_whitespace();
                        (at, bytes[at..].iter().position(ends)?)
                    }
                };
                value = &text[from..from + length];
                at = from + length + usize::from(from > at);
            }
            let known = ATTRIBUTES.iter().find(|known| known.eq_ignore_ascii_case(name));
            if let Some(known) = known
                && !tag.attributes.iter().any(|(taken, _)| taken == known)
            {
                tag.attributes.push((known, value));
            }
        }
    }
}

fn is_of_name(byte: u8) -> bool {
    !matches!(byte, b'>' | b'/') && !byte.is_ascii_whitespace()
}

fn is_between(byte: u8) -> bool {
    byte == b'/' || byte.is_ascii_whitespace()
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(name) = self.within.take()
                && !self.skip_content(&name)
            {
                return Some(self.text(self.rest.len()));
            }
            if self.rest.is_empty() {
                return None;
            }
            let Some(after) = self.rest.strip_prefix('<') else {
                let length = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(self.text(length));
            };
            let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
            if begins(after) {
                let Some((tag, rest)) = Self::tag(after) else {
                    return Some(self.text(self.rest.len()));
                };
                self.rest = rest;
                if WITHOUT_TEXT.contains(&tag.name.as_str()) {
                    self.within = Some(tag.name);
                    continue;
                }
                return Some(Token::Open(tag));
            }
            if let Some(after) = after.strip_prefix('/').filter(|after| begins(after)) {
                let Some((tag, rest)) = Self::tag(after) else {
                    return Some(self.text(self.rest.len()));
                };
                self.rest = rest;
                return Some(Token::Close(tag.name));
            }
            let comment = match after.strip_prefix("!--") {
                // `<!-->` and `<!--->` are comments, too.
                Some(after) => Some(match after.strip_prefix('>').or_else(|| after.strip_prefix("->")) {
                    Some(rest) => Some(rest),
                    None => after.split_once("-->").map(|(_, rest)| rest),
                }),
                None if after.starts_with(['!', '?', '/']) => Some(after.split_once('>').map(|(_, rest)| rest)),
                None => None,
            };
            match comment {
                None => return Some(self.text(1)),
                Some(None) => return Some(self.text(self.rest.len())),
                Some(Some(rest)) => self.rest = rest,
            }
        }
    }
}

/// Writes HTML anew, so that a parser takes linear time for it: see above. None where it is too much for that.
fn write_anew(html: &str, pictures: &[String]) -> Option<String> {
    if html.len() > MAX_BYTES {
        return None;
    }
    let mut writer = Writer {
        html: String::with_capacity(html.len()),
        open: Vec::new(),
    };
    let mut pictures = pictures.iter();
    let mut tags = 0;
    for token in Tokens::of(html) {
        tags += usize::from(!matches!(token, Token::Text(_)));
        match token {
            Token::Text(text) => writer.text(text),
            Token::Open(tag) if tag.name == "img" => {
                let name = pictures.next().map_or("Picture", String::as_str);
                writer.content();
                writer.html.push_str(&escape(&format!("[{name}]")));
            }
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
        }
        if tags > MAX_TAGS || writer.open.len() > MAX_DEPTH {
            return None;
        }
    }
    writer.close_to(0);
    Some(writer.html)
}

struct Writer {
    html: String,
    /// The open elements, the outermost first.
    open: Vec<String>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.content();
        }
        push_text(&mut self.html, text);
    }

    /// Makes the place one that holds content: what stands between a table's cells gets a cell of its own.
    fn content(&mut self) {
        if matches!(self.innermost(), "table" | "thead" | "tbody") {
            self.push("tr", &[]);
        }
        if self.innermost() == "tr" {
            self.push("td", &[]);
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if !BLOCKS.contains(&name) && !INLINE.contains(&name) {
            return;
        }
        match name {
            "thead" | "tbody" => {
                self.close_within(&["thead", "tbody"], &["table"]);
                if self.innermost() != "table" {
                    return;
                }
            }
            "tr" => {
                self.close_within(&["tr"], &["table"]);
                if !matches!(self.innermost(), "table" | "thead" | "tbody") {
                    return;
                }
            }
            "td" | "th" => {
                self.close_within(&["td", "th"], &["table", "tr"]);
                if matches!(self.innermost(), "table" | "thead" | "tbody") {
                    self.push("tr", &[]);
                }
                if self.innermost() != "tr" {
                    return;
                }
            }
            _ => {
                self.content();
                let cells = ["table", "td", "th"];
                if BLOCKS.contains(&name) {
                    self.close_within(&["p"], &cells);
                }
                match name {
                    "li" => self.close_within(&["li"], &["ul", "ol", "table", "td", "th"]),
                    "dd" | "dt" => self.close_within(&["dd", "dt"], &["dl", "table", "td", "th"]),
                    "a" => self.close_within(&["a"], &cells),
                    "rp" | "rt" => {
                        self.close_within(&["rp", "rt"], &["ruby", "table", "td", "th"]);
                        if self.innermost() != "ruby" {
                            return;
                        }
                    }
                    _ => {}
                }
            }
        }
        self.push(name, &tag.attributes);
        if VOID.contains(&name) {
            self.open.pop();
        }
    }

    fn close(&mut self, name: &str) {
        let scope: &[&str] = match name {
            "table" => &[],
            "thead" | "tbody" | "tr" | "td" | "th" => &["table"],
            _ => &["table", "td", "th"],
        };
        if name == "br" {
            self.content();
            self.html.push_str("<br>");
        }
        self.close_within(&[name], scope);
    }

    /// Closes the innermost open element of these names, and what is open in it, unless one of `scope` lies between.
    fn close_within(&mut self, names: &[&str], scope: &[&str]) {
        let found = self
            .open
            .iter()
            .rposition(|open| names.contains(&open.as_str()) || scope.contains(&open.as_str()));
        if let Some(at) = found
            && names.contains(&self.open[at].as_str())
        {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some(name) = self.open.pop()
        {
            self.html.push_str("</");
            self.html.push_str(&name);
            self.html.push('>');
        }
    }

    fn push(&mut self, name: &str, attributes: &[(&'static str, &str)]) {
        self.html.push('<');
        self.html.push_str(name);
        for (attribute, value) in attributes {
            self.html.push(' ');
            self.html.push_str(attribute);
            self.html.push_str("=\"");
            self.html.push_str(&value.replace('"', "&quot;"));
            self.html.push('"');
        }
        self.html.push('>');
        self.open.push(name.to_owned());
    }

    fn innermost(&self) -> &str {
        self.open.last().map_or("", String::as_str)
    }
}

/// Adds text as HTML that holds no tag. What it has of `&amp;` and the like stays as it is.
fn push_text(html: &mut String, text: &str) {
    for (at, part) in text.split('<').enumerate() {
        if at > 0 {
            html.push_str("&lt;");
        }
        html.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    fn cleaned(html: &str) -> String {
        harmless(html, None, &[]).html
    }

    /// Pieces of HTML that parsers find hard, in any order.
    fn hard() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-z &;<>\"'=/!-]{0,8}",
            "<(b|i|a href=x|p|div|li|ul|table|tr|td|svg|rt|ruby|script|style|img src=y|br|h1|math|select)>",
            "</(b|i|a|p|div|li|ul|table|tr|td|svg|rt|ruby|script|style|br|h1|math|select)>",
            Just("<!--".to_owned()),
            Just("-->".to_owned()),
            Just("<a href=\"".to_owned()),
            Just("Ü🧱&eacute;".to_owned()),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left(text in hard(), any: String) {
            for text in [text, any] {
                let html = cleaned(&format!("<p onclick=x()>{text}</p><script>{text}</script><img src=http://evil.example>"));
                prop_assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg"), "{html}");
                // An attribute, not the same letters in a text.
                prop_assert!(!html.split('<').skip(1).any(|tag| tag.split('>').next().unwrap().contains("onclick=")), "{html}");
            }
        }

        #[test]
        fn what_is_harmless_stays_as_it_is(text in hard()) {
            let once = cleaned(&text);
            let plainly = plain(&once);
            let again = plain(&cleaned(&once));
            prop_assert_eq!(again.trim(), plainly.trim());
        }

        #[test]
        fn the_first_pass_closes_whatever_it_opens(text in hard()) {
            let html = write_anew(&text, &[]).unwrap();
            let mut open = Vec::new();
            for token in Tokens::of(&html) {
                match token {
                    Token::Text(text) => prop_assert!(!text.contains('<')),
                    Token::Open(tag) if VOID.contains(&tag.name.as_str()) => {}
                    Token::Open(tag) => open.push(tag.name),
                    Token::Close(name) => prop_assert_eq!(open.pop(), Some(name)),
                }
            }
            prop_assert!(open.is_empty());
        }

        #[test]
        fn words_are_never_lost(words in proptest::collection::vec("[a-z]{3,9}", 1..8), tags in proptest::collection::vec("</?(b|p|li|table|tr|td|svg|rt|div)>", 0..8)) {
            let mut html = String::new();
            for (at, word) in words.iter().enumerate() {
                html.push_str(word);
                html.push_str(tags.get(at).map_or(" ", String::as_str));
            }
            let text = plain(&cleaned(&html));
            prop_assert!(words.iter().all(|word| text.contains(word.as_str())), "{html} became {text}");
        }
    }

    #[test]
    fn rich_text_stays_rich() {
        for (html, expected) in [
            ("<p>Which <b>beam</b>?</p>", "<p>Which <b>beam</b>?</p>"),
            ("<p>A<p>B", "<p>A</p><p>B</p>"),
            (
                "<ul><li>B4<ul><li>B5</ul><li>B6</ul>",
                "<ul><li>B4<ul><li>B5</li></ul></li><li>B6</li></ul>",
            ),
            (
                "<table><tr><td>A<td>B<tr><td>C</table>",
                "<table><tbody><tr><td>A</td><td>B</td></tr><tr><td>C</td></tr></tbody></table>",
            ),
            ("<ruby>東<rt>とう</ruby>", "<ruby>東<rt>とう</rt></ruby>"),
            ("1 < 2 &amp; 3 > 2 &eacute;", "1 &lt; 2 &amp; 3 &gt; 2 é"),
            ("a<br/>b<!-- c --><hr>d", "a<br>b<hr>d"),
            ("<B TITLE='x \"y\"'>Z</B>", "<b title=\"x &quot;y&quot;\">Z</b>"),
            ("<i>not closed", "<i>not closed</i>"),
            ("never a <tag", "never a &lt;tag"),
        ] {
            assert_eq!(cleaned(html), expected, "{html}");
        }
        let long = "<p>A <b>beam</b><br>".repeat(2_000);
        assert!(!harmless(&long, None, &[]).is_flattened);
    }

    #[test]
    fn links_lead_to_where_they_led_or_nowhere() {
        let link = "<a href=\"/7/project/rfi/show/5\">RFI 5</a>";
        let absolute = harmless(link, Some("https://app.procore.com/7/project/rfi/show/4"), &[]).html;
        assert!(
            absolute.contains("href=\"https://app.procore.com/7/project/rfi/show/5\""),
            "{absolute}"
        );
        for base in [None, Some("not an address"), Some("javascript:alert(1)")] {
            let nowhere = harmless(link, base, &[]).html;
            assert!(!nowhere.contains("href") && nowhere.contains("RFI 5"), "{nowhere}");
        }
        assert!(!cleaned("<a href='javascript:alert(3)'>Click</a>").contains("javascript"));
    }

    #[test]
    fn a_picture_is_named_where_it_stood() {
        let html =
            "<p>See <img src='/files/1/a.png?x=1&amp;y=2' alt=\"North &quot;wall&quot;\"> and <IMG SRC=b.png></p>";
        let shown = pictures(html);
        assert_eq!(
            shown,
            [
                Shown {
                    address: "/files/1/a.png?x=1&y=2".to_owned(),
                    called: "North \"wall\"".to_owned()
                },
                Shown {
                    address: "b.png".to_owned(),
                    called: String::new()
                }
            ]
        );
        let names = ["Picture: a.png".to_owned(), "Picture: <b>".to_owned()];
        assert_eq!(
            harmless(html, None, &names).html,
            "<p>See [Picture: a.png] and [Picture: &lt;b&gt;]</p>"
        );
    }

    #[test]
    fn plain_text_keeps_lines_and_characters() {
        assert_eq!(
            plain("<p>A &amp; B</p><p>C &lt; D<br>E &eacute;</p>"),
            "A & B\nC < D\nE é"
        );
        assert_eq!(plain("x<script>y</script>z"), "xz");
        assert_eq!(plain("x<script>y"), "xy");
    }

    /// A text that is hard to parse, of about so many bytes.
    type Hard = Box<dyn Fn(usize) -> String>;

    /// Tries after which the shortest time is as short as it will be, on a machine that is busy with other work as well.
    const TRIES: usize = 60;

    /// The time that a text takes for each of its bytes, in picoseconds.
    fn time_per_byte(html: &str) -> u128 {
        let began = Instant::now();
        let cleaned = harmless(html, Some("https://app.procore.com/"), &[]);
        let _ = plain(html);
        assert!(cleaned.html.len() <= html.len() * 8 + 64);
        began.elapsed().as_nanos() * 1_000 / html.len() as u128
    }

    #[test]
    fn no_text_takes_more_than_linear_time() {
        let repeated = |unit: &str| {
            let unit = unit.to_owned();
            move |times: usize| unit.repeat(times.div_ceil(unit.len()))
        };
        let texts: Vec<(&str, Hard)> = vec![
            ("rt", Box::new(repeated("<rt>"))),
            (
                "cells in a drawing",
                Box::new(|bytes| {
                    let times = bytes / 8;
                    format!("<svg>{}{}", "<td>".repeat(times), "</b>".repeat(times))
                }),
            ),
            ("div", Box::new(repeated("<div>"))),
            ("misnested", Box::new(repeated("<b><p></i>"))),
            ("links", Box::new(repeated("<a href=x>"))),
            ("fonts", Box::new(repeated("<font size=1></b><p>"))),
            (
                "breaks in a table",
                Box::new(|bytes| format!("<table>{}", "x<br>".repeat(bytes / 5))),
            ),
            (
                "attributes",
                Box::new(|bytes| {
                    let names: String = (0..bytes / 8).map(|n| format!(" a{n}=x")).collect();
                    format!("<b{names}>")
                }),
            ),
            ("comments", Box::new(repeated("<!--"))),
            ("quotes", Box::new(repeated("<a href=\""))),
            ("less than", Box::new(repeated("<"))),
            (
                "ends of scripts",
                Box::new(|bytes| format!("<script>{}", "</".repeat(bytes / 2))),
            ),
            ("items", Box::new(repeated("<li>Beam"))),
            ("paragraphs", Box::new(repeated("<p>A <b>beam</b><br>"))),
            ("ampersands", Box::new(repeated("&"))),
            ("words", Box::new(repeated("ten bytes!"))),
        ];
        for (name, text) in texts {
            // Both sides of the ceilings. Twenty times the text would take twenty times as long a byte, were it quadratic.
            let texts = [4_000, 80_000].map(text);
            let mut shortest = [u128::MAX; 2];
            // A loaded machine makes some times longer, and none shorter.
            let is_linear = (0..TRIES).any(|_| {
                for (shortest, text) in shortest.iter_mut().zip(&texts) {
                    *shortest = time_per_byte(text).min(*shortest);
                }
                let [few, many] = shortest;
                many <= 8 * few.max(2_000)
            });
            assert!(is_linear, "{name}: picoseconds a byte {shortest:?}");
        }
    }

    #[test]
    fn what_is_too_much_becomes_plain_text_that_is_whole() {
        for tag in ["<div>", "<b>", "<blockquote>"] {
            let html = format!("{}Which beam &amp; why?", tag.repeat(100_000));
            let flat = harmless(&html, None, &[]);
            assert_eq!(
                (flat.html.as_str(), flat.is_flattened),
                ("Which beam &amp; why?", true),
                "{tag}"
            );
        }
        let long = format!("<p>{}</p>", "Ten bytes!".repeat(300_000));
        let flat = harmless(&long, None, &[]);
        assert!(flat.is_flattened && flat.html.len() == 3_000_000);
    }
}
