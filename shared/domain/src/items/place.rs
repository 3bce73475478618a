//! Places that both projects may have: locations, and sections of the specifications. They are matched by what people
//! call them, since ids mean nothing in another project.

use crate::ids::{LocationId, SpecificationSectionId};

/// A location of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Its full path, as Procore writes it: `Tower > Level 2 > Lobby`.
    pub path: String,
}

/// A section of a project's specifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecificationSection {
    /// Its id.
    pub id: SpecificationSectionId,
    /// Its number: `03 30 00`.
    pub number: String,
}

/// The location with the same full path, whatever its capitals and spaces.
#[must_use]
pub fn location(path: &str, known: &[Location]) -> Option<LocationId> {
    let levels = |path: &str| -> Vec<String> { path.split('>').map(words).collect() };
    the_one(path, known, |location| &location.path, levels).map(|location| location.id)
}

/// The specification section with the same number, whatever its capitals and spaces.
#[must_use]
pub fn specification_section(number: &str, known: &[SpecificationSection]) -> Option<SpecificationSectionId> {
    let digits = |number: &str| words(number).replace(' ', "");
    the_one(number, known, |section| &section.number, digits).map(|section| section.id)
}

/// The one that is called so: exactly so where there is one, else nearly so where there is no other such.
fn the_one<'a, T, K: PartialEq>(
    wanted: &str,
    known: &'a [T],
    name: impl Fn(&T) -> &str,
    key: impl Fn(&str) -> K,
) -> Option<&'a T> {
    if wanted.trim().is_empty() {
        return None;
    }
    if let Some(exactly) = known.iter().find(|one| name(one) == wanted) {
        return Some(exactly);
    }
    let wanted = key(wanted);
    let mut alike = known.iter().filter(|one| key(name(one)) == wanted);
    alike.next().filter(|_| alike.next().is_none())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn locations(paths: &[&str]) -> Vec<Location> {
        let ids = (1..).filter_map(LocationId::new);
        let places = ids.zip(paths).map(|(id, path)| Location {
            id,
            path: (*path).to_owned(),
        });
        places.collect()
    }

    #[test]
    fn a_location_is_known_by_its_whole_path() {
        let known = locations(&["Tower", "Tower > Level 2", "Tower >  LEVEL 3", "Annex > Level 2"]);
        let found = |path: &str| location(path, &known).map(LocationId::get);
        assert_eq!(found("Tower > Level 2"), Some(2));
        assert_eq!(found("tower>level  2"), Some(2));
        assert_eq!(found("Tower > Level 3"), Some(3));
        assert_eq!(found("Level 2"), None);
        assert_eq!(found("Tower > Level 2 > Lobby"), None);
        assert_eq!(found(" "), None);
    }

    #[test]
    fn between_two_that_differ_in_capitals_only_nothing_is_guessed() {
        let known = locations(&["Level A", "level a"]);
        assert_eq!(location("level a", &known), LocationId::new(2));
        assert_eq!(location("LEVEL A", &known), None);
    }

    #[test]
    fn a_section_is_known_by_its_number() {
        let known = [SpecificationSection {
            id: SpecificationSectionId::new(7).unwrap(),
            number: "03 30 00".to_owned(),
        }];
        assert_eq!(specification_section("033000", &known), SpecificationSectionId::new(7));
        assert_eq!(specification_section("03 30 01", &known), None);
        assert_eq!(specification_section("", &known), None);
    }

    proptest! {
        #[test]
        fn a_path_is_never_taken_for_another(a in "[a-c >]{0,6}", b in "[a-c >]{0,6}") {
            let same = a.split('>').map(words).eq(b.split('>').map(words));
            let found = location(&a, &locations(&[&b])).is_some();
            prop_assert_eq!(found, same && !a.trim().is_empty());
        }
    }
}
