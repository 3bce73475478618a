//! What pages load besides themselves. Each name carries a hash of the content, so that browsers keep a file for good and
//! fetch another one as soon as it is another.

use std::sync::LazyLock;

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
    pub text: &'static str,
    ending: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    let asset = |ending, media_type, text| Asset {
        name: format!("gusset-{}.{ending}", &chance::hash(text)[..HASH]),
        media_type,
        text,
        ending,
    };
    [
        asset("css", "text/css; charset=utf-8", include_str!("gusset.css")),
        asset("js", "text/javascript; charset=utf-8", include_str!("gusset.js")),
        asset("svg", "image/svg+xml", include_str!("gusset.svg")),
    ]
});

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
