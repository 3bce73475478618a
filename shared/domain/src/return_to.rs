//! Where a person goes after signing in: one of our own pages, and nowhere else.

/// The page to return to, or the front page where `wanted` is not plainly a path of ours.
///
/// Browsers read `//host`, `/\host`, and both with tabs or newlines between, as another host. So anything but one
/// slash followed by an ordinary character goes to the front page.
#[must_use]
pub fn own_page(wanted: Option<&str>) -> String {
    const LONGEST: usize = 512;
    let own = |path: &&str| {
        let bytes = path.as_bytes();
        path.len() <= LONGEST
            && bytes.first() == Some(&b'/')
            && bytes.get(1).is_none_or(|second| !matches!(second, b'/' | b'\\'))
            && bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\')
    };
    wanted.filter(own).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_own_pages_are_returned_to() {
        for path in ["/", "/projects/20001", "/projects/20001?tab=history#top"] {
            assert_eq!(own_page(Some(path)), path);
        }
    }

    #[test]
    fn nothing_else_is() {
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/\t/evil.example",
            "evil",
            "/a b",
        ] {
            assert_eq!(own_page(Some(path)), "/", "{path:?}");
        }
        assert_eq!(own_page(None), "/");
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_stays_on_our_host(wanted: String) {
            let base = url::Url::parse("https://gusset.example/oauth/callback").unwrap();
            let target = base.join(&own_page(Some(&wanted))).unwrap();
            prop_assert_eq!(target.host_str(), Some("gusset.example"));
        }
    }
}
