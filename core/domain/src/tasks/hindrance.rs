//! Why the plugin of a task cannot serve it, as it is kept with the task. Pure.

use crate::error::{Code, Problem};

/// Why a plugin cannot serve a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is disabled.
    Disabled,
    /// It was uninstalled, or never was installed.
    Uninstalled,
    /// It broke off, or asked for something that is not done.
    Failed,
}

impl Why {
    const ALL: [Why; 3] = [Why::Disabled, Why::Uninstalled, Why::Failed];

    /// The code, the same in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Why::Disabled => "PLUGIN_DISABLED",
            Why::Uninstalled => "PLUGIN_UNINSTALLED",
            Why::Failed => "PLUGIN_FAILED",
        }
    }
}

/// Which plugin cannot serve a task, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// Why.
    pub why: Why,
    /// The key of the plugin.
    pub plugin: String,
    /// What it said, where it failed.
    pub told: String,
}

/// Characters that are kept of it.
const MOST_CHARS: usize = 500;

impl Hindrance {
    /// A plugin that is not called.
    pub fn new(why: Why, plugin: &str) -> Self {
        Self { why, plugin: plugin.to_owned(), told: String::new() }
    }

    /// A plugin that failed, with what it said.
    pub fn failed(plugin: &str, told: impl ToString) -> Self {
        Self { told: told.to_string(), ..Self::new(Why::Failed, plugin) }
    }

    /// As it is kept: the code, the plugin, and what was said.
    pub fn reason(&self) -> String {
        let Self { why, plugin, told } = self;
        let reason = format!("{} {plugin} {told}", why.as_str());
        reason.trim_end().chars().take(MOST_CHARS).collect()
    }

    /// That what `field` names cannot be done because of it.
    pub(crate) fn refusal(&self, field: &str) -> Problem {
        let told = match self.why {
            Why::Disabled => "DISABLED",
            Why::Uninstalled => "UNINSTALLED",
            Why::Failed => &self.told,
        };
        let problem = Problem::new(field, Code::PluginUnavailable);
        problem.with("plugin", &self.plugin).with("told", told)
    }

    /// The hindrance of a reason that is one.
    pub fn parse(reason: &str) -> Option<Self> {
        let (code, rest) = reason.split_once(' ')?;
        let why = Why::ALL.into_iter().find(|why| why.as_str() == code)?;
        let (plugin, told) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(Self { told: told.to_owned(), ..Self::new(why, plugin) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_comes_back_as_it_was_kept() {
        let failed = Hindrance::failed("jornada.qbr", "it broke off: no date");
        for hindrance in [failed, Hindrance::new(Why::Disabled, "jornada.qbr")] {
            assert_eq!(Hindrance::parse(&hindrance.reason()), Some(hindrance));
        }
        assert_eq!(Hindrance::parse("OPEN_CRITICAL_RISK"), None);
        assert_eq!(Hindrance::failed("a.b", "é".repeat(900)).reason().chars().count(), 500);
    }
}
