//! What a plugin says of itself.

use async_graphql::{Context, Object, SimpleObject};
use jornada_domain::health::by_plugin;
use jornada_domain::plugins::schema;
use serde_json::Value as Json;

use crate::graphql::request::call;

/// What a plugin says of itself, in its manifest.
pub(in crate::graphql) struct PluginAbout(Json);

impl PluginAbout {
    pub(super) fn new(manifest: Json) -> Self {
        Self(manifest)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0["plugin"][name].as_str().map(str::to_owned)
    }
}

/// Something that a plugin asks for.
#[derive(SimpleObject)]
pub(super) struct PluginCapability {
    /// The operation: `create-task`.
    operation: String,
    /// What for, in the language of the caller.
    reason: String,
}

/// What a plugin says of itself.
#[Object]
impl PluginAbout {
    /// What people call it, in the language of the caller.
    async fn title(&self, ctx: &Context<'_>) -> String {
        told(ctx, &self.0["plugin"]["title"])
    }

    /// What it does, in the language of the caller.
    async fn description(&self, ctx: &Context<'_>) -> Option<String> {
        Some(told(ctx, &self.0["plugin"]["description"])).filter(|text| !text.is_empty())
    }

    /// Under which licence it is, as an SPDX expression.
    async fn license(&self) -> Option<String> {
        self.text("license")
    }

    /// Where one reads more.
    async fn homepage(&self) -> Option<String> {
        self.text("homepage")
    }

    /// The operations that it asks for, each with what for.
    async fn capabilities(&self, ctx: &Context<'_>) -> Vec<PluginCapability> {
        let capabilities = self.0["capabilities"].as_array().into_iter().flatten();
        let capability = |one: &Json| PluginCapability {
            operation: one["operation"].as_str().unwrap_or_default().to_owned(),
            reason: told(ctx, &one["reason"]),
        };
        capabilities.map(capability).collect()
    }

    /// What it reads of an account and of a task, as a query of this API; only types of tasks have
    /// one.
    async fn input_query(&self) -> Option<String> {
        self.0["input"].as_str().map(str::to_owned)
    }

    /// The JSON Schema (2020-12) of its configuration.
    async fn config_schema(&self) -> Option<Json> {
        schema(&self.0, "config").cloned()
    }

    /// The JSON Schema (2020-12) of what is said when a task is completed; only types of tasks have
    /// one.
    async fn outcome_schema(&self) -> Option<Json> {
        schema(&self.0, "outcome").cloned()
    }
}

/// A text in the language of the caller, or in one that there is.
pub(in crate::graphql) fn told(ctx: &Context<'_>, texts: &Json) -> String {
    by_plugin::told(texts, call(ctx).locale())
}
