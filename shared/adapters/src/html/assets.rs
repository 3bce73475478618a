//! What pages load besides themselves. Each name carries a hash of the content, so that browsers keep a file for good and
//! fetch another one as soon as it is another.

use std::sync::LazyLock;

use gusset_words::say;
use serde_json::{Value, json};

use crate::chance;

/// Symbols of the hash that a name carries.
const HASH: usize = 10;

/// A file that pages load.
pub struct Asset {
    /// The last part of its address, with the content's hash: `gusset-Zk3….css`.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub text: String,
    ending: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    let asset = |ending, media_type, text: &str| Asset {
        name: format!("gusset-{}.{ending}", &chance::hash(text)[..HASH]),
        media_type,
        text: text.to_owned(),
        ending,
    };
    [
        asset("css", "text/css; charset=utf-8", include_str!("gusset.css")),
        asset("js", "text/javascript; charset=utf-8", &with_words(SCRIPT)),
        asset("svg", "image/svg+xml", include_str!("gusset.svg")),
    ]
});

/// The script, without its words.
const SCRIPT: &str = include_str!("gusset.js");

/// Where the script has its words.
const NO_WORDS: &str = "const WORDS = {};";

/// The script with its words. What it fills in itself stands in them as `%name%`.
fn with_words(script: &str) -> String {
    script.replacen(NO_WORDS, &format!("const WORDS = {};", words()), 1)
}

fn words() -> Value {
    json!({
        "in-days": say!("script-in-days", days = "%days%"),
        "copied": say!("script-copied"),
        "selected": say!("script-selected"),
        "again-in": say!("script-again-in", seconds = "%seconds%"),
        "sign-in": say!("script-sign-in"),
        "no-answer": say!("script-no-answer"),
        "no-answer-to-form": say!("script-no-answer-to-form"),
        "left": say!("script-left", done = "%done%", left = "%left%"),
        "problem": say!("script-problem"),
        "copy-secret": say!("script-copy-secret"),
        "new-secret": say!("script-new-secret"),
        "shown-once": say!("script-shown-once"),
        "client-id": say!("script-client-id"),
        "secret": say!("script-secret"),
        "made-now": say!("script-made-now"),
        "away": say!("script-away"),
        "not-followed": say!("script-not-followed"),
        "project": say!("script-project", name = "%name%", company = "%company%"),
        "close": say!("script-close"),
        "rows": say!("script-rows", count = "%count%"),
        "downloaded": say!("script-downloaded"),
        "again-now-kept": say!("script-again-now-kept"),
        "again-now": say!("script-again-now"),
        "procore-again": say!("script-procore-again"),
        "signed-out": say!("script-signed-out"),
        "signed-out-detail": say!("script-signed-out-detail"),
        "sign-in-again": say!("script-sign-in-again"),
        "not-seen": say!("script-not-seen"),
        "not-there": say!("script-not-there"),
        "access-changed": say!("script-access-changed"),
        "to-projects": say!("script-to-projects"),
        "again": say!("script-again"),
        "changes": say!("script-changes", count = "%count%"),
        "show": say!("script-show"),
        "changed": say!("script-changed"),
    })
}

pub(super) fn style() -> &'static Asset {
    &ASSETS[0]
}

pub(super) fn script() -> &'static Asset {
    &ASSETS[1]
}

pub(super) fn icon() -> &'static Asset {
    &ASSETS[2]
}

/// The file of a name, and whether it has just the content that the name promises.
///
/// While a new version is being deployed, a page of the one may ask the other for its files: it gets those that there are,
/// and must not keep them.
#[must_use]
pub fn asset(name: &str) -> Option<(&'static Asset, bool)> {
    let found = ASSETS
        .iter()
        .find(|asset| name.starts_with("gusset-") && name.ends_with(asset.ending))?;
    Some((found, found.name == name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_script_has_just_the_words_that_it_says() {
        let said: BTreeSet<&str> = SCRIPT
            .split("say(\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let words = words();
        let words = words.as_object().unwrap();
        assert_eq!(said, words.keys().map(String::as_str).collect());
        assert!(with_words(SCRIPT).contains("Selected. Copy it with your keyboard."));
    }
}
