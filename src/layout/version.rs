//! Server versions as far as the reading of a layout depends on them.

use super::Role;
use std::fmt;

/// How a server version reads a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutRules {
    /// 0.13: each item of a list is one enabled node, nothing is divided (server facts, section 1.2).
    Lists,
    /// 0.14, 0.15 and the documentation: each item of a list is one shard (section 1.1).
    Shards,
    /// 0.16: role objects and environment variables (section 1.3).
    Objects,
}

/// The minor versions that differ in what they do with a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerVersion {
    /// 0.13
    V0_13,
    /// 0.14
    V0_14,
    /// 0.15
    V0_15,
    /// 0.16
    V0_16,
    /// What the documentation promises (server facts, section 5).
    Documented,
}

impl ServerVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [Self::V0_13, Self::V0_14, Self::V0_15, Self::V0_16, Self::Documented];

    /// The version that a text such as `0.14`, `v0.14.1` or `documented` means, if any.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        Self::ALL.into_iter().find(|version| {
            let rest = text.strip_prefix(version.name());
            rest.is_some_and(|rest| rest.is_empty() || *version != Self::Documented && is_patch(rest))
        })
    }

    /// `0.13` to `0.16`, or `documented`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V0_13 => "0.13",
            Self::V0_14 => "0.14",
            Self::V0_15 => "0.15",
            Self::V0_16 => "0.16",
            Self::Documented => "documented",
        }
    }

    /// How this version reads a layout.
    pub const fn rules(self) -> LayoutRules {
        match self {
            Self::V0_13 => LayoutRules::Lists,
            Self::V0_14 | Self::V0_15 | Self::Documented => LayoutRules::Shards,
            Self::V0_16 => LayoutRules::Objects,
        }
    }

    /// Whether this version looks at the role's key (server facts, sections 1.1 and 1.2). The
    /// documentation of different times names all of them.
    pub const fn has_key(self, role: Role) -> bool {
        match self {
            Self::V0_13 => is_role_of_lists(role),
            Self::V0_14 => !matches!(role, Role::SpamTraining | Role::MergeThreads),
            Self::V0_15 | Self::V0_16 => !matches!(role, Role::BayesTraining),
            Self::Documented => true,
        }
    }

    /// After how many seconds a node that nothing wakes looks for work, where that depends on who
    /// received the message (server facts, sections 2.1 and 2.3).
    pub const fn refresh_s(self) -> Option<u32> {
        match self {
            Self::V0_14 | Self::V0_15 => Some(300),
            Self::V0_16 => Some(60),
            Self::V0_13 | Self::Documented => None,
        }
    }
}

/// `.` and digits, perhaps several times.
fn is_patch(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|text| text.split('.').all(|part| part.parse::<u32>().is_ok()))
}

/// Whether 0.13 has the role as a list of nodes.
pub(super) const fn is_role_of_lists(role: Role) -> bool {
    matches!(
        role,
        Role::PurgeStores | Role::PurgeAccounts | Role::AcmeRenew | Role::MetricsCalculate | Role::MetricsPush
    )
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_known_by_minor_number() {
        assert_eq!(ServerVersion::parse("0.14"), Some(ServerVersion::V0_14));
        assert_eq!(ServerVersion::parse("v0.14.1"), Some(ServerVersion::V0_14));
        assert_eq!(ServerVersion::parse("0.16.18"), Some(ServerVersion::V0_16));
        assert_eq!(ServerVersion::parse("documented"), Some(ServerVersion::Documented));
        for wrong in ["", "0.1", "0.140", "0.14.", "0.14.x", "0.17", "1.0", "documented.1"] {
            assert_eq!(ServerVersion::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_exist_as_the_table_of_roles_says() {
        let has = |version: ServerVersion| Role::ALL.into_iter().filter(|role| version.has_key(*role)).count();
        assert_eq!(has(ServerVersion::V0_13), 5);
        assert_eq!(has(ServerVersion::V0_14), 10);
        assert_eq!(has(ServerVersion::V0_15), 11);
        assert!(!ServerVersion::V0_15.has_key(Role::BayesTraining));
        assert!(!ServerVersion::V0_14.has_key(Role::SpamTraining));
    }
}
