//! The order in which people look for plans.

use std::cmp::Ordering;

use super::Plan;

/// Names in the order in which people count: `A-101` before `A-1000`, whatever case they are written in.
#[must_use]
pub fn natural(one: &str, other: &str) -> Ordering {
    alphanumeric_sort::compare_str(one.to_lowercase(), other.to_lowercase()).then_with(|| one.cmp(other))
}

/// By kind, then as they lie in folders, disciplines in them, and by name. No two plans are equal.
#[must_use]
pub fn by_place(one: &Plan, other: &Plan) -> Ordering {
    let folders = |plan: &Plan| plan.details.place.join("\u{0}");
    let discipline = |plan: &Plan| plan.details.discipline.clone().unwrap_or_default();
    (one.id.kind.cmp(&other.id.kind))
        .then_with(|| natural(&folders(one), &folders(other)))
        .then_with(|| natural(&discipline(one), &discipline(other)))
        .then_with(|| natural(&one.name(), &other.name()))
        .then_with(|| one.id.cmp(&other.id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sheets_are_in_the_order_in_which_people_count() {
        let mut sheets = ["A-1000", "S-2", "a-101.10", "A-101.2", "A-99", "Ä-1", "03 30 00"];
        sheets.sort_by(|one, other| natural(one, other));
        assert_eq!(
            sheets,
            ["03 30 00", "A-99", "A-101.2", "a-101.10", "A-1000", "S-2", "Ä-1"]
        );
    }

    proptest! {
        #[test]
        fn any_three_names_have_one_order(names in proptest::array::uniform3("[aAäß0-9 .-]{0,6}|.{0,6}")) {
            let [one, two, three] = &names;
            prop_assert_eq!(natural(one, two), natural(two, one).reverse());
            prop_assert_eq!(natural(one, two).is_eq(), one == two);
            if natural(one, two).is_le() && natural(two, three).is_le() {
                prop_assert!(natural(one, three).is_le());
            }
        }
    }
}
