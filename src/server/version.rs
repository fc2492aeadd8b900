//! Version numbers as users write them.

use std::fmt;
use std::str::FromStr;

/// A group of versions that follow the same rules, apart from what [`Version`] distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 0.13: lists of enabled nodes, no shards.
    V0_13,
    /// 0.14: shards, one task at a time.
    V0_14,
    /// 0.15: indexing in batches, training as a timed job.
    V0_15,
    /// 0.16: cluster roles, locks at dispatch.
    V0_16,
    /// What the documentation promises (server facts, section 5).
    Documented,
}

/// A server version: a family and a patch level. `0.14` means the latest 0.14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    /// The family.
    pub family: Family,
    /// The last part of the number; `None` is the latest.
    pub patch: Option<u32>,
}

/// A text that is no known version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no server version `{0}`")]
pub struct VersionError(pub String);

impl VersionError {
    /// What would be right.
    pub const HELP: &'static str = "use 0.13, 0.14, 0.15, 0.16, a full number such as 0.16.14, or documented";
}

impl Version {
    /// The latest 0.14.
    pub const V0_14: Self = Self { family: Family::V0_14, patch: None };

    /// Whether this is version `family.patch` or an earlier one of the numbered versions.
    /// `documented` is no numbered version and never matches.
    pub fn up_to(self, family: Family, patch: u32) -> bool {
        self.family != Family::Documented
            && (self.family < family || (self.family == family && self.patch.is_some_and(|own| own <= patch)))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let fail = || VersionError(text.to_string());
        if text == "documented" {
            return Ok(Self { family: Family::Documented, patch: None });
        }
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || -> Result<Option<u32>, VersionError> {
            parts.next().map(|part| part.parse().map_err(|_| fail())).transpose()
        };
        let (major, minor, patch) = (number()?, number()?, number()?);
        if major != Some(0) || parts.next().is_some() {
            return Err(fail());
        }
        let family = match minor {
            Some(13) => Family::V0_13,
            Some(14) => Family::V0_14,
            Some(15) => Family::V0_15,
            Some(16) => Family::V0_16,
            _ => return Err(fail()),
        };
        Ok(Self { family, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.family {
            Family::V0_13 => "0.13",
            Family::V0_14 => "0.14",
            Family::V0_15 => "0.15",
            Family::V0_16 => "0.16",
            Family::Documented => "documented",
        };
        match self.patch {
            Some(patch) => write!(f, "{family}.{patch}"),
            None => f.write_str(family),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_numbers_know_their_place() {
        let parse = |text: &str| text.parse::<Version>();
        let old = parse("0.16.14").expect("a version");
        let latest = parse("0.16").expect("a version");
        assert!(old.up_to(Family::V0_16, 14) && old.up_to(Family::V0_16, 15));
        assert!(!latest.up_to(Family::V0_16, 15));
        assert!(parse("0.14.1").expect("a version").up_to(Family::V0_16, 14));
        assert!(!parse("documented").expect("a version").up_to(Family::V0_16, 14));
        for wrong in ["0.12", "1.14", "0.14.1.2", "", "0.x", "latest", "0"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
