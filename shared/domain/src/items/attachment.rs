//! Attachments: the files that travel with an item, under which names, and what is said of those that stay behind.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::text;

/// The longest file name, in bytes of UTF-8: what common file systems take.
const LONGEST_NAME: usize = 255;

/// The longest ending, in bytes with its dot, that counts as a file's type and outlasts a name that is cut.
const LONGEST_ENDING: usize = 32;

/// The longest media type. Longer ones are no type, but somebody's attempt at something.
const LONGEST_TYPE: usize = 127;

/// What a file is when nobody says anything better.
const OCTETS: &str = "application/octet-stream";

/// A file attached to an item, as it stands in its source project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name as its own project shows it: anything at all.
    pub name: String,
    /// Where Procore hands it out.
    pub address: Option<String>,
    /// Whether it is a picture of the item's text. Its address was written by the text's author: what is fetched from there
    /// travels only if it is a picture.
    pub is_picture: bool,
}

/// What tells an item's attachments apart from one reading of the item to the next: name and address, without what is signed
/// anew each time, and where several are alike, which of them. 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttachmentKey(String);

impl AttachmentKey {
    /// The keys of an item's attachments, in their order. No two are the same.
    #[must_use]
    pub fn of(attachments: &[Attachment]) -> Vec<Self> {
        let mut alike = HashMap::<_, u32>::new();
        let keys = attachments.iter().map(|attachment| {
            let address = attachment.address.as_deref().unwrap_or_default();
            let lasting = address.split(['?', '#']).next().unwrap_or_default();
            let which = alike.entry((&attachment.name, lasting)).or_default();
            *which += 1;
            let hash = digest(&SHA256, format!("{:?} {lasting:?} {which}", attachment.name).as_bytes());
            let digits = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
            Self(digits.collect())
        });
        keys.collect()
    }
}

/// A file name that is safe to show, and to save on any computer.
///
/// It is 1 to 255 bytes long, and has no path, no control characters, none that turn the direction of writing, and none
/// of the characters and names that Windows keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// The safe name that is nearest to a given one. A name that is safe already stays as it is.
    #[must_use]
    pub fn nearest(name: &str) -> Self {
        let visible: String = name.chars().filter(|character| !is_hidden(*character)).collect();
        let steps = visible.split(['/', '\\']).map(str::trim);
        let steps: Vec<&str> = steps.filter(|step| !step.chars().all(|c| c == '.')).collect();
        let one = steps.join("-");
        let plain: String = one.chars().map(|c| if is_for_windows(c) { '-' } else { c }).collect();
        let name = trimmed(&plain);
        let name = match name.is_empty() {
            true => "file".to_owned(),
            false if is_device(name) => format!("_{name}"),
            false => name.to_owned(),
        };
        Self(shortened(&name, ""))
    }

    /// The safe names of files that lie side by side, in their order: where two would be one, the later gets a number.
    #[must_use]
    pub fn apart<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut taken = HashSet::new();
        let mut apart = Vec::new();
        for name in names {
            let name = Self::nearest(name);
            let numbered = (2_u32..).map(|number| Self(shortened(&name.0, &format!(" ({number})"))));
            let free = std::iter::once(name.clone())
                .chain(numbered)
                .find(|name| taken.insert(name.0.to_lowercase()));
            apart.push(free.unwrap_or(name));
        }
        apart
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters that are not seen, or that make others be seen in a wrong order: `exe.fdp` written backwards.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_for_windows(character: char) -> bool {
    matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Without spaces around it, and without the dots and spaces at the end that Windows drops.
fn trimmed(name: &str) -> &str {
    name.trim_start()
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Whether Windows takes the name for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |device: &str| {
        let number = stem
            .strip_prefix(device)
            .map(|number| number.chars().collect::<Vec<_>>());
        number.is_some_and(|number| matches!(number[..], ['0'..='9' | '¹' | '²' | '³']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || numbered("COM") || numbered("LPT")
}

/// A name with `suffix` before its ending, its stem cut so that all of it is short enough.
fn shortened(name: &str, suffix: &str) -> String {
    let ending = name
        .rfind('.')
        .filter(|&dot| dot > 0 && name.len() - dot <= LONGEST_ENDING);
    let (stem, ending) = name.split_at(ending.unwrap_or(name.len()));
    let room = LONGEST_NAME - suffix.len() - ending.len();
    if stem.len() <= room {
        return format!("{stem}{suffix}{ending}");
    }
    let end = stem.floor_char_boundary(room);
    format!("{}{suffix}{ending}", trimmed(&stem[..end]))
}

/// What kind of file it is, from what its source says: a plain media type, without parameters.
#[must_use]
pub fn content_type(said: Option<&str>) -> String {
    let kind = said.and_then(|said| said.split(';').next()).unwrap_or_default().trim();
    let is_token = |part: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(known)
    };
    let sensible = kind
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    if sensible && kind.len() <= LONGEST_TYPE {
        kind.to_ascii_lowercase()
    } else {
        OCTETS.to_owned()
    }
}

/// The largest attachment that a function with so much ephemeral storage copies, in bytes: three quarters of it, in
/// whole hundreds of megabytes. One attachment is spooled at a time.
///
/// `storage` is in mebibytes, as Lambda counts it: 512 to 10,240.
#[must_use]
pub fn largest(storage: u64) -> u64 {
    const HUNDRED_MEGABYTES: u64 = 100_000_000;
    storage.saturating_mul(1024 * 1024) / 4 * 3 / HUNDRED_MEGABYTES * HUNDRED_MEGABYTES
}

/// A file that Procore has taken for the target project. It is part of nothing until an item names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadId(String);

impl UploadId {
    /// An id that Procore gave.
    #[must_use]
    pub fn new(id: String) -> Self {
        Self(id)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file that lies in Procore's storage whole, and that Procore has not been told of yet: its upload is announced and filled,
/// and not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledUpload {
    /// The upload's id.
    pub id: UploadId,
    /// Its segments, in their order.
    pub segments: Vec<FilledSegment>,
}

/// A segment of a file, as the completion of an upload names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledSegment {
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    /// What the storage answered.
    pub etag: String,
}

/// An attachment that did not travel with its item. As text it is the sentence that the copy carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Under which name it would have.
    pub name: FileName,
    /// Why not.
    pub why: SkipReason,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} did not come along: {}", self.name, self.why)
    }
}

