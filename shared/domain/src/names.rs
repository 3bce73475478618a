//! Names as people of another company may read them.
//!
//! A name was written by somebody whom its readers do not know: a company, a project, a person, the subject of an item. It
//! stands among words of ours, so it must stay within its place. [`shown`] is what every page, email, marker and feed puts
//! there: one line, without characters that are invisible or turn the direction of what follows, and isolated where
//! it runs from right to left. In emails [`defanged`] comes on top: there, programs make links out of anything that
//! looks like an address.

use crate::text;
use gusset_words::say;

/// The most characters of a name. Procore's own fields end at 255.
const LONGEST: usize = 300;

/// First strong isolate: what follows has a direction of its own, up to [`ISOLATE_END`].
const ISOLATE: char = '\u{2068}';

/// Pop directional isolate.
const ISOLATE_END: char = '\u{2069}';

/// A name, to be put among words of ours.
#[must_use]
pub fn shown(written: &str) -> String {
    shown_within(written, LONGEST)
}

/// A name of at most `longest` characters, to be put among words of ours.
#[must_use]
pub fn shown_within(written: &str, longest: usize) -> String {
    isolated(visible(written, longest))
}

/// A name for an email, of at most `longest` characters: as [`shown_within`], and with nothing that an email program makes a
/// link of. `http://evil.example` reads `http[:]//evil[.]example`.
#[must_use]
pub fn defanged(written: &str, longest: usize) -> String {
    let bare = without_links(&visible(written, longest));
    isolated(text::one_line(&bare, longest))
}

/// One line of characters that can be seen.
fn visible(written: &str, longest: usize) -> String {
    let characters: Vec<char> = written.chars().collect();
    let is_seen = |place: usize| match characters[place] {
        // Words of Persian, Hindi and others need them, and so do families among the emoji. Between Latin letters they only
        // make two names look like one.
        '\u{200c}' | '\u{200d}' => {
            let before = place.checked_sub(1).and_then(|place| characters.get(place));
            let after = characters.get(place + 1);
            before.is_some_and(|it| joins(*it)) && after.is_some_and(|it| joins(*it))
        }
        character => !is_invisible(character),
    };
    let seen = (0..characters.len()).filter(|place| is_seen(*place));
    let seen: String = seen.map(|place| characters[place]).collect();
    match text::one_line(&seen, longest) {
        // It has no visible character.
        line if line.is_empty() => say!("nameless").to_owned(),
        line => line,
    }
}

/// Whether a character may be one of a script whose letters join.
fn joins(character: char) -> bool {
    character >= '\u{0590}' && !character.is_whitespace() && !is_invisible(character)
}

/// Whether nobody sees a character, though it may change what is seen of others. Spaces and line ends are not meant: they
/// become one space.
fn is_invisible(character: char) -> bool {
    matches!(character,
        // Soft hyphen, grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian selectors.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        // Zero-width spaces and joiners, marks, embeddings, overrides, isolates, word joiners, invisible operators.
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // A blank braille cell, further fillers, the byte order mark, annotations, variation selectors, tags.
        | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0e}'
        | '\u{e0000}'..='\u{e0fff}')
        || (character.is_control() && !character.is_whitespace())
}

