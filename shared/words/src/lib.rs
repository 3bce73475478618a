//! The words on Gusset's screens and in its emails, with those of problems and of what becomes of deliveries.
//!
//! `en.ftl` holds all of them, in the syntax of [Project Fluent](https://projectfluent.org); a second language is a second such
//! file. [`say!`] gives a message as text, [`say_html!`] one with markup in it. A test holds their calls against the file: each
//! names a message, with exactly the arguments that the message uses, and no message is unused.

use std::{collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::ast::Entry;
use maud::{Markup, PreEscaped, Render};
use unic_langid::LanguageIdentifier;

#[doc(hidden)]
pub use fluent_bundle::FluentValue;

/// Returns a message: as `&'static str` where it takes no arguments, and as `String` where it does. An argument by which the
/// message chooses between singular and plural is a number.
#[macro_export]
macro_rules! say {
    ($id:literal) => {
        $crate::text($id)
    };
    ($id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::sentence($id, [$((stringify!($name), $crate::FluentValue::from($value))),+])
    };
}

/// Returns a message with markup in it. Its arguments are markup, texts, which are escaped, and numbers.
#[macro_export]
macro_rules! say_html {
    ($id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::markup($id, [$((stringify!($name), $crate::Piece::from($value))),+])
    };
}

/// The languages, each with its file. The first one is spoken.
const LANGUAGES: &[(&str, &str)] = &[("en", include_str!("../en.ftl"))];

static SPOKEN: LazyLock<Words> = LazyLock::new(|| Words::read(language(), LANGUAGES[0].1));

/// The messages of one language.
struct Words {
    bundle: FluentBundle<FluentResource>,
    /// Those without arguments.
    texts: HashMap<String, String>,
}

impl Words {
    /// Reads a file. What cannot be read in it is logged and left out.
    fn read(language: &str, file: &str) -> Self {
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(language, ?errors, "cannot read some words");
            resource
        });
        let ids: Vec<String> = resource.entries().filter_map(id_of).collect();
        let mut bundle = FluentBundle::new_concurrent(vec![language.parse::<LanguageIdentifier>().unwrap_or_default()]);
        // Names that others wrote are isolated by who passes them, in the few cases that need it.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        let mut words = Self {
            bundle,
            texts: HashMap::new(),
        };
        let text = |id: String| Some((words.format(&id, None)?, id));
        words.texts = ids.into_iter().filter_map(text).map(|(text, id)| (id, text)).collect();
        words
    }

    /// A message's text; none where there is no such message or it takes other arguments.
    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    fn text(&self, id: &'static str) -> &str {
        self.texts.get(id).map_or_else(|| missing(id), String::as_str)
    }

    fn sentence<const N: usize>(&self, id: &'static str, arguments: [(&str, FluentValue<'_>); N]) -> String {
        let arguments: FluentArgs<'_> = arguments.into_iter().collect();
        let said = self.format(id, Some(&arguments));
        said.unwrap_or_else(|| missing(id).to_owned())
    }

    fn markup<const N: usize>(&self, id: &'static str, pieces: [(&str, Piece); N]) -> Markup {
        let mut places = Vec::with_capacity(N);
        let arguments = pieces.map(|(name, piece)| match piece {
            Piece::Number(number) => (name, FluentValue::from(number)),
            Piece::Markup(markup) => {
                places.push(markup);
                (name, FluentValue::from(place(places.len() - 1).to_string()))
            }
        });
        let said = self.sentence(id, arguments);
        let mut whole = String::with_capacity(said.len() * 2);
        // Nothing that others wrote is in it yet: whatever looks like a place is one.
        let mut rest = said.as_str();
        while let Some((at, character)) = rest.char_indices().find(|(_, it)| is_place(*it)) {
            rest[..at].render_to(&mut whole);
            let markup = places.get(index_of(character));
            whole.push_str(markup.map_or("", String::as_str));
            rest = &rest[at + character.len_utf8()..];
        }
        rest.render_to(&mut whole);
        PreEscaped(whole)
    }
}

fn id_of(entry: &Entry<&str>) -> Option<String> {
    match entry {
        Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    }
}

/// What stands for a message that is not there. A page with an id on it is better than none.
fn missing(id: &'static str) -> &'static str {
    tracing::error!(id, "no such words, or other arguments");
    id
}

/// Characters for private use stand where the markup of a message goes.
const FIRST_PLACE: u32 = 0xe000;

fn is_place(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{e0ff}')
}

fn place(index: usize) -> char {
    let offset = u32::try_from(index).unwrap_or(u32::MAX);
    char::from_u32(FIRST_PLACE.saturating_add(offset)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn index_of(place: char) -> usize {
    usize::try_from(u32::from(place).saturating_sub(FIRST_PLACE)).unwrap_or(usize::MAX)
}

/// An argument of [`say_html!`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Piece {
    /// To choose between singular and plural.
    Number(u64),
    /// Escaped already.
    Markup(String),
}

impl From<Markup> for Piece {
    fn from(markup: Markup) -> Self {
        Self::Markup(markup.into_string())
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Markup(text.render().into_string())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<u64> for Piece {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// The language that is spoken, as HTML names it.
#[must_use]
pub fn language() -> &'static str {
    LANGUAGES[0].0
}

#[doc(hidden)]
#[must_use]
pub fn text(id: &'static str) -> &'static str {
    SPOKEN.text(id)
}

#[doc(hidden)]
#[must_use]
pub fn sentence<const N: usize>(id: &'static str, arguments: [(&str, FluentValue<'_>); N]) -> String {
    SPOKEN.sentence(id, arguments)
}

#[doc(hidden)]
#[must_use]
pub fn markup<const N: usize>(id: &'static str, pieces: [(&str, Piece); N]) -> Markup {
    SPOKEN.markup(id, pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
plain = One & all
files = { $count ->
    [one] { $number } file
   *[other] { $number } files
}
kept = { $who } keeps { $count ->
    [one] it
   *[other] them
} < { $where }
";

    fn words() -> Words {
        Words::read("en", FILE)
    }

    #[test]
    fn a_message_chooses_its_words_by_a_number() {
        for (count, said) in [(1_u64, "1 file"), (2, "2 files"), (0, "0 files")] {
            let arguments = [("count", count.into()), ("number", count.to_string().into())];
            assert_eq!(words().sentence("files", arguments), said);
        }
        assert_eq!(words().text("plain"), "One & all");
    }

    #[test]
    fn markup_stands_in_a_message_and_all_else_is_escaped() {
        let place = PreEscaped("<b>\u{e000}</b>".to_owned());
        let pieces = [("where", place.into()), ("who", "<i>".into()), ("count", 2_u64.into())];
        let said = words().markup("kept", pieces).into_string();
        assert_eq!(said, "&lt;i&gt; keeps them &lt; <b>\u{e000}</b>");
    }

    #[test]
    fn what_is_missing_shows_as_its_id() {
        assert_eq!(words().text("nowhere"), "nowhere");
        assert_eq!(words().text("files"), "files");
        assert_eq!(words().sentence("files", [("count", 1.into())]), "files");
        assert_eq!(
            words().markup("nowhere", [("count", 1_u64.into())]).into_string(),
            "nowhere"
        );
    }
}