/// Why an attachment does not travel, in words for who reads the copy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It is larger than [`largest`].
    #[error("it is larger than {} MB", .largest / 1_000_000)]
    TooLarge {
        /// In bytes.
        largest: u64,
    },
    /// 404 or 410.
    #[error("it is not in the source project any more")]
    Gone,
    /// 401 or 403.
    #[error("Gusset is not permitted to read it")]
    Forbidden,
    /// The item names no address for it.
    #[error("Procore does not say where it can be read")]
    NoAddress,
    /// Not HTTPS, or in a network that is nobody's business.
    #[error("the address for it is one that Gusset does not use")]
    UnsafeAddress,
    /// A picture of the text, whose address leads to something else.
    #[error("what its address leads to is no picture")]
    NoPicture,
    /// A picture of the text that another host keeps.
    #[error("it is not kept in Procore")]
    Elsewhere,
    /// Redirected for ever.
    #[error("its address leads on and on to others")]
    TooManyRedirects,
    /// Another refusal to hand it out.
    #[error("it cannot be read (status {status})")]
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// The target project does not take it: for example a type of file that it does not allow.
    #[error("this project does not take it. Procore says: {said}")]
    Refused {
        /// What Procore said.
        said: String,
    },
    /// It failed each time, for reasons that might have passed.
    #[error("{tries} attempts to copy it failed. The last one: {said}")]
    GivenUp {
        /// How many.
        tries: u32,
        /// What came of the last attempt.
        said: String,
    },
}