/// Whether a character runs from right to left: Hebrew, Arabic and their neighbours.
fn runs_leftwards(character: char) -> bool {
    matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// A name among words that run from left to right turns nothing around unless part of it runs the other way.
fn isolated(name: String) -> String {
    if name.chars().any(runs_leftwards) {
        format!("{ISOLATE}{name}{ISOLATE_END}")
    } else {
        name
    }
}

/// A text in which no address is left: neither `scheme://` nor a dot within a word that ends in letters.
fn without_links(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut bare = String::with_capacity(text.len());
    for (place, character) in characters.iter().copied().enumerate() {
        let before = place.checked_sub(1).and_then(|place| characters.get(place)).copied();
        let mut after = characters[place + 1..].iter().copied();
        let links = match character {
            ':' => after.clone().take(2).eq(['/', '/']),
            // All of them are dots to who resolves a name.
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => {
                before.is_some_and(|it| it.is_alphanumeric() || it == '-' || it == '_')
                    && after.next().is_some_and(char::is_alphanumeric)
            }
            _ => false,
        };
        if links && character == ':' {
            bare.push_str("[:]");
        } else if links && !is_number(&characters, place) && !ends_a_file_name(&characters, place) {
            bare.push_str("[.]");
        } else {
            bare.push(character);
        }
    }
    bare
}

/// Endings of the files that travel on building sites. None of them is a top-level domain, so no email program makes a link of
/// `plan.pdf`. (`zip` and `mov` are, and stay out.)
const FILE_ENDINGS: &[&str] = &[
    "bmp", "csv", "doc", "docx", "dwf", "dwg", "dxf", "exe", "gif", "heic", "ifc", "jpeg", "jpg", "msg", "mp4", "pdf",
    "png", "ppt", "pptx", "rtf", "rvt", "tif", "tiff", "txt", "webp", "xls", "xlsx", "xml",
];

/// Whether the dot at a place begins a file name's ending, and nothing follows that could make an address of it.
fn ends_a_file_name(characters: &[char], dot: usize) -> bool {
    let after = &characters[dot + 1..];
    let letters = after.iter().take_while(|it| it.is_alphanumeric()).count();
    let ending: String = after[..letters].iter().collect::<String>().to_lowercase();
    let goes_on = after[letters..].iter().take(2).collect::<Vec<_>>();
    let is_part = match goes_on.as_slice() {
        [] => false,
        // A sentence may end after it.
        ['.', next] => next.is_alphanumeric(),
        [next, ..] => !(next.is_whitespace() || matches!(next, ',' | ';' | ')' | '"' | '\'' | '.' | '!' | '?' | ':')),
    };
    characters[dot] == '.' && !is_part && FILE_ENDINGS.contains(&ending.as_str())
}

/// Whether the dot at a place is a number's: `1.5`, but not `10.0.0.1`.
fn is_number(characters: &[char], dot: usize) -> bool {
    let in_word = |it: &&char| !it.is_whitespace();
    let before = characters[..dot].iter().rev().take_while(in_word);
    let after = characters[dot + 1..].iter().take_while(in_word);
    let plain = |it: &char| it.is_ascii_digit() || matches!(it, ',' | ';' | ')' | '(' | '%');
    characters[dot] == '.' && before.chain(after).all(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_people_have_stays_as_it_is() {
        for name in [
            "Pier 9 Tower",
            "St. Mary's Hospital, Phase 1.5 (Level 2)",
            "Bürogebäude Müller & Söhne",
            "中央ビル新築工事",
            "Набережная 9",
            "Tower 👷🏽‍♀️",
            "सड़क क्‍षेत्र",
        ] {
            assert_eq!(shown(name), name);
            assert_eq!(defanged(name, 300), name);
        }
    }

    #[test]
    fn a_file_keeps_its_ending_unless_it_could_be_an_address() {
        for (written, said) in [
            (
                "setup.exe did not come along: refused",
                "setup.exe did not come along: refused",
            ),
            ("See A-101.PDF.", "See A-101.PDF."),
            ("evil.pdf.example", "evil[.]pdf[.]example"),
            ("evil.pdf/login", "evil[.]pdf/login"),
            ("plans.zip", "plans[.]zip"),
            ("eve@evil.pdf", "eve@evil.pdf"),
        ] {
            assert_eq!(defanged(written, 300), said);
        }
    }

    #[test]
    fn what_cannot_be_seen_or_turns_others_around_is_left_out() {
        for (written, seen) in [
            ("Pier\u{202e} 9\u{202c}", "Pier 9"),
            ("Pi\u{200b}er\u{feff} \u{2066}9\u{2069}", "Pier 9"),
            ("Pi\u{200d}er 9", "Pier 9"),
            ("Pier 9\r\nBcc: eve", "Pier 9 Bcc: eve"),
            ("Pier\u{2028}9\u{2029}Tower\u{85}", "Pier 9 Tower"),
            ("\u{e0041}Pier\u{ad} 9\u{7}", "Pier 9"),
            (" \u{200b}\u{3164} ", "(no name)"),
            ("", "(no name)"),
        ] {
            assert_eq!(shown(written), seen, "{written:?}");
        }
    }

    #[test]
    fn what_runs_the_other_way_stays_in_its_place() {
        assert_eq!(shown("מגדל 9"), "\u{2068}מגדל 9\u{2069}");
        assert_eq!(shown("\u{202e}برج\u{2069} A"), "\u{2068}برج A\u{2069}");
        assert_eq!(
            shown("می\u{200c}خواهم"),
            "\u{2068}می\u{200c}خواهم\u{2069}",
            "Persian needs it"
        );
        assert_eq!(shown_within("מגדל ארוך מאוד", 5), "\u{2068}מגדל…\u{2069}", "cut within");
    }

    #[test]
    fn nothing_that_an_email_program_would_link_is_left() {
        for (written, bare) in [
            ("URGENT http://evil.example", "URGENT http[:]//evil[.]example"),
            ("www.evil.example/pay now", "www[.]evil[.]example/pay now"),
            ("eve@evil.example", "eve@evil[.]example"),
            ("HTTPS://10.0.0.1:80", "HTTPS[:]//10[.]0[.]0[.]1:80"),
            ("ev\u{200b}il.ex\u{2060}ample", "evil[.]example"),
            ("evil。example", "evil[.]example"),
            ("пример.рф", "пример[.]рф"),
            ("Rev. 2.1, see A. Smith", "Rev. 2.1, see A. Smith"),
            ("ftp://x", "ftp[:]//x"),
        ] {
            assert_eq!(defanged(written, 300), bare, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_place(written: String, hostile in "[\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\r\na-z.:/א-ת]{0,40}") {
            for name in [shown(&written), shown(&hostile), defanged(&hostile, 40), shown_within(&hostile, 10)] {
                let inside = name.strip_prefix(ISOLATE).and_then(|name| name.strip_suffix(ISOLATE_END)).unwrap_or(&name);
                prop_assert!(!inside.is_empty());
                prop_assert!(!inside.contains(|c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2028}' | '\u{2029}')), "{:?}", name);
                prop_assert_eq!(shown(inside), name.clone(), "shown once more it is the same");
            }
        }

        #[test]
        fn an_address_is_none_any_more(word in "[a-z]{1,8}", end in "[a-z]{2,6}", before in "\\PC{0,6}") {
            let name = defanged(&format!("{before} https://{word}.{end}"), 300);
            let dotted = format!("{word}.{end}");
            prop_assert!(!name.contains("://") && !name.contains(&dotted), "{}", name);
        }
    }
}
