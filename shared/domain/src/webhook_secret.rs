//! The secret that proves a webhook: derived from the stack's master secret, so that none has to be stored.
//!
//! A project's secret has a generation. Replacing it raises the generation; the former one stays good for
//! [`FORMER_LASTS`], so that what Procore is sending just then, and what it sends until its hook carries the new secret, is
//! still taken. The generation stands in the header beside the proof: a forged header is refused before anything is read.
//! A new generation helps where a hook's header has leaked. It does not help where the master secret has.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{CompanyId, ProjectId},
    people::Person,
};

/// How long a secret is good after it was replaced.
pub const FORMER_LASTS: Duration = Duration::from_secs(60 * 60);

/// Counts how often a project's secret was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which secret of a project's webhook is in use. A project of which nothing is stored has its first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// The generation in use.
    pub generation: Generation,
    /// The generation that the hook in Procore was last given for certain.
    pub carried: Generation,
    /// When the generation in use began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<Timestamp>,
    /// Who began it. None: the operator, for all projects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Person>,
}

impl WebhookSecret {
    /// What is in use once the secret is replaced. The hook in Procore carries the former one until it is given this.
    #[must_use]
    pub fn replaced(&self, by: Option<Person>, now: Timestamp) -> Self {
        Self {
            generation: Generation(self.generation.0 + 1),
            carried: self.carried,
            replaced_at: Some(now),
            replaced_by: by,
        }
    }

    /// Until when the former secret is good. None where the secret was never replaced.
    #[must_use]
    pub fn former_until(&self) -> Option<Timestamp> {
        let replaced_at = self.replaced_at?;
        Some(replaced_at.saturating_add(FORMER_LASTS).unwrap_or(Timestamp::MAX))
    }

    /// Whether a secret of a generation is taken: the one in use, and for an hour the one before it.
    #[must_use]
    pub fn accepts(&self, generation: Generation, now: Timestamp) -> bool {
        let is_former = generation.0.checked_add(1) == Some(self.generation.0);
        generation == self.generation || (is_former && self.former_until().is_some_and(|until| now < until))
    }

    /// Whether the hook in Procore carries the secret in use.
    #[must_use]
    pub fn is_carried(&self) -> bool {
        self.carried == self.generation
    }

    /// Whether it was replaced at a time or since.
    #[must_use]
    pub fn was_replaced_since(&self, time: Timestamp) -> bool {
        self.replaced_at.is_some_and(|replaced_at| time <= replaced_at)
    }
}

/// The `Authorization` header that a project's hook carries: of use for that project alone.
#[must_use]
pub fn authorization(master_secret: &[u8], project: ProjectId, generation: Generation) -> String {
    let proof = proof(master_secret, &of_project(project, generation));
    match generation {
        // As hooks carry it that were made before there were generations.
        Generation(0) => format!("Bearer {proof}"),
        Generation(number) => format!("Bearer {number}.{proof}"),
    }
}

/// The generation of its project's secret that a webhook carries; none where the secret is none of the project's. Whether
/// that generation is still in use, [`WebhookSecret::accepts`] says. Takes the same time whatever the proof is.
#[must_use]
pub fn generation_of(master_secret: &[u8], project: ProjectId, header: Option<&str>) -> Option<Generation> {
    let shown = header?.strip_prefix("Bearer ")?;
    let (generation, proof) = match shown.split_once('.') {
        None => (Generation(0), shown),
        Some((number, proof)) => {
            let generation = number.parse().ok().filter(|generation| *generation > 0)?;
            (Generation(generation), proof)
        }
    };
    is_proof(master_secret, &of_project(project, generation), proof).then_some(generation)
}

/// The `Authorization` header that the hook on a company's plans carries: of use for nothing else, and least of all for a
/// project of the same number.
#[must_use]
pub fn authorization_of_plans(master_secret: &[u8], company: CompanyId) -> String {
    format!("Bearer {}", proof(master_secret, &of_company(company)))
}

/// Whether a webhook on plans carries its company's secret. Takes the same time whatever the header says.
#[must_use]
pub fn is_authentic_of_plans(master_secret: &[u8], company: CompanyId, header: Option<&str>) -> bool {
    let shown = header.and_then(|header| header.strip_prefix("Bearer "));
    shown.is_some_and(|shown| is_proof(master_secret, &of_company(company), shown))
}

/// What proves that a text was signed with the master secret.
pub(crate) fn proof(master_secret: &[u8], signed: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, master_secret), signed.as_bytes());
    URL_SAFE_NO_PAD.encode(tag)
}