/// One line each, for the copy's text.
pub(super) fn lines(missing: &[Missing]) -> impl Iterator<Item = String> {
    missing
        .iter()
        .map(|missing| text::one_line(&missing.to_string(), 2_000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nearest(name: &str) -> String {
        FileName::nearest(name).0
    }

    fn is_safe(name: &str) -> bool {
        let without = |forbidden: &[char]| !name.contains(forbidden);
        (1..=LONGEST_NAME).contains(&name.len())
            && without(&['/', '\\', '<', '>', ':', '"', '|', '?', '*', '\u{202e}', '\0'])
            && !name.chars().any(char::is_control)
            && !name.chars().all(|c| c == '.')
            && !name.ends_with(['.', ' '])
            && !is_device(name)
    }

    /// Names with what is dangerous in them, in any order.
    fn hostile() -> impl Strategy<Value = String> {
        let parts = prop_oneof![
            Just("..".to_owned()),
            Just("/".to_owned()),
            Just("\\".to_owned()),
            Just(".".to_owned()),
            Just(" ".to_owned()),
            Just("\u{202e}".to_owned()),
            Just("\0".to_owned()),
            Just("con".to_owned()),
            Just("LPT1".to_owned()),
            Just("é".repeat(90)),
            Just("🏗".to_owned()),
            Just(".pdf".to_owned()),
            any::<String>(),
        ];
        proptest::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_one_that_stays(name in hostile()) {
            let safe = nearest(&name);
            prop_assert!(is_safe(&safe), "{safe:?}");
            prop_assert_eq!(&nearest(&safe), &safe);
        }

        #[test]
        fn ordinary_names_are_kept(name in "[A-Za-z0-9ÄÖÜäöüß_(][A-Za-z0-9ÄÖÜäöüß_ ()&,+#.-]{0,60}[A-Za-z0-9)]\\.(pdf|dwg|jpg|xlsx)") {
            prop_assume!(!is_device(&name));
            prop_assert_eq!(nearest(&name), name);
        }

        #[test]
        fn no_two_files_get_one_name(names in proptest::collection::vec(prop_oneof![hostile(), Just("a.pdf".to_owned()), Just("A.PDF".to_owned()), Just("x".repeat(400))], 0..12)) {
            let apart = FileName::apart(names.iter().map(String::as_str));
            prop_assert_eq!(apart.len(), names.len());
            prop_assert!(apart.iter().all(|name| is_safe(&name.0)), "{apart:?}");
            let distinct: HashSet<String> = apart.iter().map(|name| name.0.to_lowercase()).collect();
            prop_assert_eq!(distinct.len(), apart.len());
        }

        #[test]
        fn a_kind_of_file_is_always_a_plain_media_type(said: String) {
            let kind = content_type(Some(&said));
            prop_assert_eq!(kind.split('/').count(), 2);
            prop_assert!(kind.is_ascii() && kind.len() <= LONGEST_TYPE && !kind.contains([' ', ';', '\r', '\n']));
        }
    }

    #[test]
    fn hostile_names_are_made_harmless_and_stay_readable() {
        for (name, expected) in [
            ("../../x", "x"),
            ("..\\..\\secret.txt", "secret.txt"),
            ("Level 2/Plan 1.pdf", "Level 2-Plan 1.pdf"),
            ("C:\\plans\\a.pdf", "C--plans-a.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("con.pdf", "_con.pdf"),
            ("COM¹", "_COM¹"),
            ("...", "file"),
            ("", "file"),
            ("a\r\nb.pdf", "ab.pdf"),
            (".htaccess", ".htaccess"),
            ("plan.pdf. . ", "plan.pdf"),
            ("מגרש 👷🏽‍♀️.pdf", "מגרש 👷🏽‍♀️.pdf"),
        ] {
            assert_eq!(nearest(name), expected, "{name:?}");
        }
        let long = nearest(&format!("{}.dwg", "ü".repeat(300)));
        assert!(long.ends_with("ü.dwg") && (253..=255).contains(&long.len()), "{long}");
    }

    #[test]
    fn files_of_one_name_stay_distinguishable() {
        let names = FileName::apart(["photo.jpg", "photo.jpg", "Photo.JPG", "photo (2).jpg", "x/photo.jpg"]);
        let names: Vec<&str> = names.iter().map(FileName::as_str).collect();
        assert_eq!(
            names,
            [
                "photo.jpg",
                "photo (2).jpg",
                "Photo (3).JPG",
                "photo (2) (2).jpg",
                "x-photo.jpg"
            ]
        );
    }

    #[test]
    fn an_attachment_is_known_again_by_what_does_not_change() {
        let attachment = |name: &str, address: &str| Attachment {
            name: name.to_owned(),
            address: Some(address.to_owned()),
            is_picture: false,
        };
        let first = [
            attachment("a.jpg", "https://x/1?sig=1"),
            attachment("a.jpg", "https://x/2?sig=1"),
        ];
        let later = [
            attachment("new.jpg", "https://x/3?sig=2"),
            attachment("a.jpg", "https://x/2?sig=2"),
            attachment("a.jpg", "https://x/1?sig=2"),
            attachment("a.jpg", "https://x/1?sig=3"),
        ];
        let (first, later) = (AttachmentKey::of(&first), AttachmentKey::of(&later));
        assert_eq!((&first[0], &first[1]), (&later[2], &later[1]));
        let distinct: HashSet<_> = later.iter().chain(&first).collect();
        assert_eq!(distinct.len(), 4);
    }

    #[test]
    fn a_sensible_kind_is_kept() {
        assert_eq!(content_type(Some("Application/PDF; name=x")), "application/pdf");
        assert_eq!(content_type(Some("image/svg+xml")), "image/svg+xml");
        for said in [
            None,
            Some(""),
            Some("pdf"),
            Some("a/b/c"),
            Some("text/ html"),
            Some("text/\u{e4}"),
        ] {
            assert_eq!(content_type(said), OCTETS, "{said:?}");
        }
    }

    #[test]
    fn what_is_missing_is_said_in_plain_words() {
        let missing = |why| {
            Missing {
                name: FileName::nearest("site-plan.dwg"),
                why,
            }
            .to_string()
        };
        let largest = largest(512);
        let too_large = missing(SkipReason::TooLarge { largest });
        assert_eq!(too_large, "site-plan.dwg did not come along: it is larger than 400 MB");
        let refused = missing(SkipReason::Refused {
            said: "dwg files are not allowed".to_owned(),
        });
        assert_eq!(
            refused,
            "site-plan.dwg did not come along: this project does not take it. Procore says: dwg files are not allowed"
        );
    }
}
