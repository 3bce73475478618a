//! The chance of a campaign.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// Where all of a campaign's chance comes from. Says at the end, however that comes, how to have the same again.
pub struct Seed {
    /// The number.
    pub number: u64,
    what: &'static str,
}

impl Seed {
    /// The seed of `GUSSET_SEED`, or else one by the clock. `what` is what it chooses, in words.
    pub fn choose(what: &'static str) -> Self {
        let by_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 1_000_000;
        Self {
            number: number("GUSSET_SEED").unwrap_or_else(by_clock),
            what,
        }
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "The campaign failed. GUSSET_SEED={} chooses the same {} again.",
                self.number, self.what
            );
        }
    }
}

/// A number of the environment, where it is set.
pub fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}