/// Whether what is shown proves that. Takes the same time whatever is shown.
pub(crate) fn is_proof(master_secret: &[u8], signed: &str, shown: &str) -> bool {
    let Ok(tag) = URL_SAFE_NO_PAD.decode(shown) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, master_secret);
    hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
}

fn of_project(project: ProjectId, generation: Generation) -> String {
    match generation {
        Generation(0) => format!("procore webhook for project {project}"),
        Generation(number) => format!("procore webhook for project {project}, generation {number}"),
    }
}

fn of_company(company: CompanyId) -> String {
    format!("procore webhook for the plans of company {company}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_former_secret_is_good_for_an_hour_and_the_one_before_it_no_more() {
        let first = WebhookSecret::default();
        assert!(first.accepts(Generation(0), at(0)) && first.is_carried());
        let second = first.replaced(None, at(1_000));
        assert!(!second.is_carried());
        for (generation, now, expected) in [
            (0, 1_000, true),
            (0, 4_599, true),
            (0, 4_600, false),
            (1, 1_000, true),
            (1, 1_000_000, true),
            (2, 1_000, false),
        ] {
            assert_eq!(
                second.accepts(Generation(generation), at(now)),
                expected,
                "{generation} at {now}"
            );
        }
        let third = second.replaced(None, at(1_060));
        assert!(!third.accepts(Generation(0), at(1_061)), "it was replaced twice");
        assert!(third.accepts(Generation(1), at(4_659)) && !third.accepts(Generation(1), at(4_660)));
        assert!(third.was_replaced_since(at(1_060)) && !third.was_replaced_since(at(1_061)));
    }

    #[test]
    fn a_hook_made_before_there_were_generations_is_taken() {
        let project = ProjectId::new(30001).unwrap();
        let header = authorization(b"master", project, Generation::default());
        assert_eq!(header, "Bearer s25olehltLGv1CpNjuHWlSOdEp_ENd_Lre0vJIbi-4o");
        assert_eq!(generation_of(b"master", project, Some(&header)), Some(Generation(0)));
    }

    #[test]
    fn what_is_no_secret_has_no_generation() {
        let project = ProjectId::new(30001).unwrap();
        let good = authorization(b"master", project, Generation(7));
        let proof = good.strip_prefix("Bearer 7.").unwrap();
        for shown in [
            String::new(),
            "Bearer ".to_owned(),
            "Bearer .".to_owned(),
            proof.to_owned(),
            format!("Bearer {proof}"),
            format!("Bearer 0.{proof}"),
            format!("Bearer 8.{proof}"),
            format!("Bearer -7.{proof}"),
            format!("Bearer 7.{proof}="),
            format!("Bearer 99999999999999999999999.{proof}"),
            format!("Basic 7.{proof}"),
        ] {
            assert_eq!(generation_of(b"master", project, Some(&shown)), None, "{shown:?}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_proves_its_own_project_and_generation_and_no_other(
            one in 1_u64..1 << 50, other in 1_u64..1 << 50, generation: u64
        ) {
            let (one, other) = (ProjectId::new(one).unwrap(), ProjectId::new(other).unwrap());
            let generation = Generation(generation);
            let header = authorization(b"master", one, generation);
            prop_assert_eq!(generation_of(b"master", one, Some(&header)), Some(generation));
            prop_assert_eq!(generation_of(b"another", one, Some(&header)), None);
            prop_assert_eq!(generation_of(b"master", other, Some(&header)).is_some(), one == other);
            prop_assert_eq!(generation_of(b"master", one, Some(&header[..header.len() - 1])), None);
            prop_assert_eq!(generation_of(b"master", one, None), None);
        }

        #[test]
        fn a_companys_secret_is_none_of_a_project(one in 1_u64..1 << 50, other in 1_u64..1 << 50) {
            let (company, another) = (CompanyId::new(one).unwrap(), CompanyId::new(other).unwrap());
            let project = ProjectId::new(one).unwrap();
            let header = authorization_of_plans(b"master", company);
            prop_assert!(is_authentic_of_plans(b"master", company, Some(&header)));
            prop_assert_eq!(is_authentic_of_plans(b"master", another, Some(&header)), one == other);
            prop_assert_eq!(generation_of(b"master", project, Some(&header)), None);
            let of_project = authorization(b"master", project, Generation(0));
            prop_assert!(!is_authentic_of_plans(b"master", company, Some(&of_project)));
            prop_assert!(!is_authentic_of_plans(b"master", company, None));
        }

        #[test]
        fn no_header_makes_the_reader_panic(header: String) {
            let _ = generation_of(b"master", ProjectId::new(1).unwrap(), Some(&header));
        }
    }
}
